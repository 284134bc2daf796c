"""An event that is delivered again, at any later moment, changes nothing but the count of duplicates."""

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.lane import Lane, examples
from tests.properties.streams import Story, stories


@examples()
@given(stories(), st.data())
def test_any_event_again_changes_nothing_but_the_count_of_duplicates(story: Story, data: st.DataObject) -> None:
    items = story.items()
    once, again = Lane(story.texts), Lane(story.texts)
    repeats = data.draw(st.lists(st.tuples(st.integers(0, len(items) - 1), st.integers(0, 12)), max_size=15))
    for number, item in enumerate(items):
        once.take([item])
        again.take([item, *(items[first] for first, later in repeats if first + later == number)])
    once.finish()
    again.finish()
    assert again.outputs == once.outputs
    assert again.rows() == once.rows()
    repeated = sum(first + later < len(items) for first, later in repeats)
    duplicates = {key: count for key, count in again.events.items() if key[1] == "duplicate"}
    assert sum(duplicates.values()) == repeated
    assert {key: count for key, count in again.events.items() if key[1] != "duplicate"} == once.events


@examples(0.5)
@given(stories())
def test_the_whole_stream_twice_is_the_stream_once(story: Story) -> None:
    items = story.items()
    once, twice = Lane(story.texts), Lane(story.texts)
    once.take(items)
    twice.take([*items, *items])
    assert (twice.outputs, twice.rows()) == (once.outputs, once.rows())


@examples(0.5)
@given(stories(), st.data())
def test_other_content_under_a_known_id_is_refused_and_changes_nothing(story: Story, data: st.DataObject) -> None:
    """Whatever the type, and whenever it comes."""
    items = story.items()
    lane, told = Lane(story.texts), Lane(story.texts)
    lane.take(items)
    told.take(items)
    lane.finish()
    told.finish()
    item = data.draw(st.sampled_from(items))
    assert item.activity is not None
    other = item.activity._replace(content=bytes(8))
    lane.take([item._replace(activity=other)])
    assert lane.rows() == told.rows()
    assert lane.outputs[:-1] == told.outputs
    assert dict(lane.outputs[-1].headers)["error"] == b"conflicting_duplicate"
