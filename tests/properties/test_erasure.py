"""Of an erased member nothing stays but the reference and the totals, whatever the member had done."""

from hypothesis import given

from engine.ledger.member import Head, Status
from schemas import topics
from tables.rows import member_end, member_prefix
from tests.properties.lane import Lane, examples
from tests.properties.streams import Story, item_of, stories
from tests.simulation.workload_clock import rfc3339


@examples()
@given(stories())
def test_nothing_but_totals_stays_of_an_erased_member(story: Story) -> None:
    lane = Lane(story.texts)
    lane.take(story.items())
    before = lane.heads().get("m-1") or Head()
    time = rfc3339(max(story.arrivals()))
    erasure = {
        "specversion": "1.0", "id": "last", "source": "/back-office", "type": "member.erased", "subject": "m-1",
        "time": time, "data": {},
    }  # fmt: skip
    lane.take([item_of("club.member", erasure)])
    assert [key for key, _ in lane.store.scan(member_prefix("m-1"), member_end("m-1"))] == [member_prefix("m-1") + b"m"]
    head = lane.heads()["m-1"]
    assert (head.issued, head.reversed) >= (before.issued, before.reversed)
    assert head == Head(
        status=Status.ERASED, settled=head.settled, qualified=head.qualified, issued=head.issued,
        reversed=head.reversed, expired=head.expired, debt=head.debt,
    )  # fmt: skip
    said = len(lane.outputs)
    for item in story.items():
        if item.record.key == b"m-1":
            lane.take([item])
    assert {output.topic for output in lane.outputs[said:]} <= {topics.DEAD_LETTER.name}
    assert not any(output.value for output in lane.outputs[said:])
