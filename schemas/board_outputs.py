"""Boards and commands as records, with ids that are the same whenever they are computed."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from engine.boards.final_boards import FinalPlace
from engine.boards.merge import Win
from engine.calendar import iso
from engine.programme.compiler import CompiledProgramme
from schemas import topics
from schemas.commands import award_granted
from schemas.envelope import Cause
from schemas.kafka.partitioner import partition_of
from schemas.outputs import CLOCK, decode_output, output_id
from schemas.records import BATCH_BYTES_MAX, OutputRecord, record_bytes
from schemas.results.leaderboard import Board, Entry, FinalBoard, Finalised, Updated

LEADERBOARD = topics.LEADERBOARD.name
WATERMARKS = "watermarks"
"""The header of a live board: for each lane its transactions and offsets when it told what the board shows."""

FINAL_BYTES_MAX = BATCH_BYTES_MAX - 100
"""A final board's record is a row of the coordinator as well, which takes a few bytes more."""

_encode = msgspec.json.Encoder().encode


class RoundName(NamedTuple):
    """A frozen round's board. As text: `festival/category/round`, the key of its record."""

    festival: str
    category: str
    round: str

    @classmethod
    def of(cls, name: str) -> "RoundName":
        """The parts of a name; none of them holds a `/`."""
        return cls(*name.split("/"))

    @property
    def board(self) -> str:
        """The live board of the category."""
        return f"{self.festival}/{self.category}"

    def __str__(self) -> str:
        return "/".join(self)


def entries_of(places: Iterable[FinalPlace]) -> tuple[Entry, ...]:
    """Places as boards list them."""
    return tuple(map(entry_of, places))


def entry_of(place: FinalPlace) -> Entry:
    """A place as boards list it."""
    rank, member, alias, score, reached_at = place
    return Entry(rank=rank, member=member, alias=alias, score=score, reached_at=iso(reached_at))


def watermarks(lanes: Mapping[int, tuple[int, Mapping[str, int]]]) -> bytes:
    """The value of the header `WATERMARKS`: JSON, lane -> [transactions, offsets]."""
    return _encode({str(lane): lanes[lane] for lane in sorted(lanes)})


def live_board(
    name: str,
    version: CompiledProgramme,
    as_of: int,
    before: int,
    participants: int,
    entries: tuple[Entry, ...],
    told: bytes,
    *,
    replay: bool,
) -> OutputRecord:
    """A live board. `before`: how many were published with this `as_of` (ms) before; `told`: `watermarks`."""
    festival, category = name.split("/")
    id = output_id("leaderboard.updated", name, CLOCK, str(as_of), None, None, before)

    def of(shown: tuple[Entry, ...]) -> OutputRecord:
        data = Board(
            activity=Cause(CLOCK, str(as_of)),
            programme=version.id,
            version=version.version,
            festival=festival,
            category=category,
            as_of=iso(as_of),
            participants=participants,
            entries=shown,
            replay=replay,
        )
        value = _encode(Updated("1.0", id, "/club", name, iso(as_of), data))
        return OutputRecord(LEADERBOARD, 0, name.encode(), value, ((WATERMARKS, told),))

    return _fitting(of, entries, BATCH_BYTES_MAX)


def final_board(
    name: RoundName,
    version: CompiledProgramme,
    as_of: int,
    participants: int,
    entries: tuple[Entry, ...],
    digest: str,
    *,
    replay: bool,
) -> OutputRecord:
    """A final board. `as_of`: the instant (ms) from which on it is final."""
    data = FinalBoard(
        activity=Cause(CLOCK, str(as_of)),
        programme=version.id,
        version=version.version,
        festival=name.festival,
        category=name.category,
        round=name.round,
        as_of=iso(as_of),
        participants=participants,
        entries=entries,
        hash=digest,
        replay=replay,
    )
    return _final(str(name), str(as_of), 0, iso(as_of), data)


def without_alias(name: str, value: bytes, member: str, before: int) -> OutputRecord:
    """A published final board again, without a member's alias. `before`: how often it was published before."""
    final: Finalised = decode_output(LEADERBOARD, value)
    entries = tuple(
        msgspec.structs.replace(entry, alias=None) if entry.member == member else entry for entry in final.data.entries
    )
    data = msgspec.structs.replace(final.data, entries=entries)
    return _final(name, data.activity.id, before, final.time, data)


def no_live_board(name: str) -> OutputRecord:
    """The end of a live board: its final one is published, or no version has it any more."""
    return OutputRecord(LEADERBOARD, 0, name.encode(), None)


def award(name: RoundName, as_of: int, win: Win, partitions: int) -> OutputRecord:
    """The command that gives an award to a member's lane."""
    prize, place, member = win
    value = award_granted(
        member, as_of, name.festival, name.category, name.round, prize.award, prize.reward, place, prize.value_rial
    )
    key = member.encode()
    return OutputRecord(topics.COMMAND.name, partition_of(key, partitions), key, value)


def _final(name: str, cause: str, before: int, time: str, data: FinalBoard) -> OutputRecord:
    id = output_id("leaderboard.finalised", name, CLOCK, cause, None, None, before)

    def of(shown: tuple[Entry, ...]) -> OutputRecord:
        some = msgspec.structs.replace(data, entries=shown)
        value = _encode(Finalised("1.0", id, "/club", name, time, some))
        return OutputRecord(LEADERBOARD, 0, name.encode(), value)

    return _fitting(of, data.entries, FINAL_BYTES_MAX)


def _fitting(
    of: Callable[[tuple[Entry, ...]], OutputRecord], entries: tuple[Entry, ...], bytes_max: int
) -> OutputRecord:
    """A board's record with as many of its first entries as it holds: all, but for the longest names that there are."""
    while (over := record_bytes(output := of(entries)) - bytes_max) > 0 and entries:
        count = len(entries)
        while over > 0 and count > 0:
            count -= 1
            over -= len(_encode(entries[count]))
        entries = entries[:count]
    return output
