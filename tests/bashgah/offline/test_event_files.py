"""Lines of packed files: bounded in memory whatever they grow to, and none passed over without a word."""

import gzip
import io
import lzma
import subprocess
import sys
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from agents.process.exit_codes import ClubError
from bashgah.admin.publishing import lines_of
from bashgah.offline.event_files import NOT_UNPACKED, XZ_MEMORY_MAX, lines_in, unpacked
from bashgah.offline.recorded import merged
from schemas import topics
from schemas.dead_letter import Whole

MIB = 1 << 20
LINE_MIB = 200

SCRIPT = """
import resource, sys
from pathlib import Path
from agents.process.exit_codes import ClubError
from agents.topics.dead_letters import letter
from bashgah.admin.publishing import lines_of
from bashgah.offline.recorded import merged
from engine.outcome import Reason

path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
_, found, last = merged(path.parent, lambda size: None)
said = {name: text.decode() for name, text in letter(found.record, 0, Reason.TOO_LARGE, "").headers}
print(found.record.offset, found.fault.code, said["value-bytes"], said["value-sha256"], last.activity.id, sep="|")
lines = lines_of(path)
next(lines)
try:
    next(lines)
except ClubError as problem:
    print(problem.field, problem.reason, sep="|")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""

EVENT = (
    b'{"specversion":"1.0","id":"e1","source":"/core","type":"member.left","subject":"m-1",'
    b'"time":"2026-09-23T10:00:00+03:30","data":{}}'
)


def packed(path: Path) -> Whole:
    """A file of an event, a line of 200 MiB, and an event; that line's length and digest."""
    piece = b"x" * MIB
    digest = sha256()
    with gzip.open(path, "wb", compresslevel=1) if path.suffix == ".gz" else lzma.open(path, "wb", preset=0) as file:
        file.write(EVENT + b"\n")
        for _ in range(LINE_MIB):
            file.write(piece)
            digest.update(piece)
        file.write(b"\r\n" + EVENT.replace(b"e1", b"e2") + b"\n")
    return Whole(LINE_MIB * MIB, digest.hexdigest())


@pytest.mark.parametrize("name", ["member.jsonl.gz", "member.jsonl.xz"])
def test_a_line_of_200_mebibytes_is_never_held(tmp_path: Path, name: str) -> None:
    """`score` counts it by length and digest and goes on; `publish` stops at it and names it."""
    path = tmp_path / name
    whole = packed(path)
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True)
    scored, published, grown_mib = done.stdout.splitlines()
    assert scored == f"1|too_large|{whole.length}|{whole.sha256}|e2"
    assert published == f"{path}:2|takes {whole.length} bytes as a record, 900000 at most"
    assert int(grown_mib) < 100


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("length", [10, 11, 12, 1_000, 256 << 10, (256 << 10) + 9, (256 << 10) + 10, (256 << 10) + 11])
def test_length_and_digest_are_those_of_the_line_without_its_end(length: int, end: bytes) -> None:
    value = bytes(65 + number % 26 for number in range(length))
    file = io.BytesIO(b"\xef\xbb\xbfa\n" + value + end + (b"b" if end else b""))
    first, line, *rest = lines_in(Path("card.jsonl"), file, 10)
    assert first == b"a\n"
    assert line == (Whole.of(value) if not isinstance(line, bytes) else value + end)
    assert isinstance(line, bytes) == (length + len(end) <= 11 and (length <= 10 or end == b"\n"))
    assert rest == ([b"b"] if end else [])


def test_an_event_that_no_record_holds_is_named_before_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "member.jsonl"
    path.write_bytes(EVENT + b"\n" + EVENT.replace(b'"data"', b'"note":"%b","data"' % (b"n" * 899_800)) + b"\n")
    with pytest.raises(ClubError, match="bytes as a record, 900000 at most") as refused:
        list(lines_of(path))
    assert refused.value.field == f"{path}:2"


def xz(content: bytes) -> bytes:
    return lzma.compress(content)


def test_streams_of_xz_one_behind_the_other_padded_or_not_are_read_to_the_last(tmp_path: Path) -> None:
    content = xz(b"a\n") + xz(b"b\n") + bytes(8) + xz(b"c\n") + bytes(300_000) + xz(b"d") + bytes(4)
    found = lines_in(tmp_path, unpacked(tmp_path / "a.xz", io.BytesIO(content)), 100)
    assert list(found) == [b"a\n", b"b\n", b"c\n", b"d"]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("a.gz", lambda: gzip.compress(EVENT)[:15] + b"\xff\xff\xff\xff" + gzip.compress(EVENT)[19:]),
        ("a.gz", lambda: gzip.compress(EVENT)[:-9]),
        ("a.xz", lambda: xz(EVENT)[:-9]),
        ("a.xz", lambda: xz(EVENT) + b"and more"),
        ("a.xz", lambda: b""),
        ("a.xz", lambda: lzma.compress(EVENT, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])),
    ],
    ids=["deflate", "gz cut", "xz cut", "xz and more", "xz empty", "asks for a gibibyte"],
)
def test_what_is_not_packed_as_it_should_be_is_told_and_nothing_is_taken_for_its_end(
    tmp_path: Path, name: str, damage: Callable[[], bytes]
) -> None:
    packed_wrong = damage()
    with pytest.raises(NOT_UNPACKED):
        list(lines_in(tmp_path, unpacked(Path(name), io.BytesIO(packed_wrong)), 10_000))
    path = tmp_path / f"{topics.MEMBER.short}.jsonl.{name[-2:]}"
    path.write_bytes(packed_wrong)
    with pytest.raises(ClubError, match="cannot be read to its end"):
        list(merged(tmp_path, lambda _: None))
    with pytest.raises(ClubError, match="cannot be unpacked to its end"):
        list(lines_of(path))


def test_the_highest_level_of_xz_is_read(tmp_path: Path) -> None:
    assert XZ_MEMORY_MAX > 65 * MIB
    packed_well = lzma.compress(EVENT, preset=9 | lzma.PRESET_EXTREME)
    assert list(lines_in(tmp_path, unpacked(Path("a.xz"), io.BytesIO(packed_well)), 10_000)) == [EVENT]
    assert zlib.error in NOT_UNPACKED
