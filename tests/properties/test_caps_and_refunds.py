"""No period ever gives more than its caps, and no refund takes more than was granted; recounted from the postings."""

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given

from schemas import topics
from tests.properties.lane import Lane, examples
from tests.properties.streams import BACK, BALANCE, EARNING, PAYMENTS, Story, stories, versions_of
from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.programme_reading import Version

WON = "card.chargeback.won"


@examples(2)
@given(stories(EARNING))
def test_no_period_gives_more_than_its_caps(story: Story) -> None:
    lane = Lane(story.texts)
    lane.take(story.items())
    versions = {version.version: version for version in versions_of(story.texts)}
    events = {(envelope["source"], envelope["id"]): envelope for _, envelope in story.events}
    given_: Counter[tuple[Any, ...]] = Counter()
    for posting in lane.said(topics.POINTS):
        rule = str(posting["data"].get("rule"))
        if posting["type"] == "points.accrued" and not rule.startswith("reward:"):
            _count(given_, posting, events, versions)
        elif posting["type"] == "points.reversed" and rule != "None":
            cause = events[_cause(posting)]
            if cause["type"] == BALANCE:  # less of a balance takes from the transaction, not from the periods
                given_[posting["subject"], rule, "transaction", _transaction(cause)] -= _taken(posting)


def _count(
    given_: Counter[tuple[Any, ...]], posting: dict[str, Any], events: dict[Any, Any], versions: dict[int, Version]
) -> None:
    """Count one accrual in all its periods; AssertionError where a cap of the version that paid it is exceeded."""
    event, data = events[_cause(posting)], posting["data"]
    caps = next(rule for rule in versions[data["version"]].rules if rule.id == data["rule"]).caps
    periods = {kind: tehran_time.period_of(_day(event), kind) for kind in tehran_time.PERIODS}
    for kind, period in {"transaction": _transaction(event), **periods}.items():
        key = posting["subject"], data["rule"], kind, period
        given_[key] += data["points"]
        assert kind not in caps or given_[key] <= caps[kind], f"{posting} exceeds {kind} {caps[kind]}"
    assert data.get("desired") is None or data["desired"] > data["granted"] == data["points"]


@examples(2)
@given(stories())
def test_a_refund_takes_its_share_and_never_more_than_was_granted(story: Story) -> None:
    """Recounted at the end: what is taken of each grant is its share of what was refunded, half up."""
    lane = Lane(story.texts)
    lane.take(story.items())
    events = {(envelope["source"], envelope["id"]): envelope for _, envelope in story.events}
    granted: Counter[tuple[Any, ...]] = Counter()
    taken: Counter[tuple[Any, ...]] = Counter()
    for posting in lane.said(topics.POINTS):
        cause, rule = _cause(posting), posting["data"].get("rule")
        if cause not in events or rule is None or rule.startswith("reward:"):
            continue
        if events[cause]["type"] in PAYMENTS and posting["type"] == "points.accrued":
            granted[cause, rule] += posting["data"]["points"]
        elif events[cause]["type"] in BACK:
            key = (cause[0], events[cause]["data"]["original"]), rule
            taken[key] += _taken(posting)
            assert 0 <= taken[key] <= granted[key], f"{posting}: {taken[key]} of {granted[key]}"
    refunded = _refunded(story)
    for (payment, rule), points in granted.items():
        amount = events[payment]["data"]["amount"]
        share = Fraction(points * min(refunded[payment], amount), amount)
        assert taken[payment, rule] == int(share + Fraction(1, 2)), f"{payment} {rule}"


def _refunded(story: Story) -> dict[tuple[str, str], int]:
    """The plain sum of what was refunded of each payment; a won chargeback lowers it, not below 0."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    first = min(version.effective for version in versions_of(story.texts))
    for _, envelope in story.events:
        if envelope["type"] in BACK and tehran_time.instant_of(envelope["time"]) >= first:
            payment = envelope["source"], envelope["data"]["original"]
            change = envelope["data"]["amount"] * (-1 if envelope["type"] == WON else 1)
            if _same_member(story, payment, envelope["subject"]):
                sums[payment] = max(0, sums[payment] + change)
    return sums


def _same_member(story: Story, payment: tuple[str, str], member: str) -> bool:
    return any((e["source"], e["id"], e["subject"]) == (*payment, member) for _, e in story.events)


def _taken(posting: dict[str, Any]) -> int:
    """What a posting takes of a grant: points, what becomes debt, and what is forgiven; negative when given back."""
    data = posting["data"]
    return int(-data["points"] + data.get("debt", 0) + data.get("forgiven", 0))


def _cause(posting: dict[str, Any]) -> tuple[str, str]:
    return posting["data"]["activity"]["source"], posting["data"]["activity"]["id"]


def _transaction(event: dict[str, Any]) -> tuple[Any, ...]:
    data = event["data"]
    return (data["account"], data["date"]) if event["type"] == BALANCE else (event["source"], event["id"])


def _day(event: dict[str, Any]) -> Any:
    if event["type"] == BALANCE:
        return date.fromisoformat(event["data"]["date"])
    return tehran_time.day_of(tehran_time.instant_of(event["time"]))
