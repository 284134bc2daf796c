"""What a worker's lanes say of members' ranks: the same as counting everybody."""

import asyncio

import pytest

from agents.lane_ranks import LaneRanks
from agents.web.ranks import RanksUnavailable


def test_without_lanes_there_is_no_rank() -> None:
    ranks = LaneRanks(dict)
    assert ranks.scores_here("m") is None
    assert ranks.counts_here("f", "c", 1) is None
    with pytest.raises(RanksUnavailable):
        asyncio.run(ranks.counts("f", "c", 1))
    with pytest.raises(RanksUnavailable):
        asyncio.run(ranks.member("m"))
