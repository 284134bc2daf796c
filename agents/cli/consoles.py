"""Where commands print their tables."""

from rich.console import Console

_PIPE_COLUMNS = 160


def table_console() -> Console:
    """The terminal; in a pipe nothing is cut off for the sake of a terminal's width."""
    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_COLUMNS)
