"""How far a long command has come, on standard error: a bar on a terminal; in a pipe or a file a line now and then."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bashgah.cli.consoles import cell, clean_console

LINE_EVERY_S = 10.0
"""What is done sooner says nothing on the way where there is no terminal."""


class Told(Protocol):
    """Who hears of progress."""

    def __call__(self, done: int, of: int | None = None, counted: int | None = None) -> None:
        """`done` of `of`, None where nobody knows of how much; `counted`: what a person reads, if not `done`."""


@contextmanager
def progress(what: str, unit: str, of: int | None = None) -> Iterator[Told]:
    """Show the progress of `what`, counted in `unit`, until the end of the block; a bar leaves nothing behind."""
    console = clean_console(stderr=True)
    if not console.is_terminal:
        yield _Lines(console, what, unit, of)
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[counted]:,}"),
        TextColumn(unit), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(cell(what), total=of, counted=0)

        def told(done: int, of: int | None = None, counted: int | None = None) -> None:
            bar.update(task, completed=done, total=of, counted=done if counted is None else counted)

        yield told


class _Lines:
    def __init__(self, console: Console, what: str, unit: str, of: int | None) -> None:
        self._console = console
        self._what, self._unit, self._of = what, unit, of
        self._next = monotonic() + LINE_EVERY_S

    def __call__(self, done: int, of: int | None = None, counted: int | None = None) -> None:
        now = monotonic()
        if now < self._next:
            return
        self._next = now + LINE_EVERY_S
        of = of or self._of
        share = f", {100 * done // of} %" if of else ""
        line = f"{self._what}: {done if counted is None else counted:,} {self._unit}{share}"
        self._console.print(cell(line), highlight=False, soft_wrap=True)
