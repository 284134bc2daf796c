"""The bank's clock and its publications: when events happen, and when they come out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import TYPES

Envelope = dict[str, Any]
Published = tuple[str, Envelope]

HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS
EDGES_OF_A_DAY = ((0, 0), (0, -1), (6, 0), (8, 0), (8, -1), (9, 0), (17.5, -1), (17.5, 0), (22, 0), (22, -1), (23.5, 0))
AMOUNTS = (1, 49_999, 50_000, 99_999, 100_000, 149_999, 200_000, 250_000, 750_000, 5_000_000, 5_000_001)


def rfc3339(instant: int, tehran: bool = False) -> str:
    """The text of an instant, in UTC or with Tehran's offset."""
    if tehran:
        return tehran_time.wall_clock(instant).isoformat(timespec="milliseconds")
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Bank:
    """The bank and its customers while the stream is drawn; `now` is the bank's clock."""

    def __init__(self, draw: Random, members: int, effective: list[int]) -> None:
        self.draw = draw
        self.effective = effective
        self.members = [f"m-{draw.randrange(16**6):06x}" for _ in range(members)]
        self.now = effective[0] - draw.randint(0, 15 * DAY_MS)
        self.step_ms = draw.choice((HOUR_MS // 4, HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS))
        self.count = 0
        self.stream: list[Published] = []
        self.waiting: list[tuple[int, Published]] = []  # how many events later they are published

    # Time

    def advance(self) -> None:
        """Let the bank's clock run: mostly a little, sometimes to the next edge, rarely for many months."""
        draw = self.draw
        chance = draw.random()
        if chance < 0.01:
            self.now += draw.choice((20, 35, 70, 200, 430)) * DAY_MS
        elif chance < 0.04:
            self.now = draw.choice(self.next_edges())
        elif chance < 0.2:
            self.now += draw.randint(0, 60_000)
        else:
            self.now += int(draw.expovariate(1 / self.step_ms))

    def next_edges(self) -> list[int]:
        """Instants ahead at which the rules change their answer."""
        today = tehran_time.day_of(self.now)
        year, month, _ = tehran_time.jalali(today)
        month_end = tehran_time.end_of(tehran_time.end_of_period(today, "month"))
        year_end = tehran_time.end_of(tehran_time.end_of_period(today, "year"))
        autumn = tehran_time.gregorian(year if month < 7 else year + 1, 7, 1)
        clocks_put_back = tehran_time.midnight(autumn) - DAY_MS // 48
        edges = [month_end, month_end - 1, year_end, year_end - 1, year_end + DAY_MS, clocks_put_back]
        edges += [each + shift for each in self.effective for shift in (0, -1) if each + shift >= self.now]
        return edges

    def time(self) -> int:
        """When an event of now happened: now, on an edge of the day, or days ago."""
        draw = self.draw
        chance = draw.random()
        if chance < 0.12:
            hours, shift = draw.choice(EDGES_OF_A_DAY)
            return tehran_time.midnight(tehran_time.day_of(self.now)) + int(hours * HOUR_MS) + shift
        if chance < 0.22:
            return self.now - draw.randint(0, 3 * DAY_MS)
        if chance < 0.27:
            return self.now - draw.randint(0, 60 * DAY_MS)
        return self.now

    # Envelopes

    def envelope(self, kind: str, member: str, data: dict[str, Any], time: int | None = None) -> Envelope:
        """A new event of a type."""
        self.count += 1
        topic = TYPES[kind][0]
        return {
            "specversion": "1.0",
            "id": f"e{self.count}",
            "source": "/core/" + topic.split(".")[1],
            "type": kind,
            "subject": member,
            "time": rfc3339(self.time() if time is None else time, tehran=self.draw.random() < 0.3),
            "data": data,
        }

    def event(self, kind: str, member: str, data: dict[str, Any], time: int | None = None) -> Iterator[Published]:
        """A new event, published now or, sometimes, after some others."""
        published = TYPES[kind][0], self.envelope(kind, member, data, time)
        if self.draw.random() < 0.08:
            self.later(published)
        else:
            yield published

    def later(self, published: Published) -> None:
        """Publish an event after one to forty others."""
        self.waiting.append((len(self.stream) + self.draw.choice((1, 2, 5, 40)), published))

    def amount(self) -> int:
        """Rials on the edges of the rules, ordinary ones, and a few enormous ones."""
        chance = self.draw.random()
        if chance < 0.4:
            return self.draw.choice(AMOUNTS)
        return self.draw.randint(10_000, 12_000_000) if chance < 0.99 else 10**15
