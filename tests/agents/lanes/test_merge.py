"""Inputs are merged by time, as files are by `score`; and never ahead of what is known to be on its way."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.lanes.input import Input
from agents.lanes.merge import Halt, Merge, Wait, put_back
from agents.lanes.run import Run
from agents.task.refusal import Fault
from engine.calendar import iso
from schemas import topics
from schemas.records import Record

CARD, MEMBER, COMMAND = topics.CARD.name, topics.MEMBER.name, topics.COMMAND.name
NAMES = (MEMBER, COMMAND, CARD)
BASE_MS = 1_790_000_000_000
INVALID = -1


def record(topic: str, offset: int, time: int) -> Record:
    """A login or a registration at `time` ms after the base; INVALID: rubbish."""
    if time == INVALID:
        return Record(topic, 0, offset, 0, b"m", b"rubbish", ())
    type_, data = {
        CARD: ("card.cash.withdrawn", {"amount": 1, "terminal": "t", "channel": "atm"}),
        MEMBER: ("member.registered", {"channel": "web"}),
        COMMAND: ("command.award.granted", {}),
    }[topic]
    envelope = {"specversion": "1.0", "id": f"{topic}-{offset}", "source": "/s", "type": type_, "subject": "m"}
    value = json.dumps(envelope | {"time": iso(BASE_MS + time), "data": data}).encode()
    return Record(topic, 0, offset, 0, b"m", value, ())


def run(topic: str, start: int, times: Sequence[int], stable: int | None = None) -> Run:
    end = start + len(times)
    records = [record(topic, start + index, time) for index, time in enumerate(times)]
    return Run(topic, 0, start, end, end if stable is None else stable, 1, records)


def merged(streams: dict[str, list[int]], ends_age_s: float = 100.0) -> tuple[Merge, dict[str, Input], list[Wait]]:
    inputs = {name: Input(name, 0) for name in NAMES}
    waits: list[Wait] = []
    merge = Merge(list(inputs.values()), wait_s=5.0, ends_age_s=ends_age_s, on_wait=waits.append)
    for name, times in streams.items():
        if times:
            inputs[name].receive(run(name, 0, times), now=1.0)
    for source in inputs.values():
        source.learn(source.position, asked_at=1.0)
    return merge, inputs, waits


def shown(batch: object) -> list[tuple[str, int]]:
    return [(item.record.topic, item.record.offset) for item in batch.items]  # type: ignore[attr-defined]


def by_heads(streams: dict[str, list[int]]) -> list[tuple[str, int]]:
    """The definition, word for word: invalid heads at once, else the lowest time, ties in the order of inputs."""
    reached = dict.fromkeys(NAMES, 0)
    order: list[tuple[str, int]] = []
    while True:
        left = {name: streams.get(name, [])[reached[name] :] for name in NAMES}
        heads = [(left[name][0], index, name) for index, name in enumerate(NAMES) if left[name]]
        if not heads:
            return order
        rubbish = [head for head in heads if head[0] == INVALID]
        name = min(rubbish, key=lambda head: head[1])[2] if rubbish else min(heads)[2]
        order.append((name, reached[name]))
        reached[name] += 1


TIMES = st.lists(st.integers(INVALID, 6), max_size=8)


@given(member=TIMES, card=TIMES, size=st.integers(1, 20), taken=st.lists(st.integers(0, 5), max_size=5))
def test_goes_by_the_heads_whatever_the_batches(
    member: list[int], card: list[int], size: int, taken: list[int]
) -> None:
    streams = {MEMBER: member, CARD: card}
    merge, _, _ = merged(streams)
    order: list[tuple[str, int]] = []
    for keep in [*taken, *[size] * 20]:
        batch = merge.take(size, 1 << 30, now=2.0)
        order += shown(batch)[:keep]
        put_back(batch.parts, keep)
    assert order == by_heads(streams)


def test_a_head_waits_for_an_input_that_is_behind() -> None:
    merge, inputs, waits = merged({CARD: [5]})
    inputs[MEMBER].learn(2, asked_at=2.0)
    assert shown(merge.take(10, 1 << 30, now=2.0)) == []
    inputs[MEMBER].receive(run(MEMBER, 0, [3]), now=3.0)
    assert shown(merge.take(10, 1 << 30, now=3.0)) == [(MEMBER, 0)]  # one more is still to come
    inputs[MEMBER].receive(run(MEMBER, 1, [9]), now=4.0)
    assert shown(merge.take(10, 1 << 30, now=4.0)) == [(CARD, 0), (MEMBER, 1)]
    assert waits == [Wait((MEMBER,), 1.0, False), Wait((MEMBER,), 1.0, False)]


def test_the_position_counts_and_not_the_last_record() -> None:
    merge, inputs, _ = merged({CARD: [5]})
    inputs[MEMBER].learn(2, asked_at=2.0)
    assert merge.take(10, 1 << 30, now=2.0).halt is Halt.BEHIND
    inputs[MEMBER].receive(Run(MEMBER, 0, 0, 2, 2, 1, []), now=2.5)  # control records only
    assert shown(merge.take(10, 1 << 30, now=2.5)) == [(CARD, 0)]


def test_a_wait_has_a_limit_and_the_input_is_left_out_until_it_moves() -> None:
    merge, inputs, waits = merged({CARD: [5, 6]})
    inputs[MEMBER].learn(3, asked_at=2.0)
    assert merge.take(1, 1 << 30, now=2.0).halt is Halt.BEHIND
    assert merge.waits_until == 7.0
    assert shown(merge.take(1, 1 << 30, now=7.0)) == [(CARD, 0)]
    assert waits == [Wait((MEMBER,), 5.0, True)]
    assert shown(merge.take(1, 1 << 30, now=7.1)) == [(CARD, 1)]
    inputs[MEMBER].receive(run(MEMBER, 0, [1]), now=8.0)
    inputs[CARD].receive(run(CARD, 2, [9]), now=8.0)
    assert shown(merge.take(10, 1 << 30, now=8.0)) == [(MEMBER, 0)]  # two more are known to come: it waits again


def test_an_invalid_record_passes_at_once() -> None:
    merge, inputs, _ = merged({CARD: [INVALID, 5]})
    inputs[MEMBER].learn(2, asked_at=2.0)
    batch = merge.take(10, 1 << 30, now=2.0)
    assert (shown(batch), batch.halt) == ([(CARD, 0)], Halt.BEHIND)


def test_what_came_after_the_ends_were_asked_for_needs_a_new_answer() -> None:
    merge, inputs, _ = merged({}, ends_age_s=0.5)
    inputs[CARD].receive(run(CARD, 0, [5]), now=2.0)
    assert merge.take(10, 1 << 30, now=2.0).halt is Halt.STALE
    for name in (MEMBER, COMMAND):
        inputs[name].learn(0, asked_at=1.5)
    assert shown(merge.take(10, 1 << 30, now=2.0)) == [(CARD, 0)]


def test_batches_are_bounded_by_bytes_too() -> None:
    merge, inputs, _ = merged({CARD: [1, 2, 3]})
    size = inputs[CARD].bytes // 3
    assert shown(merge.take(10, size + 1, now=2.0)) == [(CARD, 0), (CARD, 1)]


@pytest.mark.parametrize("start", [0, 2])
def test_a_run_that_does_not_follow_is_a_fault(start: int) -> None:
    source = Input(CARD, 0)
    source.receive(run(CARD, 0, [1]), now=1.0)
    with pytest.raises(Fault, match="the lane expects 1"):
        source.receive(run(CARD, start, [1]), now=1.0)


def test_everything_below_consumed_has_been_taken() -> None:
    source = Input(CARD, 7)
    source.receive(Run(CARD, 0, 7, 20, 20, 1, [record(CARD, 9, 1), record(CARD, 15, 2)]), now=1.0)
    seen = [source.consumed]
    while source.head() is not None:
        source.pop_until(None, 2, 1, 1 << 30)
        seen.append(source.consumed)
    assert seen == [7, 15, 20]
    assert (source.records, source.bytes) == (0, 0)
