"""Text that is no YAML: which mistake it is and where it was made, which is seldom where the parser stumbled.

People do not know a parser's words, so none of them is shown: each mistake that they make often has a message, and the
rest is told by its place alone.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from engine.words import Words, persian_digits
from schemas.programme_file.keys import HOMES, KEYWORDS, TOP
from schemas.programme_file.meant import joins, named
from schemas.programme_file.messages import Code, Parameter
from schemas.programme_file.problems import FilePlace

BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""Where the parser begins a new line."""
_START = re.compile(r"(\s*(?:- +)?)([^\W\d][\w.-]*)")
_TIGHT = re.compile(r"\s*(?:- +)?([^\W\d]\w*):(?=[^\s:])")
_LIKE_COLON = re.compile(r"\s*(?:- +)?[^\W\d]\w*\s*([=：﹕∶；;]|:-|->)")
_SECOND_COLON = re.compile(r"\s*(?:- +)?[^\W\d][\w.-]*: +(?P<text>[^\"'{\[|>].*?)(?P<colon>:)(?:\s|$)")
_DOUBLE_QUOTE = re.compile(r'(?<!\\)"')
_SEPARATORS = re.compile("[،؛;]")
_BEHIND = re.compile(r"[}\]\"']\s*([،؛;,])\s*(?:#.*)?$")
_PROSE_QUOTE = re.compile("[:{,\\[]\\s*(«)")
_COMMENT = re.compile(r"\s#")
_DASH = re.compile(r"\s*(-)[^\s-]")


class Slip(NamedTuple):
    """A mistake: its message, where it was made, and what fills the message."""

    code: Code
    place: FilePlace
    parameters: dict[str, Parameter]


class _Fault(NamedTuple):
    """What the parser knows: lines and columns from 0; `began` is where the construct began that it could not end."""

    lines: list[str]
    problem: str
    context: str
    at: tuple[int, int]
    began: tuple[int, int] | None

    def line(self, number: int) -> str:
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def near(self) -> Iterator[int]:
        """The lines to look at: where a lone key began, where the parser stumbled, and what stands before that."""
        if self.began and "simple key" in self.context:
            yield self.began[0]
        yield self.at[0]
        above = [n for n in range(self.at[0] - 1, -1, -1) if self.line(n).strip() and self.line(n).lstrip()[0] != "#"]
        yield from above[:2]


def slip_of(text: str, fault: MarkedYAMLError) -> Slip:
    """What was meant to be written where a text stops being YAML."""
    mark, context = fault.problem_mark or fault.context_mark, fault.context_mark
    known = _Fault(
        BREAK.split(text), fault.problem or "", fault.context or "",
        (mark.line, mark.column) if mark else (0, 0), (context.line, context.column) if context else None,
    )  # fmt: skip
    for look in (
        _tab, _invisible, _quoted, _flow, _first_character, _closing, _behind, _structure, _second_colon, _indentation
    ):  # fmt: skip
        found = look(known)
        if found is not None:
            return found
    return _slip(Code.NOT_YAML, *known.at)


def _slip(code: Code, line: int, column: int, **parameters: Parameter) -> Slip:
    return Slip(code, FilePlace(line + 1, column + 1), parameters)


def _tab(fault: _Fault) -> Slip | None:
    line, column = fault.at
    content = fault.line(line)
    indent = content[: len(content) - len(content.lstrip())]
    if "\t" in indent and column <= len(indent):
        return _slip(Code.TAB, line, column)
    return _slip(Code.TAB, line, column) if content[column : column + 1] == "\t" else None


def _invisible(fault: _Fault) -> Slip | None:
    for number in fault.near():
        line = fault.line(number)
        for column, character in enumerate(line):
            if not character.isprintable() and character != "\t" and not joins(line, column):
                return _slip(Code.STRAY_CHARACTER, number, column, found=named(character))
    return None


def _quoted(fault: _Fault) -> Slip | None:
    """Inside quotation marks."""
    if "quoted scalar" not in fault.context or fault.began is None:
        return None
    if "escape" in fault.problem or "hexadecimal" in fault.problem:
        return _slip(Code.BAD_ESCAPE, *fault.at)
    return _unclosed(fault, *fault.began)


def _unclosed(fault: _Fault, line: int, column: int) -> Slip:
    """What opens there, or an end of the file that is in the middle of something."""
    sign = fault.line(line)[column : column + 1]
    return _slip(Code.UNCLOSED, line, column, found=sign) if sign else _slip(Code.CUT_OFF, line, column)


def _flow(fault: _Fault) -> Slip | None:
    """Inside braces or brackets."""
    if "flow" not in fault.context or fault.began is None:
        return None
    begun, at = fault.began, fault.at
    opening = fault.line(begun[0])
    end = at[1] if at[0] == begun[0] else len(opening)
    inside = opening[begun[1] : end]
    before = fault.line(at[0])[: at[1]].rstrip()
    if at[0] > begun[0] and (quote := _open_quote(opening, begun[1])) is not None:
        return _slip(Code.UNCLOSED, begun[0], quote, found='"')
    if prose := _PROSE_QUOTE.search(opening, begun[1]):
        return _slip(Code.QUOTES_OF_PROSE, begun[0], prose.start(1))
    if at[0] == begun[0] and before.endswith(("'", '"')):
        return _slip(Code.QUOTE_INSIDE, at[0], len(before) - 1, found=before[-1])
    if separator := _SEPARATORS.search(inside):
        return _slip(Code.WRONG_SEPARATOR, begun[0], begun[1] + separator.start(), found=separator[0])
    if at[0] > begun[0] and (comment := _COMMENT.search(inside)):
        return _slip(Code.HASH_INSIDE, begun[0], begun[1] + comment.start() + 1)
    if at[0] > begun[0] or "end>" in fault.problem:
        return _unclosed(fault, *begun)
    return _slip(Code.COMMA_MISSING, *at) if "expected ','" in fault.problem else None


def _open_quote(line: str, start: int) -> int | None:
    """Where the last double quotation mark of a line stands that opens a text which the line does not close."""
    marks = [each.start() for each in _DOUBLE_QUOTE.finditer(line, start)]
    return marks[-1] if len(marks) % 2 else None


def _first_character(fault: _Fault) -> Slip | None:
    """A text that begins with a sign of YAML's own."""
    line, column = fault.at
    if "document start" in fault.problem and fault.line(0).startswith("%"):
        return _slip(Code.BEGINS_WITH_SIGN, 0, 0, found="%")
    if "expected URI" in fault.problem or "alphabetic or numeric" in fault.problem or "tag" in fault.context:
        line, column = fault.began or fault.at
    elif "cannot start any token" not in fault.problem:
        return None
    return _slip(Code.BEGINS_WITH_SIGN, line, column, found=fault.line(line)[column : column + 1])


def _closing(fault: _Fault) -> Slip | None:
    line, column = fault.at
    sign = fault.line(line)[column : column + 1]
    if sign and sign in "}]" and "expected" in fault.problem:
        return _slip(Code.STRAY_CLOSING, line, column, found=sign)
    return None


def _behind(fault: _Fault) -> Slip | None:
    """A comma or semicolon behind a text or braces that are closed, at the end of a line."""
    for number in fault.near():
        if stray := _BEHIND.search(fault.line(number)):
            return _slip(Code.STRAY_SEPARATOR, number, stray.start(1), found=stray[1])
    return None


def _structure(fault: _Fault) -> Slip | None:
    """A key without its colon, a colon or a dash without its space, a comment that is none."""
    for number in fault.near():
        line = fault.line(number)
        if line.lstrip().startswith("//"):
            return _slip(Code.NO_COMMENT, number, len(line) - len(line.lstrip()))
        if tight := _TIGHT.match(line):
            return _slip(Code.NO_SPACE, number, tight.end() - 1, found=f"{tight[1]}:", remedy=f"{tight[1]}: …")
        if like := _LIKE_COLON.match(line):
            return _slip(Code.NO_COLON, number, like.start(1), found=like[1])
        start = _START.match(line)
        if start and start[2] in KEYWORDS and line[start.end() : start.end() + 1] in ("", " "):
            rest = line[start.end() :].split("#")[0].strip()
            if not rest.startswith(":"):
                return _slip(Code.NO_COLON, number, start.end(), found=start[2])
        if dash := _DASH.match(line):
            return _slip(Code.NO_SPACE, number, dash.start(1), found="-", remedy="- …")
    return None


def _second_colon(fault: _Fault) -> Slip | None:
    """A colon in the middle of a text without quotation marks."""
    found = _SECOND_COLON.match(fault.line(fault.at[0]))
    if found is None or found.start("colon") != fault.at[1]:
        return None
    if found["text"].startswith("("):
        return _slip(Code.ROUND_BRACKETS, fault.at[0], found.start("text"))
    return _slip(Code.COLON_INSIDE, *fault.at)


def _indentation(fault: _Fault) -> Slip | None:
    """A line that stands at no level of those above it."""
    if "block" not in fault.context and "mapping values" not in fault.problem:
        return None
    number = fault.at[0]
    above = [n for n in fault.near() if n < number][:1]
    if above and _indent(fault.line(above[0])) == 0 and _indent(fault.line(number)) > 0:
        start = _START.match(fault.line(above[0]))
        if start and HOMES.get(start[2], TOP) is not TOP:
            number = above[0]  # what came to stand at the margin does not belong there
    levels: list[int] = []
    for line in fault.lines[:number]:
        if line.strip() and not line.lstrip().startswith("#"):
            levels = [level for level in levels if level < _indent(line)]
            levels.append(_indent(line))
            if item := re.match(r"\s*(?:- +)+", line):
                levels.append(item.end())
    line = fault.line(number)
    if not levels or not line.strip():
        return None
    fits = [level for level in levels if level != _indent(line)]
    if not fits:
        return None
    return _slip(Code.INDENTATION, number, _indent(line), found=_indent(line), fits=_one_of(fits))


def _one_of(levels: list[int]) -> Words:
    """2, 4 or 6."""
    *first, last = map(str, levels)
    if not first:
        return Words(last, persian_digits(last))
    return Words(f"{', '.join(first)} or {last}", persian_digits(f"{'، '.join(first)} یا {last}"))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
