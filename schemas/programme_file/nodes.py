"""YAML text -> nodes that know where they stand. Nothing is resolved: a scalar is its text and whether it is plain.

The events come from ruamel.yaml, so the grammar is the library's, while what a plain scalar means is decided field by
field in `scalars`: no number, date or yes/no is ever guessed. Anchors, aliases, merge keys, tags and further documents
are refused; they make a file that people sign harder to read, and are how a short file becomes a huge one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.words import Words
from schemas.programme_file.broken import BREAK, slip_of
from schemas.programme_file.meant import bare, decimal_meant, integer_meant, joins, named
from schemas.programme_file.messages import Code
from schemas.programme_file.problems import FilePlace, Report

DEPTH_MAX = 16
"""The deepest nesting of lists and sections; the format itself needs 7."""


_CUT_NUMBER = re.compile(r"[0-9۰-۹]+(?:,[0-9۰-۹]+)+(?=\s*[,}])")
_KEEP_ONE = Words("keep one of them", "یکی را نگه دارید")
_A_DASH = Words(
    "keep one of them, or begin the next item with `- id: …`",
    "یکی را نگه دارید، یا مورد بعدی را با `- id: …` آغاز کنید",
)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it is written; `plain` without quotes. Lines and columns count from 1, here and below."""

    text: str
    plain: bool
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple["Node", ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """A key and its value."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Entries:
    """A section: keys with values, each key once."""

    entries: tuple[NodeEntry, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Reported:
    """Something that has been reported already; whoever meets it passes on in silence."""

    line: int
    column: int


Node = Scalar | Items | Entries | Reported


@dataclass(slots=True)
class _Open:
    """A list or section whose end has not come yet; `key` is the key that waits for its value."""

    section: bool
    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    entries: dict[str, NodeEntry] = field(default_factory=dict)
    key: Scalar | Reported | None = None
    merged: bool = False
    """Whether a second item has been found in it, whose keys are not told one by one."""


def read(text: str, report: Report) -> Node | None:
    """The root node of a YAML text; None where there is none, with the reason in the report."""
    builder = _Builder(text.removeprefix("\ufeff"), report)
    try:
        for event in _events(text.removeprefix("\ufeff")):
            if not builder.take(event):
                return None
    except MarkedYAMLError as fault:
        slip = slip_of(text.removeprefix("\ufeff"), fault)
        report.add(slip.code, slip.place, **slip.parameters)
        return None
    except (YAMLError, ValueError, OverflowError):  # a character or escape that YAML does not allow
        found, place = _bad_character(text)
        report.add(
            Code.BAD_ESCAPE if found is None else Code.STRAY_CHARACTER,
            place,
            **({} if found is None else {"found": found}),
        )
        return None
    if builder.root is None and not report.failed:
        report.add(Code.EMPTY_FILE, FilePlace(1, 1))
    return builder.root


def _events(text: str) -> Iterator[Any]:
    """ruamel.yaml types its events as Any."""
    yield from YAML(typ="safe", pure=True).parse(text)


def _bad_character(text: str) -> tuple[Words | None, FilePlace]:
    """The first character that YAML does not allow and its place; where it is an escape that stands for such a one, the
    place of the first backslash."""
    for number, line in enumerate(text.split("\n"), 1):
        if found := _FORBIDDEN.search(line):
            return named(found[0]), FilePlace(number, found.start() + 1)
    before = text[: max(text.find("\\"), 0)]
    return None, FilePlace(before.count("\n") + 1, len(before) - before.rfind("\n"))


class _Builder:
    """Puts the parser's events together, without recursion, so that depth is only a number to check."""

    def __init__(self, text: str, report: Report) -> None:
        self.lines = BREAK.split(text)
        self.report = report
        self.root: Node | None = None
        self.documents = 0
        self.stack: list[_Open] = []
        self.number: tuple[int, int, int] | None = None
        """A number that a comma cuts in two inside braces: its line, and the columns where it begins and ends."""

    def take(self, event: Any) -> bool:
        """Adds one event; False where reading on makes no sense."""
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, DocumentStartEvent):
            return self._document(event, line, column)
        if isinstance(event, AliasEvent):
            self.report.add(Code.ALIAS, FilePlace(line, column, self._path()), found=shown(f"*{event.anchor}"))
            self._place(Reported(line, column))
        elif isinstance(event, ScalarEvent):
            self._place(self._checked(event, Scalar(event.value, not event.style, line, column)))
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            if len(self.stack) == DEPTH_MAX:
                self.report.add(Code.TOO_DEEP, FilePlace(line, column, self._path()), limit=DEPTH_MAX)
                return False
            self._checked(event, Reported(line, column))
            self.stack.append(_Open(isinstance(event, MappingStartEvent), line, column))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            done = self.stack.pop()
            values = tuple(done.entries.values())
            self._place(
                Entries(values, done.line, done.column)
                if done.section
                else Items(tuple(done.items), done.line, done.column)
            )
        return True

    def _document(self, event: DocumentStartEvent, line: int, column: int) -> bool:
        self.documents += 1
        if self.documents > 1:
            self.report.add(Code.SEVERAL_DOCUMENTS, FilePlace(line, column))
            return False
        if event.tags or (event.version and tuple(event.version) != (1, 2)):
            self.report.add(Code.DIRECTIVE, FilePlace(1, 1))
        return True

    def _checked(self, event: Any, node: Node) -> Node:
        """The node, or a refused one where it carries an anchor or a tag."""
        place = FilePlace(node.line, node.column, self._path())
        if event.anchor is not None:
            self.report.add(Code.ALIAS, place, found=shown(f"&{event.anchor}"))
        if event.tag is not None:
            self.report.add(Code.TAG, place, found=shown(str(event.tag)))
            return Reported(node.line, node.column)
        return node

    def _place(self, node: Node) -> None:
        """Puts a finished node where it belongs: the root, a list, a key or a key's value."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if not top.section:
            top.items.append(node)
        elif top.key is None:
            top.key = self._key(node, top)
        else:
            key, top.key = top.key, None
            if isinstance(key, Reported):
                return
            if isinstance(node, Scalar) and node.plain and not node.text:
                node = Scalar("", True, key.line, key.column)  # nothing stands there: the key is what to look at
            top.entries[key.text] = NodeEntry(key, node)

    def _key(self, node: Node, top: _Open) -> Scalar | Reported:
        if not isinstance(node, Scalar):
            if not isinstance(node, Reported):
                self.report.add(Code.KEY_NOT_TEXT, FilePlace(node.line, node.column, self._path()))
            return Reported(node.line, node.column)
        if self._of_a_number(node, top):
            return Reported(node.line, node.column)
        place = FilePlace(node.line, node.column, self._path())
        if node.plain and node.text == "<<":
            self.report.add(Code.ALIAS, place, found="<<")
            return Reported(node.line, node.column)
        if node.text in top.entries:
            first = top.entries[node.text].key.line
            if not top.merged:
                remedy = _A_DASH if node.text == "id" else _KEEP_ONE
                self.report.add(Code.DUPLICATE_KEY, place, found=shown(node.text), first=first, hint=remedy)
            top.merged = top.merged or node.text == "id"
            return Reported(node.line, node.column)
        return node

    def _of_a_number(self, key: Scalar, top: _Open) -> bool:
        """Whether what looks like a key is the rest of a number with commas, which is told where the number begins."""
        line, begin, end = self.number or (0, 0, 0)
        if key.line == line and begin < key.column <= end:
            return True
        before = next(reversed(top.entries.values()), None)
        if before is None or not isinstance(before.value, Scalar) or before.value.line != key.line:
            return False
        value = before.value
        found = _CUT_NUMBER.match(self.lines[key.line - 1], value.column - 1)
        if not value.plain or found is None or not value.column < key.column <= found.end():
            return False
        self.number = key.line, value.column, found.end()
        remedy = integer_meant(found[0]) or f'"{decimal_meant(found[0])}"'
        place = FilePlace(value.line, value.column, f"{self._path()}.{shown(before.key.text)}", self._id())
        self.report.add(Code.COMMA_INSIDE, place, found=found[0], remedy=remedy)
        top.entries[before.key.text] = NodeEntry(before.key, Reported(value.line, value.column))
        return True

    def _path(self) -> str:
        """The field path of what is being read."""
        path = ""
        for opened in self.stack:
            if not opened.section:
                path += f"[{len(opened.items)}]"
            elif isinstance(opened.key, Scalar):
                path += ("." if path else "") + shown(opened.key.text)
        return path

    def _id(self) -> str | None:
        """The id of the item that is being read, `outer/inner` inside another one, as `Value.named` has it."""
        ids = (opened.entries.get("id") for opened in self.stack if opened.section)
        return "/".join(shown(each.value.text, 64) for each in ids if each and isinstance(each.value, Scalar)) or None


def shown(text: str, limit: int = 60) -> str:
    """Text as a message can carry it: on one line, cut to a length; what nobody sees by its number, as <U+200F>."""
    clean = [c if c.isprintable() or joins(text, i) else f"<U+{ord(c):04X}>" for i, c in enumerate(text[: limit + 1])]
    return "".join(clean) if len(text) <= limit else "".join(clean[:limit]) + "…"


def entry(node: Node | None, key: str) -> Node | None:
    """The value of a key, where the node is a section that has it."""
    if not isinstance(node, Entries):
        return None
    return next((each.value for each in node.entries if each.key.text == key), None)


def written_ids(node: Node | None) -> frozenset[str]:
    """The ids in a list of items, good or bad, and without what nobody sees, so that a reference to a faulty item is
    not a second problem."""
    ids = (entry(each, "id") for each in node.items) if isinstance(node, Items) else ()
    return frozenset(name for each in ids if isinstance(each, Scalar) for name in (each.text, bare(each.text)))
