"""Why a broker cannot be reached, in a sentence and with a remedy of its own.

Both Kafka clients log what went wrong with a connection and then raise that they found no broker. So when one of them
gives up, each server is looked at once more, step by step, as a client would: name, port, TLS, certificate, Kafka's own
words, authentication, and the addresses that the brokers tell clients to go to.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from agents.broker.errors import NoRoom, NotAuthenticated, NotTrusted, Unreachable
from agents.process.disk import refusal_of

LOOK_S_MAX = 5.0
"""How long each step may take."""

_API_VERSIONS = b"\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff"
"""A request that every Kafka answers without authentication: which requests do you know?"""

_GET = b"GET / HTTP/1.0\r\n\r\n"

_EXPIRED, _NOT_YET_VALID = 10, 9
_OTHER_NAME = (62, 63, 64)
"""What OpenSSL calls X509_V_ERR_…: a certificate's time, and HOSTNAME, EMAIL and IP_ADDRESS_MISMATCH."""


async def why_unreachable(client: Mapping[str, Any], error: BaseException) -> Unreachable:
    """What an operator can do about `error`, with which a client of these settings gave up."""
    found = [each for each in await _look_at_all(client) if each is not None]
    if found:
        return _most_telling(found)
    said = str(error) or type(error).__name__
    remedy = "the broker answers now: try again; if it repeats, look at the broker's log"
    return Unreachable(str(client["bootstrap_servers"]), f"no answer ({said})", remedy)


async def nobody_answers(client: Mapping[str, Any]) -> Unreachable | None:
    """Why a client of these settings gets into none of its servers; None where it gets into one."""
    looked_at = await _look_at_all(client)
    found = [each for each in looked_at if each is not None]
    return _most_telling(found) if len(found) == len(looked_at) else None


async def _look_at_all(client: Mapping[str, Any]) -> list[Unreachable | None]:
    servers = str(client["bootstrap_servers"]).split(",")
    return list(await asyncio.gather(*(_look(server, client) for server in servers)))


def _most_telling(found: Iterable[Unreachable]) -> Unreachable:
    """Of several, one that answers and refuses says more than one that is down; none does where none can be asked."""
    return max(found, key=lambda each: (isinstance(each, NoRoom), type(each) is not Unreachable))


async def _look(server: str, client: Mapping[str, Any]) -> Unreachable | None:
    """What is wrong with one server; None where a client gets in."""
    host, port = _address(server)
    secured = {name: value for name, value in client.items() if name != "bootstrap_servers"}
    try:
        async with asyncio.timeout(3 * LOOK_S_MAX):
            connection = await create_conn(host, port, request_timeout_ms=int(LOOK_S_MAX * 1000), **secured)
            try:
                told = await connection.send(MetadataRequest([]))
            finally:
                connection.close()
    except (OSError, KafkaError, TimeoutError, AssertionError, ValueError) as error:
        return await _meaning(server, error, client)
    return await _elsewhere(server, [f"{broker[1]}:{broker[2]}" for broker in told.brokers])


async def _meaning(server: str, error: BaseException, client: Mapping[str, Any]) -> Unreachable:
    for each in _causes(error):
        match each:
            case ssl.SSLCertVerificationError():
                return _certificate(server, each)
            case SaslAuthenticationFailed():
                remedy = "check BASHGAH_BROKER_SASL_USERNAME and BASHGAH_BROKER_SASL_PASSWORD"
                return NotAuthenticated(server, "it refuses the user name or the password", remedy)
            case UnsupportedSaslMechanismError():
                remedy = "set BASHGAH_BROKER_SASL_MECHANISM to one that this listener offers"
                return NotAuthenticated(server, f"it does not offer SASL {client.get('sasl_mechanism')}", remedy)
            case IllegalSaslStateError():
                remedy = "unset BASHGAH_BROKER_SASL_…, or name the port of the listener that wants it"
                return NotAuthenticated(server, "it wants no SASL on this port", remedy)
            case ssl.SSLError() if "ALERT" in str(each.reason):
                remedy = "set BASHGAH_BROKER_TLS_CERT_FILE and …_KEY_FILE to a certificate that it trusts"
                return NotTrusted(server, f"it refuses this client's certificate ({each.reason})", remedy)
    if (found := _of_network(server, error)) and not isinstance(error, TimeoutError):
        return found
    return await _of_what_it_speaks(server, client) or found or _hangs_up(server)


def _certificate(server: str, error: ssl.SSLCertVerificationError) -> NotTrusted:
    said = error.verify_message
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        remedy = "renew the broker's certificate; or is the clock of this machine wrong?"
        return NotTrusted(server, f"its certificate is not valid now ({said})", remedy)
    if error.verify_code in _OTHER_NAME:
        remedy = "name the broker in BASHGAH_BROKER_URL, and in its advertised.listeners, as its certificate does"
        return NotTrusted(server, f"its certificate is for another name ({said})", remedy)
    remedy = "set BASHGAH_BROKER_TLS_CA_FILE to the certificate of whoever signed the broker's"
    return NotTrusted(server, f"nobody trusted here has signed its certificate ({said})", remedy)


def _of_network(server: str, error: BaseException) -> Unreachable | None:
    for each in _causes(error):
        match each:
            case socket.gaierror():
                remedy = "mend BASHGAH_BROKER_URL, or this machine's name service"
                return Unreachable(server, f"the name is not known ({each.strerror})", remedy)
            case ConnectionRefusedError():
                return Unreachable(
                    server, "nobody listens there", "start the broker, or mend BASHGAH_BROKER_URL"
                )  # fmt: skip
            case TimeoutError():
                remedy = "is the broker up, and does a firewall let this machine through?"
                return Unreachable(server, f"no answer within {LOOK_S_MAX:.0f} s", remedy)
            case OSError() if each.errno in (errno.EMFILE, errno.ENFILE) and (refused := refusal_of(each.errno)):
                return NoRoom("this process", refused.reason, refused.remedy)
            case OSError() if not isinstance(each, ConnectionError | ssl.SSLError) and each.errno:
                return Unreachable(server, f"there is no way to it ({each.strerror})", "check network and address")
    return None


async def _of_what_it_speaks(server: str, client: Mapping[str, Any]) -> Unreachable | None:
    """Of a server that hung up, or said nothing: what is spoken on the port decides what is wrong."""
    speaks = await _spoken(server)
    with_tls = "SSL" in str(client["security_protocol"]).split("_")
    if speaks == "HTTP":
        return Unreachable(server, "it speaks HTTP, not Kafka", "name the broker's port in BASHGAH_BROKER_URL")
    if speaks == "TLS" and not with_tls:
        remedy = "set BASHGAH_BROKER_TLS=true, and BASHGAH_BROKER_TLS_CA_FILE where its CA is the bank's own"
        return NotTrusted(server, "it speaks TLS on this port, and TLS is not set here", remedy)
    if speaks == "Kafka" and with_tls:
        remedy = "unset BASHGAH_BROKER_TLS, or name the port of the listener with TLS"
        return NotTrusted(server, "it speaks no TLS on this port, and TLS is set here", remedy)
    if speaks is not None and not client.get("sasl_mechanism"):
        remedy = "set BASHGAH_BROKER_SASL_MECHANISM, …_USERNAME and …_PASSWORD; with mutual TLS …_TLS_CERT_FILE"
        return NotAuthenticated(server, "it hangs up on whoever does not authenticate", remedy)
    return None


def _hangs_up(server: str) -> Unreachable:
    remedy = "does a broker listen on this port? See its log"
    return Unreachable(server, "it accepts connections and hangs up", remedy)


async def _spoken(server: str) -> str | None:
    """Kafka, TLS or HTTP, as far as the first bytes of an answer tell."""
    begin = await _answer(server, _API_VERSIONS)
    if begin.startswith(b"\x15\x03"):  # an alert
        return "TLS"
    if begin.startswith(b"\x00"):
        return "Kafka"
    return "HTTP" if (await _answer(server, _GET)).startswith(b"HTTP") else None


async def _answer(server: str, request: bytes) -> bytes:
    host, port = _address(server)
    try:
        async with asyncio.timeout(LOOK_S_MAX):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request)
                return await reader.read(4)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""


async def _elsewhere(server: str, told: list[str]) -> Unreachable | None:
    """Whether the addresses that a broker tells clients to go to can be reached."""
    for address in told:
        try:
            async with asyncio.timeout(LOOK_S_MAX):
                _, writer = await asyncio.open_connection(*_address(address))
                writer.close()
        except (OSError, TimeoutError) as error:
            found = _of_network(address, error)
            if isinstance(found, NoRoom):
                return found
            reason = f"it sends clients on to {address}: {found.reason if found else error}"
            return Unreachable(server, reason, "mend the broker's advertised.listeners, or start that broker")
    return None


def _address(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
