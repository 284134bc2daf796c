"""What the figures are held against. docs/BENCHMARKS.md lists every goal, also one that nobody has measured yet."""

from typing import NamedTuple


class Goal(NamedTuple):
    """A figure's goal: `at_least` says in which direction it is good."""

    text: str
    value: float
    unit: str
    at_least: bool

    def met(self, figure: float) -> bool:
        """Whether the figure reaches the goal."""
        return figure >= self.value if self.at_least else figure <= self.value


GOALS: dict[str, Goal] = {
    "ratio.faust": Goal("common task: events/s, ours ÷ plain Faust (at least once)", 20, "×", True),
    "ratio.quix": Goal("common task: events/s, ours ÷ Quix Streams (exactly once)", 3, "×", True),
    "ratio.bytewax": Goal("common task: events/s, ours ÷ Bytewax", 2.5, "×", True),
    "ratio.kafka_streams.cpu": Goal(
        "common task: events per CPU second, ours ÷ Kafka Streams (exactly_once_v2, one thread)", 1, "×", True
    ),
    "club.rate": Goal("full club.yaml on the simulator's stream, one process, broker on the same machine", 20_000,
                      "events/s", True),
    "recovery.rate": Goal("recovery of lost rows from the changelog", 100_000, "rows/s", True),
    "recovery.warm": Goal("opening warm lanes", 5, "s", False),
    "backlog.growth": Goal("memory over a backlog of 1,000,000 events: highest in the second half ÷ in the first", 1.15,
                           "×", False),
    "scale.ratio": Goal("CPU per event at 1,000,000 members ÷ at 10,000", 1.5, "×", False),
    "disk.ratio": Goal("disk after 400 days ÷ (2 kB a member + 150 B a granting event)", 1, "×", False),
    "board.rate": Goal("score updates/s on one board of 1,000,000 and of 10,000,000 members, scores distinct or not",
                       100_000, "updates/s", True),
    "board.rank": Goal("exact rank of a random member of it, p99", 200, "µs", False),
    "board.first": Goal("its first 100, p99", 50, "µs", False),
    "board.memory": Goal("its memory a member", 40, "B", False),
    "board.freeze": Goal("whole order of 1,000,000 members, sorted and hashed", 10, "s", False),
    "festivals.ratio": Goal("events/s with 200 festivals x 5 categories, two of them touched by each event ÷ with one",
                            0.70, "×", True),
    "live.p50": Goal("publish → the change in a browser's event stream at 1,000 events/s, p50", 300, "ms", False),
    "live.p99": Goal("publish → the change in a browser's event stream at 1,000 events/s, p99", 1_000, "ms", False),
    "live.viewers": Goal("events/s over a backlog with 1,000 viewers ÷ without any", 0.9, "×", True),
    "freeze.seconds": Goal("freeze of a festival with 1,000,000 members in one lane", 10, "s", False),
    "freeze.pause": Goal("longest step of that freeze, for which scoring waits", 250, "ms", False),
    "latency.p50": Goal("publish → posting visible at 1,000 events/s, p50", 40, "ms", False),
    "latency.p99": Goal("publish → posting visible at 1,000 events/s, p99", 120, "ms", False),
}  # fmt: skip
