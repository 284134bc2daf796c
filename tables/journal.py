"""The journal: one record a transaction, which says what the lane consumed and in which order.

With it the inputs replay byte for byte, whatever order they were fetched in and whenever the clock ticked.
"""

from typing import NamedTuple

import msgspec

from tables.watermark import refuse_newer

FORMAT = 2

_TICK, _WORK, _PROGRAMME, _TICKS_AHEAD, _FIRST_INPUT = 0, 1, 2, 3, 8


class Take(NamedTuple):
    """The records of input `topic` with start <= offset < end. Offsets between may be empty."""

    topic: str
    start: int
    end: int


class Tick(NamedTuple):
    """The clock reached `instant` (ms)."""

    instant: int


class Work(NamedTuple):
    """What was due was applied for at most `budget` members."""

    budget: int


class Adopt(NamedTuple):
    """The programme versions below `offset` of the programme topic came into use."""

    offset: int


class TicksAhead(NamedTuple):
    """On a replay clock the midnights up to `instant` (ms) ticked, ahead of a record that was not taken yet."""

    instant: int


ANEW = "anew"
"""The action of a decision to begin again without rows: what was before it counts no more."""

Step = Take | Tick | Work | Adopt | TicksAhead


class OperatorDecision(msgspec.Struct, array_like=True, frozen=True):
    """What an operator decided when a lane refused to go on: who, why, what, and where the lane stood after it.

    `action` is `first` for a first watermark, `ANEW`, `skip` or `accept`. `record`: the one record, by its topic and
    offset, that a `skip` has left out. Before there was this field, a `skip` went on behind all that stood in the way.
    """

    action: str
    operator: str
    reason: str
    offsets: dict[str, int]
    programme_offset: int
    record: tuple[str, int] | None = None


class JournalEntry(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """One transaction of a lane.

    `transaction`: its number, 1 for the first; the first watermark has 0. `now`: the wall clock in ms that was read
    for it. `ahead_ms_max`, `behind_ms_max`: how far an event's time was allowed to be from it. `starts`: next offset of
    each input before it, in the order of inputs. `steps`: pairs of a kind and a value; use `pairs_of` and `steps_of`.
    `decision`: set when it is an operator's act and not a batch. `published`: frozen rounds whose boards have been
    published whole with it, as `festival/round`. `meaning`: the number of the meaning that decided it
    (`engine.meaning`); entries of before there was one have 0. `record_bytes_max`: the most bytes that a
    record might have; 0 where there was no limit. `passed`: the records, by topic and offset, that were taken in spite
    of their age, because an operator's decision was signed; before meaning 1 the records' headers alone told that.
    """

    format: int = FORMAT
    transaction: int
    now: int
    replay: bool | None
    ahead_ms_max: int = 0
    behind_ms_max: int = 0
    starts: dict[str, int]
    steps: list[tuple[int, int]]
    decision: OperatorDecision | None = None
    published: tuple[str, ...] = ()
    meaning: int = 0
    record_bytes_max: int = 0
    passed: tuple[tuple[str, int], ...] = ()


_decoder = msgspec.msgpack.Decoder(JournalEntry)
_encode = msgspec.msgpack.Encoder().encode


def pairs_of(starts: dict[str, int], steps: list[Step]) -> list[tuple[int, int]]:
    """The steps of a transaction as an entry keeps them; `starts` gives the order of the inputs."""
    numbers = {topic: _FIRST_INPUT + index for index, topic in enumerate(starts)}
    pairs: list[tuple[int, int]] = []
    for step in steps:
        match step:
            case Take(topic, _, end):
                pairs.append((numbers[topic], end))
            case Tick(instant):
                pairs.append((_TICK, instant))
            case Work(budget):
                pairs.append((_WORK, budget))
            case Adopt(offset):
                pairs.append((_PROGRAMME, offset))
            case TicksAhead(instant):
                pairs.append((_TICKS_AHEAD, instant))
    return pairs


def steps_of(entry: JournalEntry) -> list[Step]:
    """The steps of an entry, with the start of each run of records worked out from the run before it."""
    topics = list(entry.starts)
    offsets = dict(entry.starts)
    steps: list[Step] = []
    for kind, value in entry.steps:
        if kind == _TICK:
            steps.append(Tick(value))
        elif kind == _WORK:
            steps.append(Work(value))
        elif kind == _PROGRAMME:
            steps.append(Adopt(value))
        elif kind == _TICKS_AHEAD:
            steps.append(TicksAhead(value))
        else:
            topic = topics[kind - _FIRST_INPUT]
            steps.append(Take(topic, offsets[topic], value))
            offsets[topic] = value
    return steps


def ends_of(entry: JournalEntry) -> dict[str, int]:
    """The next offset of each input after the entry."""
    if entry.decision is not None:
        return dict(entry.decision.offsets)
    ends = dict(entry.starts)
    for step in steps_of(entry):
        if isinstance(step, Take):
            ends[step.topic] = step.end
    return ends


def encode_entry(entry: JournalEntry) -> bytes:
    """The value of the journal's record: msgpack, the format number first."""
    return _encode(entry)


def decode_entry(value: bytes) -> JournalEntry:
    """The entry of a journal record. Raises `TooNew`, or ValueError when it is no entry."""
    refuse_newer("the journal entry", value, FORMAT)
    return _decoder.decode(value)
