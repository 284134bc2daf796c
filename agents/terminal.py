"""The one printer: whatever reaches a terminal, a pipe or a log passes here, so that no text that came with a record, a
file or an option is obeyed by a screen, turns a line's direction, or begins a line of its own.

`say` prints a line and `say_json` a document; `console` makes the consoles of tables and progress bars, which clean
what they render; `cell` puts a text into their markup. A test of the architecture holds that nobody prints otherwise.
"""

import json
import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.markup import escape
from rich.measure import Measurement
from rich.segment import Segment

from schemas.names import name_of

_PIPE_COLUMNS = 160
_JOINERS = "\u200c\u200d"
"""Persian words hold them, and no terminal obeys them."""
HIDDEN_NAME = "‹نام پنهان · name hidden›"
"""In place of a name, kept by an earlier release, that is none by the rule of `schemas.names`."""


def plain(text: str) -> str:
    r"""The text on one line, with what a terminal would obey, or could not show, written as `\u001b` is."""
    return text if _harmless(text) else "".join(map(_shown, text))


def plain_lines(text: str) -> str:
    """The text with its line feeds, and each line `plain`."""
    return "\n".join(map(plain, text.split("\n")))


def plain_json(value: Any) -> str:
    """The value as JSON that reads back the same, with the same characters escaped as `plain` escapes."""
    written = json.dumps(value, ensure_ascii=False, indent=2)
    return "\n".join(line if _harmless(line) else "".join(map(_in_json, line)) for line in written.split("\n"))


def shown_name(alias: str | None) -> str:
    """A member's name for a person to read: empty where there is none, hidden where it is none by the rule."""
    return (name_of(alias) or HIDDEN_NAME) if alias else ""


def say(line: str = "", *, to: TextIO | None = None) -> None:
    """Print a line, on standard output unless `to` says otherwise. It is written at once where somebody waits."""
    print(plain(line), file=to or sys.stdout, flush=to is not None)


def say_lines(text: str, *, to: TextIO | None = None) -> None:
    """Print a text of several lines."""
    for line in text.split("\n"):
        say(line, to=to)


def say_error(line: str) -> None:
    """Print a line of the program's own on standard error."""
    say_lines(f"bashgah: {line}", to=sys.stderr)


def say_json(value: Any) -> None:
    """Print a value as JSON."""
    print(plain_json(value))


def cell(text: str) -> str:
    """The text as a part of rich's markup: shown as it is, on one line."""
    return escape(plain(text))


def console(*, stderr: bool = False, highlight: bool = True) -> Console:
    """A console that cleans what it renders."""
    made = Console(stderr=stderr, highlight=highlight)
    made.push_render_hook(_Cleaning())
    return made


def table_console() -> Console:
    """The terminal for tables; in a pipe nothing is cut off for the sake of a terminal's width."""
    made = console()
    if not made.is_terminal:
        made.width = _PIPE_COLUMNS
    return made


class _Cleaning(RenderHook):
    """Cleans the text of everything that is printed; rich's own movements of the cursor pass."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Clean(each) for each in renderables]


class _Clean:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._inner, options):
            yield segment if segment.control else Segment(plain_lines(segment.text), segment.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._inner)


def _harmless(text: Iterable[str]) -> bool:
    return all(each.isprintable() or each in _JOINERS for each in text)


@lru_cache(maxsize=4_096)
def _shown(character: str) -> str:
    if _harmless(character):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


@lru_cache(maxsize=4_096)
def _in_json(character: str) -> str:
    return character if _harmless(character) else json.dumps(character)[1:-1]
