"""A journal is walked only as far as each entry follows the one before."""

import pytest

from agents.process.exit_codes import ClubError
from bashgah.audit.comparison import Difference
from bashgah.audit.journal import entries
from schemas import topics
from schemas.records import Record, TopicPartition
from tables.journal import ANEW, JournalEntry, OperatorDecision, Take, decode_entry, encode_entry, pairs_of

CARD = topics.CARD.name
JOURNAL = TopicPartition(topics.JOURNAL.name, 0)


class Kept:
    """Stands for a cursor over these entries."""

    place = JOURNAL

    def __init__(self, *found: JournalEntry, begin: int = 0) -> None:
        self.begin = begin
        self._left = [
            Record(*JOURNAL, index, 0, None, encode_entry(entry), ()) for index, entry in enumerate(found, start=begin)
        ]

    async def next(self) -> Record | None:
        """See `Cursor`."""
        return self._left.pop(0) if self._left else None


def took(number: int, start: int, end: int) -> JournalEntry:
    starts = {CARD: start}
    return JournalEntry(
        transaction=number, now=0, replay=None, starts=starts, steps=pairs_of(starts, [Take(CARD, start, end)])
    )


def decided(number: int, action: str, at: int) -> JournalEntry:
    decision = OperatorDecision(action, "o", "r", {CARD: at}, 0)
    return JournalEntry(transaction=number, now=0, replay=None, starts={CARD: at}, steps=[], decision=decision)


async def walked(journal: Kept, transactions: int) -> list[int]:
    found = entries(journal, transactions, decode_entry)  # type: ignore[arg-type]
    return [entry.transaction async for entry, _ in found]


async def test_entries_that_follow() -> None:
    assert await walked(Kept(took(0, 0, 0), took(1, 0, 5), took(2, 5, 9), took(3, 9, 9)), 2) == [0, 1, 2]


@pytest.mark.parametrize(
    ("journal", "what"),
    [
        (Kept(took(0, 0, 0), took(2, 0, 5)), "offset 1"),
        (Kept(took(0, 0, 3), took(1, 4, 5)), "next offsets"),
        (Kept(took(0, 0, 3)), "the end of the journal"),
    ],
    ids=["a number is left out", "records are left out", "it ends early"],
)
async def test_entries_that_do_not_follow(journal: Kept, what: str) -> None:
    with pytest.raises(Difference, match=what):
        await walked(journal, 1)


async def test_a_task_that_began_anew_may_stand_anywhere() -> None:
    assert await walked(Kept(took(0, 0, 3), decided(1, ANEW, 0)), 1) == [0, 1]
    with pytest.raises(Difference, match="next offsets"):
        await walked(Kept(took(0, 0, 3), decided(1, "accept", 0)), 1)


async def test_a_journal_without_its_beginning() -> None:
    with pytest.raises(ClubError, match="the earlier ones were deleted"):
        await walked(Kept(took(1, 0, 3), begin=1), 1)
