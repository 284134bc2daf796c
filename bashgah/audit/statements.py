"""A member's way through one festival: every event that it looked at, what each gave or why nothing, up to the scores.

What is told must come to the member's row, or nothing is told. `bashgah.cli.text.events` says all of a single event.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from agents.scoring.intake import decode_record
from bashgah.audit.comparison import Difference
from bashgah.audit.member_history import History, Occurrence
from bashgah.cli.text.events import award_words, changed_words, counting_words, frozen_words, score_share
from bashgah.cli.text.members import lane_words, moment
from bashgah.cli.text.rules import verdict_words
from bashgah.cli.text.titles import Titles, festival_named, named
from engine.activity import MemberActivity
from engine.calendar import iso
from engine.effects import FestivalMove, RewardGranted
from engine.events.membership import AWAY, JOINED
from engine.explanation.festivals import Counting, FestivalTrace, RoundChange, ScoreShare
from engine.explanation.rules import RuleTrace, Verdict
from engine.ledger.member import HEAD, FestivalRow, Head, festival_key
from engine.outcome import Outcome
from engine.programme.rounds import FINAL, month_name
from engine.programme.terms import FestivalTerms
from engine.words import Words, listed, number


class StatementLine(NamedTuple):
    """One event. `trace` None where the festival does not look at its type; `awards`: given or flagged by it."""

    activity: MemberActivity
    occurrence: Occurrence
    trace: FestivalTrace | None
    shares: tuple[ScoreShare, ...]
    rounds: tuple[RoundChange, ...]
    awards: tuple[RewardGranted, ...]
    moved: bool


class Statement(NamedTuple):
    """`outside`: events of its types outside of its window. `refused`: dead letters of the member, of any type;
    `waiting`: records that the lane has not come to. `row` is None where the member has no scores in it."""

    member: str
    partition: int
    festival: FestivalTerms
    lines: tuple[StatementLine, ...]
    outside: int
    refused: int
    waiting: int
    row: FestivalRow | None
    titles: Titles


def statement(history: History, festival: FestivalTerms) -> Statement:
    """All of a member's events as one festival saw them. Raises `Difference` where they do not come to its row."""
    lines, outside = [], 0
    for occurrence in history.occurrences:
        line = _line(occurrence, festival.id)
        if line is None:
            continue
        if line.trace and line.trace.counting is Counting.OUTSIDE_WINDOW and not line.rounds:
            outside += 1
        else:
            lines.append(line)
    head: Head | None = history.rows.get(HEAD)
    row = history.rows.get(festival_key(festival.id)) if head and festival.id in head.festivals else None
    _come_to(lines, festival.id, row)
    refused = sum(each.outcome is Outcome.DEAD_LETTER for each in history.occurrences)
    return Statement(
        history.wanted.member, history.partition, festival, tuple(lines), outside, refused, len(history.waiting), row,
        Titles(history.versions),
    )  # fmt: skip


def stated(found: Statement) -> Iterator[Words]:
    """The statement, line by line."""
    festival, titles, lane = found.festival, found.titles, lane_words(found.partition)
    name = festival_named(festival.title, festival.id)
    opens, closes = moment(festival.opens), moment(festival.closes)
    yield Words(
        f"{name.en} · {found.member} · {lane.en}",
        f"{name.fa} · {found.member} · {lane.fa}",
    )
    yield Words(f"counts from {opens.en} before {closes.en}", f"شمارش از {opens.fa} پیش از {closes.fa}")
    for line in found.lines:
        yield from _stated_line(line, titles)
    if found.outside:
        count = number(found.outside)
        yield Words(f"{count.en} event(s) outside its window", f"{count.fa} رویداد بیرون از بازهٔ جشنواره")
    if found.refused:
        count = number(found.refused)
        remedy = f"bashgah dead-letter list --member {found.member}"
        yield Words(f"{count.en} record(s) refused: {remedy}", f"{count.fa} رویداد مردود: {remedy}")
    if found.waiting:
        count = number(found.waiting)
        yield Words(
            f"{count.en} record(s) published, the lane has not come to them yet",
            f"{count.fa} رکورد منتشر شده و خط پردازش هنوز به آن‌ها نرسیده است",
        )
    if found.row is None:
        yield Words("no score", "بی‌امتیاز")
        return
    for round_name, scores in rounds_of(found.row):
        sums = listed(_score(titles.indicator(festival.id, id), score) for id, score in scores.items())
        yield Words(
            f"in all, round {round_name}: {sums.en}; as the lane's row has it",
            f"روی هم، دور {round_name}: {sums.fa}؛ برابر با سطر خط پردازش",
        )


def statement_json(found: Statement) -> dict[str, Any]:
    """The statement as values of JSON."""
    return {
        "member": found.member,
        "lane": found.partition,
        "festival": found.festival.id,
        "events": [_line_json(line) for line in found.lines],
        "outside_window": found.outside,
        "refused": found.refused,
        "waiting": found.waiting,
        "rounds": {} if found.row is None else {name: dict(scores) for name, scores in rounds_of(found.row)},
    }


def rounds_of(row: FestivalRow) -> Iterator[tuple[str, dict[str, int]]]:
    """The rounds of a row with the indicators' scores, the whole first."""
    yield FINAL, dict(row.whole.indicators)
    for month, scores in sorted(row.months.items()):
        yield month_name(month), dict(scores.indicators)


def _line(occurrence: Occurrence, festival: str) -> StatementLine | None:
    found = occurrence.explanation
    activity = decode_record(occurrence.record).activity
    if found is None or activity is None:
        return None
    trace = next((each for each in found.festivals if each.festival.id == festival), None)
    shares = tuple(each for each in (found.share.scores if found.share else ()) if each.festival == festival)
    rounds = tuple(each for each in found.rounds if each.festival == festival)
    effects = (*found.own, *found.behind)
    awards = tuple(e for e in effects if isinstance(e, RewardGranted) and e.won and e.won.festival == festival)
    named = activity.type in (JOINED, AWAY) and activity.data.festival == festival
    if not (trace or shares or rounds or awards or named):
        return None
    moved = any(isinstance(each, FestivalMove) and each.festival == festival for each in effects)
    return StatementLine(activity, occurrence, trace, shares, rounds, awards, moved)


def _come_to(lines: list[StatementLine], festival: str, row: FestivalRow | None) -> None:
    told: dict[str, Counter[str]] = {}
    for line in lines:
        for change in line.rounds:
            told.setdefault(change.round, Counter()).update(change.indicators)
    held = {} if row is None else dict(rounds_of(row))
    for name in {*told, *held}:
        expected = {id: score for id, score in told.get(name, Counter()).items() if score}
        found = {id: score for id, score in held.get(name, {}).items() if score}
        if expected != found:
            raise Difference(f"the scores in festival {festival}, round {name}", expected, found)


def _score(of: Words, score: int) -> Words:
    figure = number(score)
    return Words(f"{of.en} {figure.en}", f"{of.fa} {figure.fa}")


def _stated_line(line: StatementLine, titles: Titles) -> Iterator[Words]:
    activity, at = line.activity, moment(line.activity.moment)
    where = f"{activity.type} · {activity.source} {activity.id}"
    yield Words(f"{at.en} · {where}", f"{at.fa} · {where}")
    if activity.type in (JOINED, AWAY):
        joined = activity.type == JOINED
        move = Words("joins", "می‌پیوندد") if joined else Words("leaves", "ترک می‌کند")
        same = Words("", "") if line.moved else Words(", as it was before", "، مانند پیش از آن")
        yield Words(f"  {move.en}{same.en}", f"  {move.fa}{same.fa}")
    if line.trace is not None and line.trace.counting is not Counting.COUNTS:
        why = counting_words(line.trace)
        yield Words(f"  {why.en}", f"  {why.fa}")
    for trace in line.trace.traces if line.trace else ():
        yield _brief(trace)
    for words in frozen_words(line.trace) if line.trace else ():
        yield Words(f"  {words.en}", f"  {words.fa}")
    for share in line.shares:
        yield score_share(share, titles)
    for change in line.rounds:
        words = changed_words(change, titles)
        yield Words(f"  {words.en}", f"  {words.fa}")
    for award in line.awards:
        words = award_words(award, titles)
        yield Words(f"  {words.en}", f"  {words.fa}")


def _brief(trace: RuleTrace) -> Words:
    """An indicator in one line; what its caps cut is told."""
    verdict, points, of = verdict_words(trace), number(trace.granted), named(trace.rule.title, trace.rule.id)
    if trace.granted and trace.desired - trace.given > trace.granted and trace.verdict is Verdict.PAID:
        want = number(trace.desired - trace.given)
        return Words(
            f"  indicator {of.en}: {points.en} of {want.en} points, its caps left no more",
            f"  شاخص {of.fa}: {points.fa} از {want.fa} امتیاز، سقف‌ها بیشتر باقی نگذاشتند",
        )
    if trace.granted:
        return Words(f"  indicator {of.en}: {points.en} points", f"  شاخص {of.fa}: {points.fa} امتیاز")
    return Words(f"  indicator {of.en}: 0 points, {verdict.en}", f"  شاخص {of.fa}: ۰ امتیاز، {verdict.fa}")


def _line_json(line: StatementLine) -> dict[str, Any]:
    activity, trace = line.activity, line.trace
    return {
        "source": activity.source,
        "id": activity.id,
        "type": activity.type,
        "time": iso(activity.time),
        "moment": iso(activity.moment),
        "outcome": line.occurrence.outcome.value,
        "counting": None if trace is None else trace.counting.value,
        "moved": line.moved,
        "indicators": [
            {"indicator": each.rule.id, "verdict": each.verdict.value, "desired": each.desired,
             "granted": each.granted}
            for each in (trace.traces if trace else ())
        ],
        "refund": [{**share._asdict(), "frozen": list(share.frozen)} for share in line.shares],
        "rounds": [change._asdict() for change in line.rounds],
        "awards": [
            {"reward": each.reward, "flagged": each.flagged, **(each.won._asdict() if each.won else {})}
            for each in line.awards
        ],
    }  # fmt: skip
