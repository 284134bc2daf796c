"""API keys: 256 random bits each, kept as hashes in a file with one line a key: `NAME SHA256 SCOPE,SCOPE`.

SHA-256 and not argon2: a slow hash protects secrets that people choose, since those can be guessed. Nobody guesses 256
random bits however fast the hash is, and this one runs with every request. Hashes are compared in constant time and all
of them each time, so how long an answer takes says nothing about the file.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from agents.process.exit_codes import ClubError, ExitCode
from agents.process.watched_file import WatchedFile
from tables.files import keys_fault

PREFIX = "bgk_"
"""Begins every key, so that scanners for leaked secrets find it."""

KEYS_MAX = 1_000
_RANDOM_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Scope(StrEnum):
    """What a key may do."""

    BOARDS_READ = "boards:read"
    """Read festivals and boards, where those are not public."""
    BOARDS_IDENTIFY = "boards:identify"
    """See members' references on boards."""
    MEMBERS_READ = "members:read"
    """Ask for any member's standings."""
    TOKENS_ISSUE = "tokens:issue"
    """Issue tokens of members' pages."""


class Key(NamedTuple):
    """A key as the file has it."""

    name: str
    digest: str
    scopes: frozenset[Scope]

    def line(self) -> str:
        """Its line of the file."""
        return f"{self.name} {self.digest} {','.join(sorted(self.scopes))}"


def new_key(name: str, scopes: Iterable[Scope]) -> tuple[str, Key]:
    """A key to hand out, which is nowhere else, and what the file keeps of it. `ClubError` for a name with a blank."""
    if not _NAME.fullmatch(name):
        raise ClubError("--name", "is not 1 to 64 of A-Z a-z 0-9 . _ -", "give another name", ExitCode.USAGE)
    secret = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    return secret, Key(name, _digest(secret), frozenset(scopes))


class Keys:
    """The keys of a file; without a file there are none. `refresh` takes a changed file in."""

    def __init__(self, path: Path | None) -> None:
        """Raises `ClubError` for a file that is wrong, and OSError for one that cannot be read."""
        self._file = None if path is None else WatchedFile(path, _read)

    def refresh(self) -> bool:
        """Read the file if it is another than last time; whether it was. Raises as the constructor and then keeps
        the keys that it had."""
        return self._file is not None and self._file.refresh()

    def find(self, secret: str) -> Key | None:
        """The key that this is, or None."""
        digest = _digest(secret)
        found = None
        for key in () if self._file is None else self._file.value:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


def _read(path: Path) -> list[Key]:
    if fault := keys_fault(path):
        raise ClubError(str(path), fault.reason, fault.remedy, ExitCode.BAD_FILE)
    keys: list[Key] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        remedy = "write it as `bashgah web key` prints it"
        raise ClubError(str(path), "is no text in UTF-8", remedy, ExitCode.BAD_FILE) from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            keys.append(_key(f"{path}:{number}", line.split()))
    if len(keys) > KEYS_MAX:
        raise ClubError(str(path), f"has {len(keys)} keys", f"keep at most {KEYS_MAX}", ExitCode.BAD_FILE)
    return keys


def _key(where: str, words: list[str]) -> Key:
    scopes = {scope.value for scope in Scope}
    match words:
        case [name, digest, given] if (
            _NAME.fullmatch(name) and _DIGEST.fullmatch(digest) and set(given.split(",")) <= scopes
        ):
            return Key(name, digest, frozenset(Scope(each) for each in given.split(",")))
    known = " ".join(sorted(scopes))
    raise ClubError(
        where,
        "is no key",
        f"write NAME SHA256 SCOPE,SCOPE as `bashgah web key` prints it; scopes: {known}",
        ExitCode.BAD_FILE,
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
