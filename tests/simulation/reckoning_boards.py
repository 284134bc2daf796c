"""The boards that a club has published beside those of its lanes' auditors, all lanes together."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from agents.lanes.lane import Lane
from bashgah.serving.ranks import LaneRanks
from schemas.board_outputs import WATERMARKS
from schemas.records import Record
from tests.simulation.auditor import Auditor
from tests.simulation.auditor.boards import (
    COORDINATOR,
    award_commands_of,
    finals_of,
    in_order,
    live_boards_of,
)
from tests.simulation.auditor.programme_reading import Festival
from tests.simulation.auditor.rounds import FINAL, governing
from tests.simulation.auditor.standings import Standing, standings_of
from tests.simulation.comparison_boards import Key, same_commands, same_finals, same_live


def reckon_boards(
    records: Sequence[Record], commands: Sequence[Mapping[str, Any]], auditors: Sequence[Auditor]
) -> None:
    """AssertionError with the first thing wrong in what the whole club published, once everything has settled.

    `records` are those of `club.leaderboard` in their order, `commands` the envelopes of `club.command`, `auditors` one
    for each lane, fed to its end.
    """
    versions, lanes = auditors[0].versions, [lane for auditor in auditors for lane in auditor.lanes]
    boards = [json.loads(record.value) for record in records if record.value is not None]
    finals = finals_of(auditors[0].rounds, lanes)
    same_finals(published_finals(boards), finals)
    wanted = [command for final in finals for command in award_commands_of(versions, final)]
    same_commands([each for each in commands if each["source"] == COORDINATOR], wanted)
    live = published_live(boards)
    now = max(max(lane.last_tick, lane.clock or lane.last_tick) for lane in lanes)
    for key, order in live_boards_of(versions, lanes, now).items():
        assert key in live or not order, f"board {key}: never published"
        if key in live:
            same_live(live[key], order)


class Retold(Protocol):
    """A lane's auditor, fed from its journal transaction by transaction."""

    @property
    def auditor(self) -> Auditor:
        """As it stands now."""
        ...

    def go_on(self, transaction: int | None = None) -> None:
        """Feed it up to a transaction; None: to the end."""
        ...


class _Followed:
    """A lane that is followed transaction by transaction. `closed`: the standings by category of each festival as they
    were after the transaction in which the lane froze it, from when on it tells nothing more of its live boards."""

    def __init__(self, retold: Retold) -> None:
        self.retold = retold
        self.closed: dict[str, dict[str, list[Standing]]] = {}
        self._reached = -1

    def go_on(self, transaction: int) -> None:
        for number in range(self._reached + 1, transaction + 1):
            self.retold.go_on(number)
            for lane in self.retold.auditor.lanes:
                for (id, name), frozen in lane.frozen.items():
                    if name == FINAL and id not in self.closed:
                        members, festival = lane.members.values(), frozen.round.festival
                        self.closed[id] = {
                            each.id: standings_of(members, festival, each, FINAL) for each in festival.categories
                        }
        self._reached = max(self._reached, transaction)

    def standings(self, festival: Festival, category: str) -> list[Standing]:
        if festival.id in self.closed:
            return self.closed[festival.id][category]
        terms = next(each for each in festival.categories if each.id == category)
        members = [member for lane in self.retold.auditor.lanes for member in lane.members.values()]
        return standings_of(members, festival, terms, FINAL)

    @property
    def time(self) -> int:
        return max(max(lane.last_tick, lane.clock or lane.last_tick) for lane in self.retold.auditor.lanes)


def reckon_live(records: Sequence[Record], lanes: Sequence[Retold]) -> int:
    """AssertionError with the first live board ever published that is not what a naive sort over all members gives, as
    they stood at the board's watermarks. `records` are those of `club.leaderboard`. How many there were."""
    followed = [_Followed(lane) for lane in lanes]
    versions = lanes[0].auditor.versions
    found = 0
    for record in records:
        board = json.loads(record.value) if record.value is not None else {"type": None}
        if board["type"] != "leaderboard.updated":
            continue
        marks = json.loads(dict(record.headers)[WATERMARKS])
        assert set(marks) == {str(lane) for lane in range(len(lanes))}, f"{record.key!r} is of some lanes only: {marks}"
        for lane, (transaction, _) in marks.items():
            followed[int(lane)].go_on(transaction)
        data = board["data"]
        now = max(lane.time for lane in followed)
        festival = governing(versions, data["festival"], now)
        standings: list[Standing] = []
        if festival is not None and festival.opens <= now:  # nobody is on it before a lane has seen it open
            for each in followed:
                standings += each.standings(festival, data["category"])
        same_live(data, in_order(standings))
        found += 1
    return found


def reckon_ranks(lanes: Mapping[int, Lane], auditors: Sequence[Auditor]) -> None:
    """AssertionError unless the lanes count for every place of a live board how many have a higher score."""
    ranks = LaneRanks(lambda: lanes)
    audited = [lane for auditor in auditors for lane in auditor.lanes]
    now = max(max(lane.last_tick, lane.clock or lane.last_tick) for lane in audited)
    for (festival, category), order in live_boards_of(auditors[0].versions, audited, now).items():
        for rank, member, _, score, _ in order:
            found = ranks.counts_here(festival, category, score)
            assert found is not None
            assert (found.above + 1, found.listed) == (rank, len(order)), f"{festival}/{category}: {member} {found}"


async def reckon_final_ranks(lanes: Mapping[int, Lane], auditors: Sequence[Auditor]) -> None:
    """AssertionError unless the lanes count for every place of every final board how many ended with a higher score,
    and say of every member the very boards that list him."""
    ranks = LaneRanks(lambda: lanes)
    audited = [lane for auditor in auditors for lane in auditor.lanes]
    ended: dict[str, set[tuple[str, str, str, int]]] = {name: set() for lane in audited for name in lane.members}
    for final in finals_of(auditors[0].rounds, audited):
        festival, category, round_name = final.key
        for rank, member, _, score, _ in final.order:
            ended[member].add((festival, category, round_name, score))
            found = await ranks.final_counts(festival, category, round_name, score)
            assert (found.above + 1, found.listed) == (rank, len(final.order)), f"{final.key}: {member} {found}"
    for member, wanted in ended.items():
        scores = await ranks.member(member)
        told = {(each.festival, at.category, at.round, at.score) for each in scores.festivals for at in each.finals}
        assert told == wanted, f"{member}: {told ^ wanted}"


def published_finals(boards: Sequence[Mapping[str, Any]]) -> dict[Key, Mapping[str, Any]]:
    """The last `data` of each final. One that comes again may differ from the first in aliases only."""
    found: dict[Key, Mapping[str, Any]] = {}
    for board in boards:
        if board["type"] == "leaderboard.finalised":
            data = board["data"]
            key = data["festival"], data["category"], data["round"]
            earlier = found.setdefault(key, data)
            for field in ("as_of", "participants", "hash"):
                assert earlier[field] == data[field], f"final {key} came again with another {field}"
            found[key] = data
    return found


def published_live(boards: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The last `data` of each live board of a whole festival, whose `as_of` never goes back."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for board in boards:
        data = board["data"]
        if board["type"] == "leaderboard.updated" and data.get("round") is None:
            key = data["festival"], data["category"]
            before = found.get(key, data)["as_of"]
            assert before <= data["as_of"], f"board {key}: as_of went back from {before} to {data['as_of']}"
            found[key] = data
    return found
