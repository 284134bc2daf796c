"""A lane adopts versions as they are published; what it says is what a lane says that knew them all along."""

import pytest
from hypothesis import given

from schemas import topics
from tests.properties.lane import Lane, examples
from tests.properties.streams import Act, Story, item_of, publish, shelf_of, stories, versions_of
from tests.simulation.auditor import tehran_time

DAY_MS = 86_400_000
UNCAPPED = """
programme: club
version: 1
effective: 1402-01-01
title: {fa: باشگاه}
rules: [{id: forty, event: card.purchase.settled, earn: {points: 40}}]
"""
CAPPED = """
programme: club
version: 2
effective: 1402-01-10
title: {fa: باشگاه}
rules: [{id: forty, event: card.purchase.settled, earn: {points: 40}, caps: {%s}}]
"""


@examples(2)
@given(stories())
def test_a_version_adopted_when_it_is_needed_counts_as_one_known_from_the_start(story: Story) -> None:
    from_start, adopting = Lane(story.texts), Lane(story.texts[:1])
    versions, items = versions_of(story.texts), story.items()
    known = 1
    for item in items:
        assert item.activity is not None
        while known < len(versions) and versions[known].effective <= max(item.activity.time, item.activity.moment):
            known += 1
            adopting.processor.adopt(shelf_of(story.texts[:known]))
            adopting.keep()
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
    lane.processor.adopt(shelf_of((UNCAPPED, CAPPED % caps)))
    lane.keep()
    lane.take(later)
    assert [posting["data"]["points"] for posting in lane.said(topics.POINTS)] == [40, 40, 10]
