"""A walk through a programme file that always knows where it is, so that whatever is wrong there can be said there.

`Value` is a node at a field path, `Section` a node with keys. Each of their methods either gives what was asked for or
notes the problem and gives None, so that a check goes on to the next field and all problems come out at once.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from engine.words import Words, listed, same
from schemas.programme_file.keys import HOMES, OTHER_MEASURES
from schemas.programme_file.meant import bare, named, unseen, word_meant
from schemas.programme_file.messages import Code, Parameter
from schemas.programme_file.nodes import Entries, Items, Node, Reported, Scalar, shown
from schemas.programme_file.problems import FilePlace, Report
from schemas.programme_file.scalars import is_nothing

A_LIST = Words(
    "a list: [one, two], or lines that begin with `- `", "فهرست: [one, two] یا سطرهایی که با `- ` آغاز می‌شوند"
)
A_SECTION = Words("a section of keys and values", "بخشی از کلید و مقدار")
ONE_VALUE = Words("one value", "یک مقدار")


@dataclass(frozen=True, slots=True)
class Value:
    """A node of the file and the field that it is the value of."""

    node: Node
    path: str
    id: str | None
    report: Report

    def __post_init__(self) -> None:
        self.report.places.setdefault(self.path, self.place)

    @property
    def place(self) -> FilePlace:
        """Where it stands."""
        return FilePlace(self.node.line, self.node.column, self.path, self.id)

    def refuse(self, code: Code, **parameters: Parameter) -> None:
        """Notes a problem here (an error, warning or note, as the code says)."""
        self.report.add(code, self.place, **parameters)

    def scalar(self, expected: Words = ONE_VALUE) -> Scalar | None:
        """The single value that stands here."""
        if isinstance(self.node, Scalar):
            if not is_nothing(self.node):
                return self.node
            self.refuse(Code.NOTHING, expected=expected)
        elif not isinstance(self.node, Reported):
            self.refuse(Code.WRONG_SHAPE, found=_shape(self.node), expected=expected)
        return None

    def items(self, limit: int, expected: Words = A_LIST, at_least: int = 1) -> list["Value"]:
        """The values of the list that stands here; none where there is no list."""
        if isinstance(self.node, Items):
            found = self.node.items
            if len(found) < at_least:
                self.refuse(Code.EMPTY_LIST, expected=expected)
            if len(found) > limit:
                self.refuse(Code.TOO_MANY, found=len(found), limit=limit)
                found = found[:limit]
            return [Value(node, f"{self.path}[{i}]", self.id, self.report) for i, node in enumerate(found)]
        if isinstance(self.node, Scalar) and is_nothing(self.node):
            self.refuse(Code.NOTHING, expected=expected)
        elif not isinstance(self.node, Reported):
            self.refuse(Code.WRONG_SHAPE, found=_shape(self.node), expected=expected)
        return []

    def one_or_more(self, limit: int, expected: Words = ONE_VALUE) -> list["Value"]:
        """The values of a list, or the one value that stands here in its place."""
        if isinstance(self.node, Scalar) and not is_nothing(self.node):
            return [self]
        return self.items(limit, expected)

    def keys(self, expected: Words = A_SECTION) -> "Section | None":
        """The section that stands here, with whatever keys it has."""
        if isinstance(self.node, Entries):
            values = {
                entry.key.text: Value(entry.value, _join(self.path, entry.key.text), self.id, self.report)
                for entry in self.node.entries
            }
            return Section(self, values, {entry.key.text: entry.key for entry in self.node.entries})
        if isinstance(self.node, Scalar) and is_nothing(self.node):
            self.refuse(Code.NOTHING, expected=expected)
        elif not isinstance(self.node, Reported):
            self.refuse(Code.WRONG_SHAPE, found=_shape(self.node), expected=expected)
        return None

    def section(self, *known: str, expected: Words = A_SECTION) -> "Section | None":
        """The section that stands here; keys other than the known ones are problems."""
        section = self.keys(expected)
        if section is None:
            return None
        unknown = [key for key in section.values if key not in known]
        meant = {
            name: self._refused(section.written[key]) for key in unknown if (name := _unknown(section, key, known))
        }
        return Section(self, {**meant, **section.values}, section.written) if meant else section

    def _refused(self, written: Scalar) -> "Value":
        """The value of a key of which it has been told that it is written wrong."""
        return Value(Reported(written.line, written.column), self.path, self.id, self.report)

    def named(self, id: str) -> "Value":
        """The same value, known by the id of its item (`outer/inner` inside another item)."""
        name = f"{self.id}/{id}" if self.id else id
        self.report.places[self.path] = FilePlace(self.node.line, self.node.column, self.path, name)
        return Value(self.node, self.path, name, self.report)


@dataclass(frozen=True, slots=True)
class Section:
    """A node with keys."""

    of: Value
    values: Mapping[str, Value]
    written: Mapping[str, Scalar]

    def get(self, key: str) -> Value | None:
        """An optional key's value; None where the key is left out."""
        return self.values.get(key)

    def need(self, key: str, expected: Words) -> Value | None:
        """A required key's value; its absence is a problem."""
        value = self.values.get(key)
        if value is None:
            self.of.refuse(Code.MISSING, key=key, expected=expected)
        return value

    def refuse_key(self, key: str, code: Code, **parameters: Parameter) -> None:
        """Notes a problem at a key rather than at its value."""
        written = self.written[key]
        self.of.report.add(
            code, FilePlace(written.line, written.column, self.values[key].path, self.of.id), **parameters
        )


def _unknown(section: Section, key: str, known: Collection[str]) -> str | None:
    """Tells why a key is not known; the known one that is probably meant, which then is not missed."""
    tight, _, rest = key.partition(":")
    if (character := unseen(key)) is not None and bare(key) in known:
        section.refuse_key(key, Code.UNSEEN, found=shown(key), character=named(character), remedy=shown(bare(key)))
        return bare(key)
    if rest and tight in known:
        section.refuse_key(key, Code.NO_SPACE, found=f"{tight}:", remedy=f"{tight}: {shown(rest)}")
        return tight
    report = section.of.report
    measure, words = OTHER_MEASURES.get(key, ("", None))
    if words is not None and measure in known:
        section.refuse_key(key, Code.UNKNOWN_KEY, found=shown(key), hint=words)
        return measure
    section.refuse_key(key, Code.UNKNOWN_KEY, found=shown(key), hint=key_hint(key, known, report))
    return word_meant(key, known) or report.closest(key[:64].lower(), known)


def key_hint(found: str, known: Collection[str], report: Report) -> Words:
    """As `hint`, for keys: one that belongs elsewhere is sent there."""
    if (meant := word_meant(found, known)) is not None:
        return Words(f"did you mean `{meant}`?", f"منظورتان `{meant}` است؟")
    home = HOMES.get(found)
    if home is None or report.closest(found, known):
        return hint(found, known, report)
    where = home if home.fa != home.en else Words(f"in `{home.en}`", f"در `{home.fa}`")
    return Words(
        f"it belongs {where.en}: mind the indentation and the braces",
        f"جای آن {where.fa} است: به تورفتگی و آکولادها بنگرید",
    )


def hint(found: str, known: Iterable[str], report: Report) -> Words:
    """What was probably meant, or all that is possible."""
    names = list(known)
    several = re.split("[,،] *", found)
    if len(several) > 1 and set(several) <= set(names):
        listing = ", ".join(several)
        return Words(f"write them as a list: [{listing}]", f"آن‌ها را فهرست کنید: [{listing}]")
    if close := report.closest(found[:64].lower(), names):
        return Words(f"did you mean `{close}`?", f"منظورتان `{close}` است؟")
    if not names:
        return Words("none is defined", "هیچ موردی تعریف نشده است")
    choices = one_of(names)
    return Words(f"write {choices.en}", f"{choices.fa} بنویسید")


def one_of(names: Iterable[str]) -> Words:
    """All that is possible, as far as it can be taken in."""
    known = list(names)
    listing, more = listed(known[:20]), "…" if len(known) > 20 else ""
    if len(known) == 1:
        return same(known[0])
    return Words(f"one of {listing.en}{more}", f"یکی از {listing.fa}{more}")


def _join(path: str, key: str) -> str:
    return f"{path}.{shown(key)}" if path else shown(key)


def _shape(node: Node) -> Words:
    match node:
        case Items():
            return Words("a list", "فهرست")
        case Entries():
            return Words("a section of keys and values", "بخشی از کلید و مقدار")
        case Scalar():
            written = shown(node.text)
            return same(f"`{written}`" if node.plain else f'"{written}"')
        case Reported():
            raise AssertionError("it has been reported already")
