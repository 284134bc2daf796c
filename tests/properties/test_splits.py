"""What comes of a stream does not depend on how it is cut: into batches, and ticks into slices."""

from hypothesis import given
from hypothesis import strategies as st

from agents.scoring.batch import Limits
from agents.scoring.intake import StampedRecord
from engine.ledger.member import HEAD
from tables import codec
from tests.properties.lane import Lane, examples
from tests.properties.streams import DAY_MS, Story, stories

CUTS = st.lists(st.integers(1, 12), min_size=1, max_size=8)


@examples()
@given(stories(), CUTS, st.integers(1, 4), st.integers(1, 6), st.integers(1, 3_000))
def test_any_cut_into_batches_gives_the_same(
    story: Story, cuts: list[int], members: int, outputs: int, size: int
) -> None:
    items = story.items()
    limits = Limits(members_max=members, outputs_max=outputs, bytes_max=size)
    whole, cut = Lane(story.texts), Lane(story.texts, limits=limits)
    whole.take(items)
    for batch in _cut(items, cuts):
        cut.take(batch)
    whole.finish()
    cut.finish()
    assert cut.by_member() == whole.by_member()
    assert cut.rows() == whole.rows()
    assert cut.events == whole.events


@examples()
@given(stories(), CUTS, st.integers(1, 3))
def test_a_tick_in_slices_between_events_gives_the_same_as_in_one_go(
    story: Story, cuts: list[int], budget: int
) -> None:
    """On a wall clock: the tick begins at the same place, but is worked off while events go on. Whose turn comes only
    after a later tick has begun is settled up to that one, which shows in no output: both clocks stand there."""
    items, clocks = story.items(), story.arrivals()
    at_once, sliced = Lane(story.texts, replay=False), Lane(story.texts, replay=False)
    last = 0
    for item, now in zip(items, clocks, strict=True):
        if now - last > cuts[now % len(cuts)] * DAY_MS // 2:
            last = now
            at_once.tick(now)
            sliced.processor.begin_tick(now)
        at_once.take([item], now)
        if cuts[item.record.offset % len(cuts)] > 6:
            sliced.processor.apply_due(budget)
        sliced.take([item], now)
    at_once.tick(clocks[-1] + 400 * DAY_MS)
    sliced.tick(clocks[-1] + 400 * DAY_MS, budget)
    assert sliced.by_member() == at_once.by_member()
    assert _but_settled(sliced.rows()) == _but_settled(at_once.rows())


@examples(0.5)
@given(stories(), stories())
def test_members_do_not_touch_one_another(story: Story, other: Story) -> None:
    """A member's points are the same whoever else is in the lane, but for the instants at which the clock ticks."""
    texts, mine = story.texts, [item for item in story.items() if item.record.key == b"m-1"]
    alone, together = Lane(texts, replay=False), Lane(texts, replay=False)
    clock = max(story.arrivals())
    strangers = iter([item for item in other.items() if item.record.key == b"m-2"])
    for item in mine:
        alone.take([item], clock)
        together.take([stranger for stranger in [next(strangers, None)] if stranger], clock)
        together.take([item], clock)
    alone.tick(clock)
    together.tick(clock)
    assert together.by_member().get(b"m-1") == alone.by_member().get(b"m-1")
    assert {k: v for k, v in together.rows().items() if k.startswith(b"m-1")} == {
        k: v for k, v in alone.rows().items() if k.startswith(b"m-1")
    }


def _cut(items: list[StampedRecord], cuts: list[int]) -> list[list[StampedRecord]]:
    batches: list[list[StampedRecord]] = []
    start = 0
    while start < len(items):
        size = cuts[len(batches) % len(cuts)]
        batches.append(items[start : start + size])
        start += size
    return batches


def _but_settled(rows: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """The rows, heads without the instant up to which they are settled."""
    found = dict(rows)
    for key, raw in rows.items():
        if key.endswith(b"\x00" + HEAD):
            head = codec.decode(HEAD, raw)
            head.settled = 0
            found[key] = codec.encode(HEAD, head)
    return found
