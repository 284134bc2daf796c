"""A whole programme file: text -> `Programme`, with everything that is wrong or doubtful in it.

All values are read before anything is given up, so that one look shows all problems. Nothing here knows what the rules
do; it knows what they are made of. Fields are read one by one rather than by a pydantic model: each problem needs its
line and column, the id around it and a remedy in two languages, and YAML's scalars a meaning that depends on the field.
"""

import codecs
import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from engine.calendar import midnight
from engine.programme.terms import Programme
from schemas.fields import DOCUMENT_BYTES_MAX
from schemas.given_files import open_given
from schemas.programme_file import earning, festivals, notifications, sections
from schemas.programme_file.cursor import Value
from schemas.programme_file.doubts import doubts
from schemas.programme_file.ids import gather
from schemas.programme_file.messages import Code
from schemas.programme_file.nodes import Node, read
from schemas.programme_file.problems import FilePlace, FileProblem, ProgrammeErrors, Report
from schemas.programme_file.values import A_DATE, AN_ID, between, date, identifier, integer

VERSION_MAX = 1_000_000_000
KEYS = (
    "programme", "version", "effective", "title", "points", "excluded_mcc", "tiers", "rules", "multipliers",
    "festivals", "rewards", "thresholds", "notifications", "quiet_hours",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """A programme file that can be used: the programme, its text, and what is doubtful (`warnings`)."""

    programme: Programme
    text: str
    warnings: tuple[FileProblem, ...]
    report: Report


def read_text(text: str, file: str) -> Reading:
    """Reads a programme file's text; `file` names it in messages. ProgrammeErrors where it cannot be used."""
    report = Report(file)
    size = len(text.encode(errors="surrogatepass"))
    if size > DOCUMENT_BYTES_MAX:
        report.add(Code.FILE_TOO_LONG, FilePlace(1, 1), found=size, limit=DOCUMENT_BYTES_MAX)
        raise ProgrammeErrors(report.problems)
    root = read(text, report)
    programme = _programme(root, report) if root is not None else None
    if report.failed:
        raise ProgrammeErrors(report.ordered())
    assert programme is not None, "a file without errors gives a programme"
    doubts(programme, report)
    return Reading(programme, text, report.ordered(), report)


def read_file(path: str | os.PathLike[str]) -> Reading:
    """Reads a programme file. OSError where it cannot be opened, ProgrammeErrors where it cannot be used."""
    with open_given(Path(path)) as file:
        raw = file.read(DOCUMENT_BYTES_MAX + 1 + len(codecs.BOM_UTF8))  # never more, whatever somebody names
        size = max(os.fstat(file.fileno()).st_size, len(raw))
    if len(raw.removeprefix(codecs.BOM_UTF8)) > DOCUMENT_BYTES_MAX:
        report = Report(str(path))
        report.add(Code.FILE_TOO_LONG, FilePlace(1, 1), found=size, limit=DOCUMENT_BYTES_MAX)
        raise ProgrammeErrors(report.problems)
    try:
        return read_text(raw.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as fault:
        report = Report(str(path))
        before = raw[: fault.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
        report.add(Code.NOT_UTF8, FilePlace(before.count(b"\n") + 1, column))
        raise ProgrammeErrors(report.problems) from None


def load(text: str, file: str) -> Programme:
    """The programme that a file's text says. ProgrammeErrors holds all that is wrong with it."""
    return read_text(text, file).programme


def load_file(path: str | os.PathLike[str]) -> Programme:
    """The programme in a file. OSError where it cannot be opened, ProgrammeErrors where it cannot be used."""
    return read_file(path).programme


def _programme(root: Node, report: Report) -> Programme | None:
    """The programme; parts that could not be read are left out, and the report says so."""
    top = Value(root, "", None, report).section(*KEYS)
    if top is None:
        return None
    names = gather(root)
    name = identifier(top.need("programme", AN_ID))
    version = integer(top.need("version", between(1, VERSION_MAX)), 1, VERSION_MAX)
    day = date(top.need("effective", A_DATE))
    effective = None if day is None else midnight(day)
    words = sections.named(top, name)
    terms = sections.points(top.get("points"))
    excluded = sections.excluded_mcc(top.get("excluded_mcc"))
    tiers = sections.tiers(top.get("tiers"))
    rules = earning.rules(top.get("rules"), names)
    factors = earning.multipliers(top.get("multipliers"), names, rules.events)
    contests = festivals.festivals(top.get("festivals"), names, effective)
    rewards = sections.rewards(top.get("rewards"), terms.rial_per_point)
    thresholds = sections.thresholds(top.get("thresholds"), names)
    messages = notifications.notifications(top.get("notifications"))
    quiet = notifications.quiet_hours(top.get("quiet_hours"), top.get("notifications"), messages)
    return Programme(
        id=cast(str, name),
        version=cast(int, version),
        effective=cast(int, effective),
        title=words,
        points=terms,
        rules=tuple(rules.rules),
        excluded_mcc=excluded,
        tiers=tiers,
        multipliers=tuple(factors),
        festivals=tuple(contests),
        rewards=rewards,
        thresholds=tuple(thresholds),
        notifications=tuple(messages),
        quiet_hours=quiet,
    )
