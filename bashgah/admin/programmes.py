"""Publishing versions of the programme to `club.programme`, and reading which are there.

A version is published in a transaction by the one holder of an id, after the topic has been read to its end: of two
operators who publish at once, one is fenced, and neither overlooks the other's version.
"""

from collections.abc import Sequence
from typing import NamedTuple

from agents.broker.interface import Broker
from agents.process.exit_codes import ClubError, ExitCode
from agents.task.ownership import check_club
from agents.topics.cursor import Cursor
from agents.topics.programmes import PROGRAMME, Publications, Stray
from engine.calendar import day_of, iso
from engine.programme.compiler import CompiledProgramme
from schemas.invalid import Invalid
from schemas.programme_file import FileProblem as Finding
from schemas.programme_file import ProgrammeErrors, Reading, Severity, compare, read_text
from schemas.programme_file.wording import date
from schemas.programmes import ProgrammeRecord, decode_programme, encode_programme
from schemas.records import OutputRecord


class ListedVersion(NamedTuple):
    """A version on the topic, and the offset of its record."""

    offset: int
    record: ProgrammeRecord


class PublishOutcome(NamedTuple):
    """What came of publishing: `new` is False where the very same version had been there before.

    `findings`: what members will notice, and what is doubtful; nothing in it forbids the version.
    """

    version: ListedVersion
    new: bool
    findings: tuple[Finding, ...]


class ProgrammeTopic(NamedTuple):
    """What `club.programme` holds: the versions in the order of publication, and what publishes nothing."""

    versions: list[ListedVersion]
    strays: Sequence[Stray]


async def read_topic(broker: Broker) -> ProgrammeTopic:
    """Everything on `club.programme`."""
    if PROGRAMME.topic not in await broker.describe([PROGRAMME.topic]):
        raise ClubError(PROGRAMME.topic, "no such topic", "`bashgah topics create` makes it", ExitCode.BAD_SETTING)
    cursor = await Cursor.open(broker, PROGRAMME)
    publications = Publications()
    found = []
    try:
        for record in await cursor.until(cursor.end):
            published = publications.take(record)
            if published is not None:
                found.append(ListedVersion(record.offset, published))
    finally:
        await cursor.close()
    return ProgrammeTopic(found, tuple(publications.strays.values()))


def in_force(found: Sequence[ListedVersion], now: int) -> ListedVersion | None:
    """The version in force at an instant: the latest `effective` not after it, of equal ones the highest number."""
    begun = [each for each in found if each.record.effective <= now]
    return max(begun, key=lambda each: (each.record.effective, each.record.version), default=None)


async def publish(
    broker: Broker, reading: Reading, now: int, operator: str, *, backdated: bool, app_id: str
) -> PublishOutcome:
    """Publish a version that was read from its file.

    Raises `ProgrammeErrors` where it changes what may not change after those before it, and `ClubError` where its
    number is taken by another text, or it takes effect before `now` (ms) without `backdated`. Raises `TaskRefused`
    where the club is another app id's, and `Overtaken` where somebody else has published meanwhile. """
    CompiledProgramme(reading.programme)  # a version that the lanes could not execute must never get there
    await check_club(broker, app_id)
    producer = await broker.producer(f"{app_id}-programme")
    try:
        known_end = (await broker.end_offsets([PROGRAMME]))[PROGRAMME]
        found, strays = await read_topic(broker)
        same = _same_number(found, reading)
        key, value = _encoded(reading, now, operator)
        if same is not None:
            if any(each.over and each.key == key for each in strays):
                await producer.transact([OutputRecord(*PROGRAMME, key, value)], {PROGRAMME: known_end})
            return PublishOutcome(same, False, ())
        latest = max(found, key=lambda each: each.record.version, default=None)
        earlier = [_read(each).programme for each in found if each is not latest]
        changes = () if latest is None else compare(_read(latest).programme, reading, now, earlier)
        if any(change.severity is Severity.ERROR for change in changes):
            raise ProgrammeErrors(changes)
        _not_in_the_past(reading, now, backdated)
        end = (await producer.transact([OutputRecord(*PROGRAMME, key, value)], {PROGRAMME: known_end}))[PROGRAMME]
        return PublishOutcome(ListedVersion(end - 1, decode_programme(key, value)), True, changes)
    finally:
        await producer.close()


def _same_number(found: Sequence[ListedVersion], reading: Reading) -> ListedVersion | None:
    """The version of this number if it has the very same text; `ClubError` if it has another."""
    programme = reading.programme
    for each in found:
        if (each.record.programme, each.record.version) == (programme.id, programme.version):
            if each.record.document == reading.text:
                return each
            highest = max(other.record.version for other in found)
            raise ClubError(
                "version",
                f"{programme.version} was published at {iso(each.record.time)} with another text",
                f"a published version never changes; give this one version {highest + 1}",
                ExitCode.BAD_FILE,
            )
    return None


def _not_in_the_past(reading: Reading, now: int, backdated: bool) -> None:
    effective = reading.programme.effective
    if effective < now and not backdated:
        raise ClubError(
            "effective",
            f"{date(day_of(effective)).en} has begun: events since then that come late would be scored by this version,"
            " those that were scored keep their points",
            "give a later date, or --backdated if that is meant",
            ExitCode.BAD_FILE,
        )


def _read(version: ListedVersion) -> Reading:
    record = version.record
    where = f"{record.programme}/{record.version}"
    try:
        return read_text(record.document, where)
    except ProgrammeErrors as errors:
        reason = f"this release cannot read a published version: {errors.errors[0]}"
        raise ClubError(where, reason, "run the release that published it, or a later one", ExitCode.BAD_FILE) from None


def _encoded(reading: Reading, now: int, operator: str) -> tuple[bytes, bytes]:
    programme = reading.programme
    try:
        return encode_programme(programme.id, programme.version, programme.effective, reading.text, now, operator)
    except Invalid as fault:
        raise ClubError(
            "record", fault.detail, "shorten --operator (128 characters at most) or the file", ExitCode.BAD_FILE
        ) from None
