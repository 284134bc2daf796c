"""What is decided for a member by others: awards that the club decides, points that an operator gives or takes.

Transfers, redemptions and spending are taken and kept; nothing executes them yet.
"""

from engine.activity import MemberActivity
from engine.effects import AwardPlace, EffectCause, RewardGranted
from engine.events.event_type import EventType, Result
from engine.festivals import scores as festival_scores
from engine.ledger import lots, rewards
from engine.ledger.draft import Draft
from engine.ledger.member import MemberAward
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme


def award(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
    """Give an award that was decided for the whole club, as the version in force at its time says."""
    data = activity.data
    won = AwardPlace(data.festival, data.category, data.round, data.rank)
    draft.effects.append(RewardGranted(cause, data.reward, "rank", data.value_rial, won))
    reward = version.programme.rewards.get(data.reward)
    if reward is not None:
        rewards.give(draft, cause, version, reward, activity.day)
    if data.festival is not None:
        held = MemberAward(data.award, data.category or "", data.round or "", data.reward, data.rank, data.value_rial)
        festival_scores.award(draft, cause, held, data.festival)
    return Outcome.SCORED, Reason.NONE


def adjust(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
    """Give or take the points that an operator says."""
    points = activity.data.points
    if points > 0:
        lots.adjust_up(draft, cause, points, version.adjusted_terms(activity.day))
    else:
        lots.take(draft, cause, "points.adjusted", None, -points, None, version.unlimited_refund)
    return Outcome.SCORED, Reason.NONE


def keep(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
    """Nothing executes it yet."""
    return _NOT_EXECUTED


_NOT_EXECUTED: Result = (Outcome.NOT_EXECUTED, Reason.NONE)

TYPES = {
    "command.award.granted": EventType(award),
    "member.points.adjusted": EventType(adjust),
    **dict.fromkeys(
        (
            "command.transfer.credited",
            "member.points.transferred",
            "member.redemption.captured",
            "member.redemption.released",
            "member.redemption.requested",
            "member.spending.blocked",
            "member.spending.unblocked",
        ),
        EventType(keep, without_programme=lambda draft, activity: _NOT_EXECUTED),
    ),
}
