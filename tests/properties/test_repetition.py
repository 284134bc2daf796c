"""An event that is delivered again, at any later moment, changes nothing but the count of duplicates.

One that is refused (a balance of a day to come) leaves no trace: it is refused again, with the same letter.
"""

from collections.abc import Iterable

from hypothesis import assume, given
from hypothesis import strategies as st

from schemas import topics
from schemas.records import OutputRecord
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
    assert _without_letters(again.outputs) == _without_letters(once.outputs)
    assert set(_letters(again.outputs)) == set(_letters(once.outputs))
    assert again.rows() == once.rows()
    refused = _refused(once.outputs)
    repeated = [items[first] for first, later in repeats if first + later < len(items)]
    duplicates = sum(count for key, count in again.events.items() if key[1] == "duplicate")
    assert duplicates == sum(item.record.offset not in refused for item in repeated)
    counted = {key: count for key, count in again.events.items() if key[1] not in ("duplicate", "dead_letter")}
    assert counted == {key: count for key, count in once.events.items() if key[1] != "dead_letter"}


@examples(0.5)
@given(stories())
def test_the_whole_stream_twice_is_the_stream_once(story: Story) -> None:
    items = story.items()
    once, twice = Lane(story.texts), Lane(story.texts)
    once.take(items)
    twice.take([*items, *items])
    assert (_without_letters(twice.outputs), twice.rows()) == (_without_letters(once.outputs), once.rows())
    assert _letters(twice.outputs) == _letters(once.outputs) * 2


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
    refused = _refused(told.outputs)
    known = [item for item in items if item.record.offset not in refused]
    assume(known)
    item = data.draw(st.sampled_from(known))
    assert item.activity is not None
    other = item.activity._replace(content=bytes(8))
    lane.take([item._replace(activity=other)])
    assert lane.rows() == told.rows()
    assert lane.outputs[:-1] == told.outputs
    assert dict(lane.outputs[-1].headers)["error"] == b"conflicting_duplicate"


def _letters(outputs: Iterable[OutputRecord]) -> list[OutputRecord]:
    return [output for output in outputs if output.topic == topics.DEAD_LETTER.name]


def _without_letters(outputs: Iterable[OutputRecord]) -> list[OutputRecord]:
    return [output for output in outputs if output.topic != topics.DEAD_LETTER.name]


def _refused(outputs: Iterable[OutputRecord]) -> set[int]:
    """Offsets of the records that became dead letters; a story numbers its events through."""
    return {int(dict(letter.headers)["offset"]) for letter in _letters(outputs)}
