"""Whether a worker lives and whether it is ready, as values; `bashgah.serving.worker_pages` shows them."""

from enum import StrEnum
from typing import NamedTuple


class LaneState(StrEnum):
    """Where a lane stands."""

    OPENING = "opening"
    RUNNING = "running"
    REFUSED = "refused"
    CLOSING = "closing"


class ProbeAnswer(NamedTuple):
    """An answer to a probe: yes or no, and why not."""

    ok: bool
    reasons: tuple[str, ...]


class WorkerHealth:
    """What the worker's parts have said about themselves so far."""

    def __init__(self) -> None:
        self._lanes: dict[int, LaneState] = {}
        self._remaining: dict[int, int] = {}
        self._assigned = False
        self._fault: str | None = None
        self._topics: tuple[str, ...] = ()
        self._broker: str | None = None

    def assigned(self, partitions: frozenset[int]) -> None:
        """A rebalance has ended and gave the worker these partitions, perhaps none."""
        self._assigned = True
        self._lanes = {p: self._lanes.get(p, LaneState.OPENING) for p in sorted(partitions)}
        self._remaining = {p: n for p, n in self._remaining.items() if p in partitions}

    def rebalancing(self) -> None:
        """A rebalance has begun: until it ends nobody knows whose partition is whose."""
        self._assigned = False

    def lane(self, partition: int, state: LaneState) -> None:
        """A lane has come to a state."""
        self._lanes[partition] = state
        if state is not LaneState.OPENING:
            self._remaining.pop(partition, None)

    def recovering(self, partition: int, records_remaining: int) -> None:
        """An opening lane still has this many changelog records to read."""
        self._remaining[partition] = records_remaining

    def fault(self, reason: str) -> None:
        """Something is broken for good; the first reason stays."""
        self._fault = self._fault or reason

    def topics_differ(self, reasons: tuple[str, ...]) -> None:
        """What about the club's topics is not as it must be; nothing, once it is."""
        self._topics = reasons

    def broker(self, away: str | None) -> None:
        """Why the broker does not answer; None while it does."""
        self._broker = away

    def live(self) -> ProbeAnswer:
        """Whether to leave the process alone; a worker that recovers or refuses is alive."""
        return ProbeAnswer(self._fault is None, () if self._fault is None else (self._fault,))

    def ready(self) -> ProbeAnswer:
        """Whether every partition it was given is being scored, and nothing is published where nobody reads.

        With a broker that does not answer nothing is scored, whatever state the lanes are in.
        """
        reasons = [*self.live().reasons, *self._topics]
        if self._broker is not None:
            reasons.append(self._broker)
        if not self._assigned:
            reasons.append("waiting for partitions")
        for partition, state in self._lanes.items():
            if state is not LaneState.RUNNING:
                left = self._remaining.get(partition)
                reasons.append(f"lane {partition} {state}" + (f", {left} records to read" if left is not None else ""))
        return ProbeAnswer(not reasons, tuple(reasons))

    def lanes(self) -> dict[LaneState, int]:
        """How many lanes are in each state, zeros included."""
        states = list(self._lanes.values())
        return {state: states.count(state) for state in LaneState}
