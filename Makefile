# Two commands do everything on a fresh machine with git, make and Python 3.11 or later: `make demo` and `make test`.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# The place is part of the stamp: a folder that was moved has a .venv which still points to the old one.
READY := .venv/.ready-$(shell pwd | cksum | cut -d' ' -f1)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 16

setup: $(READY)  ## .venv with everything, from hashed requirements

$(READY): requirements/dev.txt pyproject.toml requirements/setup.sh
	@PYTHON="$(PYTHON)" ./requirements/setup.sh
	@touch $@

install: requirements/runtime.txt  ## production: .venv with what running it needs and no more
	@PYTHON="$(PYTHON)" ./requirements/setup.sh production

demo: setup  ## the club at work on this machine, until Ctrl-C; EVENTS=20000 stops by itself; ARGS=… as in bashgah demo
	@trap : INT; $(BIN)/bashgah demo $(if $(EVENTS),--events $(EVENTS)) $(ARGS) || [ $$? = 130 ]  # Ctrl-C is no error

test: setup  ## the fast tests: no network, no broker, minutes; TESTS=… and ARGS=… narrow it
	@$(PYTEST) -q -n logical --dist worksteal $(ARGS) $(TESTS)

mutants: setup  ## plant faults one at a time, each of which a named test must find; FAULTS="cap week" narrows
	@$(BIN)/python -m tests.mutants $(FAULTS)

prove: kafka  ## everything at full size, and a table of what it showed: hours; PROOFS="fuzz mutants" narrows
	@$(BIN)/python -m tests.prove $(PROOFS)

lint: setup  ## ruff, strict mypy and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: setup  ## measure ours beside plain Faust within 15 minutes; writes docs/BENCHMARKS.md (needs Maven and Java)
	@$(BIN)/python -m tests.benchmarks.suite short

bench-full: setup  ## the same beside all peers, and what takes longer: most of an hour
	@$(BIN)/python -m tests.benchmarks.suite full

kafka: setup  ## the jars of the Kafka that the tests start (needs Maven and Java, once the network)
	@$(BIN)/python -m tests.kafka.jars

docs: setup  ## the generated pages
	@$(BIN)/python -m monitoring.document docs/METRICS.md
	@$(BIN)/python -m agents.process.settings > docs/SETTINGS.md
	@$(BIN)/python -m bashgah.web.openapi

requirements:  ## compile the hashed requirements anew (needs uv)
	@./requirements/compile.sh

clean:  ## what was built and cached; not .venv and not downloaded jars
	@rm -rf build dist out *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: help setup install demo test mutants prove lint bench bench-full kafka docs requirements clean
