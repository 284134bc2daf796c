"""An event's history in words, English and Persian; `bashgah.cli.text.events_json` says the same to programs."""

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from agents.scoring.intake import decode_record
from bashgah.audit.member_history import History, Occurrence
from bashgah.cli.text.members import GIVEN_FOR, MEDIA, OUTCOMES, REASONS, lane_words, moment
from bashgah.cli.text.postings import effect_words, posted_words
from bashgah.cli.text.rules import indented, trace_words
from bashgah.cli.text.titles import Titles, festival_named
from engine.effects import Effect, FestivalMove, Notice, Posting, RewardGranted, ScoreChange
from engine.explanation.events import Explanation, RefundShare
from engine.explanation.festivals import Counting, FestivalTrace, RoundChange, ScoreShare
from engine.words import Words, listed, number, same

COUNTINGS = {
    Counting.COUNTS: Words("counts", "به حساب می‌آید"),
    Counting.LEFT: Words("does not count: the member has left the club", "به حساب نمی‌آید: عضو از باشگاه رفته است"),
    Counting.OUTSIDE_WINDOW: Words("does not count: outside its window", "به حساب نمی‌آید: بیرون از بازهٔ جشنواره"),
    Counting.FROZEN: Words("does not count: it came after the freeze", "به حساب نمی‌آید: پس از پایان شمارش رسید"),
    Counting.NOT_IN_AUDIENCE: Words(
        "does not count: the member is not in its audience", "به حساب نمی‌آید: عضو از مخاطبان جشنواره نیست"
    ),
    Counting.NOT_JOINED: Words(
        "does not count: the member had not joined then", "به حساب نمی‌آید: عضو تا آن لحظه به جشنواره نپیوسته بود"
    ),
    Counting.AWAY: Words("does not count: the member was away", "به حساب نمی‌آید: عضو جشنواره را ترک کرده بود"),
    Counting.EXCLUDED_MCC: Words("does not count: the MCC is excluded", "به حساب نمی‌آید: کد صنف مستثنا است"),
}
_RULE, _INDICATOR = Words("rule", "قاعدهٔ"), Words("indicator", "شاخص")


def told(history: History) -> Iterator[Words]:
    """The history, line by line."""
    wanted, titles, lane = history.wanted, Titles(history.versions), lane_words(history.partition)
    event = f"{wanted.id} · {wanted.source} · {wanted.member}"
    yield Words(f"event {event} · {lane.en}", f"رویداد {event} · {lane.fa}")
    for occurrence in history.occurrences:
        yield from _occurrence(occurrence, titles)
    for record in history.waiting:
        where = f"{record.topic}/{record.partition} {record.offset}"
        yield Words(
            f"{where}: published, the lane has not come to it yet",
            f"{where}: منتشر شده و خط پردازش هنوز به آن نرسیده است",
        )
    if history.occurrences:
        count = number(len(history.postings))
        yield Words(
            f"{count.en} posting(s) on club.points, equal byte for byte to what was worked out again",
            f"{count.fa} سند امتیاز در club.points، بایت به بایت برابر با محاسبهٔ دوباره",
        )
    for posting in history.postings:
        words = posted_words(msgspec.json.decode(posting.value or b""), titles)
        yield Words(f"  {words.en}", f"  {words.fa}")
    if history.scores:
        count = number(len(history.scores))
        yield Words(
            f"{count.en} record(s) on club.festival, equal byte for byte to what was worked out again",
            f"{count.fa} رکورد در club.festival، بایت به بایت برابر با محاسبهٔ دوباره",
        )
    if history.deleted or history.scores_deleted:
        gone = number(history.deleted + history.scores_deleted)
        yield Words(
            f"{gone.en} older record(s) were deleted by retention",
            f"{gone.fa} رکورد کهنه‌تر با پایان مهلت نگهداری پاک شده است",
        )


def _occurrence(found: Occurrence, titles: Titles) -> Iterator[Words]:
    record = found.record
    where = f"{record.topic}/{record.partition} {record.offset}"
    activity = decode_record(record).activity
    outcome = OUTCOMES[found.outcome]
    reason = REASONS[found.reason]
    why = Words(f": {reason.en}", f": {reason.fa}") if reason.en else reason
    if activity is None:
        yield Words(f"{where}: {outcome.en}{why.en}", f"{where}: {outcome.fa}{why.fa}")
    else:
        at = moment(activity.time)
        yield Words(
            f"{where} · {activity.type} · {at.en}: {outcome.en}{why.en}",
            f"{where} · {activity.type} · {at.fa}: {outcome.fa}{why.fa}",
        )
    if found.detail is not None:
        yield Words(f"  {found.detail}", f"  {found.detail}")
    if found.explanation is not None:
        yield from indented(_explanation(found.explanation, titles))


def _explanation(found: Explanation, titles: Titles) -> Iterator[Words]:
    if found.version is not None:
        version = f"{found.version.id}/{found.version.version}"
        yield Words(f"by version {version}", f"با نسخهٔ {version}")
    for trace in found.traces:
        yield from trace_words(trace, _RULE)
    for festival in found.festivals:
        yield from _festival(festival)
    if found.share is not None:
        yield from _share(found.share, titles)
    for effects, when in (
        (found.ahead, Words("due before it", "پیش از آن موعدش رسیده بود")),
        (found.own, Words("effect", "نتیجه")),
        (found.behind, Words("refund that had come before it", "برگشتی که پیش از آن آمده بود")),
    ):
        for effect in effects:
            words = _effect(effect, titles)
            yield Words(f"{when.en}: {words.en}", f"{when.fa}: {words.fa}")
    for change in found.rounds:
        yield changed_words(change, titles)


def _festival(found: FestivalTrace) -> Iterator[Words]:
    festival, (en, fa) = found.festival, counting_words(found)
    name = festival_named(festival.title, festival.id)
    yield Words(f"{name.en}: {en}", f"{name.fa}: {fa}")
    yield from indented(frozen_words(found))
    for trace in found.traces:
        yield from indented(trace_words(trace, _INDICATOR))


def counting_words(found: FestivalTrace) -> Words:
    """Whether an event counts for a festival, or why not."""
    en, fa = COUNTINGS[found.counting]
    festival = found.festival
    if found.counting is Counting.OUTSIDE_WINDOW:
        opens, closes = moment(festival.opens), moment(festival.closes)
        return Words(f"{en}, {opens.en} to {closes.en}", f"{fa}، {opens.fa} تا {closes.fa}")
    if found.counting is Counting.NOT_IN_AUDIENCE:
        names = listed(name for each in festival.audience for name in sorted(each.names))
        return Words(f"{en} ({names.en})", f"{fa} ({names.fa})")
    if found.move is not None:
        at = moment(found.move.instant)
        verb = Words("joined at", "پیوستن در") if found.move.joined else Words("left at", "ترک در")
        return Words(f"{en}; {verb.en} {at.en}", f"{fa}؛ {verb.fa} {at.fa}")
    return Words(en, fa)


def frozen_words(found: FestivalTrace) -> Iterator[Words]:
    """The rounds in which an event that counts is not counted any more."""
    for name in found.frozen if found.counting is Counting.COUNTS else ():
        yield Words(f"not in round {name}: it came after the freeze", f"نه در دور {name}: پس از پایان شمارش رسید")


def changed_words(change: RoundChange, titles: Titles) -> Words:
    """What became of the scores in a round."""
    where, of = titles.festival(change.festival), change.festival
    indicators = listed(_signed(titles.indicator(of, id), by) for id, by in change.indicators.items())
    categories = listed(_signed(titles.category(of, id), by) for id, by in change.categories.items())
    en, fa = f"{where.en}, round {change.round}: {indicators.en}", f"{where.fa}، دور {change.round}: {indicators.fa}"
    if change.categories:
        en, fa = f"{en}; by category {categories.en}", f"{fa}؛ در رشته‌ها {categories.fa}"
    return Words(f"in {en}", f"در {fa}")


def _signed(of: Words, by: int) -> Words:
    return Words(f"{of.en} {by:+,}", f"{of.fa} {number(by).fa}")


def _share(share: RefundShare, titles: Titles) -> Iterator[Words]:
    before, after = number(share.before), number(share.after)
    of = same("–") if share.amount is None else number(share.amount)
    yield Words(
        f"refund of {share.original}: {before.en} Rial of {of.en} refunded before, {after.en} with this one",
        f"برگشت {share.original}: پیش‌تر {before.fa} ریال از {of.fa}، با این یکی {after.fa} ریال",
    )
    for each in share.reversals:
        granted, target, was = number(each.granted), number(each.target), number(each.before)
        sum_en, sum_fa = _share_sum(share, each.granted)
        rule = titles.rule(each.rule)
        en = f"  rule {rule.en}: {target.en} of {granted.en} points belong to that share{sum_en}"
        en = f"{en}, {was.en} taken back before"
        fa = f"  قاعدهٔ {rule.fa}: سهم برگشت {target.fa} از {granted.fa} امتیاز{sum_fa}، پیش‌تر {was.fa} پس گرفته شده"
        if each.forgiven:
            en, fa = f"{en}; forgiven {each.forgiven:+,}", f"{fa}؛ بخشیده {number(each.forgiven).fa}"
        if each.owed:
            en, fa = f"{en}; debt {each.owed:+,}", f"{fa}؛ بدهی {number(each.owed).fa}"
        yield Words(en, fa)
    for score in share.scores:
        yield score_share(score, titles)


def _share_sum(share: RefundShare, granted: int) -> Words:
    """How the refunded share of a grant is worked out; never more than the whole."""
    assert share.amount is not None, "what has no amount has no share"
    part, whole, points = number(min(share.after, share.amount)), number(share.amount), number(granted)
    exact = Fraction(granted * min(share.after, share.amount), share.amount)
    half = Words("", "") if exact.denominator == 1 else Words(", rounded half up", "، نیم به بالا گرد شده")
    return Words(
        f" ({points.en} × {part.en} / {whole.en}{half.en})", f" ({points.fa} × {part.fa} / {whole.fa}{half.fa})"
    )


def score_share(score: ScoreShare, titles: Titles) -> Words:
    """What a refund takes back of what an indicator gave."""
    granted, target, was = number(score.granted), number(score.target), number(score.before)
    name, of = titles.indicator(score.festival, score.indicator), titles.festival(score.festival)
    en = f"  indicator {name.en} of {of.en}: {target.en} of {granted.en} points belong to that share"
    en = f"{en}, {was.en} taken back before"
    fa = f"  شاخص {name.fa} {of.fa}: سهم برگشت {target.fa} از {granted.fa} امتیاز، پیش‌تر {was.fa} پس گرفته شده"
    if score.frozen:
        rounds = listed(score.frozen)
        en, fa = f"{en}; frozen: {rounds.en}", f"{fa}؛ پایان شمارش: {rounds.fa}"
    return Words(en, fa)


def _effect(effect: Effect, titles: Titles) -> Words:
    if isinstance(effect, Posting):
        return effect_words(effect, titles)
    if isinstance(effect, Notice):
        why = f" ({effect.why})" if effect.why else ""
        return Words(
            f"message {effect.template} by {effect.medium}{why}",
            f"پیام {effect.template} با {MEDIA.get(effect.medium, effect.medium)}{why}",
        )
    if isinstance(effect, ScoreChange):
        score, of = number(effect.score), titles.festival(effect.festival)
        by = _signed(titles.indicator(effect.festival, effect.indicator), effect.delta)
        return Words(
            f"score in {of.en}: {by.en}, {score.en} afterwards",
            f"امتیاز در {of.fa}: {by.fa}، پس از آن {score.fa}",
        )
    if isinstance(effect, FestivalMove):
        en, fa = ("joined", "پیوستن به") if effect.joined else ("left", "ترک")
        of = titles.festival(effect.festival)
        return Words(f"{en} {of.en}", f"{fa} {of.fa}")
    return award_words(effect, titles)


def award_words(effect: RewardGranted, titles: Titles) -> Words:
    """A reward, and the place that it was won with."""
    reward, why = titles.reward(effect.reward), GIVEN_FOR.get(effect.reason) or same(effect.reason)
    en, fa = f"reward {reward.en}, {why.en}", f"پاداش {reward.fa}، {why.fa}"
    won = effect.won
    if won is not None and won.rank is not None and won.festival is not None and won.category is not None:
        rank = number(won.rank)
        of, board = titles.festival(won.festival), titles.category(won.festival, won.category)
        en = f"{en}: place {rank.en} of category {board.en} of {of.en}, round {won.round}"
        fa = f"{fa}: جایگاه {rank.fa} در رشتهٔ {board.fa} {of.fa}، دور {won.round}"
    return Words(f"{en} to be looked at", f"{fa} (نیازمند بررسی)") if effect.flagged else Words(en, fa)
