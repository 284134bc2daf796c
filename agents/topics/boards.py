"""The boards as they stand on `club.leaderboard`: the newest record of each key, live and final."""

from collections.abc import Mapping
from typing import NamedTuple

from agents.broker.interface import Broker
from agents.process.exit_codes import ClubError, ExitCode
from agents.topics.cursor import Cursor
from schemas import topics
from schemas.outputs import decode_output
from schemas.records import TopicPartition
from schemas.results.leaderboard import Board, FinalBoard

LEADERBOARD = TopicPartition(topics.LEADERBOARD.name, 0)


class BoardName(NamedTuple):
    """Which board: `round` is empty for the live one."""

    festival: str
    category: str
    round: str


def board_name(key: bytes) -> BoardName:
    """The board of a record's key."""
    festival, category, *rest = key.decode("ascii").split("/")
    return BoardName(festival, category, rest[0] if rest else "")


async def published_boards(broker: Broker) -> Mapping[BoardName, Board | FinalBoard]:
    """All boards, in the order of their names. Raises `ClubError` when the topic is not there."""
    if topics.LEADERBOARD.name not in await broker.describe([topics.LEADERBOARD.name]):
        raise ClubError(LEADERBOARD.topic, "no such topic", "`bashgah topics create` makes it", ExitCode.BAD_SETTING)
    found: dict[BoardName, bytes] = {}
    cursor = await Cursor.open(broker, LEADERBOARD)
    try:
        while (record := await cursor.next()) is not None:
            name = board_name(record.key or b"")
            if record.value is None:
                found.pop(name, None)
            else:
                found[name] = record.value
    finally:
        await cursor.close()
    return {name: decode_output(LEADERBOARD.topic, found[name]).data for name in sorted(found)}
