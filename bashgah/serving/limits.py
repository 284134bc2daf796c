"""How many connections a server holds at once, and how long each may take over what it does.

A connection is an open file. How many a process may have is `ulimit -n` (`LimitNOFILE` of a systemd unit); what is not
left to connections is for the broker, rows, logs and whatever else the process opens.
"""

import logging
import resource
from typing import NamedTuple

from agents.process.settings import Settings

log = logging.getLogger(__name__)

_FILES_KEPT = 128
_FILES_MIN = 8
_SPARE_MAX = 16
_METRICS_CONNECTIONS = 16


class ConnectionLimits(NamedTuple):
    """`per_address` None: an address may have all of them. Times are in seconds.

    `header_s`: for a request's first line and headers, from its first byte on, and from connecting to the first byte.
    `body_s`: from then on for the body. `idle_s`: between two requests. `write_s`: without taking 16 KiB more of an
    answer.
    """

    connections: int
    per_address: int | None
    header_s: float
    body_s: float
    idle_s: float
    write_s: float

    @property
    def requests(self) -> int:
        """How many connections may be busy with a request at once: the others are kept for whoever asks for health."""
        return self.connections - _spare(self.connections)

    @property
    def requests_per_address(self) -> int | None:
        """The same of one address."""
        return None if self.per_address is None else self.per_address - _spare(self.per_address)


def _spare(connections: int) -> int:
    return min(_SPARE_MAX, connections // 8)


def of_web(settings: Settings) -> ConnectionLimits:
    """Of the API and the dashboard. Behind a proxy all connections are the proxy's: no limit of an address then."""
    files = _files()
    connections = max(files // 4, files - max(_FILES_KEPT, files // 8), _FILES_MIN)
    if settings.web_connections_max is not None:
        connections = min(connections, settings.web_connections_max)
    per_address = settings.web_connections_per_address_max
    if per_address is None and not settings.web_proxies:
        per_address = 2 * settings.web_streams_per_address_max
    limits = _limits(settings, connections, per_address)
    if settings.web_streams_max > limits.requests:
        log.warning(
            "BASHGAH_WEB_STREAMS_MAX is %d, but %d requests and streams at once is all there is room for: "
            "raise `ulimit -n` (LimitNOFILE), which is %d, or BASHGAH_WEB_CONNECTIONS_MAX",
            settings.web_streams_max, limits.requests, files,
        )  # fmt: skip
    return limits


def of_worker(settings: Settings) -> ConnectionLimits:
    """Of a worker's health, metrics and internal pages: few ask, and rows need files too."""
    connections = min(settings.http_connections_max, max(_files() // 4, _FILES_MIN))
    per_address = settings.http_connections_per_address_max or max(connections // 2, 1)
    return _limits(settings, connections, per_address)


def of_metrics(settings: Settings) -> ConnectionLimits:
    """Of the page of metrics of `bashgah web`."""
    return _limits(settings, _METRICS_CONNECTIONS, None)


def _limits(settings: Settings, connections: int, per_address: int | None) -> ConnectionLimits:
    return ConnectionLimits(
        connections,
        None if per_address is None else min(per_address, connections),
        settings.http_header_timeout_ms / 1000,
        settings.http_body_timeout_ms / 1000,
        settings.http_idle_timeout_ms / 1000,
        settings.http_write_timeout_ms / 1000,
    )


def _files() -> int:
    """How many files this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2**20 if soft == resource.RLIM_INFINITY else soft
