"""An event's history as values of JSON: what `member explain --json` prints. Instants and dates as the contract's."""

from typing import Any

import msgspec

from bashgah.audit.member_history import History, Occurrence
from engine.calendar import gregorian, iso
from engine.effects import Effect, FestivalMove, Notice, Posting, ScoreChange
from engine.explanation.events import Explanation, RefundShare
from engine.explanation.festivals import FestivalTrace
from engine.explanation.rules import FailedCondition, RuleTrace
from engine.words import exact
from schemas.records import Record


def as_json(history: History) -> dict[str, Any]:
    """All of the history. `postings` are the envelopes on `club.points`, `scores` those on `club.festival`, both of
    which were worked out again byte for byte."""
    return {
        "member": history.wanted.member,
        "source": history.wanted.source,
        "id": history.wanted.id,
        "lane": history.partition,
        "occurrences": [_occurrence(each) for each in history.occurrences],
        "waiting": [_place(record) for record in history.waiting],
        "postings": [msgspec.json.decode(record.value or b"") for record in history.postings],
        "postings_deleted": history.deleted,
        "scores": [msgspec.json.decode(record.value or b"") for record in history.scores],
        "scores_deleted": history.scores_deleted,
    }


def _place(record: Record) -> dict[str, Any]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def _occurrence(found: Occurrence) -> dict[str, Any]:
    return {
        "at": _place(found.record),
        "transaction": found.transaction,
        "outcome": found.outcome.value,
        "reason": found.reason.value or None,
        "detail": found.detail,
        "explanation": None if found.explanation is None else _explanation(found.explanation),
    }


def _explanation(found: Explanation) -> dict[str, Any]:
    version = found.version
    return {
        "version": None if version is None else f"{version.id}/{version.version}",
        "rules": [_trace(trace) for trace in found.traces],
        "festivals": [_festival(each) for each in found.festivals],
        "refund": None if found.share is None else _share(found.share),
        "before": [_effect(effect) for effect in found.ahead],
        "effects": [_effect(effect) for effect in found.own],
        "after": [_effect(effect) for effect in found.behind],
        "rounds": [change._asdict() for change in found.rounds],
    }


def _festival(found: FestivalTrace) -> dict[str, Any]:
    move = found.move
    return {
        "festival": found.festival.id,
        "counting": found.counting.value,
        "move": None if move is None else {"at": iso(move.instant), "joined": move.joined},
        "frozen": list(found.frozen),
        "indicators": [_trace(trace) for trace in found.traces],
    }


def _trace(trace: RuleTrace) -> dict[str, Any]:
    base = trace.base
    return {
        "rule": trace.rule.id,
        "verdict": trace.verdict.value,
        "failed": [_failed(failed) for failed in trace.failed],
        "base": None if base is None else {"numerator": base.numerator, "denominator": base.denominator},
        "multipliers": [
            {
                "id": factor.multiplier.id,
                "by": exact(factor.multiplier.by).en,
                "applied": not factor.failed,
                "failed": [_failed(failed) for failed in factor.failed],
            }
            for factor in trace.multipliers
        ],
        "desired": trace.desired,
        "given_before": trace.given,
        "caps": [cap._asdict() for cap in trace.caps],
        "granted": trace.granted,
        "outbid_by": trace.rival,
        "outbid_with": trace.rival_desired if trace.rival else None,
        "measured": trace.measured,
        "taken_back_for": None if trace.alone is None else trace.alone.value,
    }


def _failed(failed: FailedCondition) -> dict[str, Any]:
    return failed.failure._asdict()


def _share(share: RefundShare) -> dict[str, Any]:
    scores = [{**each._asdict(), "frozen": list(each.frozen)} for each in share.scores]
    return {**share._asdict(), "reversals": [each._asdict() for each in share.reversals], "scores": scores}


def _effect(effect: Effect) -> dict[str, Any]:
    cause = {"source": effect.cause.source, "id": effect.cause.id}
    if isinstance(effect, Posting):
        balance = dict(zip(("active", "pending", "held", "debt"), effect.balance, strict=True))
        lot = None if effect.lot is None else gregorian(effect.lot).isoformat()
        return {**effect._asdict(), "cause": cause, "lot": lot, "balance": balance}
    if isinstance(effect, Notice):
        expires_at = None if effect.expires_at is None else iso(effect.expires_at)
        times = {"not_before": iso(effect.not_before), "expires_at": expires_at}
        return {**effect._asdict(), "cause": cause, "values": dict(effect.values), **times, "type": "notification"}
    if isinstance(effect, ScoreChange):
        return {**effect._asdict(), "cause": cause, "type": "festival.score.changed"}
    if isinstance(effect, FestivalMove):
        kind = "festival.joined" if effect.joined else "festival.left"
        return {"cause": cause, "festival": effect.festival, "type": kind}
    won = None if effect.won is None else effect.won._asdict()
    kind = "reward.flagged" if effect.flagged else "reward.granted"
    return {**effect._asdict(), "cause": cause, "won": won, "type": kind}
