"""The effects of a decision as records of the output topics, in their order."""

from collections.abc import Sequence
from typing import cast

from engine.effects import AwardPlace, Effect, EffectCause, FestivalMove, Notice, Posting, ScoreChange
from schemas.fields import Medium
from schemas.outputs import Emitter, Published
from schemas.records import OutputRecord


def encode_effects(member: str, effects: Sequence[Effect], partition: int) -> list[OutputRecord]:
    """The records of one decision. Outputs of one cause share an emitter, which numbers those that are alike."""
    emitters: dict[EffectCause, Emitter] = {}
    outputs = []
    for effect in effects:
        cause = effect.cause
        emitter = emitters.get(cause)
        if emitter is None:
            emitter = emitters[cause] = Emitter(*cause)
        topic, key, value = _published(emitter, member, effect)
        outputs.append(OutputRecord(topic, partition, key, value))
    return outputs


def _published(emitter: Emitter, member: str, effect: Effect) -> Published:
    if isinstance(effect, Posting):
        return emitter.posting(
            effect.type, member, effect.points, effect.status, effect.rule, effect.lot, effect.desired,
            effect.granted, effect.balance, effect.debt, effect.forgiven,
        )  # fmt: skip
    if isinstance(effect, Notice):
        kind = "notification.requested" if effect.why is None else "notification.suppressed"
        return emitter.notification(
            kind, member, effect.template, effect.values, cast("Medium", effect.medium), effect.locale, effect.text,
            effect.not_before, effect.expires_at, effect.why,
        )  # fmt: skip
    if isinstance(effect, ScoreChange):
        return emitter.score(member, effect.festival, effect.indicator, effect.delta, effect.score, effect.listed)
    if isinstance(effect, FestivalMove):
        return emitter.move("festival.joined" if effect.joined else "festival.left", member, effect.festival)
    type = "reward.flagged" if effect.flagged else "reward.granted"
    won = effect.won or _NO_AWARD
    return emitter.reward(type, member, effect.reward, effect.reason, *won, effect.value_rial)


_NO_AWARD = AwardPlace(None, None, None, None)
