"""The stream as a whole: reproducible, in order of arrival, valid, bounded, steady when live."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

from bashgah.simulator import Plan, simulate
from engine.calendar import DAY_MS, jalali_day, midnight
from schemas import topics
from schemas.events import decode
from schemas.invalid import Invalid
from tests.bashgah.simulator.bank import MEMBERS, NEW_YEAR, Seen, a_month, read, the_month, the_year

_DIGEST = """
import hashlib
from bashgah.simulator import Plan, simulate
found = hashlib.sha256()
for message in simulate(Plan(200, 9, {start}, 6_000, 12, dirt=0.01)):
    found.update(repr(message).encode())
print(found.hexdigest())
"""


def _digest(**variables: str) -> str:
    code = _DIGEST.format(start=NEW_YEAR)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **variables}
    )
    return done.stdout.strip()


def test_a_seed_gives_the_same_bytes_in_every_process() -> None:
    assert _digest(PYTHONHASHSEED="1", TZ="UTC") == _digest(PYTHONHASHSEED="2", TZ="Asia/Tokyo")


def test_another_seed_gives_other_events_with_other_ids() -> None:
    one, two = ({each.id for each in read(simulate(Plan(100, seed, NEW_YEAR, 500)))} for seed in (1, 2))
    assert len(one) > 450
    assert not one & two


def test_fewer_events_are_the_beginning_of_more() -> None:
    short, long = (list(simulate(Plan(50, 3, NEW_YEAR, events))) for events in (400, 900))
    assert len(short) == 400
    assert short == long[:400]


@pytest.mark.parametrize("stream", [the_month, the_year])
def test_records_come_in_order_of_arrival_and_none_before_it_happened(stream: Callable[[], tuple[Seen, ...]]) -> None:
    assert all(before.message.at <= after.message.at for before, after in pairwise(stream()))
    assert all(each.time <= each.message.at for each in stream())


@pytest.mark.parametrize(
    "plan",
    [
        Plan(300, 3, NEW_YEAR, 30_000, 200),
        Plan(40, 4, midnight(jalali_day(1399, 6, 20)), 8_000),  # the end of that year's summer time
        Plan(200, 5, midnight(jalali_day(1405, 9, 1)) + 19 * 3_600_000 + 1_234, 10_000, rate=700),
        Plan(3, 6, NEW_YEAR, 3_000),
    ],
    ids=["thin", "summer time", "live", "three customers"],
)
def test_every_event_keeps_the_contract_and_an_id_never_means_two_events(plan: Plan) -> None:
    contents: dict[bytes, bytes] = {}
    for message in simulate(plan):
        activity = decode(topics.BY_SHORT_NAME[message.topic].name, message.key.encode(), message.value)
        assert activity.type == message.type
        again = activity.identity in contents
        assert again == (message.mark == "duplicate")
        assert contents.setdefault(activity.identity, activity.content) == activity.content
        assert b"\n" not in message.value


def test_dirt_is_refused_by_the_contract_in_about_the_wanted_share() -> None:
    contents: dict[bytes, bytes] = {}
    refused = conflicts = 0
    for message in simulate(Plan(200, 8, NEW_YEAR, 10_000, dirt=0.05)):
        try:
            activity = decode(topics.BY_SHORT_NAME[message.topic].name, message.key.encode(), message.value)
        except Invalid:
            assert message.mark == "invalid"
            refused += 1
            continue
        assert message.mark != "invalid"
        conflicts += contents.setdefault(activity.identity, activity.content) != activity.content
        assert b"\n" not in message.value
    assert 420 < refused + conflicts < 580
    assert conflicts > 20


def test_events_and_days_together_set_the_pace() -> None:
    for members, events, days in ((300, 6_000, 30), (40, 30_000, 20)):
        *_, last = simulate(Plan(members, 2, NEW_YEAR, events, days))
        assert 0.9 < (last.at - NEW_YEAR) / DAY_MS / days < 1.15


def test_days_alone_end_the_stream() -> None:
    messages = list(simulate(Plan(50, 2, NEW_YEAR, days=5)))
    assert NEW_YEAR + 4 * DAY_MS < messages[-1].at < NEW_YEAR + 5 * DAY_MS
    assert 300 < len(messages) < 800


def test_a_live_stream_keeps_its_rate_at_any_hour() -> None:
    start = NEW_YEAR + 3 * 3_600_000  # most people sleep
    messages = list(simulate(Plan(2_000, 4, start, 5_000, rate=500)))
    for second in range(10):
        count = sum(start + second * 1_000 <= each.at < start + (second + 1) * 1_000 for each in messages)
        assert 490 <= count <= 510


def test_a_live_stream_never_records_a_balance_twice_at_one_revision() -> None:
    start = midnight(jalali_day(1405, 2, 4)) + 10 * 3_600_000
    seen = [each for each in read(simulate(Plan(20, 4, start, 20_000, rate=100))) if each.message.mark != "duplicate"]
    recorded = [each.data for each in seen if each.type == "deposit.balance.recorded"]
    assert len(recorded) > 1_000
    first = [(data.account, data.date) for data in recorded if not data.revision]
    assert len(first) == len(set(first)) == 20


_MEMORY = """
from itertools import islice
from resource import RUSAGE_SELF, getrusage
from bashgah.simulator import Plan, simulate
stream = simulate(Plan(40, 1, {start}))
for events in (20_000, 60_000):
    assert sum(1 for _ in islice(stream, events)) == events
    print(getrusage(RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_stream() -> None:
    code = _MEMORY.format(start=NEW_YEAR)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    early, late = (int(line) for line in done.stdout.split())
    assert late < 1.1 * early  # 60,000 messages kept would be more than twice


def test_references_are_opaque_and_everybody_takes_part() -> None:
    keys = {message.key for message in a_month()}
    assert 0.97 * MEMBERS < len(keys) <= MEMBERS
    assert len({key[1:4] for key in keys}) > 500  # no common beginning to count up from
