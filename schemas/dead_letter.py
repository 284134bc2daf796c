"""`club.dead-letter`: the refused bytes unchanged, under their own key, with the reason in headers.

A letter that is replayed goes to its input topic again, its bytes and its key unchanged, with headers that say which
letter it was, who decided and why. `accept` is set for one that was too old, and lets it pass that check alone.
"""

from collections.abc import Iterable, Mapping

CODES: Mapping[str, str] = {
    "invalid": "not JSON, not an envelope, of unknown type, data invalid, or the key is not `subject`",
    "wrong_partition": "on a partition that murmur2 of its key does not give",
    "conflicting_duplicate": "the same (`source`, `id`) as an earlier event, with other content",
    "from_the_future": "`time` is more than 5 minutes ahead of the clock",
    "too_old": "`time` is further back than the keys of events are remembered",
    "erased": "of a member who was erased; the value is emptied",
    "engine_error": "the club's own code failed on it: a fault to report",
}
"""Header `error` -> what it means."""


def headers(topic: str, partition: int, offset: int, error: str, detail: str) -> tuple[tuple[str, bytes], ...]:
    """The headers of a dead letter: where the record stood, and why it was refused."""
    assert error in CODES, error
    return (
        ("topic", topic.encode()),
        ("partition", str(partition).encode()),
        ("offset", str(offset).encode()),
        ("error", error.encode()),
        ("detail", detail.encode()),
    )


REPLAY_OF, OPERATOR, REASON, ACCEPT = "replay-of", "operator", "reason", "accept"
TOO_OLD = "too_old"


def replay_headers(letter: str, code: str, operator: str, reason: str) -> tuple[tuple[str, bytes], ...]:
    """The headers of a letter's replay; `letter` is where it stands, as `club.dead-letter/3/17`."""
    assert operator, "a replay says who decided"
    assert reason, "a replay says why"
    said = ((REPLAY_OF, letter.encode()), (OPERATOR, operator.encode()), (REASON, reason.encode()))
    return (*said, (ACCEPT, TOO_OLD.encode())) if code == TOO_OLD else said


def accepts_age(headers: Iterable[tuple[str, bytes]]) -> bool:
    """Whether an operator has decided, with name and reason, that a record may be older than keys are remembered."""
    given = dict(headers)
    named = all(given.get(name) for name in (REPLAY_OF, OPERATOR, REASON))
    return named and given.get(ACCEPT) == TOO_OLD.encode()
