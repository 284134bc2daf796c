"""Points are never made or lost: after every single event, in the rows, in the postings, and between the two."""

from collections import defaultdict

from hypothesis import given

from engine.ledger.member import Head, active_lots
from schemas import topics
from tables.overlay import MemberRows
from tests.properties.lane import Lane, examples
from tests.properties.ledger import Ledger
from tests.properties.streams import OWING, Story, stories


@examples()
@given(stories() | stories(OWING, at_least=15))
def test_points_are_conserved_for_each_member_at_every_step(story: Story) -> None:
    lane = Lane(story.texts)
    ledgers: dict[str, Ledger] = defaultdict(Ledger)
    for item in story.items():
        before = len(lane.outputs)
        lane.take([item])
        _check(lane, ledgers, before)
    before = len(lane.outputs)
    lane.finish()
    _check(lane, ledgers, before)


def _check(lane: Lane, ledgers: dict[str, Ledger], before: int) -> None:
    for posting in lane.said(topics.POINTS, before):
        ledgers[posting["subject"]].post(posting)
    for member, head in lane.heads().items():
        _conserved(head, ledgers[member])
        lots = active_lots(head, MemberRows(member, lane.store).get)
        assert head.active == sum(lot.points for lot in lots)
        assert min([lot.points for lot in (*lots, *head.pending)], default=1) > 0


def _conserved(head: Head, ledger: Ledger) -> None:
    pending = head.pending_points()
    assert head.issued == head.active + pending + head.held + head.spent + head.expired + head.reversed
    assert min(head.active, pending, head.held, head.debt, head.spent, head.expired, head.reversed) >= 0
    assert not (head.debt and head.active), "active points while something is owed"
    assert ledger.buckets == dict(zip(("active", "pending", "held", "debt"), head.balance(), strict=True))
    assert ledger.totals == {"issued": head.issued, "reversed": head.reversed, "expired": head.expired}
