"""Identity and content: what makes two records one event, and two events equal."""

from hashlib import blake2b
from typing import Annotated, Any

import msgspec
import pytest

from engine.activity import MemberActivity
from schemas.envelope import Data
from schemas.events import decode
from schemas.inputs.card import Purchase
from tests.schemas.examples import EXAMPLES, event, written

PURCHASE = "card.purchase.settled"


def read(type: str = PURCHASE, data: dict[str, Any] | None = None, **envelope: Any) -> MemberActivity:
    record = event(type, data, **envelope)
    return decode(EXAMPLES[type].topic, record["subject"].encode(), written(record))


def test_identity_is_a_digest_of_source_and_id() -> None:
    activity = read(source="/s", id="شناسه")
    assert activity.identity == blake2b("/s\0شناسه".encode(), digest_size=12).digest()


def test_content_is_a_digest_of_what_is_known() -> None:
    activity = read(data={"amount": 5, "mcc": "5411", "merchant": "m", "terminal": "t", "channel": "pos"})
    packed = msgspec.msgpack.encode({"amount": 5, "mcc": "5411", "merchant": "m", "terminal": "t", "channel": "pos"})
    head = f"{PURCHASE}\0{activity.time}\0c-4711\0".encode()
    assert activity.content == blake2b(head + packed, digest_size=8).digest()


@pytest.mark.parametrize(
    "same",
    [
        {"time": "2026-09-23T04:30:00.25Z"},
        {"time": "2026-09-23T04:30:00.250999+00:00"},
        {"time": "2026-09-22T23:30:00.250-05:00"},
        {"extension": {"unknown": True}},
        {"data": {**EXAMPLES[PURCHASE].data, "basket": [1, 2]}},
        {"data": dict(reversed(list(EXAMPLES[PURCHASE].data.items())))},
        {"id": "e-2"},
        {"source": "/other"},
    ],
)
def test_equal_content(same: dict[str, Any]) -> None:
    assert read(**same).content == read().content


@pytest.mark.parametrize(
    "other",
    [
        {"time": "2026-09-23T08:00:00.251+03:30"},
        {"subject": "c-4712"},
        *(
            {"data": {**EXAMPLES[PURCHASE].data, name: value}}
            for name, value in (
                ("amount", 1),
                ("mcc", "5999"),
                ("merchant", "m-89"),
                ("terminal", ""),
                ("channel", "web"),
                ("card", None),
            )
        ),
    ],
)
def test_other_content(other: dict[str, Any]) -> None:
    assert read(**other).content != read().content


def test_types_with_equal_data_differ() -> None:
    assert read("member.festival.joined").content != read("member.festival.left").content
    assert read("member.festival.joined").identity == read("member.festival.left").identity


def test_neither_ids_nor_sources_run_into_one_another() -> None:
    assert read(source="/a", id="bc").identity != read(source="/ab", id="c").identity
    assert read(source="/a", id="b\0c").identity != read(source="/a", id="bc").identity


def test_a_field_added_with_a_default_changes_no_old_digest() -> None:
    class Grown(Data, frozen=True, kw_only=True):
        amount: int
        loyalty: Annotated[str | None, "a later field, before others"] = None
        mcc: str
        merchant: str
        terminal: str
        channel: str
        card: str | None = None

    old = Purchase(amount=5, mcc="5411", merchant="m", terminal="t", channel="pos", card="tok")
    grown = Grown(amount=5, mcc="5411", merchant="m", terminal="t", channel="pos", card="tok")
    assert msgspec.msgpack.encode(grown) == msgspec.msgpack.encode(old)
