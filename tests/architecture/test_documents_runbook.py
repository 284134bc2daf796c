"""The runbook knows everything that can stop a worker, and every command in the documents exists."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command

from agents.process.exit_codes import ExitCode
from agents.task.refusal import way
from agents.topics.rights import WORKER
from bashgah.cli.main import COMMANDS
from engine.outcome import Outcome, Reason
from schemas.dead_letter import CODES
from schemas.topics import TOPICS
from tests.architecture.sources import ROOT, modules, tracked, tree, where
from tests.architecture.test_documents_links import anchors

RUNBOOK = (ROOT / "docs" / "RUNBOOK.md").read_text(encoding="utf-8")
RULES = (ROOT / "deploy" / "prometheus" / "rules.yml").read_text(encoding="utf-8")
UNIT = (ROOT / "deploy" / "systemd" / "bashgah-worker@.service").read_text(encoding="utf-8")

_REASON_AT = {"TaskRefused": 1, "Fault": 1, "Obstacle": 1}
"""Where the calls that stop a lane have their reason."""

_COMMAND = re.compile(r"(?:^|[`$( ])bashgah((?: [a-z][a-z-]*)+)")
_WORKER_CODES = range(64, 79)


def section(heading: str) -> str:
    """The runbook's text under a heading of the second level."""
    return RUNBOOK.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """The cells of the tables of a section, without their heads."""
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [each for each in cells[1:] if not set(each[0]) <= set("- ")]


def test_every_exit_code_has_its_way_out() -> None:
    assert [(int(code), name.strip("`")) for code, name, *_ in rows("Exit codes")] == [
        (code.value, code.name) for code in ExitCode
    ]


def test_the_supervisor_restarts_what_a_restart_helps() -> None:
    found = re.search(r"^RestartPreventExitStatus=(.*)$", UNIT, re.MULTILINE)
    assert found is not None
    stays = {code for code in ExitCode if code in _WORKER_CODES and not code.restart_helps}
    assert {int(code) for code in found[1].split()} == stays


def reasons(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Where a module refuses, and the constant parts of the reasons that it may give there."""
    for scope in ast.walk(tree(path)):
        if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for call in ast.walk(scope):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _REASON_AT:
                parts = list(_texts(call.args[_REASON_AT[call.func.id]], scope))
                if any(len(part) > 3 for part in parts):
                    yield where(path, call), parts


def _texts(node: ast.AST, scope: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr | ast.BinOp):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child, scope)
    elif isinstance(node, ast.Name):
        for each in ast.walk(scope):
            if isinstance(each, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in each.targets):
                yield from _texts(each.value, scope)


def test_every_refusal_and_fault_of_a_lane_can_be_found() -> None:
    quoted = [row[0].strip("`") for row in [*rows("Refusals"), *rows("Faults")] if row[0].startswith("`")]
    admin = [ROOT / "bashgah/admin" / name for name in ("lanes.py", "resume.py")]
    ours = [*modules("agents/lanes", "agents/task", "agents/topics"), *admin]
    found = [each for path in ours for each in reasons(path)]
    assert len(found) > 15
    unknown = [(at, parts) for at, parts in found if not any(quote in part for quote in quoted for part in parts)]
    assert unknown == []


def test_every_quoted_message_is_one_that_the_code_can_give() -> None:
    source = "\n".join(_all_texts())
    tables = [*rows("Refusals"), *rows("Broker"), *rows("Faults")]
    quoted = [row[0].strip("`") for row in tables if row[0].startswith("`")]
    assert [quote for quote in quoted if quote not in source] == []


def test_the_rights_of_a_worker_are_those_that_it_asks_for() -> None:
    listed: dict[str, set[str]] = {}
    for user, kind, names, operations in (row for row in rows("First installation") if row[0] == "worker"):
        del user
        for name in names.split() if kind == "topic" else ():
            listed.setdefault(name.strip("`"), set()).update(operations.split(", "))
    assert listed == {name: set(operations) for name, operations in WORKER.items()}


def _all_texts() -> Iterator[str]:
    """What messages are made of; what says in the code what a name means is told to nobody."""
    for path in modules("bashgah", "agents", "tables"):
        said = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                yield node.value
            elif isinstance(node, ast.ClassDef):
                yield node.name


def test_a_way_out_of_a_refusal_is_printed_whole() -> None:
    """`lane resume` wants an operator and a reason: without them it is refused as it was printed."""
    short = [text for text in _all_texts() if re.search(r"bashgah lane resume [^`]*--(accept|skip)", text)]
    assert [text for text in short if not text.startswith("Examples: ")] == []
    words = way(3, "--accept").strip("`").split()
    command = get_command(import_module(COMMANDS[words[1]].module).app).commands[words[2]]  # type: ignore[attr-defined]
    context = command.make_context("resume", words[3:])
    assert context.params | {"lane": "3", "accept": True, "operator": "NAME", "reason": "WHY"} == context.params


def test_every_dead_letter_code_has_its_way_out() -> None:
    assert {row[0].strip("`") for row in rows("Dead letters")} == set(CODES)


def test_every_outcome_and_reason_is_in_the_rules() -> None:
    domain = (ROOT / "docs" / "DOMAIN.md").read_text(encoding="utf-8")
    named = [*Outcome, *(reason for reason in Reason if reason is not Reason.NONE)]
    assert [each.value for each in named if f"`{each.value}`" not in domain] == []


def test_every_alert_is_explained_where_it_points() -> None:
    alerts = re.findall(r"- alert: (\w+)", RULES)
    assert len(alerts) > 8
    assert [alert for alert in alerts if f"`{alert}`" not in RUNBOOK] == []
    headings = [re.sub(r" \d.*", "", name) for name in re.findall(r"docs/RUNBOOK\.md, ([\w ]+)", RULES)]
    assert len(headings) > 8
    assert [name for name in headings if name.lower().replace(" ", "-") not in anchors(RUNBOOK)] == []


def unknown_commands(text: str) -> Iterator[str]:
    """Commands and subcommands that are named and do not exist."""
    for words in (match.split() for match in _COMMAND.findall(text)):
        if words[0] not in COMMANDS:
            yield words[0]
            continue
        command = get_command(import_module(COMMANDS[words[0]].module).app)
        known = getattr(command, "commands", None)
        if known is not None and len(words) > 1 and words[1] not in known:
            yield " ".join(words[:2])


def _named_in_code(text: str) -> str:
    """Blocks and spans of code, where a command is meant to be typed."""
    return "\n".join(a or b for a, b in re.findall(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", text, re.DOTALL))


@pytest.mark.parametrize(
    "page",
    [path for path in tracked() if path.suffix == ".md" and path.name != "CHANGELOG.md"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_commands_in_a_page_exist(page: Path) -> None:
    assert list(unknown_commands(_named_in_code(page.read_text(encoding="utf-8")))) == []


def test_commands_that_messages_and_alerts_advise_exist() -> None:
    texts = [text for text in _all_texts() if "`bashgah " in text]
    assert len(texts) > 10
    assert list(unknown_commands("\n".join([*(_named_in_code(text) for text in texts), RULES]))) == []


def test_an_unknown_command_is_found() -> None:
    assert list(unknown_commands("`bashgah score` bashgah lane mend\n$ bashgah nonsense")) == ["lane mend", "nonsense"]


def test_every_topic_says_what_it_has_of_a_person_and_until_when() -> None:
    for topic in TOPICS:
        kept = [until for where, _, until in rows("Personal data") if f"`{topic.name}`" in where]
        assert len(kept) == 1, f"{topic.name} stands in {len(kept)} rows"
        if topic.retention_days is not None:
            assert kept == [f"{topic.retention_days} days"], topic.name
