"""Structured logs, without personal data: one JSON object a line, or coloured text for a terminal.

A member's reference, alias or record key never reaches a line, whatever the caller passes: the fields that hold them
are replaced before anything is rendered, in nested values too. Partition and offset find the event again. Whatever a
text holds, a line stays one line, and a terminal has nothing to obey.
"""

import logging
import re
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from io import StringIO
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from monitoring.safe_text import plain, plain_json, plain_lines

PERSONAL = frozenset({
    "account", "alias", "card", "counterparty", "customer", "data", "key", "keys", "member", "members", "operator",
    "province", "ref", "segments", "subject", "text", "to", "value", "values",
})  # fmt: skip
"""Names of fields that may hold personal data."""

HIDDEN = "[personal]"


def hide_personal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: replaces what personal fields hold."""
    for name, value in event.items():
        event[name] = HIDDEN if name.lower() in PERSONAL else _hidden(value)
    return event


def _hidden(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: HIDDEN if str(name).lower() in PERSONAL else _hidden(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner) for inner in value]
    return value


_LINES_IN_A_ROW = 5
_QUIET_S = 60.0
_KINDS_MAX = 1_000
FROM_OUTSIDE = (
    "bashgah.serving.connections",
    "bashgah.serving.listening",
    "bashgah.serving.refusing",
    "aiohttp.server",
    "asyncio",
)
"""Loggers of which strangers can make lines, as many as they like, by connecting to a server."""
FROM_CLIENTS = (
    "aiokafka",
    "kafka",
    "faust",
    "mode",
    "agents.lanes.end_offsets",
    "agents.transport",
    "bashgah.web.server",
)
"""Loggers that tell of each attempt while a broker is away, and attempts are made for ever."""
_MEANINGLESS = ("Timer %s is overlapping", "It is blocking the event loop")
"""Of a process that waits: for a broker, a disk or its turn on the CPU. What it waits for is told elsewhere."""
_NUMBERS = re.compile(r"\d+")


class Sparing(logging.Filter):
    """Lets five lines of a kind through in a minute, then says how many more there were.

    A kind is what a line says before its values are put in, whatever its numbers. `seconds` is a clock that never goes
    back.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._kinds: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        kind, now = _NUMBERS.sub("0", str(record.msg).partition("\n")[0]), self._seconds()
        since, lines = self._kinds.get(kind, (now, 0))
        left_out = 0
        if now - since >= _QUIET_S:
            since, lines, left_out = now, 0, max(0, lines - _LINES_IN_A_ROW)
        if kind not in self._kinds and len(self._kinds) >= _KINDS_MAX:
            self._kinds.clear()
        self._kinds[kind] = since, lines + 1
        if left_out:
            record.msg = f"{record.msg} (and {left_out} more like it)"
        return lines < _LINES_IN_A_ROW


class SparingClients(Sparing):
    """The same for the lines of `FROM_CLIENTS` alone, those for debugging left as they are; those that mean nothing to
    whoever runs the process never pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if record.levelno <= logging.DEBUG or not f"{record.name}.".startswith(_FROM_CLIENTS):
            return True
        return not any(each in str(record.msg) for each in _MEANINGLESS) and super().filter(record)


_FROM_CLIENTS = tuple(f"{name}." for name in FROM_CLIENTS)


def one_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: texts without what a terminal would obey, and on one line."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = plain(value)
    return event


def _as_json(value: Any, default: Any = None) -> str:
    return plain_json(value, indent=None, default=default)


def _traceback(out: TextIO, exc_info: Any) -> None:
    written = StringIO()
    structlog.dev.plain_traceback(written, exc_info)
    out.write(plain_lines(written.getvalue()))


def configure(level: str = "info", form: str = "json", stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's lines (Faust, aiokafka) through one chain to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_personal,
    ]
    out = sys.stderr if stream is None else stream
    render: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_as_json)]
        if form == "json"
        else [one_line, structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=_traceback)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    handler.addFilter(SparingClients())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in FROM_OUTSIDE:
        logging.getLogger(name).filters[:] = [Sparing()]
