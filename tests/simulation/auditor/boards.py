"""Boards of the whole club: live ones, finals, and the commands of the awards that finals give."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import AWARD
from tests.simulation.auditor.evaluation import in_force
from tests.simulation.auditor.lanes import Lane
from tests.simulation.auditor.programme_reading import Category, Version
from tests.simulation.auditor.rounds import FINAL, Round, governing
from tests.simulation.auditor.standings import Standing, standings_of

Place = tuple[int, str, str | None, int, int]  # rank as shown, member, alias, score, reached_at
COORDINATOR = "/club/coordinator"


@dataclass(frozen=True)
class Final:
    """A board that does not change any more, but for the alias of a member who is erased."""

    round: Round
    category: Category
    order: list[Place]

    @property
    def key(self) -> tuple[str, str, str]:
        """Festival, category, round."""
        return self.round.festival.id, self.category.id, self.round.name

    @property
    def digest(self) -> str:
        """SHA-256 over the lines of the whole order."""
        lines = (
            f"{rank} {member} {score} {tehran_time.utc_text(reached)}\n"
            for rank, member, _, score, reached in self.order
        )
        return sha256("".join(lines).encode()).hexdigest()


def in_order(standings: Iterable[Standing]) -> list[Place]:
    """Score and then_by downwards, reached_at and member upwards; the rank is 1 + how many have a higher score."""
    order = sorted(standings, key=lambda each: (-each.score, -each.then_by, each.reached_at, each.member.encode()))
    scores = [each.score for each in order]
    return [(1 + scores.index(each.score), each.member, each.alias, each.score, each.reached_at) for each in order]


def finals_of(rounds: Sequence[Round], lanes: Sequence[Lane]) -> list[Final]:
    """The finals of those of a club's rounds that all lanes have frozen, in the order in which they are made."""
    erased = {member.reference for lane in lanes for member in lane.members.values() if member.status == "erased"}
    finals = []
    for round in rounds:
        festival = round.festival
        if not all((festival.id, round.name) in lane.frozen for lane in lanes):
            continue
        monthly = {award.category for award in festival.awards if award.monthly}
        for category in festival.categories:
            if round.name != FINAL and category.id not in monthly:
                continue
            places = in_order(s for lane in lanes for s in lane.frozen[festival.id, round.name].standings[category.id])
            order = [(r, m, None if m in erased else alias, score, at) for r, m, alias, score, at in places]
            finals.append(Final(round, category, order))
    return finals


def live_boards_of(
    versions: Sequence[Version], lanes: Sequence[Lane], instant: int
) -> dict[tuple[str, str], list[Place]]:
    """The boards of every festival that has opened by the instant and that some lane has not frozen.

    Those of the version in force in its order, then those that only the version before it has, and so on.
    """
    reached = [version for version in versions if version.effective <= instant]
    festivals: list[str] = []
    for version in sorted(reached, key=lambda version: (version.effective, version.version), reverse=True):
        festivals += [festival.id for festival in version.festivals if festival.id not in festivals]
    everyone = [member for lane in lanes for member in lane.members.values()]
    boards = {}
    for each in festivals:
        festival = governing(versions, each, instant)
        if festival is None or festival.opens > instant or all((each, FINAL) in lane.frozen for lane in lanes):
            continue
        for category in festival.categories:
            boards[each, category.id] = in_order(standings_of(everyone, festival, category, FINAL))
    return boards


def award_commands_of(versions: Sequence[Version], final: Final) -> list[dict[str, Any]]:
    """The commands of a final's awards by rank, in the file's order of awards, then of the places."""
    commands = []
    festival, category, round = final.key
    version = in_force(list(versions), final.round.as_of)
    for award in final.round.festival.awards:
        if award.category != category or award.ranks is None or award.monthly == (round == FINAL):
            continue
        reward = version.rewards.get(award.reward) if version else None
        worth = {} if reward is None or reward.value_rial is None else {"value_rial": reward.value_rial}
        for rank in range(award.ranks[0], min(award.ranks[1], len(final.order)) + 1):
            member = final.order[rank - 1][1]
            cause = json.dumps([AWARD, member, festival, category, round, award.id], separators=(",", ":"))
            data = {"award": award.id, "reward": award.reward, "festival": festival, "category": category}
            commands.append(
                {
                    "specversion": "1.0",
                    "id": sha256(cause.encode()).hexdigest()[:32],
                    "source": COORDINATOR,
                    "type": AWARD,
                    "subject": member,
                    "time": tehran_time.utc_text(final.round.as_of),
                    "data": data | {"round": round, "rank": rank} | worth,
                }
            )
    return commands
