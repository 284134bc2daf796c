"""What members and accounts say goes by its own time: in whatever order it comes, the same holds in the end."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import gregorian
from engine.ledger.member import Status
from schemas import topics
from tests.properties.lane import Lane, examples
from tests.properties.streams import Story, item_of, stories, texts_of
from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import TYPES
from tests.simulation.workload_clock import DAY_MS, rfc3339

FIRST_MS = tehran_time.instant_of("2026-09-01T08:00:00Z")
Said = tuple[str, dict[str, Any]]
ALIASES = st.sampled_from(("سارا", "نیما", "پری"))
SEGMENTS = st.sampled_from((["physician"], ["teacher"], []))
CONSENTS = st.dictionaries(st.sampled_from(("sms", "email", "push")), st.booleans())
PROFILE: dict[str, st.SearchStrategy[Any]] = {
    "alias": ALIASES,
    "segments": SEGMENTS,
    "province": st.sampled_from(("یزد", "قم")),
}
ACCOUNT = {
    "account": st.sampled_from(("a", "b")),
    "product": st.just("current"),
    "date": st.sampled_from(("2026-08-20", "2026-09-01", "2027-01-01")),
}


def said(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Said]:
    return st.fixed_dictionaries(fields).map(lambda data: (kind, data))


def told_of(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Said]:
    """With any of the profile's fields."""
    return st.fixed_dictionaries(fields, optional=PROFILE).map(lambda data: (kind, data))


SAYINGS = st.one_of(
    told_of("member.registered", channel=st.just("web"), consents=CONSENTS),
    told_of("member.profile.changed"),
    said("member.consent.changed", medium=st.sampled_from(("sms", "push")), granted=st.booleans()),
    said("member.left"),
    said("deposit.account.opened", **ACCOUNT),
    said("deposit.account.closed", **ACCOUNT),
)


def lane_of(sayings: list[tuple[int, Said]]) -> Lane:
    """A lane that has taken these in this order; each bears its number, by which it has an instant of its own."""
    lane = Lane(texts_of(0), replay=False)
    for number, (kind, data) in sayings:
        envelope = {
            "specversion": "1.0", "id": f"e{number}", "source": "/s", "type": kind, "subject": "m-1",
            "time": rfc3339(FIRST_MS + number * 3 * DAY_MS // 7), "data": data,
        }  # fmt: skip
        lane.take([item_of(TYPES[kind][0], envelope)], FIRST_MS + 30 * DAY_MS)
    return lane


def holds(lane: Lane) -> tuple[Any, ...]:
    """What is known of the member, and since when; an account as far as it was told of by the latest event."""
    head = lane.heads()["m-1"]
    accounts = {token: (account.closed, account.at) for token, account in sorted(head.accounts.items())}
    consents = {medium: (head.consents[medium], at) for medium, at in sorted(head.consents_at.items())}
    profile = (head.alias, head.alias_at), (head.segments, head.segments_at), (head.province, head.province_at)
    return Status(head.status), head.status_at, consents, profile, accounts


@examples()
@given(st.lists(SAYINGS, min_size=1, max_size=10), st.data())
def test_any_order_comes_to_the_same(sayings: list[Said], data: st.DataObject) -> None:
    numbered = list(enumerate(sayings))
    assert holds(lane_of(data.draw(st.permutations(numbered)))) == holds(lane_of(numbered))


@examples()
@given(st.lists(SAYINGS, min_size=1, max_size=10))
def test_in_their_order_the_last_word_holds(sayings: list[Said]) -> None:
    kept = lane_of(list(enumerate(sayings))).heads()["m-1"]
    statuses = [kind for kind, _ in sayings if kind in ("member.registered", "member.left")]
    if statuses:
        assert kept.status == (Status.REGISTERED if statuses[-1] == "member.registered" else Status.LEFT)
    for field in PROFILE:
        values = [data[field] for _, data in sayings if field in data]
        assert list(getattr(kept, field) or ()) == list(values[-1] if values else ()), field
    accounts = {data["account"]: (kind, data["date"]) for kind, data in sayings if kind.startswith("deposit.")}
    for token, (kind, date) in accounts.items():
        closed = kept.accounts[token].closed
        assert (None if closed is None else gregorian(closed).isoformat()) == (
            date if kind.endswith("closed") else None
        )


@examples()
@given(stories())
def test_no_balance_of_a_day_to_come_is_taken(story: Story) -> None:
    lane = Lane(story.texts)
    lane.take(story.items())
    ahead = {
        envelope["id"]
        for _, envelope in story.events
        if envelope["type"] == "deposit.balance.recorded"
        and envelope["data"]["date"] > tehran_time.day_of(tehran_time.instant_of(envelope["time"])).isoformat()
    }
    refused = {
        json.loads(output.value or b"{}").get("id")
        for output in lane.outputs
        if output.topic == topics.DEAD_LETTER.name and dict(output.headers)["error"] == b"from_the_future"
    }
    erased = {dict(output.headers)["error"] for output in lane.outputs if output.topic == topics.DEAD_LETTER.name}
    assert refused == ahead or (refused <= ahead and b"erased" in erased)


@examples()
@given(stories())
def test_a_last_day_is_announced_once_and_while_it_can_be_used(story: Story) -> None:
    lane = Lane(story.texts)
    lane.take(story.items())
    lane.finish()
    told: set[tuple[str, ...]] = set()
    for output in lane.outputs:
        if output.topic != topics.NOTIFICATION.name:
            continue
        event = json.loads(output.value or b"")
        data = event["data"]
        if (last_day := data["values"].get("date")) is None:
            continue
        once = (event["subject"], data["template"], data["medium"], last_day)
        assert once not in told
        told.add(once)
        assert data["not_before"] < data["expires_at"]
