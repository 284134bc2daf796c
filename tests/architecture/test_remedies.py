"""No remedy ever advises to delete, or to make anew, what holds points or what points follow from."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import topics
from tests.architecture.sources import PACKAGES, ROOT

ADVICE = re.compile(r"\b(delete|drop|remove|recreate|purge|wipe|create\b[^.;|]*\banew)\b|حذف|پاک کن", re.IGNORECASE)
"""Words that advise it. What was deleted, or is kept until it is deleted, is told and not advised."""

HARMLESS = {
    "drop it, or add --live",
}
DOCUMENTS = ("docs/RUNBOOK.md", "README.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/SETTINGS.md")
NAMES = [topic.name for topic in topics.TOPICS if topic is not topics.DEAD_LETTER]
"""What holds points, or what points follow from. Whoever must be rid of a person's refused records may delete them."""


def remedies(source: str) -> Iterator[str]:
    """Every text of a module but its docstrings, f-strings with their holes left out."""
    tree = ast.parse(source)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            docs.add(id(node.value))  # what stands below a name says what it is
        if isinstance(node, ast.JoinedStr):
            docs.update(id(part) for part in node.values)
            yield "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def advised(text: str) -> bool:
    """Whether a sentence advises it."""
    return text not in HARMLESS and " " in text and ADVICE.search(text) is not None


def sentences(text: str) -> list[str]:
    """The sentences, cells and lines of a document."""
    joined = re.sub(r"\n(?![\n|#\-0-9])\s*", " ", text)
    return re.split(r"(?<=[.;:])\s+|\s\|\s|\n", joined)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_message_advises_it(package: str) -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), text)
        for path in sorted((ROOT / package).rglob("*.py"))
        for text in remedies(path.read_text(encoding="utf-8"))
        if advised(text) and "programme_file" not in path.parts  # its messages are about the characters of a file
    }
    assert not found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_advises_it_of_a_topic(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    found = [each for each in sentences(text) if advised(each) and _of_a_topic(each) and not _forbids(each)]
    assert not found


def test_the_check_finds_what_it_is_for() -> None:
    old = "a topic cannot change its partitions: run with that count everywhere, or delete it and create it anew"
    assert advised(old)
    assert advised("create the topics anew with one number")
    assert not advised("records were deleted from it, and members' rows with them")
    [text] = remedies('"""Delete it."""\nremedy = f"delete {it} now"')
    assert text == "delete  now"
    assert _of_a_topic("delete `club.state`")
    assert _of_a_topic("recreate the topic")
    assert _forbids("Never delete or recreate a topic to get going again.")


def _of_a_topic(sentence: str) -> bool:
    return "topic" in sentence or any(name in sentence for name in NAMES)


def _forbids(sentence: str) -> bool:
    return re.search(r"\b(never|not|no longer|nothing)\b", sentence, re.IGNORECASE) is not None


def test_the_documents_are_there() -> None:
    assert all(Path(ROOT / name).is_file() for name in DOCUMENTS)
