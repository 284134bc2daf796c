"""Tokens of members' pages: who, for what, until when, signed with HMAC-SHA-256; nothing is kept of them.

    bgt_ BASE64URL(JSON) . BASE64URL(HMAC)

A token can be read by whoever has it, the member's reference included; it cannot be made or changed without the secret.
It goes into the fragment of the page's address, which browsers send to no server, and from there into a header.
"""

import base64
import binascii
import hmac
import re
from hashlib import sha256
from typing import Final

import msgspec

from bashgah.serving.problems import Refusal, RefusalCode
from schemas.fields import NAME_CHARACTERS

PREFIX = "bgt_"
SCOPE: Final = "member:read"
"""The one scope that there is: to read one's own standings."""

LENGTH_MAX = 512
_FIELD = "Authorization"
_LABEL = b"bashgah member token\0"
"""What is signed begins so: the secret signs nothing else that could pass for a token."""


_DOTS = frozenset({".", ".."})
_reference = re.compile(f"{NAME_CHARACTERS}{{1,64}}")


def has_page(member: str) -> bool:
    """Whether a member can have a page: by a reference of the contract that is a part of an address, as two of all,
    `.` and `..`, are not."""
    return _reference.fullmatch(member) is not None and member not in _DOTS


class Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token says; `expires` is an instant in ms."""

    member: str
    scope: str
    expires: int


_decode = msgspec.json.Decoder(Claims).decode


class Tokens:
    """Issues and reads tokens under one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def issue(self, member: str, expires: int) -> str:
        """A token for a member's own page, good until `expires` (ms)."""
        body = _base64(msgspec.json.encode(Claims(member=member, scope=SCOPE, expires=expires)))
        return f"{PREFIX}{body}.{_base64(self._signature(body))}"

    def read(self, token: str, now: int) -> Claims:
        """What a token says at an instant. Raises `Refusal`."""
        body, _, signature = token.removeprefix(PREFIX).partition(".")
        expected = _base64(self._signature(body))
        if len(token) > LENGTH_MAX or not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise Refusal(RefusalCode.TOKEN_INVALID, _FIELD)
        try:
            claims = _decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (binascii.Error, msgspec.DecodeError):
            raise Refusal(RefusalCode.TOKEN_INVALID, _FIELD) from None
        if claims.scope != SCOPE:
            raise Refusal(RefusalCode.TOKEN_INVALID, _FIELD)
        if claims.expires <= now:
            raise Refusal(RefusalCode.TOKEN_EXPIRED, _FIELD)
        return claims

    def _signature(self, body: str) -> bytes:
        return hmac.digest(self._secret, _LABEL + body.encode("utf-8", "replace"), sha256)


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
