"""Keys that sign an operator's decision to let an event pass in spite of its age, and what they sign.

A file with one line a key, `NAME SECRET`, that only its owner may read: whoever has it can let old events pass. The
first key signs, all of them hold, so that a key can be changed without a moment at which none does. Each club has its
own.

Signed are the topic, the record's key, the SHA-256 of its value, the letter's place, what is accepted, who decided and
why, and when. So a signature is good for this one record, and for `VALID_MS` at most. That the record is not counted
twice by it is the lane's to see to: it remembers the event from the day on which it lets it pass.
"""

import hmac
import os
import re
import secrets
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from agents.process.exit_codes import ClubError, ExitCode
from agents.process.watched_file import WatchedFile
from engine.calendar import DAY_MS
from schemas.dead_letter import ACCEPT, OPERATOR, REASON, REPLAY_OF, SIGNATURE, SIGNED_AT, SIGNED_BY, accepts_age
from schemas.records import Headers, Record

VALID_MS = 30 * DAY_MS
"""How long a signature holds at most."""

KEYS_MAX = 100
_PURPOSE = "bashgah dead-letter replay 1"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43,128}")
_INSTANT = re.compile(rb"[0-9]{1,15}")


class ReplayKeys:
    """The keys by name, the one that signs first. Without any nothing is signed, and no signature holds."""

    def __init__(self, keys: Mapping[str, str] | None = None) -> None:
        self._keys = dict(keys or {})
        self._file: WatchedFile[dict[str, str]] | None = None

    def __bool__(self) -> bool:
        return bool(self._keys)

    @classmethod
    def read(cls, path: Path | None) -> "ReplayKeys":
        """The keys of a file; none without a file. `ClubError` for one that others may read, or that holds no keys."""
        if path is None:
            return cls()
        try:
            file = WatchedFile(path, _read)
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
            raise ClubError(str(path), reason, "see BASHGAH_REPLAY_KEYS_FILE", ExitCode.NO_FILE) from None
        keys = cls(file.value)
        keys._file = file
        return keys

    def refresh(self) -> bool:
        """Read the file if it is another than last time; whether it was. Raises as `read`, or OSError, and then keeps
        the keys that it had."""
        if self._file is None or not self._file.refresh():
            return False
        self._keys = self._file.value
        return True

    def signed(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, now: int) -> Headers:
        """The headers of a replay, and behind them the signature of the decision, taken at `now` (ms)."""
        name = next(iter(self._keys))
        said = (*headers, (SIGNED_AT, str(now).encode()), (SIGNED_BY, name.encode()))
        return (*said, (SIGNATURE, self._signature(name, topic, key, value, dict(said)).encode()))

    def hold(self, record: Record, now: int, valid_ms: int, ahead_ms: int) -> bool:
        """Whether an operator has decided, not longer ago than `valid_ms`, that this record may be as old as it is.

        `ahead_ms`: how far the clock of whoever signed may be ahead.
        """
        if not self._keys or not accepts_age(record.headers):
            return False
        given = dict(record.headers)
        at, name, signature = (given.get(each) or b"" for each in (SIGNED_AT, SIGNED_BY, SIGNATURE))
        known = name.decode("utf-8", "replace")
        if known not in self._keys or not _INSTANT.fullmatch(at) or not -ahead_ms <= now - int(at) <= valid_ms:
            return False
        wanted = self._signature(known, record.topic, record.key, record.value, given)
        return hmac.compare_digest(wanted.encode(), signature)

    def _signature(
        self, name: str, topic: str, key: bytes | None, value: bytes | None, given: Mapping[str, bytes]
    ) -> str:
        decided = [given[each] for each in (REPLAY_OF, ACCEPT, OPERATOR, REASON, SIGNED_AT)]
        said = msgspec.msgpack.encode([_PURPOSE, topic, key, sha256(value or b"").digest(), *decided])
        return hmac.new(self._keys[name].encode(), said, sha256).hexdigest()


def _read(path: Path) -> dict[str, str]:
    try:
        status = path.stat()
        mode = status.st_mode
        if status.st_uid not in (0, os.geteuid()):
            reason, remedy = "is another user's", "give it to the user of this process, or to root"
            raise ClubError(str(path), reason, remedy, ExitCode.BAD_SETTING)
        if not stat.S_ISREG(mode) or mode & 0o077:
            remedy = f"chmod 600 {path}; the secrets in it are known to others now: change them"
            what = f"may be read by others (mode {stat.S_IMODE(mode):04o})" if stat.S_ISREG(mode) else "is no file"
            raise ClubError(str(path), what, remedy, ExitCode.BAD_SETTING)
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise ClubError(str(path), reason, "see BASHGAH_REPLAY_KEYS_FILE", ExitCode.NO_FILE) from None
    except UnicodeDecodeError:
        raise ClubError(str(path), "is no text", _WRITE, ExitCode.BAD_FILE) from None
    keys: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, secret = line.strip().partition(" ")
        if not _NAME.fullmatch(name) or not _SECRET.fullmatch(secret) or name in keys:
            raise ClubError(f"{path}:{number}", "is no key, or its name is there twice", _WRITE, ExitCode.BAD_FILE)
        keys[name] = secret
    if not 0 < len(keys) <= KEYS_MAX:
        raise ClubError(str(path), f"has {len(keys)} keys", f"keep 1 to {KEYS_MAX}", ExitCode.BAD_FILE)
    return keys


_WRITE = "write NAME SECRET as `bashgah dead-letter key` prints it"


def new_line(name: str) -> str:
    """A line of the file with a new key. `ClubError` for a name with a blank."""
    if not _NAME.fullmatch(name):
        raise ClubError("--name", "is not 1 to 64 of A-Z a-z 0-9 . _ -", "give another name", ExitCode.USAGE)
    return f"{name} {secrets.token_urlsafe(32)}"
