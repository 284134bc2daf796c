"""The one printer of lines: no text that came with a record, a file or an option is obeyed by a screen, turns a line's
direction, or begins a line of its own. Tables and progress bars have their consoles in `bashgah.cli.consoles`.

A test of the architecture holds that nobody prints otherwise.
"""

import json
import sys
from typing import Any, TextIO

from monitoring.safe_text import plain, plain_json


def say(line: str = "", *, to: TextIO | None = None) -> None:
    """Print a line, on standard output unless `to` says otherwise; there it is written at once."""
    print(plain(line), file=to or sys.stdout, flush=to is not None)


def say_lines(text: str, *, to: TextIO | None = None) -> None:
    """Print a text of several lines."""
    for line in text.split("\n"):
        say(line, to=to)


def say_error(text: str) -> None:
    """Print on standard error what went wrong."""
    say_lines(f"bashgah: {text}", to=sys.stderr)


def say_json(value: Any) -> None:
    """Print a value as JSON, which reads back the same, whatever the encoding of standard output."""
    written = plain_json(value)
    try:
        written.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        written = json.dumps(value, indent=2)
    print(written)
