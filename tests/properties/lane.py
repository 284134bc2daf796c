"""A lane for properties: the real processor over a store in memory, with everything that it said and wrote kept."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, settings

from agents.scoring.batch import Limits
from agents.scoring.intake import StampedRecord
from agents.scoring.processor import Processor
from engine.ledger.member import HEAD, Head
from engine.meaning import CURRENT
from schemas import topics
from schemas.records import OutputRecord
from tables import codec
from tables.rows import split
from tables.store import MemoryStore
from tests.properties.streams import compiled_of

FEW = 30


def examples(share: float = 1.0) -> settings:
    """How many examples Hypothesis draws for a property: `TEST_EXAMPLES`, or a few. Explaining a failure takes
    minutes and says little here; the shrunk story says it all."""
    count = max(5, int(int(os.environ.get("TEST_EXAMPLES", FEW)) * share))
    phases = set(Phase) - {Phase.explain}
    return settings(max_examples=count, phases=phases, suppress_health_check=[HealthCheck.too_slow])


class Lane:
    """The first partition. On a wall clock (`replay` False) whoever drives it says what the clock reads."""

    def __init__(
        self,
        texts: tuple[str, ...],
        *,
        replay: bool = True,
        partitions: int = 1,
        limits: Limits = Limits(),
        clock: int | None = None,
        last_tick: int | None = None,
        meaning: int = CURRENT,
    ) -> None:
        self.store = MemoryStore()
        self.processor = Processor(
            self.store, compiled_of(texts), partition=0, partitions=partitions, replay=replay, limits=limits,
            clock=clock, last_tick=last_tick,
        )  # fmt: skip
        self.processor.meaning = meaning
        self.outputs: list[OutputRecord] = []
        self.events: Counter[tuple[str, str, str]] = Counter()

    def take(self, items: Sequence[StampedRecord], now: int = 0) -> None:
        """Process all of these, in as many batches as the limits ask for."""
        rest = list(items)
        while rest:
            taken = self.processor.take(rest, now)
            self.keep()
            rest = rest[taken:]

    def tick(self, instant: int, budget: int = 1_000) -> None:
        """A tick, worked off in slices of so many members."""
        self.processor.begin_tick(instant)
        while not self.processor.apply_due(budget):
            self.keep()
        self.keep()

    def adopt(self, texts: Sequence[str], budget: int = 1_000) -> None:
        """Go on with these versions, looking at so many members at a time."""
        self.processor.adopt(compiled_of(tuple(texts)))
        while self.processor.rescheduling:
            self.processor.apply_due(budget)
            self.keep()

    def finish(self) -> None:
        """The tick when the inputs end, on a replay clock."""
        if self.processor.clock is not None:
            self.tick(self.processor.clock)

    def keep(self) -> None:
        """Commit: write the rows, keep the outputs."""
        changes = self.processor.changes()
        self.store.write(changes.rows)
        self.outputs += changes.outputs
        for (kind, outcome, reason), count in changes.tallies.events.items():
            self.events[kind, outcome.value, reason.value] += count
        assert not any(reason == "engine_error" for _, _, reason in self.events), "the core failed on an event"

    def rows(self) -> dict[bytes, bytes]:
        """Every row, the due index too."""
        return dict(self.store.scan(b"\x00", b"\xff"))

    def heads(self) -> dict[str, Head]:
        """Every member's own row."""
        found = {}
        for key, raw in self.store.scan(b"\x01", b"\x7f"):
            member, rest = split(key)
            if rest == HEAD:
                found[member] = codec.decode(HEAD, raw)
        return found

    def by_member(self) -> dict[bytes | None, list[tuple[str, bytes | None]]]:
        """The outputs of each member in their order; dead letters apart, under None."""
        found: dict[bytes | None, list[tuple[str, bytes | None]]] = {}
        for output in self.outputs:
            key = None if output.topic == topics.DEAD_LETTER.name else output.key
            found.setdefault(key, []).append((output.topic, output.value))
        return found

    def said(self, topic: topics.Topic, since: int = 0) -> list[dict[str, Any]]:
        """The events published on a topic, from the output of this number on."""
        return [json.loads(output.value or b"") for output in self.outputs[since:] if output.topic == topic.name]
