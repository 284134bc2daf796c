"""Where rows stand in a partition's state: every key begins with the member, but for the due index and festivals.

    member NUL kind …     a member's rows (`engine.ledger.member` gives kind and the rest)
    NUL f festival NUL member   the member in a festival: so that a festival's boards are one range
    NUL z festival/round  a round that is frozen in this lane, and how far its boards have been published
    NUL d instant member  the due index: the member's earliest instant, 8 bytes big-endian, and nothing else
    NUL d 0               where rescheduling goes on that is not finished (`RESCHEDULE_KEY`)

A member's reference holds no byte below `-` (0x2d), so a member's rows are one range and no two ranges mix.
"""

from engine.ledger.member import FESTIVAL

FESTIVAL_PREFIX = b"\x00f"
FROZEN_PREFIX = b"\x00z"
FROZEN_END = b"\x00{"
"""The first key behind the frozen rounds."""

DUE_PREFIX = b"\x00d"
_FIRST_DUE = DUE_PREFIX + (1).to_bytes(8, "big")
DUE_END = b"\x00e"
"""The first key behind the due index."""

RESCHEDULE_KEY = DUE_PREFIX + bytes(8)
"""The row of rescheduling that is not finished: the key of the due index with which it goes on."""


def member_prefix(member: str) -> bytes:
    """What a member's keys begin with."""
    return member.encode("ascii") + b"\x00"


def member_end(member: str) -> bytes:
    """The first key behind a member's range."""
    return member.encode("ascii") + b"\x01"


def festival_range(festival: str) -> tuple[bytes, bytes]:
    """The range of a festival's rows, in the order of their members."""
    prefix = FESTIVAL_PREFIX + festival.encode("ascii")
    return prefix + b"\x00", prefix + b"\x01"


def festival_member(key: bytes) -> str:
    """The member of a festival's row."""
    return key[key.index(b"\x00", 1) + 1 :].decode("ascii")


def full_key(prefix: bytes, key: bytes) -> bytes:
    """A row's key in the state; `prefix` is the member's (`member_prefix`), `key` is the row's as the core has it."""
    if key[:1] == FESTIVAL:
        return b"\x00" + key + b"\x00" + prefix[:-1]
    return prefix + key


def festival_row_key(festival: str, member: str) -> bytes:
    """The row of a member in a festival."""
    return FESTIVAL_PREFIX + festival.encode("ascii") + b"\x00" + member.encode("ascii")


def frozen_key(name: str) -> bytes:
    """The row of a frozen round (`engine.programme.rounds.round_key`)."""
    return FROZEN_PREFIX + name.encode("ascii")


def frozen_round(key: bytes) -> str:
    """The round that a row of `frozen_key` names."""
    return key[len(FROZEN_PREFIX) :].decode("ascii")


def due_key(instant: int, member: str) -> bytes:
    """The due row of a member."""
    return DUE_PREFIX + instant.to_bytes(8, "big") + member.encode("ascii")


def due_range(until: int) -> tuple[bytes, bytes]:
    """The range of due rows up to an instant, inclusive."""
    return _FIRST_DUE, DUE_PREFIX + (until + 1).to_bytes(8, "big")


def due_member(key: bytes) -> str:
    """The member that a due row names."""
    return key[len(DUE_PREFIX) + 8 :].decode("ascii")


def is_row(key: bytes) -> bool:
    """Whether a key is one of the rows above, and no metadata of the store's own."""
    return key[:1] != b"\x00" or key[:2] in (DUE_PREFIX, FESTIVAL_PREFIX, FROZEN_PREFIX)


def split(key: bytes) -> tuple[str, bytes]:
    """A member's key as (member, key within the member's range)."""
    member, _, rest = key.partition(b"\x00")
    return member.decode("ascii"), rest
