"""Structured logs, without personal data: one JSON object a line, or coloured text for a terminal.

A member's reference, alias or record key never reaches a line, whatever the caller passes: the fields that hold them
are replaced before anything is rendered, in nested values too. Partition and offset find the event again.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

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
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)]
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
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
