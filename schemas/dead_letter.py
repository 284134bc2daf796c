"""`club.dead-letter`: the refused bytes unchanged, under their own key, with the reason in headers."""

from collections.abc import Mapping

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
