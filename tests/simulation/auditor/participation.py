"""Participation: who takes part in a festival at an instant, and who is away from it."""

from tests.simulation.auditor.contract import Activity
from tests.simulation.auditor.programme_reading import Festival, Version
from tests.simulation.auditor.state import Decision, Member

MOVES = {"member.festival.joined": "festival.joined", "member.festival.left": "festival.left"}


def move(decision: Decision, version: Version | None, activity: Activity) -> None:
    """Keep a move in or out at its time, and publish it where the last of all changes by it."""
    festival = activity.data["festival"]
    moves = decision.member.moves.setdefault(festival, {})
    before = _last(moves)
    moves[activity.time] = activity.type == "member.festival.joined"
    if version is None or _last(moves) == before:
        return
    decision.books.festival.append(
        {
            "type": "festival.joined" if _last(moves) else "festival.left",
            "member": decision.member.reference,
            "festival": festival,
            "indicator": None,
            "delta": None,
            "score": None,
            "cause_source": decision.source,
            "cause_id": decision.id,
            "time": decision.time,
        }
    )


def takes_part(member: Member, festival: Festival, instant: int) -> bool:
    """By the last move up to the instant; without one, in an automatic festival everybody does."""
    before = {at: into for at, into in member.moves.get(festival.id, {}).items() if at <= instant}
    return bool(_last(before)) if before else not festival.opt_in


def is_away(member: Member, festival: str) -> bool:
    """Whether the last move of all, however far ahead, led out."""
    return _last(member.moves.get(festival, {})) is False


def _last(moves: dict[int, bool]) -> bool | None:
    return moves[max(moves)] if moves else None
