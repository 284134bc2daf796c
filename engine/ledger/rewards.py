"""Rewards the first time that rule-granted points less reversals reach a figure."""

from engine.effects import EffectCause, RewardGranted
from engine.ledger import lots, notifications
from engine.ledger.draft import Draft
from engine.programme.compiler import CompiledProgramme
from engine.programme.terms import Reward


def reached(draft: Draft, cause: EffectCause, version: CompiledProgramme, day: int) -> None:
    """Give what is reached and was not given before, in the order of the file."""
    for threshold in version.thresholds:
        head = draft.head
        if head.qualified < threshold.points or threshold.id in head.reached:
            continue
        draft.edit().reached = (*head.reached, threshold.id)
        reward = version.programme.rewards[threshold.reward]
        draft.effects.append(RewardGranted(cause, reward.id, "threshold", reward.value_rial))
        give(draft, cause, version, reward, day)


def give(draft: Draft, cause: EffectCause, version: CompiledProgramme, reward: Reward, day: int) -> None:
    """Accrue a reward of points as earned on this day, and tell the member of any reward."""
    if reward.points is not None:
        lots.accrue(draft, cause, f"reward:{reward.id}", reward.points, version.terms(day), day, None)
    notifications.reward_granted(draft, cause, version, reward)
