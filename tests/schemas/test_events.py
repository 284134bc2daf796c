"""What the club reads: every type with all and with the fewest fields, and what becomes of them."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import day_end, day_number, day_of, to_ms
from schemas.contract import INPUT_MODELS, models_of
from schemas.events import decode, head
from tests.schemas.examples import EXAMPLES, SUBJECT, event, written
from tests.schemas.strategies import data_of

KEY = SUBJECT.encode()
TIME = to_ms(dt.datetime(2026, 9, 23, 4, 30, 0, 250_000, tzinfo=dt.UTC))


def test_every_input_type_has_an_example() -> None:
    declared = {model.__struct_config__.tag: topic for topic in INPUT_MODELS for model in models_of(topic)}
    assert declared == {type: example.topic for type, example in EXAMPLES.items()}


@pytest.mark.parametrize("type", EXAMPLES)
def test_reads_all_fields(type: str) -> None:
    example = EXAMPLES[type]
    activity = decode(example.topic, KEY, written(event(type)))
    assert activity[:5] == ("/core/card-switch", "e-1", type, SUBJECT, TIME)
    assert _values(activity.data, example.data) == dict(example.data)


@pytest.mark.parametrize("type", EXAMPLES)
def test_absent_and_null_optional_fields_are_the_same_none(type: str) -> None:
    example = EXAMPLES[type]
    needed = {name: value for name, value in example.data.items() if name not in example.optional}
    fewest = decode(example.topic, KEY, written(event(type, needed)))
    with_nulls = decode(example.topic, KEY, written(event(type, needed | dict.fromkeys(example.optional))))
    assert all(getattr(fewest.data, name) is None for name in example.optional)
    assert fewest == with_nulls


@pytest.mark.parametrize("type", EXAMPLES)
def test_layout_does_not_matter(type: str) -> None:
    example, plain = EXAMPLES[type], event(type)
    spread = json.dumps(dict(reversed(plain.items())), indent=2, ensure_ascii=True).encode()
    assert decode(example.topic, KEY, spread) == decode(example.topic, KEY, written(plain))


@pytest.mark.parametrize("type", ["member.left", "member.erased"])
def test_a_type_without_fields_needs_no_data(type: str) -> None:
    without = event(type)
    del without["data"]
    assert decode("club.member", KEY, written(without)) == decode("club.member", KEY, written(event(type)))


def test_a_payment_stands_at_its_time() -> None:
    activity = decode("bank.card", KEY, written(event("card.purchase.settled", time="2026-09-22T20:30:00Z")))
    assert (activity.moment, activity.day, activity.minute) == (
        activity.time,
        day_number(dt.date(2026, 9, 23)),  # midnight in Tehran
        0,
    )


@pytest.mark.parametrize("date", ["1993-03-21", "2014-09-21", "2022-09-21", "2026-09-22", "1969-12-31"])
def test_a_balance_stands_at_the_end_of_its_date(date: str) -> None:
    data = {**EXAMPLES["deposit.balance.recorded"].data, "date": date}
    activity = decode("bank.deposit", KEY, written(event("deposit.balance.recorded", data)))
    number = day_number(dt.date.fromisoformat(date))
    assert activity.time == TIME
    assert (activity.moment, activity.day, activity.minute) == (day_end(number), number, 23 * 60 + 59)
    assert day_of(activity.moment + 1) == number + 1


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1969-12-31T23:59:59.999Z", -1),
        ("1970-01-01T03:30:00+03:30", 0),
        ("2026-09-23T04:30:00.250999Z", TIME),
        ("2026-09-23T04:30:00.25-00:00", TIME),
        ("2026-09-22T23:30:00.25-05:00", TIME),
    ],
)
def test_time_is_kept_in_milliseconds(text: str, instant: int) -> None:
    assert decode("bank.card", KEY, written(event("card.chargeback.won", time=text))).time == instant


@given(st.data())
def test_whatever_the_models_allow_is_read_as_it_was_written(draw: st.DataObject) -> None:
    topic = draw.draw(st.sampled_from(sorted(INPUT_MODELS)))
    model = draw.draw(st.sampled_from(models_of(topic)))
    type, data = str(model.__struct_config__.tag), draw.draw(data_of(model))
    layout: dict[str, Any] = draw.draw(st.sampled_from([{"separators": (",", ":")}, {"indent": 1}, {}]))
    value = json.dumps(event(type, data), ensure_ascii=draw.draw(st.booleans()), **layout).encode()
    activity = decode(topic, KEY, value)
    assert activity.type == type
    assert _values(activity.data, data) == data


def test_head_reads_key_and_time_of_whatever_has_them() -> None:
    assert head(written(event("card.purchase.settled"))) == (KEY, TIME)
    assert head(b'{"subject":"c-4711","time":"now"}') == (KEY, None)
    assert head(b'{"subject":7,"time":"2026-09-23T04:30:00.250Z"}') == (None, TIME)
    assert head(b'{"subject":"c-4711","time":"0001-01-01T00:00:00Z"}') == (KEY, None)
    assert head(b"not JSON") == (None, None)


def _values(model: Any, names: Any) -> dict[str, Any]:
    """Those fields of a model, as JSON has them."""
    return {name: _json(getattr(model, name), names[name]) for name in names}


def _json(value: Any, like: Any) -> Any:
    if isinstance(like, dict):
        return _values(value, like)
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, dt.date) else value
