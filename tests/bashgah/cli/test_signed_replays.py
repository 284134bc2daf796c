"""A decision to let a record pass that is too old holds for that record, once, and only if a key has signed it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.broker.interface import Broker
from agents.scoring.age_signatures import ReplayKeys
from bashgah.admin.dead_letters import letter_of
from bashgah.cli.main import main
from engine.calendar import DAY_MS, iso
from schemas import topics
from schemas.dead_letter import (
    ACCEPT,
    OPERATOR,
    REASON,
    REPLAY_OF,
    SIGNATURE,
    SIGNED_AT,
    SIGNED_BY,
    accepts_age,
    replay_headers,
)
from schemas.records import OutputRecord, Record
from tables.journal import decode_entry
from tests.bashgah.cli.club import DiskClub, event, purchase
from tests.bashgah.cli.letters import BY, LONG_AGO, NOW, balance, club_with_keys, letters, names


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> DiskClub:
    return club_with_keys(tmp_path, capsys, monkeypatch)


def signed(club: DiskClub, id: str = "old") -> Record:
    """An event of long ago, refused, and replayed by an operator: the record that lets it pass."""
    club.publish(purchase(id, LONG_AGO, 500_000))
    club.score(NOW)
    done = club.run("dead-letter", "replay", names(club, "too_old")[-1], *BY)
    assert "1 letter(s) replayed" in done.out, done.err
    return club.read(topics.CARD.name)[-1]


def copied(club: DiskClub, record: Record, **changes: Any) -> None:
    """Somebody who may write to the inputs publishes this once more."""
    copy = record._replace(**changes)

    async def publish(broker: Broker) -> None:
        await broker.publish([OutputRecord(copy.topic, copy.partition, copy.key, copy.value, copy.headers)])

    club.ask(publish)


def test_a_signed_decision_counts_once_however_often_its_record_is_copied(club: DiskClub) -> None:
    record = signed(club)
    copied(club, record)
    club.score(NOW)
    assert balance(club) == 5
    for days in (1, 9, 29):  # months end meanwhile, and rows of events from so long ago are forgotten
        copied(club, record)
        club.score(NOW + days * DAY_MS)
        assert balance(club) == 5, days
    assert len(names(club, "too_old")) == 1
    copied(club, record)
    club.score(NOW + 31 * DAY_MS)  # the signature holds no longer than the event is remembered
    assert len(names(club, "too_old")) == 2
    club.score(NOW + 460 * DAY_MS)
    copied(club, record)
    club.score(NOW + 461 * DAY_MS)
    assert balance(club) <= 5
    assert len(club.read(topics.POINTS.name)) < 6
    club.verify()


def test_a_signed_refund_waits_for_its_payment_as_long_as_any_other(
    club: DiskClub, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOW + 31 * DAY_MS  # a month has ended, and rows of events from so long ago are forgotten
    refund = {"amount": 500_000, "original": "paid", "reason": "refund"}
    recent = iso(NOW - 399 * DAY_MS)
    club.publish(purchase("recent", recent, 100_000), event("back", "card.purchase.refunded", LONG_AGO, **refund))
    club.score(NOW)
    assert "1 letter(s) replayed" in club.run("dead-letter", "replay", *names(club, "too_old"), *BY).out
    club.score(NOW)
    club.score(later)
    club.publish(purchase("paid", LONG_AGO, 500_000))
    club.score(later)
    monkeypatch.setattr("bashgah.cli.dead_letter.wall_clock", lambda: later)
    assert "1 letter(s) replayed" in club.run("dead-letter", "replay", names(club, "too_old")[-1], *BY).out
    club.score(later)
    moved = [(found["type"], found["data"]["points"]) for found in map(told, club.read(topics.POINTS.name))]
    assert moved == [("points.accrued", 1), ("points.accrued", 5), ("points.reversed", -5)]
    assert balance(club) == 1
    club.verify()


def told(record: Record) -> dict[str, Any]:
    """The event that a record is."""
    found: dict[str, Any] = json.loads(record.value or b"")
    return found


CHANGES: dict[str, Callable[[Record], dict[str, Any]]] = {
    "another amount": lambda record: {"value": record.value.replace(b"500000", b"900000")},  # type: ignore[union-attr]
    "the same, written otherwise": lambda record: {"value": record.value + b" "},  # type: ignore[operator]
    "no signature": lambda record: {"headers": record.headers[:-1]},
    "twice": lambda record: {"headers": (*record.headers, (REASON, b"another"))},
    **{
        f"another {name}": lambda record, name=name: {  # type: ignore[misc]
            "headers": tuple((each, b"1" + value if each == name else value) for each, value in record.headers)
        }
        for name in (REPLAY_OF, OPERATOR, REASON, ACCEPT, SIGNED_AT, SIGNED_BY, SIGNATURE)
    },
    **{
        f"without {name}": lambda record, name=name: {  # type: ignore[misc]
            "headers": tuple(each for each in record.headers if each[0] != name)
        }
        for name in (REPLAY_OF, OPERATOR, REASON, ACCEPT, SIGNED_AT, SIGNED_BY)
    },
    "bytes that are no text": lambda record: {
        "headers": tuple((name, b"\xff\x00" if name != ACCEPT else value) for name, value in record.headers)
    },
    "headers without a value": lambda record: {
        "headers": tuple((name, b"" if name in (SIGNATURE, SIGNED_BY) else value) for name, value in record.headers)
    },
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_signature_holds_for_one_record_and_one_decision(club: DiskClub, change: str) -> None:
    record = signed(club)
    lanes_own, club.keys = club.keys, ReplayKeys()
    club.score(NOW)  # a worker without keys lets nothing pass
    assert len(names(club, "too_old")) == 2
    club.keys = lanes_own
    copied(club, record, **CHANGES[change](record))
    club.score(NOW)
    assert len(names(club, "too_old")) == 3
    assert balance_or_none(club) is None
    copied(club, record)
    club.score(NOW)
    assert balance(club) == 5
    club.verify()


def balance_or_none(club: DiskClub) -> int | None:
    """The balance of a member whom the lanes may not know."""
    return int(club.read(topics.POINTS.name) != []) or None


def test_headers_of_anybody_let_nothing_pass_and_keep_no_operator_from_deciding(
    club: DiskClub, caplog: pytest.LogCaptureFixture
) -> None:
    whole = replay_headers("club.dead-letter/0/0", "too_old", "m.karimi", "why")
    assert accepts_age(whole)
    event = json.dumps(purchase("old", LONG_AGO, 500_000)).encode()
    place = Record(topics.CARD.name, club.lane_of("m-1"), 0, 0, b"m-1", event, ())
    copied(club, place)
    for _ in range(3):
        copied(club, place, headers=whole)
    copied(club, place, value=b"no event", headers=whole)
    club.score(NOW)
    said = [each.message for each in caplog.records if "claims a decision" in each.message]
    assert len(said) == 1, "once a lane, not once an event"
    refused = [letter_of(each) for each in letters(club)]
    assert [each.code for each in refused] == ["too_old"] * 4 + ["invalid"]
    assert ["no key has signed" in each.detail for each in refused] == [False, True, True, True, False]
    assert "1 letter(s) replayed, 0 stay" in club.run("dead-letter", "replay", refused[0].name, *BY).out
    club.score(NOW)
    assert balance(club) == 5
    club.verify()


def test_the_journal_lists_what_was_let_pass_and_verify_needs_no_key(club: DiskClub) -> None:
    record = signed(club)
    club.score(NOW)
    entries = [decode_entry(each.value or b"") for each in club.read(topics.JOURNAL.name)]
    assert [each.passed for each in entries if each.passed] == [((record.topic, record.offset),)]
    club.verify()
    explained = club.run("member", "explain", "m-1", "/core", "old")
    assert (explained.code, "5 points" in explained.out) == (0, True), explained.err


def test_without_keys_nothing_that_is_too_old_is_replayed(club: DiskClub, monkeypatch: pytest.MonkeyPatch) -> None:
    club.publish(purchase("old", LONG_AGO, 500_000))
    club.score(NOW)
    monkeypatch.delenv("BASHGAH_REPLAY_KEYS_FILE")
    done = club.run("dead-letter", "replay", "--all", *BY)
    assert "0 letter(s) replayed, 1 stay" in done.out
    assert "BASHGAH_REPLAY_KEYS_FILE names no keys" in done.out
    assert len(club.read(topics.CARD.name)) == 1


def test_a_key_is_printed_as_a_line_of_the_file(club: DiskClub, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["dead-letter", "key", "--name", "1405-a"])
    assert ended.value.code in (0, None)
    name, secret = capsys.readouterr().out.split()
    assert (name, len(secret)) == ("1405-a", 43)
