"""What the documents and CI call exists, and CI's file does what it is trusted to do."""

import re
import subprocess

import pytest

from tests.architecture.sources import ROOT, tracked

_CALL = re.compile(r"(?:^|[`$ (])make ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)", re.MULTILINE)
_CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)


def _targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE))


def _called() -> dict[str, set[str]]:
    called: dict[str, set[str]] = {}
    for path in tracked():
        if path.suffix == ".md" and path.name != "CHANGELOG.md":
            code = "\n".join(a or b for a, b in _CODE.findall(path.read_text(encoding="utf-8")))
            called[str(path.relative_to(ROOT))] = {word for each in _CALL.findall(code) for word in each.split()}
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    called[".ci/run"] = set(re.findall(r"^\s*(?:[A-Z_]+=\S+ )?make ([a-z-]+)", ci, re.MULTILINE))
    return called


def test_every_make_command_in_the_documents_exists() -> None:
    targets = _targets()
    missing = {name: sorted(words - targets) for name, words in _called().items() if words - targets}
    assert not missing


def test_every_target_is_phony_and_explained() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(" ".join(re.findall(r"^\.PHONY:(.*)$", text, re.MULTILINE)).split())
    assert phony == _targets()
    assert set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE)) == _targets()


@pytest.mark.parametrize("script", [".ci/run", "requirements/setup.sh", "requirements/compile.sh"])
def test_scripts_parse_and_stop_at_the_first_error(script: str) -> None:
    path = ROOT / script
    shell = path.read_text(encoding="utf-8").splitlines()[0].split("/")[-1].split()[-1]
    subprocess.run([shell, "-n", str(path)], check=True)
    assert re.search(r"^set -eu", path.read_text(encoding="utf-8"), re.MULTILINE)
    swallowed = re.findall(r"^(?!trap ).*\|\| *(?:true|:)(?: .*)?$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert swallowed == [], "an error that goes by unseen; at the end, in a trap, there is nothing more to fail"


def test_ci_forbids_skips_and_demands_the_brokers() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert ci.count("--forbid-skips") == 2
    for marker in ("kafka", "promtool"):
        assert f"--must-run {marker}" in ci
    assert re.search(r"\.venv/bin/python -m pytest .* \|\| result=1\n", ci), "a failure must reach the exit code"
    assert ci.rstrip().endswith('exit "$result"')
