"""How members are shown to everybody: by alias, else by a masked reference; and a key that follows their lines.

A reference opens doors in other systems, so it is never shown whole. Its last characters are, as banks show a card's:
the member finds the own line, and nobody else learns whose it is.
"""

import hmac
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

_HIDDEN = "•••"
_SHOWN_MAX = 4
_KEYS_KEPT = 65_536
_KEY_CHARACTERS = 16


def masked(reference: str) -> str:
    """The last characters of a reference: a third of them, at most four."""
    shown = min(_SHOWN_MAX, len(reference) // 3)
    return _HIDDEN + reference[len(reference) - shown :]


class PlaceKeys:
    """Names a member within one festival, alike in all its boards, so that a page can follow a line that moves.

    An HMAC under a secret: without it nobody can try references until one fits, and two festivals' keys cannot be
    joined. Another secret gives other keys.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._kept: Callable[[str, str], str] = lru_cache(maxsize=_KEYS_KEPT)(self._made)

    def of(self, festival: str, member: str) -> str:
        """16 hexadecimal digits."""
        return self._kept(festival, member)

    def _made(self, festival: str, member: str) -> str:
        # Ids hold no "/", so no two pairs give the same text.
        text = f"place/{festival}/{member}".encode()
        return hmac.digest(self._secret, text, sha256).hex()[:_KEY_CHARACTERS]
