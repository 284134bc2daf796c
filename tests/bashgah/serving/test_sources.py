"""What counts as one address: of IPv6 a network, so that nobody has 2^64 of them."""

import prometheus_client
import pytest
from aiohttp import web

from bashgah.serving.connections import Connections
from bashgah.serving.limits import ConnectionLimits
from bashgah.serving.sources import source_of
from tests.bashgah.web.asking import running
from tests.bashgah.web.club import Club

HOME, SAME, NEXT = "2001:db8:0:1::7", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:2::7"


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:5060", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:5060", "192.0.2.7"),
        (HOME, "2001:db8:0:1::/64"),
        (SAME, "2001:db8:0:1::/64"),
        ("2001:0DB8:0000:0001:0:0:0:1", "2001:db8:0:1::/64"),
        (f"[{HOME}]", "2001:db8:0:1::/64"),
        (f"[{HOME}]:443", "2001:db8:0:1::/64"),
        (NEXT, "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("[nothing", "[nothing"),
        ("_hidden:80", "_hidden:80"),
    ],
)
def test_what_counts_as_one_address(address: str, source: str) -> None:
    assert source_of(address) == source


async def test_a_network_of_ipv6_has_the_connections_of_one_address() -> None:
    async def nothing(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response()

    cuts = prometheus_client.Counter("cuts", "", ["reason"], registry=None)
    book, server = Connections(ConnectionLimits(100, 2, 10, 10, 10, 10), cuts), web.Server(nothing)
    try:
        first = book.enter(HOME, server)
        second = book.enter(SAME, server)
        mapped = [book.enter(address, server) for address in ("::ffff:192.0.2.7", "192.0.2.7")]
        assert first is not None
        assert second is not None
        assert len(book) == 4
        for busy in (first, second, *filter(None, mapped)):
            book.works(busy)
        for address in (HOME, "2001:db8:0:1:5::5", "::ffff:192.0.2.7", "192.0.2.7"):
            assert book.enter(address, server) is None
        assert book.enter(NEXT, server) is not None
        assert book.enter("192.0.2.8", server) is not None
        book.left(first)
        assert book.enter("2001:db8:0:1:5::5", server) is not None
    finally:
        await server.shutdown()


async def test_a_network_of_ipv6_has_the_requests_and_streams_of_one_address() -> None:
    club = await Club("networks").prepare()
    async with running(club, web_requests_per_minute_max=4, web_proxies=1) as site:
        for sources in ((HOME, SAME), (NEXT, f"[{NEXT}]:443"), ("192.0.2.7", "::ffff:192.0.2.7")):
            assert [(await site.ask("festivals", X_Forwarded_For=one)).status for one in sources] == [200, 429]
    async with (
        running(club, web_streams_per_address_max=1, web_proxies=1) as site,
        site.client.get(f"{site.url}/api/v1/stream", headers={"X-Forwarded-For": HOME}) as first,
    ):
        assert first.status == 200
        assert (await site.ask("stream", X_Forwarded_For=SAME)).json["code"] == "too_many_streams"
        async with site.client.get(f"{site.url}/api/v1/stream", headers={"X-Forwarded-For": NEXT}) as other:
            assert other.status == 200
