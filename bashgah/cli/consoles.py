"""Where commands print tables, progress and coloured lines: consoles that clean what they render (see
`monitoring.terminal`), and `cell` for the texts in their markup."""

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.measure import Measurement
from rich.segment import Segment

from monitoring.safe_text import plain, plain_lines

_PIPE_COLUMNS = 160
_NO_TAG = "[none][/none]"


def clean_console(*, stderr: bool = False, highlight: bool = True, width: int | None = None) -> Console:
    """A console that cleans what it renders."""
    made = Console(stderr=stderr, highlight=highlight, width=width, emoji=False)
    made.push_render_hook(_Cleaning())
    return made


def table_console() -> Console:
    """The terminal; in a pipe nothing is cut off for the sake of a terminal's width."""
    made = clean_console()
    return made if made.is_terminal else clean_console(width=_PIPE_COLUMNS)


def cell(text: str) -> str:
    """The text as a part of rich's markup: shown as it is, on one line, whatever stands around it.

    `[` is escaped and followed by a tag that means nothing, so that it begins none, not even one that ends behind the
    text. Backslashes at the end, which would escape a tag behind the text, are doubled before such a one.
    """
    opened = plain(text).replace("[", rf"\[{_NO_TAG}")
    rest = opened.rstrip("\\")
    return f"{opened}{opened[len(rest) :]}{_NO_TAG}" if len(rest) < len(opened) else opened


class _Cleaning(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Clean(each) for each in renderables]


class _Clean:
    """Something to print, its text cleaned after it was laid out; rich's own movements of the cursor pass."""

    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._inner, options):
            yield segment if segment.control else Segment(plain_lines(segment.text), segment.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._inner)
