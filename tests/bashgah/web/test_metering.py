"""What `bashgah web` counts of itself: routes and classes, never a path; streams; a page that visitors do not see."""

import asyncio
from math import isnan
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from agents.process.exit_codes import ClubError
from bashgah.serving.problems import RefusalCode
from bashgah.web import server
from bashgah.web.metering import MetricsServer
from engine.calendar import HOUR_MS
from monitoring.metrics import WebMetrics
from tests.bashgah.web.asking import running, settings_of, until
from tests.bashgah.web.club import NOW, Club, lines


class Counted(WebMetrics):
    """Metrics, and what they say."""

    def __init__(self) -> None:
        super().__init__(CollectorRegistry())

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)

    def requests(self, route: str, status: str) -> float | None:
        return self.value("bashgah_web_requests_total", route=route, status=status)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """What the next server counts."""
    found = Counted()
    monkeypatch.setattr(server, "WebMetrics", lambda _: found)
    return found


async def test_requests_are_counted_by_route_and_class_and_problems_by_code(counted: Counted, tmp_path: Path) -> None:
    club = await Club("counted").prepare()
    await club.live(lines(3))
    async with running(club, tmp_path) as site:
        found = ("festivals", "festivals/autumn", "festivals/spring")
        for path in (*found, "festivals/nowhere", "members/c-nobody", "nowhere"):
            await site.ask(path)
        await (await site.client.get(site.url + "/")).read()
        await (await site.client.get(site.url + "/metrics")).read()
    assert counted.requests("festivals", "2xx") == 1
    assert counted.requests("festival", "2xx") == 2
    assert counted.requests("festival", "4xx") == 1
    assert counted.requests("member", "4xx") == 1
    assert counted.requests("page", "2xx") == 1
    assert counted.requests("unknown", "4xx") == 2  # /metrics is not for visitors
    assert counted.value("bashgah_web_request_seconds_count", route="festival") == 3
    assert counted.value("bashgah_web_problems_total", code="key_missing") == 1
    assert counted.value("bashgah_web_problems_total", code="unknown_festival") == 1
    assert b"nobody" not in counted.exposition()


async def test_a_fault_of_ours_is_counted_as_one(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    club = await Club("counted-fault").prepare()
    async with running(club) as site:
        monkeypatch.setattr(site.server._festivals, "all", None)
        assert (await site.ask("festivals")).json["code"] == RefusalCode.FAULT
    assert counted.requests("festivals", "5xx") == 1
    assert counted.value("bashgah_web_problems_total", code="fault") == 1


async def test_open_streams_are_seen_and_count_when_they_end(counted: Counted) -> None:
    club = await Club("counted-streams").prepare()
    async with running(club) as site:
        async with site.client.get(site.url + "/api/v1/stream") as stream:
            await stream.content.readline()
            assert counted.value("bashgah_web_streams") == 1
            assert counted.requests("stream", "2xx") is None

        async def gone() -> bool:
            return counted.value("bashgah_web_streams") == 0

        await until(gone)
    await asyncio.sleep(0)
    assert counted.value("bashgah_web_request_seconds_count", route="stream") is None


async def test_the_oldest_live_board_is_told_and_a_final_one_is_not(counted: Counted) -> None:
    club = await Club("counted-boards").prepare()
    async with running(club):
        assert isnan(counted.value("bashgah_web_board_as_of_timestamp_seconds") or 0)
        club.now = NOW - HOUR_MS
        await club.final(lines(2), "1405-07")
        await club.live(lines(2), as_of=NOW)
        await club.live(lines(2), category="digital", as_of=NOW + 5_000)

        async def read() -> bool:
            return counted.value("bashgah_web_board_as_of_timestamp_seconds") == NOW / 1000

        await until(read)
        await club.erase("autumn", "overall")

        async def erased() -> bool:
            return counted.value("bashgah_web_board_as_of_timestamp_seconds") == NOW / 1000 + 5

        await until(erased)


async def test_the_page_has_a_port_of_its_own() -> None:
    counted = Counted()
    page = MetricsServer(counted, settings_of(web_metrics_port=0))
    await page.start()
    second = MetricsServer(Counted(), settings_of(web_metrics_port=page.port))
    try:
        async with aiohttp.ClientSession() as client:
            answer = await client.get(f"http://127.0.0.1:{page.port}/metrics")
            assert answer.headers["Content-Type"].startswith("text/plain")
            assert "bashgah_web_streams 0.0" in await answer.text()
            assert (await client.get(f"http://127.0.0.1:{page.port}/")).status == 404
        with pytest.raises(ClubError, match="BASHGAH_WEB_METRICS_PORT"):
            await second.start()
    finally:
        await page.stop()
        await second.stop()
