"""Awards by rank: what a member is granted, and what is flagged because a refund came too late to count."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import Activity
from tests.simulation.auditor.lots import accrue
from tests.simulation.auditor.notices import notify
from tests.simulation.auditor.programme_reading import Version
from tests.simulation.auditor.rounds import governing
from tests.simulation.auditor.state import Decision, HeldAward


def grant_award(decision: Decision, versions: Sequence[Version], version: Version, activity: Activity) -> None:
    """Grant what a command says that the member won; points are accrued as a threshold's are."""
    data = activity.data
    reward = {name: data.get(name) for name in ("reward", "festival", "category", "round", "rank", "value_rial")}
    decision.member.awards.append(HeldAward(activity.moment, reward))
    _publish(decision, "reward.granted", reward)
    notify(decision, version, "reward.granted", {"reward": data["reward"]})
    known = version.rewards.get(data["reward"])
    if known is not None and known.kind == "points":
        assert known.points is not None
        lot = version.lot_of(tehran_time.day_of(activity.moment))
        at_once = version.pending_days == 0
        accrue(decision, lot, known.points, f"reward:{known.id}", at_once, desired=known.points)
    flag_awards(decision, versions, [data.get("festival", "")])


def flag_awards(decision: Decision, versions: Sequence[Version], festivals: Iterable[str]) -> None:
    """Flag, once each, the awards for rounds whose scores a refund would have lowered had it come before the freeze.

    Festival by festival in this order, and in each as the member got them.
    """
    for festival in festivals:
        for held in decision.member.awards:
            its = held.reward["festival"] == festival
            if its and not held.flagged and _was_touched(decision, versions, held):
                held.flagged = True
                _publish(decision, "reward.flagged", held.reward)


def _was_touched(decision: Decision, versions: Sequence[Version], held: HeldAward) -> bool:
    """Whether a refund came too late for an indicator that the award's category weighs."""
    definition = governing(versions, held.reward["festival"], held.instant)
    weighed = [
        indicator
        for category in (definition.categories if definition else ())
        if category.id == held.reward["category"]
        for indicator in category.weigh
    ]
    return any((held.reward["round"], indicator) in decision.member.late_refunds for indicator in weighed)


def _publish(decision: Decision, kind: str, reward: dict[str, Any]) -> None:
    decision.books.rewards.append(
        {
            "type": kind,
            "member": decision.member.reference,
            "reason": "rank",
            **reward,
            "cause_source": decision.source,
            "cause_id": decision.id,
            "time": decision.time,
        }
    )
