"""What tells one task from another: its name, its topics, and how its journal is written."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from schemas import topics
from schemas.records import TopicPartition
from tables.journal import JournalEntry
from tables.recovery import Progress
from tables.store import Store
from tables.watermark import Watermark


class TaskSpec(NamedTuple):
    """A task. `name` is what `bashgah lane resume` calls it: a lane's number, or `coordinator`.

    Its changelog holds its rows and watermark, its part of the journal an entry a transaction. `encode_entry` makes the
    journal's record of an entry, `decode_entry` reads it; it raises `TooNew`, or ValueError when it is none.
    """

    name: str
    changelog: TopicPartition
    journal: TopicPartition
    inputs: tuple[TopicPartition, ...]
    encode_entry: Callable[[JournalEntry], bytes]
    decode_entry: Callable[[bytes], JournalEntry]

    @property
    def title(self) -> str:
        """How messages call it."""
        return title_of(self.name)


class Opening(NamedTuple):
    """A task to be opened, with what is its own. `store` opens the copy of its rows.

    `first` gives the watermark that it begins with where its changelog has none, or raises why it begins with none.
    `recovering` hears of progress, `discarded` why a copy was thrown away.
    """

    spec: TaskSpec
    store: Callable[[], Store]
    first: Callable[[], Awaitable[Watermark]]
    recovering: Callable[[Progress], None]
    discarded: Callable[[str], None]


def title_of(name: str) -> str:
    """How messages call what `bashgah lane resume` knows by this name."""
    return f"lane {name}" if name.isdecimal() else name


def shown(place: TopicPartition) -> str:
    """A partition as messages name it: a topic that has but one by its name alone."""
    if topics.BY_NAME[place.topic].partitions == "one":
        return place.topic
    return f"{place.topic}/{place.partition}"
