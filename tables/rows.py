"""Where rows stand in a partition's state: every key begins with the member, but for the due index.

    member NUL kind …     a member's rows (`engine.member` gives kind and the rest)
    NUL d instant member  the due index: the member's earliest instant, 8 bytes big-endian, and nothing else
    NUL d 0               where a walk through the due index goes on that is not finished (`WALK_KEY`)

A member's reference holds no byte below `-` (0x2d), so a member's rows are one range and no two ranges mix.
"""

DUE_PREFIX = b"\x00d"
_FIRST_DUE = DUE_PREFIX + (1).to_bytes(8, "big")
DUE_END = b"\x00e"
"""The first key behind the due index."""

WALK_KEY = DUE_PREFIX + bytes(8)
"""The row of an unfinished walk through the due index: the key with which it goes on."""


def member_prefix(member: str) -> bytes:
    """What a member's keys begin with."""
    return member.encode("ascii") + b"\x00"


def member_end(member: str) -> bytes:
    """The first key behind a member's range."""
    return member.encode("ascii") + b"\x01"


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
    """Whether a key is a member's row or of the due index, and no metadata of the store's own."""
    return key[:1] != b"\x00" or key.startswith(DUE_PREFIX)


def split(key: bytes) -> tuple[str, bytes]:
    """A member's key as (member, key within the member's range)."""
    member, _, rest = key.partition(b"\x00")
    return member.decode("ascii"), rest
