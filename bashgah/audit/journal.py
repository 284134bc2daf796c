"""A task's journal, from its first entry on: what was read, in which order, and when the clock ticked."""

from collections.abc import AsyncIterator, Callable

from agents.process.exit_codes import ClubError, ExitCode
from agents.topics.cursor import Cursor
from bashgah.audit.comparison import Difference, place_of
from schemas.records import Record, TopicPartition
from tables.journal import ANEW, JournalEntry, ends_of


def incomplete(place: TopicPartition, reason: str) -> ClubError:
    """The history of a task is needed from its beginning, and part of it is gone."""
    remedy = "keep inputs and journal as long as they are to be replayed; a restored topic can be replayed too"
    return ClubError(f"{place.topic}/{place.partition}", reason, remedy, ExitCode.BAD_FILE)


async def entries(
    journal: Cursor, transactions: int, decode: Callable[[bytes], JournalEntry]
) -> AsyncIterator[tuple[JournalEntry, bytes]]:
    """The journal's entries up to a transaction, each with its record's value.

    Raises `Difference` unless each follows the one before; `ClubError` where the first are gone.
    """
    if journal.begin > 0:
        raise incomplete(journal.place, f"its first record is {journal.begin}, the earlier ones were deleted")
    ends: dict[str, int] | None = None
    for number in range(transactions + 1):
        record = await journal.next()
        if record is None:
            where = f"{journal.place.topic}/{journal.place.partition}: the end of the journal"
            raise Difference(where, f"transaction {transactions}", f"transaction {number - 1}")
        value = record.value or b""
        entry = decode(value)
        if entry.transaction != number:
            raise Difference(place_of(record), f"transaction {number}", f"transaction {entry.transaction}")
        anew = entry.decision is not None and entry.decision.action == ANEW
        if ends is not None and not anew and entry.starts != ends:
            raise Difference(f"{place_of(record)}: next offsets of the inputs", ends, entry.starts)
        yield entry, value
        ends = ends_of(entry)


def check_kept(cursor: Cursor, offset: int) -> None:
    """Raise `ClubError` where an input is needed from this offset on, and begins later."""
    if offset < cursor.begin:
        raise incomplete(cursor.place, f"offset {offset} is needed, its first record is {cursor.begin}")


async def between(cursor: Cursor, start: int, end: int) -> list[Record]:
    """The records of an input that a step took. Raises `ClubError` where they are gone."""
    check_kept(cursor, start)
    await cursor.seek(start)
    return await cursor.until(end)
