"""The clock of recorded events: which midnights tick, and what a batch that must end before an event leaves behind."""

from agents.scoring.batch import Limits
from agents.scoring.processor import Processor
from engine.calendar import day_of, midnight
from engine.programme.versions import ProgrammeVersions
from tables.store import MemoryStore
from tests.agents.boards.naive_lanes import versions as versions_of_festivals
from tests.agents.scoring.test_processor import VERSIONS, item, purchase


class _Ticked(Processor):
    """A processor that notes its ticks."""

    ticks: tuple[int, ...] = ()

    def begin_tick(self, instant: int) -> None:
        self.ticks += (instant,)
        super().begin_tick(instant)


def _bill(id: str, time: str, key: str = "m") -> object:
    stamped = item("bank.ebanking", "ebanking.bill.paid", id, time, amount=1, bill="gas", channel="app")
    assert stamped.activity is not None
    record = stamped.record._replace(key=key.encode())
    return stamped._replace(record=record, activity=stamped.activity._replace(member=key))


def _take(one: Processor, *records: object) -> int:
    taken = one.take(records, 0)  # type: ignore[arg-type]
    one.store.write(one.changes().rows)  # type: ignore[attr-defined]
    return taken


def test_midnights_at_which_nothing_is_due_are_passed_over() -> None:
    one = _Ticked(MemoryStore(), ProgrammeVersions(), partition=0, partitions=1, replay=True)
    _take(one, _bill("b", "2026-06-01T10:00:00+03:30"), _bill("late", "2027-06-01T10:00:00+03:30"))
    assert one.clock is not None
    assert one.ticks == (midnight(day_of(one.clock)),)  # nobody has points: only the event's own midnight


def test_what_is_due_ticks_at_its_own_midnight_ahead_of_the_event() -> None:
    one = _Ticked(MemoryStore(), VERSIONS, partition=0, partitions=1, replay=True)
    _take(one, purchase("p"))
    due = one.first_due(10**15)
    assert due is not None
    _take(one, _bill("late", "2029-06-01T10:00:00+03:30"))
    assert one.clock is not None
    assert one.ticks[0] == due
    assert one.ticks[-1] == midnight(day_of(one.clock))
    assert list(one.ticks) == sorted(set(one.ticks))


def test_an_event_for_which_midnights_have_ticked_waits_for_the_next_batch() -> None:
    one = _Ticked(MemoryStore(), VERSIONS, partition=0, partitions=1, replay=True, limits=Limits(members_max=1))
    for member in ("a", "b"):
        stamped = purchase(member)
        assert stamped.activity is not None
        record = stamped.record._replace(key=member.encode())
        assert _take(one, stamped._replace(record=record, activity=stamped.activity._replace(member=member))) == 1
    clock, late = one.clock, _bill("late", "2026-09-01T10:00:00+03:30", "c")
    rounds = 0
    while not _take(one, late):
        assert (one.clock, one.ahead) == (clock, True)  # ticks, but nothing of the event
        rounds += 1
        assert rounds < 20
    assert rounds
    assert not one.ahead
    assert one.clock != clock


def test_it_halts_at_a_freeze_until_the_round_is_handed_over() -> None:
    one = _Ticked(MemoryStore(), versions_of_festivals(), partition=0, partitions=1, replay=True, halts=True)
    first, late = _bill("b", "2026-06-01T10:00:00+03:30"), _bill("late", "2028-06-01T10:00:00+03:30")
    assert _take(one, first, late) == 1
    assert _take(one, late) == 0
    handed = 0
    while True:
        handed += len(one.frozen_rounds.take())
        if _take(one, late):
            break
    assert handed > 0
    assert one.frozen_rounds.newly == []
