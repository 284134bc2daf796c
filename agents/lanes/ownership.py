"""Whose lanes these are: the app id that their watermarks note.

Workers with different app ids are in different groups, and their transactional ids never fence one another: both
would take every event. So a lane belongs to one app id, noted in its watermark from the first one on. Whoever writes
for the club under another refuses before it writes. What happens between that look and the write is held off by the
changelog's end: a transaction of a lane commits only where the changelog ends as the lane read it
(`Producer.transact`, `expected_ends`), so that of two who opened one lane at once, one goes on.

A watermark of a release that noted no app id is taken over by the one whose consumer group has committed offsets on the
inputs, for anybody else by `bashgah lane resume N --accept`.
"""

import asyncio
from collections.abc import Mapping

from agents.broker.interface import Broker, TopicPartition
from agents.lanes.changelog import last_watermark
from agents.lanes.refusal import Refused
from agents.partition_counts import COPARTITIONED, lanes_of
from schemas import topics
from tables.watermark import Watermark


def other_owner(watermark: Watermark, app_id: str) -> str | None:
    """Why this app id may not write for a lane or the coordinator, as its watermark says; None where it may, or where
    the watermark does not say."""
    if watermark.app_id in (None, app_id):
        return None
    return f"it belongs to the app id {watermark.app_id!r}, and this process has {app_id!r}"


async def unclaimed(broker: Broker, watermark: Watermark, app_id: str) -> str | None:
    """Why an app id may not simply take over a watermark that notes none; None where it may, or where one is noted."""
    if watermark.app_id is not None or await _has_read(broker, app_id):
        return None
    return f"its watermark notes no app id, and the consumer group {app_id!r} has never read the club's inputs"


async def check_owner(broker: Broker, name: str, watermark: Watermark, app_id: str) -> None:
    """Raise `Refused` unless this is the watermark of this app id. `name`: a lane's number, or `coordinator`."""
    refuse_other(name, watermark, app_id)
    if reason := await unclaimed(broker, watermark, app_id):
        remedy = f"set the BASHGAH_APP_ID that the club has always had; or `bashgah lane resume {name} --accept`"
        raise Refused(called(name), reason, remedy)


async def check_owners(broker: Broker, watermarks: Mapping[int, Watermark], app_id: str) -> None:
    """Raise `Refused` unless all these lanes are this app id's."""
    for partition, watermark in watermarks.items():
        await check_owner(broker, str(partition), watermark, app_id)


async def claim(broker: Broker, name: str, watermark: Watermark, app_id: str, action: str) -> str | None:
    """What an operator's decision takes over, in words; None where there is nothing to take over, so that the decision
    is about something else. Raises `Refused` where the watermark is another app id's, or has to be accepted first."""
    refuse_other(name, watermark, app_id)
    reason = await unclaimed(broker, watermark, app_id)
    if reason is None:
        return None
    if action != "accept":
        raise Refused(called(name), reason, "use --accept first: it makes it this app id's, and leaves all else")
    return f"{called(name)} belongs to the app id {app_id!r} from now on"


def refuse_other(name: str, watermark: Watermark, app_id: str) -> None:
    """Raise `Refused` where the watermark is another app id's."""
    if reason := other_owner(watermark, app_id):
        remedy = f"set BASHGAH_APP_ID={watermark.app_id}; beside that club's workers this process would double points"
        raise Refused(called(name), reason, remedy)


def called(name: str) -> str:
    """How messages call what `lane resume` knows by this name."""
    return f"lane {name}" if name.isdecimal() else name


async def check_club(broker: Broker, app_id: str) -> Mapping[int, Watermark]:
    """The watermarks of the lanes that have one. Raises `Refused` unless all of them are this app id's. A club without
    topics has none."""
    numbers = range(lanes_of(await broker.describe(COPARTITIONED)))
    marks = await asyncio.gather(*(last_watermark(broker, number) for number in numbers))
    known = {number: mark for number, mark in zip(numbers, marks, strict=True) if mark is not None}
    await check_owners(broker, known, app_id)
    return known


async def _has_read(broker: Broker, group: str) -> bool:
    described = await broker.describe([topic.name for topic in topics.INPUTS])
    places = [TopicPartition(name, number) for name, each in described.items() for number in range(each.partitions)]
    return await broker.has_read(group, places)
