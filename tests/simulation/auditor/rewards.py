"""Rewards: the thresholds of rule-granted points less reversals."""

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import Activity
from tests.simulation.auditor.lots import accrue
from tests.simulation.auditor.notices import notify
from tests.simulation.auditor.programme_reading import Version
from tests.simulation.auditor.state import Decision


def award_thresholds(decision: Decision, version: Version, activity: Activity) -> None:
    """Grant the reward of every threshold that is reached for the first time, in the order of the file."""
    member = decision.member
    for threshold in version.thresholds:
        if threshold.id in member.awarded or member.qualified < threshold.points:
            continue
        member.awarded.add(threshold.id)
        reward = threshold.reward
        decision.books.rewards.append(
            {
                "type": "reward.granted",
                "member": member.reference,
                "reward": reward.id,
                "reason": "threshold",
                "value_rial": reward.value_rial,
                "cause_source": decision.source,
                "cause_id": decision.id,
                "time": decision.time,
            }
        )
        notify(decision, version, "reward.granted", {"reward": reward.id})
        if reward.kind == "points":
            assert reward.points is not None
            lot = version.lot_of(tehran_time.day_of(activity.moment))
            at_once = version.pending_days == 0
            accrue(decision, lot, reward.points, f"reward:{reward.id}", at_once, desired=reward.points)
