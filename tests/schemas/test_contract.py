"""Topics, and what is generated from the models: JSON Schemas and the public page."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import document, export, topics
from schemas.contract import INPUT_MODELS, MODELS, models_of
from schemas.dead_letter import CODES, headers
from schemas.events import Invalid, decode
from schemas.outputs import decode_output, output_id
from tests.schemas.examples import EXAMPLES, SUBJECT, event, written
from tests.schemas.strategies import data_of
from tests.schemas.test_invalid import DATA

VALIDATORS = {topic: Draft202012Validator(export.schema(topic)) for topic in MODELS}


def test_inputs_stand_in_the_order_that_breaks_ties() -> None:
    assert [topic.short for topic in topics.INPUTS] == ["member", "command", "card", "ebanking", "deposit"]
    assert set(INPUT_MODELS) == {topic.name for topic in topics.INPUTS}


def test_topics_are_declared_once() -> None:
    assert len(topics.BY_NAME) == len(topics.BY_SHORT_NAME) == len(topics.TOPICS)
    assert topics.BY_SHORT_NAME["dead-letter"].name == "club.dead-letter"
    assert set(MODELS) <= set(topics.BY_NAME)


def test_members_topics_are_co_partitioned() -> None:
    of_members = [topic for topic in topics.TOPICS if topic.key == "member"]
    assert set(topics.INPUTS) < set(of_members)
    assert {topic.partition_count(24) for topic in (*of_members, topics.STATE, topics.DEAD_LETTER)} == {24}
    assert (topics.JOURNAL.partition_count(24), topics.PROGRAMME.partition_count(24)) == (25, 1)


def test_settings_of_the_broker() -> None:
    assert topics.CARD.config() == {"cleanup.policy": "delete", "retention.ms": str(400 * 86_400_000)}
    assert topics.STATE.config()["cleanup.policy"] == "compact"
    assert topics.JOURNAL.config() == topics.CARD.config()


def test_schema_files_are_up_to_date() -> None:
    assert export.main(["--check"]) == 0


def test_an_outdated_schema_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(export, "FOLDER", tmp_path / "json")
    assert export.main([]) == 0
    assert export.main(["--check"]) == 0
    (tmp_path / "json" / "bank.card.json").write_text("{}")
    (tmp_path / "json" / "bank.gone.json").write_text("{}")
    assert export.main(["--check"]) == 1
    outdated = capsys.readouterr().err
    assert "bank.card.json: out of date" in outdated
    assert "bank.gone.json: out of date" in outdated
    assert export.main([]) == 0
    assert export.main(["--check"]) == 0
    assert not (tmp_path / "json" / "bank.gone.json").exists()


@pytest.mark.parametrize("topic", MODELS)
def test_schemas_are_schemas(topic: str) -> None:
    Draft202012Validator.check_schema(json.loads((export.FOLDER / f"{topic}.json").read_text("utf-8")))


@pytest.mark.parametrize("type", EXAMPLES)
def test_schemas_accept_the_examples(type: str) -> None:
    VALIDATORS[EXAMPLES[type].topic].validate(event(type))


@pytest.mark.parametrize(
    ("type", "field", "value"),
    # No schema knows the calendar, and 5.0 is 5 to it; this validator reads patterns with Python's `$`, that of JSON
    # Schema lets no newline pass.
    [case for case in DATA if case[1] != "date" and case[2] not in (5.0, "5411\n")],
    ids=lambda value: str(value)[:40],
)
def test_schemas_refuse_what_decoding_refuses(type: str, field: str, value: Any) -> None:
    example = EXAMPLES[type]
    assert not VALIDATORS[example.topic].is_valid(event(type, {**example.data, field: value}))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_schemas_accept_what_decoding_accepts(draw: st.DataObject) -> None:
    topic = draw.draw(st.sampled_from(sorted(INPUT_MODELS)))
    model = draw.draw(st.sampled_from(models_of(topic)))
    record = event(str(model.__struct_config__.tag), draw.draw(data_of(model)))
    decode(topic, SUBJECT.encode(), written(record))
    VALIDATORS[topic].validate(record)


def test_page_is_up_to_date(capsys: Any) -> None:
    assert document.main(["--check"]) == 0, capsys.readouterr().err


def test_an_outdated_page_is_noticed() -> None:
    page, texts = document.PAGE.read_text("utf-8"), document.blocks()
    outdated = page.replace("Merchant category code, four digits.", "")
    assert outdated != page
    assert document.renewed(outdated, texts) == page
    with pytest.raises(ValueError, match=r"bank\.card"):
        document.renewed(page.replace("<!-- end bank.card -->", ""), texts)


def test_page_shows_every_type_and_every_code() -> None:
    page = document.PAGE.read_text("utf-8")
    types = [str(model.__struct_config__.tag) for topic in MODELS for model in models_of(topic)]
    assert [type for type in types if f"**`{type}`**" not in page] == []
    assert [code for code in CODES if f"dead letter `{code}`" not in page] == []


def test_examples_of_the_page_are_of_the_contract() -> None:
    page = document.PAGE.read_text("utf-8")
    purchase, posting = (text.encode() for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    activity = decode("bank.card", b"c-4711", purchase)
    output = decode_output("club.points", posting)
    assert (output.data.activity.source, output.data.activity.id) == (activity.source, activity.id)
    assert output.id == output_id(
        "points.accrued", activity.member, activity.source, activity.id, output.data.rule, output.data.lot, 0
    )


def test_headers_of_a_dead_letter() -> None:
    assert headers("bank.card", 3, 17, "invalid", "$.data.amount: expected `int`") == (
        ("topic", b"bank.card"),
        ("partition", b"3"),
        ("offset", b"17"),
        ("error", b"invalid"),
        ("detail", b"$.data.amount: expected `int`"),
    )


def test_a_refusal_has_a_code_of_dead_letters() -> None:
    with pytest.raises(Invalid) as caught:
        decode("bank.card", b"c-4711", b"{}")
    assert caught.value.code in CODES
