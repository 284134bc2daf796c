"""`bashgah dead-letter` as people run it, against letters that lanes have written."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.broker.embedded import EmbeddedBroker
from agents.broker.embedded_upkeep import apply_retention
from agents.broker.interface import Broker, Output, Record, TopicSpec
from agents.cli.main import main
from agents.dead_letters import letter_of
from agents.exit_codes import ExitCode
from agents.replay_keys import ReplayKeys, new_line
from engine.calendar import DAY_MS, to_ms
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
from tables.journal import decode_entry
from tests.agents.cli.club import RULES, DiskClub, event, purchase

NOW_TEXT = "2026-09-23T10:00:00+03:30"
NOW = to_ms(dt.datetime.fromisoformat(NOW_TEXT))
LONG_AGO = "2025-05-01T10:00:00+03:30"
assert NOW - to_ms(dt.datetime.fromisoformat(LONG_AGO)) > 400 * DAY_MS
BY = ("--operator", "m.karimi", "--reason", "ticket 4711: outage of the switch")
BROKEN = purchase("broken", NOW_TEXT, "1000", card="6037991234567890")


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> DiskClub:
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "replay-keys"
    file.touch(0o600)
    file.write_text(f"# of the club\n{new_line('new')}\n{new_line('old')}\n")
    monkeypatch.setenv("BASHGAH_REPLAY_KEYS_FILE", str(file))
    monkeypatch.setattr("agents.cli.dead_letter.wall_clock", lambda: NOW)
    club = DiskClub(tmp_path, capsys).prepare(RULES)
    club.keys = ReplayKeys.read(file)
    return club


def letters(club: DiskClub) -> list[Record]:
    return club.read(topics.DEAD_LETTER.name)


def names(club: DiskClub, code: str) -> list[str]:
    return [letter_of(record).name for record in letters(club) if letter_of(record).code == code]


def balance(club: DiskClub, member: str = "m-1") -> int:
    shown = club.run("member", "show", member, "--json")
    assert shown.code == 0, shown.err
    return int(json.loads(shown.out)["balance"]["active"])


def test_letters_are_counted_listed_and_filtered(club: DiskClub) -> None:
    club.publish(
        BROKEN,
        purchase("old", LONG_AGO, 500_000),
        event("soon", "ebanking.bill.paid", "2026-09-24T10:00:00Z", amount=1, bill="gas", channel="app"),
        ("bank.card", b"m-2", b"\xff not JSON"),
        purchase("good", NOW_TEXT, 500_000),
    )
    club.score(NOW)
    listed = club.run("dead-letter", "list")
    assert listed.code == 0, listed.err
    counts = [line.split() for line in listed.out.splitlines() if line.startswith("│") and "bank." in line]
    assert ["│", "invalid", "│", "bank.card", "│", "2"] in [words[:6] for words in counts]
    assert "4 dead letter(s), 4 shown" in listed.out
    assert "m-2" not in listed.out
    assert "m-2" in club.run("dead-letter", "list", "--reveal").out
    some = club.run("dead-letter", "list", "--code", "too_old", "--topic", "card", "--member", "m-1")
    assert "1 dead letter(s), 1 shown" in some.out
    assert "1 dead letter(s), 0 shown" in club.run("dead-letter", "list", "--code", "too_old", "--limit", "0").out
    assert "no dead letters" in club.run("dead-letter", "list", "--topic", "bank.deposit").out
    assert "no dead letters" in club.run("dead-letter", "list", "--until", "1405-01-01").out
    assert "4 dead letter(s)" in club.run("dead-letter", "list", "--since", "۱۴۰۵-۰۱-۰۱").out


def test_one_letter_is_shown_without_what_it_says_of_a_person(club: DiskClub) -> None:
    club.publish(BROKEN)
    club.score(NOW)
    (name,) = names(club, "invalid")
    masked = club.run("dead-letter", "show", name)
    assert masked.code == 0, masked.err
    assert "detail     $.data.amount: expected `int`, got `str`" in masked.out
    assert '"type": "card.purchase.settled"' in masked.out
    assert '"channel": "pos"' in masked.out
    assert '"card": "‹16 characters›"' in masked.out
    for secret in ("6037991234567890", "m-1", "1000", "shop"):
        assert secret not in masked.out
    revealed = club.run("dead-letter", "show", name, "--reveal")
    assert "key        m-1" in revealed.out
    assert json.loads(revealed.out[revealed.out.index("{") :]) == BROKEN


def test_a_replay_publishes_the_same_bytes_with_who_and_why(club: DiskClub) -> None:
    club.publish(purchase("old", LONG_AGO, 500_000))
    club.score(NOW)
    (name,) = names(club, "too_old")
    before = letters(club)
    dry = club.run("dead-letter", "replay", name, *BY, "--dry-run")
    assert "1 letter(s) would be replayed, 0 stay" in dry.out
    assert len(club.read(topics.CARD.name)) == 1
    done = club.run("dead-letter", "replay", name, *BY)
    assert done.code == 0, done.err
    original, again = club.read(topics.CARD.name)
    assert (again.partition, again.key, again.value) == (original.partition, original.key, original.value)
    assert {name: value for name, value in again.headers if not name.startswith("sign")} == {
        REPLAY_OF: f"club.dead-letter/{name.replace(':', '/')}".encode(), OPERATOR: b"m.karimi",
        REASON: b"ticket 4711: outage of the switch", ACCEPT: b"too_old",
    }  # fmt: skip
    club.score(NOW)
    assert letters(club) == before
    assert balance(club) == 5
    club.verify()


def test_an_event_that_is_too_old_is_accepted_once_whoever_asks(club: DiskClub) -> None:
    twice = purchase("old", LONG_AGO, 500_000)
    club.publish(twice, twice)
    club.score(NOW)
    first, second = names(club, "too_old")
    done = club.run("dead-letter", "replay", "--all", *BY)
    assert "1 letter(s) replayed, 1 stay" in done.out
    assert f"{second} stays (too_old): the same event is accepted with {first}" in done.out
    for name in (first, second):
        again = club.run("dead-letter", "replay", name, *BY)
        assert "0 letter(s) replayed, 1 stay" in again.out
        assert "was replayed before: bank.card/" in again.out
    club.score(NOW)
    assert balance(club) == 5
    club.publish(twice)  # by the bank, without an operator's decision
    club.score(NOW + 40 * DAY_MS)
    assert len(names(club, "too_old")) == 3
    assert balance(club) == 5
    club.verify()


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
        await broker.publish([Output(copy.topic, copy.partition, copy.key, copy.value, copy.headers)])

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


def padded(id: str, length: int) -> dict[str, Any]:
    """A purchase of long ago, of about this many bytes."""
    return {**purchase(id, LONG_AGO, 500_000), "note": "n" * length}


def test_a_letter_that_holds_only_a_part_is_replayed_whole_from_its_input(club: DiskClub) -> None:
    club.publish(padded("long", 100_000))
    club.score(NOW)
    (name,) = names(club, "too_old")
    shown = club.run("dead-letter", "show", name)
    assert f"cut        the value has {len(json.dumps(padded('long', 100_000))):,} bytes, SHA-256 " in shown.out
    assert "1 letter(s) replayed, 0 stay" in club.run("dead-letter", "replay", name, *BY).out
    first, second = club.read(topics.CARD.name)
    assert first.value == second.value
    club.score(NOW)
    assert balance(club) == 5
    club.verify()


def test_a_part_of_a_record_is_never_replayed_for_the_whole(club: DiskClub) -> None:
    club.publish(padded("gone", 100_000))
    club.score(NOW)
    (letter,) = letters(club)

    async def taken_by_retention(broker: Broker) -> None:
        assert isinstance(broker, EmbeddedBroker)
        apply_retention(broker.log, NOW + 10_000 * DAY_MS)
        await broker.publish([Output(letter.topic, letter.partition, letter.key, letter.value, letter.headers)])

    async def made_anew(broker: Broker) -> None:
        await broker.delete_topics([topics.CARD.name])
        await broker.create_topics([TopicSpec(topics.CARD.name, club.partitions)])

    club.ask(taken_by_retention)
    said = club.run("dead-letter", "replay", "--all", *BY).out
    assert "0 letter(s) replayed, 1 stay" in said
    assert f"retention has taken bank.card/{letter.partition} offset 0" in said
    club.ask(made_anew)
    assert "is not that record" in club.run("dead-letter", "replay", "--all", *BY).out
    club.publish(padded("other", 100_000))
    assert "is not that record" in club.run("dead-letter", "replay", "--all", *BY).out
    assert len(club.read(topics.CARD.name)) == 1


def test_what_would_be_refused_again_stays(club: DiskClub) -> None:
    club.publish(
        BROKEN,
        purchase("p", NOW_TEXT, 500_000),
        purchase("p", NOW_TEXT, 900_000),
        purchase("later", "2126-01-01T00:00:00Z", 500_000),
        event("gone", "member.erased", NOW_TEXT, "m-2"),
        event(
            "day-to-come", "deposit.balance.recorded", NOW_TEXT, account="a", product="current", date="2062-01-01",
            balance=1, revision=0,
        ),
    )  # fmt: skip
    club.score(NOW)
    club.publish(purchase("after", NOW_TEXT, 500_000, "m-2"))
    club.score(NOW)
    inputs = len(club.read(topics.CARD.name))
    done = club.run("dead-letter", "replay", "--all", *BY)
    assert done.code == 0, done.err
    assert "0 letter(s) replayed, 5 stay" in done.out
    for said in (
        "is still no event of the contract ($.data.amount",
        "with other content",
        "still",
        "erased",
        "its own time",
    ):
        assert said in done.out
    assert len(club.read(topics.CARD.name)) == inputs


def test_a_letter_of_a_wrong_partition_goes_to_the_right_one(club: DiskClub) -> None:
    wrong = (club.lane_of("m-1") + 1) % club.partitions
    value = json.dumps(purchase("p", NOW_TEXT, 500_000)).encode()

    async def publish(broker: Broker) -> None:
        await broker.publish([Output(topics.CARD.name, wrong, b"m-1", value)])

    club.ask(publish)
    club.score(NOW)
    done = club.run("dead-letter", "replay", "--all", "--code", "wrong_partition", *BY)
    assert f"replayed to bank.card/{club.lane_of('m-1')} (wrong_partition)" in done.out
    club.score(NOW)
    assert balance(club) == 5
    club.run("dead-letter", "replay", "--all", *BY)
    club.score(NOW)
    assert balance(club) == 5, "what was applied is known by its id"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "0:99"), ExitCode.BAD_FILE, "0:99: there is no such dead letter"),
        (("show", "9:0"), ExitCode.BAD_FILE, "9:0: there is no such dead letter"),
        (("show", "first"), ExitCode.USAGE, "names no letter"),
        (("list", "--code", "bad"), ExitCode.USAGE, "it is one of invalid, too_large"),
        (("list", "--topic", "club.points"), ExitCode.USAGE, "is no input"),
        (("list", "--since", "yesterday"), ExitCode.USAGE, "--since: 'yesterday'"),
        (("replay", *BY), ExitCode.USAGE, "one of them says which letters"),
        (("replay", "0:0", "--all", *BY), ExitCode.USAGE, "one of them says which letters"),
        (("replay", "0:0", "--code", "invalid", *BY), ExitCode.USAGE, "one of them says which letters"),
        (("replay", "--all", "--operator", " ", "--reason", "r"), ExitCode.USAGE, "--operator: is empty"),
        (("replay", "--all", "--operator", "o"), ExitCode.USAGE, "--reason"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_mistakes_are_named(club: DiskClub, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = club.run("dead-letter", *arguments)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err
