"""`club.dead-letter`: the refused bytes unchanged, under their own key, with the reason in headers.

Key and value stand there whole up to `WHOLE_BYTES_MAX` each; what is longer is cut, and headers have its length and
its SHA-256, so that the record can be found again on its input and known for the same.

A letter that is replayed goes to its input topic again, its bytes and its key unchanged, with headers that say which
letter it was, who decided and why. `accept` is set for one that was too old, and lets it pass that check alone, once
the decision is signed (`signed-at`, `signed-by`, `signature`).
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Literal, NamedTuple

WHOLE_BYTES_MAX = 65_536
"""Bytes of a key, and of a value, that a letter holds."""

CODES: Mapping[str, str] = {
    "invalid": "not JSON, not an envelope, of unknown type, data invalid, or the key is not `subject`",
    "too_large": "has more bytes than `BASHGAH_RECORD_BYTES_MAX`; its value is not kept, only its length and digest",
    "unreadable": "what is left of a batch that nobody can read; length and digest are those of the batch",
    "wrong_partition": "on a partition that murmur2 of its key does not give",
    "conflicting_duplicate": "the same (`source`, `id`) as an earlier event, with other content",
    "from_the_future": "`time` over 5 minutes ahead of the clock, or a balance's `date` after the day of its `time`",
    "too_old": "`time` is further back than the keys of events are remembered",
    "erased": "of a member who was erased; the value is emptied",
    "engine_error": "the club's own code failed on it: a fault to report",
    "skipped": "left out by an operator, whom `detail` names with the reason; the lane could not go on with it",
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


Part = Literal["key", "value"]


class Whole(NamedTuple):
    """What a letter holds a part of: its length in bytes, and its SHA-256 in hexadecimal digits."""

    length: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> "Whole":
        """The length and the digest of these bytes."""
        return cls(len(content), sha256(content).hexdigest())


def cut_headers(part: Part, whole: Whole) -> tuple[tuple[str, bytes], ...]:
    """The headers, besides those of every letter, of one that does not hold all bytes of its record's key or value."""
    return ((f"{part}-bytes", str(whole.length).encode()), (f"{part}-sha256", whole.sha256.encode()))


def kept(part: Part, content: bytes | None) -> tuple[bytes | None, tuple[tuple[str, bytes], ...]]:
    """What a letter holds of its record's key or value, and the headers that say so where that is not all."""
    if content is None or len(content) <= WHOLE_BYTES_MAX:
        return content, ()
    return content[:WHOLE_BYTES_MAX], cut_headers(part, Whole.of(content))


def whole_of(part: Part, headers: Mapping[str, bytes]) -> Whole | None:
    """What a letter with these headers holds a part of; None where it has all of it. ValueError for no number."""
    length, digest = headers.get(f"{part}-bytes"), headers.get(f"{part}-sha256")
    return None if length is None or digest is None else Whole(int(length), digest.decode("ascii"))


REPLAY_OF, OPERATOR, REASON, ACCEPT = "replay-of", "operator", "reason", "accept"
SIGNED_AT, SIGNED_BY, SIGNATURE = "signed-at", "signed-by", "signature"
TOO_OLD = "too_old"


def replay_headers(letter: str, code: str, operator: str, reason: str) -> tuple[tuple[str, bytes], ...]:
    """The headers of a letter's replay; `letter` is where it stands, as `club.dead-letter/3/17`."""
    assert operator, "a replay says who decided"
    assert reason, "a replay says why"
    said = ((REPLAY_OF, letter.encode()), (OPERATOR, operator.encode()), (REASON, reason.encode()))
    return (*said, (ACCEPT, TOO_OLD.encode())) if code == TOO_OLD else said


def accepts_age(headers: Iterable[tuple[str, bytes]]) -> bool:
    """Whether headers say that an operator has decided, with name and reason, that a record may be older than keys are
    remembered. Anybody can write that: it holds only if it is signed."""
    given = dict(headers)
    named = all(given.get(name) for name in (REPLAY_OF, OPERATOR, REASON))
    return named and given.get(ACCEPT) == TOO_OLD.encode()
