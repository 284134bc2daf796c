"""From a URL to a broker."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agents.broker.errors import BadAddress
from agents.broker.interface import Broker
from agents.process.settings import Settings
from bashgah.embedded.broker import Instances

if TYPE_CHECKING:
    from agents.broker.kafka.producer import Timing
    from agents.broker.security import Security

log = logging.getLogger(__name__)

KAFKA: Final = "kafka://"
EMBEDDED: Final = "embedded://"
_SERVERS = re.compile(r"[^\s,/:]+:\d{1,5}(,[^\s,/:]+:\d{1,5})*|\[[0-9a-fA-F:]+\]:\d{1,5}")


def open_broker(url: str, security: Security | None = None, timing: Timing | None = None) -> Broker:
    """The broker behind a URL, not yet connected.

    ``kafka://HOST:PORT[,HOST:PORT…]``; ``embedded://DIRECTORY`` (``embedded:///abs/dir``, ``embedded://rel/dir``);
    ``embedded://`` in memory, shared by everything in this process that opens it; ``embedded://#NAME`` likewise, one
    for each name. `security` and `timing` matter to Kafka only. Raises `BadAddress` and `DirectoryInUse`.
    """
    if url.startswith(KAFKA):
        servers = url.removeprefix(KAFKA)
        if not _SERVERS.fullmatch(servers):
            raise BadAddress(url, "names no host and port", "write kafka://HOST:PORT, several separated by commas")
        # The two Kafka clients take longer to import than a small command takes to run.
        from agents.broker.kafka.broker import KafkaBroker

        return KafkaBroker(servers, security, timing)
    if url.startswith(EMBEDDED):
        directory, _, name = url.removeprefix(EMBEDDED).partition("#")
        return Instances.directory(Path(directory)) if directory else Instances.memory(name)
    raise BadAddress(url, "is no broker", f"write {KAFKA}HOST:PORT, {EMBEDDED}DIRECTORY or {EMBEDDED}")


def broker_of(settings: Settings, *, create: bool = False) -> Broker:
    """The broker that the process's settings name, with their security and time limits. Warns where these are open to
    whoever listens. An embedded broker's directory is made only with `create`: raises `BadAddress` where there is none,
    so that a mistyped path leaves nothing behind."""
    if settings.broker_url.startswith(EMBEDDED):
        directory = settings.broker_url.removeprefix(EMBEDDED).partition("#")[0]
        if directory and not create and not Instances.holds(Path(directory)):
            remedy = f"check the path; `bashgah topics create --broker {settings.broker_url}` makes one"
            raise BadAddress(settings.broker_url, "there is no such broker directory", remedy)
        return open_broker(settings.broker_url)
    if settings.broker_insecure:
        readable = "the broker's password goes over the network readable (SASL PLAIN without TLS)"
        what = readable if settings.sends_password_readable else "nothing needs it"
        log.warning("BASHGAH_BROKER_INSECURE=true: %s; unset it, with BASHGAH_BROKER_TLS=true", what)
    from agents.broker.kafka.producer import Timing
    from agents.broker.security import Security

    return open_broker(settings.broker_url, Security.of(settings), Timing.of(settings))
