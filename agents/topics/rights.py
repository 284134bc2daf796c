"""Which of the broker's rights a worker needs, so that one that lacks is told at the start and not at the first reward.

docs/RUNBOOK.md lists them for whoever gives them; a test runs a worker with exactly that list.
"""

from collections.abc import Mapping

from agents.broker.errors import NotPermitted
from agents.broker.interface import TopicDescription
from schemas import topics

READ, WRITE, DESCRIBE_CONFIGS = "Read", "Write", "DescribeConfigs"
"""Operations as `kafka-acls.sh` calls them. Whoever may read or write may describe."""

_NOT_WRITTEN = (topics.DRAW, topics.TIER, topics.RECEIPT)
"""Outputs that this release does not write."""

WORKER: Mapping[str, tuple[str, ...]] = {
    **{topic.name: (READ,) for topic in (*topics.INPUTS, topics.PROGRAMME)},
    **{topic.name: (WRITE,) for topic in topics.OUTPUTS if topic not in _NOT_WRITTEN},
    **{topic.name: (READ, WRITE) for topic in (topics.COMMAND, topics.JOURNAL, topics.PARTIAL)},
    **{topic.name: (READ, WRITE, DESCRIBE_CONFIGS) for topic in (topics.STATE, topics.COORDINATOR)},
}
"""By topic."""


def check_rights(described: Mapping[str, TopicDescription]) -> None:
    """Raise `NotPermitted`, or a group of them, for rights that a worker lacks on topics that are there."""
    lacking: dict[str, list[str]] = {}
    for name, operations in WORKER.items():
        for operation in operations:
            if name in described and not described[name].may(operation):
                lacking.setdefault(operation, []).append(name)
    problems = [NotPermitted(operation, "topic", ", ".join(names)) for operation, names in lacking.items()]
    if problems:
        raise problems[0] if len(problems) == 1 else ExceptionGroup("rights", problems)
