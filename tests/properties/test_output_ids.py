"""A consumer may deduplicate by `id`: no two outputs share one, and computing it again gives the same."""

from hypothesis import given

from schemas import topics
from schemas.outputs import decode_output
from tests.properties.lane import Lane, examples
from tests.properties.streams import Story, stories


@examples(2)
@given(stories())
def test_no_two_outputs_share_an_id_and_each_is_of_the_contract(story: Story) -> None:
    lane = Lane(story.texts)
    lane.take(story.items())
    lane.finish()
    found = [
        decode_output(output.topic, output.value or b"").id
        for output in lane.outputs
        if output.topic != topics.DEAD_LETTER.name
    ]
    assert len(found) == len(set(found))
