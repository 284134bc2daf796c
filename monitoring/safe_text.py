r"""Text that is safe to show: what a terminal would obey, what turns a line's direction and what begins a new line are
written as `\u001b` is. All that is printed or logged goes through here (`monitoring.terminal`, `monitoring.logs`)."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_JOINERS = "\u200c\u200d"
"""Persian words hold them, and no terminal obeys them."""


def plain(text: str) -> str:
    """The text on one line, fit to be shown."""
    return text if _harmless(text) else "".join(map(_shown, text))


def plain_lines(text: str) -> str:
    """The text with its line feeds, each line `plain`."""
    return "\n".join(map(plain, text.split("\n")))


def plain_json(value: Any, indent: int | None = 2, default: Callable[[Any], Any] | None = None) -> str:
    """The value as JSON that reads back the same, the same characters escaped as in `plain`; `default` as json's."""
    written = json.dumps(value, ensure_ascii=False, indent=indent, default=default)
    return written if _harmless(written.replace("\n", "")) else "".join(map(_in_json, written))


def _harmless(text: str) -> bool:
    return text.isprintable() or all(each.isprintable() or each in _JOINERS for each in text)


@lru_cache(maxsize=4_096)
def _shown(character: str) -> str:
    if _harmless(character):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


@lru_cache(maxsize=4_096)
def _in_json(character: str) -> str:
    return character if character == "\n" or _harmless(character) else json.dumps(character)[1:-1]
