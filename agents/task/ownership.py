"""Whose lanes these are: the app id that their watermarks note.

Workers with different app ids are in different groups, and their transactional ids never fence one another: both
would take every event. So a lane belongs to one app id, noted in its watermark from the first one on. Whoever writes
for the club under another refuses before it writes. What happens between that look and the write is held off by the
changelog's end: a transaction of a lane commits only where the changelog ends as the lane read it
(`Producer.transact`, `expected_ends`), so that of two who opened one lane at once, one goes on.

A watermark of a release that noted no app id is taken over by whoever has lane 0; where that notes none either, by the
one whose consumer group has committed offsets on the inputs; by others with `bashgah lane resume N --accept`. Where
two app ids have each got some lanes, the one that has lane 0 takes the others over with the same command.
"""

from collections.abc import Mapping
from typing import NamedTuple

from agents.broker.interface import Broker
from agents.task.refusal import TaskRefused, way
from agents.task.spec import title_of
from agents.topics.changelog import changelog_of, last_watermark, newest_watermarks
from agents.topics.partition_counts import COPARTITIONED, lanes_of
from schemas import topics
from schemas.records import TopicPartition
from tables.watermark import Watermark


class Doubt(NamedTuple):
    """Why an app id may not write under a watermark, what to do, and what an operator's `accept` may take over (None
    where that is no way out)."""

    reason: str
    remedy: str
    claim: str | None


async def doubt(broker: Broker, name: str, watermark: Watermark, app_id: str) -> Doubt | None:
    """What keeps this app id from a lane, called by its number, or from the `coordinator`; None where nothing does."""
    if watermark.app_id == app_id:
        return None
    of_club = await _owner_of_club(broker)
    mine = f"{title_of(name)} belongs to the app id {app_id!r} from now on"
    noted = watermark.app_id or of_club
    if noted is None:
        if await _has_read(broker, app_id):
            return None
        reason = f"its watermark notes no app id, and the consumer group {app_id!r} has never read the club's inputs"
        remedy = f"set the BASHGAH_APP_ID that the club has always had; or {way(name, '--accept')}"
        return Doubt(reason, remedy, mine)
    if noted == app_id:
        return None
    reason = f"it belongs to the app id {noted!r}, and this process has {app_id!r}"
    if of_club == app_id:
        return Doubt(f"{reason}, as lane 0 has", f"{way(name, '--accept')} takes it over", mine)
    remedy = f"set BASHGAH_APP_ID={noted}; beside that club's workers this process would double points"
    return Doubt(reason, remedy, None)


async def check_owners(broker: Broker, watermarks: Mapping[str, Watermark], app_id: str) -> None:
    """Raise `TaskRefused` unless this app id may write under all these watermarks, by the names of their tasks."""
    for name, watermark in watermarks.items():
        if found := await doubt(broker, name, watermark, app_id):
            raise TaskRefused(title_of(name), found.reason, found.remedy)


async def claim(broker: Broker, name: str, watermark: Watermark, app_id: str, action: str) -> str | None:
    """What an operator's decision takes over, in words; None where there is nothing to take over, so that the decision
    is about something else. Raises `TaskRefused` where it is another app id's, or has to be accepted first."""
    found = await doubt(broker, name, watermark, app_id)
    if found is None:
        return None
    if found.claim is None:
        raise TaskRefused(title_of(name), found.reason, found.remedy)
    if action != "accept":
        remedy = f"use --accept first: it makes it this app id's, and leaves all else ({way(name, '--accept')})"
        raise TaskRefused(title_of(name), found.reason, remedy)
    return found.claim


async def check_club(broker: Broker, app_id: str) -> Mapping[int, Watermark]:
    """The watermarks of the lanes that have one. Raises `TaskRefused` unless all of them are this app id's. A club
    without topics has none."""
    logs = [changelog_of(number) for number in range(lanes_of(await broker.describe(COPARTITIONED)))]
    known = {log.partition: mark for log, mark in (await newest_watermarks(broker, logs)).items()}
    await check_owners(broker, {str(number): mark for number, mark in known.items()}, app_id)
    return known


async def _owner_of_club(broker: Broker) -> str | None:
    mark = await last_watermark(broker, 0)
    return None if mark is None else mark.app_id


async def _has_read(broker: Broker, group: str) -> bool:
    described = await broker.describe([topic.name for topic in topics.INPUTS])
    places = [TopicPartition(name, number) for name, each in described.items() for number in range(each.partitions)]
    return await broker.has_read(group, places)
