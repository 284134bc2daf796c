"""A lane adopts versions as they are published; what it says is what a lane says that knew them all along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scoring.processor import Processor
from schemas import topics
from tests.properties.lane import Lane, examples
from tests.properties.streams import Act, Story, compiled_of, item_of, publish, stories, versions_of
from tests.simulation.auditor import tehran_time

DAY_MS = 86_400_000
UNCAPPED = """
programme: club
version: 1
effective: 1402-01-01
title: {fa: باشگاه}
points: {expiry: {months: 12}}
rules: [{id: forty, event: card.purchase.settled, earn: {points: 40}}]
"""
CAPPED = """
programme: club
version: 2
effective: 1402-01-10
title: {fa: باشگاه}
points: {expiry: {months: 12}}
rules: [{id: forty, event: card.purchase.settled, earn: {points: 40}, caps: {%s}}]
"""

TOLD = """
programme: club
version: 2
effective: 1402-01-02
title: {fa: باشگاه}
points: {expiry: {months: 12}}
rules: [{id: forty, event: card.purchase.settled, earn: {points: 40}}]
notifications:
  - {id: soon, event: points.expiring, days_before: 30, medium: [sms], template: {fa: "{points} تا {date}"}}
"""


@examples(2)
@given(stories(), st.integers(1, 3))
def test_a_version_adopted_when_it_is_needed_counts_as_one_known_from_the_start(story: Story, budget: int) -> None:
    from_start, adopting = Lane(story.texts), Lane(story.texts[:1])
    versions, items = versions_of(story.texts), story.items()
    known = 1
    for item in items:
        assert item.activity is not None
        while known < len(versions) and versions[known].effective <= max(item.activity.time, item.activity.moment):
            known += 1
            adopting.adopt(story.texts[:known], budget)
        from_start.take([item])
        adopting.take([item])
    from_start.finish()
    adopting.finish()
    assert adopting.by_member() == from_start.by_member()


@pytest.mark.parametrize("caps", ["month: 90", "year: 90", "programme: 90", "week: 300, year: 95, programme: 90"])
def test_a_cap_looks_back_to_what_was_given_before_it_was_known_of(caps: str) -> None:
    """40 + 40 without a cap; of the 90 that are allowed now 10 are left. 01-05 .. 01-14 are of one month and year."""
    start = tehran_time.midnight(tehran_time.gregorian(1402, 1, 5))
    told = [Act("card.purchase.settled", "m-1", wait * DAY_MS, 0, 1_000, 0, 0) for wait in (0, 1, 7, 1)]
    first, second, *later = [item_of(*event) for event in publish(told, start)]
    lane = Lane((UNCAPPED,))
    lane.take([first, second])
    lane.adopt((UNCAPPED, CAPPED % caps))
    lane.take(later)
    assert [posting["data"]["points"] for posting in lane.said(topics.POINTS)] == [40, 40, 10]


def test_a_new_lead_looks_at_few_members_at_a_time_and_goes_on_after_a_restart() -> None:
    start = tehran_time.midnight(tehran_time.gregorian(1402, 1, 5))
    told = [Act("card.purchase.settled", f"m-{number}", 0, 0, 1_000, 0, 0) for number in range(5)]
    at_once, resumed = Lane((UNCAPPED,)), Lane((UNCAPPED,))
    for lane in (at_once, resumed):
        lane.take([item_of(*event) for event in publish(told, start)])
    at_once.adopt((UNCAPPED, TOLD))
    resumed.processor.adopt(compiled_of((UNCAPPED, TOLD)))
    slices = 0
    while resumed.processor.rescheduling:
        resumed.processor.apply_due(2)
        resumed.keep()
        slices += 1
        resumed.processor = Processor(
            resumed.store, compiled_of((UNCAPPED, TOLD)), partition=0, partitions=1, replay=True,
            clock=resumed.processor.clock, last_tick=resumed.processor.last_tick,
        )  # fmt: skip
    assert slices == 3
    assert resumed.rows() == at_once.rows()
    lead = start + 355 * DAY_MS
    for lane in (at_once, resumed):
        lane.tick(lead)
    assert len(resumed.said(topics.NOTIFICATION)) == 5
    assert resumed.outputs == at_once.outputs
