"""What is no event of the contract: the path of the field that is wrong, and never the field's value."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bashgah.admin.masking import shown_detail
from schemas.contract import field_names
from schemas.events import Invalid, decode
from tests.schemas.examples import EXAMPLES, SUBJECT, event, written

KEY = SUBJECT.encode()
PURCHASE, REGISTERED, BALANCE = "card.purchase.settled", "member.registered", "deposit.balance.recorded"

ENVELOPES: list[tuple[dict[str, Any], str]] = [
    ({"specversion": "0.3"}, "$.specversion"),
    ({"specversion": 1.0}, "$.specversion"),
    ({"id": ""}, "$.id"),
    ({"id": "x" * 65}, "$.id"),
    ({"id": 7}, "$.id"),
    ({"source": ""}, "$.source"),
    ({"source": "/" * 129}, "$.source"),
    ({"source": "/core switch"}, "$.source"),
    ({"source": "/core/%zz"}, "$.source"),
    ({"source": "/a\0b"}, "$.source"),
    ({"source": "/کارت"}, "$.source"),
    ({"type": "card.purchase.invented"}, "$.type"),
    ({"type": "member.left"}, "$.type"),  # of another topic
    ({"type": None}, "$.type"),
    ({"subject": ""}, "$.subject"),
    ({"subject": "c" * 65}, "$.subject"),
    ({"subject": "c 4711"}, "$.subject"),
    ({"subject": "c-4711\n"}, "$.subject"),
    ({"subject": "c/4711"}, "$.subject"),
    ({"subject": "۴۷۱۱"}, "$.subject"),
    ({"time": "2026-09-23T08:00:00"}, "$.time"),
    ({"time": "2026-09-23"}, "$.time"),
    ({"time": "2026-02-30T08:00:00Z"}, "$.time"),
    ({"time": "2026-09-23T23:59:60Z"}, "$.time"),
    ({"time": 1790125200250}, "$.time"),
    ({"time": "1899-12-31T23:59:59.999Z"}, "$.time"),
    ({"time": "2200-01-01T00:00:00Z"}, "$.time"),
    ({"time": "9999-12-31T23:59:59-14:00"}, "$.time"),
    ({"data": None}, "$.data"),
    ({"data": []}, "$.data"),
]

DATA: list[tuple[str, str, Any]] = [
    (PURCHASE, "amount", 0),
    (PURCHASE, "amount", -1),
    (PURCHASE, "amount", 10**15 + 1),
    (PURCHASE, "amount", 10**400),
    (PURCHASE, "amount", 5.0),
    (PURCHASE, "amount", "5"),
    (PURCHASE, "amount", True),
    (PURCHASE, "amount", None),
    (PURCHASE, "mcc", "541"),
    (PURCHASE, "mcc", "54110"),
    (PURCHASE, "mcc", "5411\n"),
    (PURCHASE, "mcc", "۵۴۱۱"),
    (PURCHASE, "mcc", 5411),
    (PURCHASE, "merchant", "m" * 129),
    (PURCHASE, "channel", "atm"),
    (PURCHASE, "card", "t" * 129),
    (PURCHASE, "card", 1),
    ("card.purchase.refunded", "original", ""),
    ("card.purchase.refunded", "original", "p" * 65),
    ("card.purchase.refunded", "reason", "regret"),
    ("card.cash.withdrawn", "channel", "web"),
    ("ebanking.transfer.completed", "rail", "SATNA"),
    ("ebanking.transfer.completed", "own", 0),
    ("ebanking.instalment.paid", "days_early", 1.5),
    ("ebanking.service.activated", "service", "fax"),
    (BALANCE, "account", ""),
    (BALANCE, "date", "1405-07-31"),
    (BALANCE, "date", "2026-02-29"),
    (BALANCE, "date", "2026-9-1"),
    (BALANCE, "date", "2200-01-01"),
    ("deposit.account.closed", "date", "1899-12-31"),
    (BALANCE, "balance", 10**15 + 1),
    (BALANCE, "balance", -(10**15) - 1),
    (BALANCE, "minimum", "0"),
    (BALANCE, "revision", -1),
    (BALANCE, "product", "gold"),
    (REGISTERED, "segments", ["s"] * 33),
    (REGISTERED, "segments", "physician"),
    (REGISTERED, "alias", "x" * 129),
    (REGISTERED, "channel", "pos"),
    ("member.consent.changed", "granted", "yes"),
    ("member.consent.changed", "medium", "fax"),
    ("member.festival.joined", "festival", "two words"),
    ("member.points.adjusted", "points", 0),
    ("member.points.adjusted", "operator", ""),
    ("member.points.transferred", "points", -5),
    ("member.points.transferred", "to", "c 2"),
    ("member.redemption.requested", "key", "k" * 65),
    ("member.redemption.requested", "hold_minutes", 0),
    ("member.redemption.captured", "points", 0),
]

BYTES: list[tuple[bytes | None, str]] = [
    (None, "$"),
    (b"", "$"),
    (b"null", "$"),
    (b"[]", "$"),
    (b"{}", "$"),
    (b"not JSON", "$"),
    (b"\xef\xbb\xbf{}", "$"),
]


@pytest.mark.parametrize(("change", "path"), ENVELOPES, ids=str)
def test_envelope(change: dict[str, Any], path: str) -> None:
    wrong = event(PURCHASE) | change
    assert path == _path("bank.card", wrong, _key(wrong))


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "subject", "time", "data"])
def test_envelope_lacks_a_field(name: str) -> None:
    wrong = event(PURCHASE)
    del wrong[name]
    assert f"`{name}`" in _refusal("bank.card", written(wrong)).detail


@pytest.mark.parametrize(("type", "field", "value"), DATA, ids=lambda value: str(value)[:40])
def test_data(type: str, field: str, value: Any) -> None:
    example = EXAMPLES[type]
    assert _path(example.topic, event(type, {**example.data, field: value})) == f"$.data.{field}"


@pytest.mark.parametrize(
    ("type", "name"),
    [(type, name) for type, example in EXAMPLES.items() for name in example.data if name not in example.optional],
)
def test_data_lacks_a_field(type: str, name: str) -> None:
    example = EXAMPLES[type]
    data = {field: value for field, value in example.data.items() if field != name}
    refusal = _refusal(example.topic, written(event(type, data)))
    assert refusal.detail == f"$.data: object missing required field `{name}`"


def test_path_reaches_into_lists_and_objects() -> None:
    data = EXAMPLES[REGISTERED].data
    assert _path("club.member", event(REGISTERED, {**data, "consents": {"sms": 1}})) == "$.data.consents.sms"
    assert _path("club.member", event(REGISTERED, {**data, "segments": ["a", ""]})) == "$.data.segments[1]"


@pytest.mark.parametrize(("value", "path"), BYTES)
def test_bytes(value: bytes | None, path: str) -> None:
    refusal = _refusal("bank.card", value)
    assert refusal.code == "invalid"
    assert refusal.detail.startswith(f"{path}: ")


@pytest.mark.parametrize("key", [None, b"", b"c-4712", b"c-4711 ", "c-۴۷۱۱".encode(), b"\xff"])
def test_key_is_not_the_subject(key: bytes | None) -> None:
    assert _path("bank.card", event(PURCHASE), key) == "$.subject"


NOBODYS = "$: a field that the contract does not have is given twice"
SOUND = written(event(PURCHASE))


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (SOUND.replace(b'"mcc"', b'"amount":7,"mcc"'), '$: the field "amount" is given twice'),
        (SOUND.replace(b'"mcc"', b'"amount" :1250000,"mcc"'), '$: the field "amount" is given twice'),
        (SOUND.replace(b'"mcc"', b'"am\\u006funt":7,"mcc"'), '$: the field "amount" is given twice'),
        (SOUND.replace(b'"id"', b'"type":"card.purchase.settled","id"'), '$: the field "type" is given twice'),
        (SOUND.replace(b'"mcc"', b'"x":{"y":1,"y":2},"mcc"'), NOBODYS),
        (SOUND.replace(b'"mcc"', b'"\xff":1,"mcc"'), "$: is not UTF-8"),
        (SOUND.replace(b"m-88", b"m-\xff"), "$: is not UTF-8"),
        (SOUND.replace(b'"mcc"', b'"x":' + b"[" * 32 + b"]" * 32 + b',"mcc"'), "$: is nested deeper than 32 levels"),
        (
            SOUND.replace(b'"mcc"', b'"x":' + b"[" * 10**5 + b"]" * 10**5 + b',"mcc"'),
            "$: is nested deeper than 32 levels",
        ),
        (b"[" * 10**6, "$: is nested deeper than 32 levels"),
        (SOUND.replace(b'"data":{', b'"data":' + b'{"data":' * 40 + b"{"), "$: is nested deeper than 32 levels"),
    ],
)
def test_json_without_one_meaning(value: bytes, detail: str) -> None:
    assert _refusal("bank.card", value).detail == detail


@pytest.mark.parametrize("extra", [b"NaN", b"Infinity", b"01", b"1.", b"nul", b'"\\ud800"', b'"\\q"', b'"\n"', b"1e"])
def test_json_that_is_none_in_an_unknown_field(extra: bytes) -> None:
    assert _refusal("bank.card", SOUND.replace(b'"mcc"', b'"x":' + extra + b',"mcc"')).detail.startswith(
        "$: is not JSON"
    )


@pytest.mark.parametrize(
    "extra",
    [b"9" * 5000, b"1e999", b"[" * 29 + b"]" * 29, b'"' + b"[{" * 50 + b'"', b'"\\"' + b"[{" * 50 + b'"', b"null"],
)
def test_unknown_fields_are_ignored_whatever_they_hold(extra: bytes) -> None:
    value = SOUND.replace(b'"mcc"', b'"x":' + extra + b',"mcc"')
    assert decode("bank.card", KEY, value) == decode("bank.card", KEY, SOUND)


def test_details_hold_no_values_and_are_short() -> None:
    secret = "0012345678"
    for change in (
        {"type": secret},
        {"subject": secret},
        {"specversion": secret},
        {"time": secret},
        {"source": f"{secret} "},
    ):
        assert secret not in str(_refusal("bank.card", written(event(PURCHASE) | change)))
    for name in EXAMPLES[PURCHASE].data:
        wrong = event(PURCHASE, {**EXAMPLES[PURCHASE].data, name: [secret]})
        assert secret not in str(_refusal("bank.card", written(wrong)))
    twice = SOUND.replace(b'"mcc"', b'"%b":1,"%b":2,"mcc"' % (b"x" * 9999, b"x" * 9999))
    assert len(_refusal("bank.card", twice).detail) < 250


@given(st.text(min_size=1))
@example("سیما کریمی، کد ملی ۰۰۱۲۳۴۵۶۷۸، خیابان ولیعصر تهران")
def test_the_name_of_a_field_that_is_nobodys_is_not_told(name: str) -> None:
    """Only letters that meaning 0 wrote quote it, and `verify` compares those byte for byte."""
    assume(name not in field_names() | {"null"})  # a word of such details, which tells nobody's secret
    quoted = json.dumps(name).encode()
    refusal = _refusal("bank.card", SOUND.replace(b'"mcc"', b'%b:1,%b:2,"mcc"' % (quoted, quoted)))
    assert refusal.detail == NOBODYS
    assert refusal.detail_before == Invalid("invalid", f"$: the field {json.dumps(name[:64])} is given twice").detail
    assert '"' not in shown_detail(refusal.detail_before, reveal=False)


def test_an_unknown_topic_is_a_fault_of_the_caller() -> None:
    with pytest.raises(KeyError):
        decode("bank.cards", KEY, SOUND)


def _refusal(topic: str, value: bytes | None, key: bytes | None = KEY) -> Invalid:
    with pytest.raises(Invalid) as caught:
        decode(topic, key, value)
    return caught.value


def _path(topic: str, wrong: Mapping[str, Any], key: bytes | None = KEY) -> str:
    refusal = _refusal(topic, json.dumps(wrong).encode(), key)
    assert refusal.code == "invalid"
    return refusal.detail.partition(": ")[0]


def _key(wrong: Mapping[str, Any]) -> bytes:
    return str(wrong["subject"]).encode()


def test_a_name_among_very_many_that_is_given_twice_is_found_in_one_pass() -> None:
    """The square of so many would take an hour, in which the lane stands still."""
    many = b",".join(b'"%d":0' % number for number in range(200_000))
    with pytest.raises(Invalid, match="is given twice"):
        decode("bank.card", KEY, SOUND.replace(b'"mcc"', b'"more":{%b,"z":0,"z":0},"mcc"' % many))
