"""Recorded events in files: `member|command|card|ebanking|deposit.jsonl[.xz|.gz]`, one event of the contract a line."""

import heapq
from collections.abc import Callable, Iterator
from pathlib import Path

from agents.process.exit_codes import ClubError, ExitCode
from agents.scoring.batch import Limits
from agents.scoring.intake import StampedRecord, decode_record
from bashgah.offline.event_files import ENDINGS, NOT_UNPACKED, lines_in, unpacked
from schemas import topics
from schemas.events import head
from schemas.given_files import open_given
from schemas.records import RECORD_BYTES_HELD_MAX, Record, Withheld

_PASSES_AT_ONCE = -(2**62)


def files_of(folder: Path) -> list[tuple[topics.Topic, Path]]:
    """The recorded inputs in a folder, in the order that decides ties.

    Raises `ClubError` where there is none, where one is there twice, and where a file of events has a name that no
    topic has: passed over, its points would be lost without a word. Results that an earlier run left there are passed
    over."""
    if not folder.is_dir():
        raise ClubError(str(folder), "is no folder", "name the folder that holds the recorded events", ExitCode.NO_FILE)
    inputs = ", ".join(f"{topic.short}.jsonl" for topic in topics.INPUTS)
    known = {f"{topic.short}{ending}" for topic in topics.TOPICS for ending in ENDINGS}
    for path in sorted(folder.iterdir()):
        if ".jsonl" in path.name.lower() and path.name not in known:
            remedy = f"name it one of {inputs} (or .gz, .xz), or take it out"
            raise ClubError(
                str(path), "has no input's name, so its events would not be read", remedy, ExitCode.BAD_FILE
            )
    found = []
    for topic in topics.INPUTS:
        paths = [path for ending in ENDINGS if (path := folder / f"{topic.short}{ending}").is_file()]
        if len(paths) > 1:
            names = ", ".join(path.name for path in paths)
            raise ClubError(str(folder), f"holds the same input more than once: {names}", "keep one", ExitCode.BAD_FILE)
        found += [(topic, path) for path in paths]
    if not found:
        remedy = f"put any of {inputs} there (or .gz, .xz)"
        raise ClubError(str(folder), "holds no recorded events", remedy, ExitCode.NO_FILE)
    return found


def read_file(
    topic: topics.Topic, path: Path, progress: Callable[[int], None], record_bytes_max: int
) -> Iterator[StampedRecord]:
    """The file's lines as items of one partition; the offset is the line's number from 0. Empty lines are passed.

    One over `record_bytes_max` is no event; a line too long for any record is not held, and has no key. `progress` gets
    the length of each line in bytes.
    """
    with open_given(path) as raw, unpacked(path, raw) as file:
        try:
            for offset, line in enumerate(lines_in(path, file, RECORD_BYTES_HELD_MAX)):
                if isinstance(line, bytes):
                    value = line.rstrip(b"\r\n")
                    if not value:
                        continue
                    record, size = Record(topic.name, 0, offset, 0, head(value).key or b"", value, ()), len(line)
                else:
                    record, size = Record(topic.name, 0, offset, 0, b"", None, (), Withheld(line)), line.length
                yield decode_record(record, record_bytes_max)
                progress(size)
        except (*NOT_UNPACKED, OSError) as fault:
            reason = f"cannot be read to its end: {fault}"
            raise ClubError(str(path), reason, "record it again", ExitCode.BAD_FILE) from None


def merged(
    folder: Path, progress: Callable[[int], None], record_bytes_max: int = Limits().record_bytes_max
) -> Iterator[StampedRecord]:
    """All recorded inputs, always the lowest `time` of the files' heads next; what cannot be read passes at once."""
    streams = [read_file(topic, path, progress, record_bytes_max) for topic, path in files_of(folder)]
    return heapq.merge(*streams, key=lambda item: item.activity.time if item.activity else _PASSES_AT_ONCE)
