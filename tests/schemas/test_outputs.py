"""What the club writes: read back by its own models, with ids that anyone can compute."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import jalali_day, midnight
from schemas.outputs import Emitter, Invalid, decode_output, output_id

INSTANT = 1790137800250  # 2026-09-23T04:30:00.250Z
LOT_DAY = jalali_day(1407, 7, 30)
BALANCE = (0, 12, 0, 0)


def emitter() -> Emitter:
    return Emitter("/core/card-switch", "7301-20260923-0001", INSTANT, "club", 3)


def test_posting_as_written() -> None:
    topic, key, value = emitter().posting(
        "points.accrued", "c-4711", 12, "pending", "card-purchase", LOT_DAY, None, None, BALANCE
    )
    hashed = '["points.accrued","c-4711","/core/card-switch","7301-20260923-0001","card-purchase","2028-10-21",0]'
    assert (topic, key) == ("club.points", b"c-4711")
    assert json.loads(value) == {
        "type": "points.accrued",
        "specversion": "1.0",
        "id": sha256(hashed.encode()).hexdigest()[:32],
        "source": "/club",
        "subject": "c-4711",
        "time": "2026-09-23T04:30:00.250Z",
        "data": {
            "activity": {"source": "/core/card-switch", "id": "7301-20260923-0001"},
            "programme": "club",
            "version": 3,
            "points": 12,
            "status": "pending",
            "rule": "card-purchase",
            "lot": "2028-10-21",
            "balance": {"active": 0, "pending": 12, "held": 0, "debt": 0},
        },
    }


def test_what_is_absent_is_null_in_the_id_and_lot_is_null_in_data() -> None:
    _, _, value = Emitter.of_clock(midnight(LOT_DAY), "club", 3).posting(
        "points.adjusted", "c-1", -5, "active", None, None, None, None, (0, 0, 0, 2), debt=2, forgiven=1
    )
    record = json.loads(value)
    due = midnight(LOT_DAY)
    assert record["id"] == sha256(f'["points.adjusted","c-1","clock","{due}",null,null,0]'.encode()).hexdigest()[:32]
    assert record["data"]["activity"] == {"source": "clock", "id": str(due)}
    assert record["data"]["lot"] is None
    assert (record["data"]["debt"], record["data"]["forgiven"]) == (2, 1)
    assert "rule" not in record["data"]


def test_index_counts_equals_in_order_of_emission() -> None:
    one, hashes = emitter(), []
    for rule, lot in (("a", 20000), ("a", 20000), ("b", 20000), ("a", None), ("a", 20000)):
        hashes.append(_id(one.posting("points.reversed", "c-1", -1, "active", rule, lot, None, None, BALANCE)))
    parts = [
        ("a", "2024-10-04", 0),
        ("a", "2024-10-04", 1),
        ("b", "2024-10-04", 0),
        ("a", None, 0),
        ("a", "2024-10-04", 2),
    ]
    cause = ("/core/card-switch", "7301-20260923-0001")
    assert hashes == [output_id("points.reversed", "c-1", *cause, rule, lot, index) for rule, lot, index in parts]


def test_media_of_one_message_are_told_apart_by_index() -> None:
    one = emitter()
    ids = [_id(_message(one, "notification.requested", medium)) for medium in ("sms", "push")]
    cause = ("/core/card-switch", "7301-20260923-0001")
    assert ids == [output_id("notification.requested", "c-1", *cause, "welcome", None, index) for index in (0, 1)]


def test_members_of_one_cause_do_not_count_together() -> None:
    one = emitter()
    first, second = (one.reward("reward.granted", member, "coin", "threshold") for member in ("c-1", "c-2"))
    cause = ("/core/card-switch", "7301-20260923-0001", "coin", None, 0)
    assert [_id(first), _id(second)] == [output_id("reward.granted", member, *cause) for member in ("c-1", "c-2")]


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.text(st.characters(codec="utf-8"), max_size=20))
def test_ids_hash_plain_json(id: str, part: str) -> None:
    array = ["points.accrued", "c-1", "/s", id, part, None, 0]
    text = json.dumps(array, ensure_ascii=False, separators=(",", ":"))
    assert output_id("points.accrued", "c-1", "/s", id, part, None, 0) == sha256(text.encode()).hexdigest()[:32]


@pytest.mark.parametrize(
    "type",
    [
        *("accrued", "activated", "reversed", "restored", "expired", "adjusted", "transferred"),
        *("reserved", "captured", "released", "refused"),
    ],
)
def test_every_posting_is_read_back(type: str) -> None:
    published = emitter().posting(
        f"points.{type}", "c-1", 7, "active", "r", LOT_DAY, 9, 7, (1, 2, 3, 4), 5, 6, key="k 1", reason="lapsed"
    )
    data = decode_output(published.topic, published.value).data
    assert (data.points, data.status, data.rule, data.lot, data.desired, data.granted) == (
        7,
        "active",
        "r",
        "2028-10-21",
        9,
        7,
    )
    assert (data.balance.active, data.balance.pending, data.balance.held, data.balance.debt) == (1, 2, 3, 4)
    assert (data.debt, data.forgiven, data.key, data.reason) == (5, 6, "k 1", "lapsed")
    assert (data.activity.source, data.activity.id, data.programme, data.version) == (
        "/core/card-switch",
        "7301-20260923-0001",
        "club",
        3,
    )


@pytest.mark.parametrize("type", ["reward.granted", "reward.revoked", "reward.flagged"])
def test_every_reward_is_read_back(type: str) -> None:
    published = emitter().reward(type, "c-1", "coin", "rank", "autumn", "overall", "1405-07", 2, 50_000_000)
    data = decode_output("club.reward", published.value).data
    assert (data.reward, data.reason, data.festival, data.category) == ("coin", "rank", "autumn", "overall")
    assert (data.round, data.rank, data.value_rial) == ("1405-07", 2, 50_000_000)


def test_messages_are_read_back() -> None:
    requested = decode_output("club.notification", _message(emitter(), "notification.requested", "sms").value).data
    suppressed = decode_output("club.notification", _message(emitter(), "notification.suppressed", "sms").value).data
    assert (requested.text, requested.values) == ("سلام، ۵ امتیاز. لغو۱۱", {"points": 5, "date": "۱۴۰۵/۰۷/۰۱"})
    assert (requested.not_before, requested.expires_at) == ("2026-09-23T04:30:00.250Z", None)
    assert suppressed.why == "consent"


def test_reading_refuses_what_is_no_output() -> None:
    value = emitter().reward("reward.granted", "c-1", "coin", "rank").value
    for wrong in (value.replace(b'"rank"', b'"luck"'), value.replace(b"/club", b"/bank"), b"{}", b"\xff"):
        with pytest.raises(Invalid):
            decode_output("club.reward", wrong)
    with pytest.raises(Invalid):
        decode_output("club.points", value)


def _message(one: Emitter, type: str, medium: Any) -> Any:
    values: dict[str, str | int] = {"points": 5, "date": "۱۴۰۵/۰۷/۰۱"}
    why = "consent" if type.endswith("suppressed") else None
    return one.notification(type, "c-1", "welcome", values, medium, "fa", "سلام، ۵ امتیاز. لغو۱۱", INSTANT, None, why)


def _id(published: Any) -> str:
    return str(json.loads(published.value)["id"])
