"""`bashgah dead-letter` as people run it, against letters that lanes have written."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.broker.interface import Broker, TopicSpec
from agents.process.exit_codes import ExitCode
from bashgah.embedded.broker import EmbeddedBroker
from bashgah.embedded.upkeep import apply_retention
from engine.calendar import DAY_MS
from schemas import topics
from schemas.dead_letter import ACCEPT, OPERATOR, REASON, REPLAY_OF, headers
from schemas.records import BATCH_BYTES_MAX, OutputRecord, record_bytes
from tests.bashgah.cli.club import DiskClub, event, purchase
from tests.bashgah.cli.letters import BY, LONG_AGO, NOW, NOW_TEXT, balance, club_with_keys, letters, names

BROKEN = purchase("broken", NOW_TEXT, "1000", card="6037991234567890")


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> DiskClub:
    return club_with_keys(tmp_path, capsys, monkeypatch)


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
        assert "0 letter(s) replayed, 1 stay: nothing was published" in again.out
        assert again.code == ExitCode.DONE, "as its help says"
        assert "was replayed before: bank.card/" in again.out
    club.score(NOW)
    assert balance(club) == 5
    club.publish(twice)  # by the bank, without an operator's decision
    club.score(NOW + 40 * DAY_MS)
    assert len(names(club, "too_old")) == 3
    assert balance(club) == 5
    club.verify()


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


def test_a_letter_that_stays_keeps_no_other_of_its_event_from_being_replayed(club: DiskClub) -> None:
    small = padded("old", 0)
    room = BATCH_BYTES_MAX - record_bytes(OutputRecord(topics.CARD.name, 0, b"m-1", json.dumps(small).encode()))
    club.publish(padded("old", room), small)  # with the headers of a replay the first is too large
    club.score(NOW)
    first, second = names(club, "too_old")
    done = club.run("dead-letter", "replay", "--all", *BY)
    assert f"{first} stays (too_old): it is larger than a record of the club may be" in done.out
    assert f"{second} replayed to bank.card/" in done.out
    club.score(NOW)
    assert balance(club) == 5
    club.verify()


def test_a_letter_that_a_lane_would_find_too_large_with_the_headers_of_a_replay_stays(
    club: DiskClub, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = padded("old", 0)
    club.publish(padded("old", 65_500 - len(json.dumps(small))))
    club.score(NOW)
    (name,) = names(club, "too_old")
    monkeypatch.setenv("BASHGAH_RECORD_BYTES_MAX", "65536")
    assert f"{name} stays (too_old): it is larger" in club.run("dead-letter", "replay", name, *BY).out
    monkeypatch.setenv("BASHGAH_RECORD_BYTES_MAX", "67000")
    assert f"{name} replayed" in club.run("dead-letter", "replay", name, *BY).out


def test_a_part_of_a_record_is_never_replayed_for_the_whole(club: DiskClub) -> None:
    club.publish(padded("gone", 100_000))
    club.score(NOW)
    (letter,) = letters(club)

    async def taken_by_retention(broker: Broker) -> None:
        assert isinstance(broker, EmbeddedBroker)
        apply_retention(broker.log, NOW + 10_000 * DAY_MS)
        await broker.publish([OutputRecord(letter.topic, letter.partition, letter.key, letter.value, letter.headers)])

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
        await broker.publish([OutputRecord(topics.CARD.name, wrong, b"m-1", value)])

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


def test_what_no_lane_has_written_hides_no_letter(club: DiskClub, caplog: pytest.LogCaptureFixture) -> None:
    club.publish(BROKEN)
    club.score(NOW)
    of_a_later_release = headers("bank.card", 0, 7, "invalid", "words of another time")
    of_a_later_release = tuple((name, b"newer" if name == "error" else value) for name, value in of_a_later_release)

    async def write(broker: Broker) -> None:
        place = (topics.DEAD_LETTER.name, 0, b"m-1", b"x")
        await broker.publish(
            [
                OutputRecord(*place),
                OutputRecord(*place, (("error", b"\xff"),)),
                OutputRecord(*place, of_a_later_release),
            ]
        )

    club.ask(write)
    listed = club.run("dead-letter", "list")
    assert (listed.code, "2 dead letter(s), 2 shown" in listed.out) == (0, True), listed.err
    assert "this release does not know the code" in listed.out
    assert caplog.text.count("lacks the headers of a dead letter") == 1
    (newer,) = (each for each in club.read(topics.DEAD_LETTER.name) if dict(each.headers).get("error") == b"newer")
    shown = club.run("dead-letter", "show", f"{newer.partition}:{newer.offset}")
    assert (shown.code, "newer: this release does not know the code" in shown.out) == (0, True), shown.err
    replayed = club.run("dead-letter", "replay", "--all", "--code", "invalid", "--dry-run", *BY)
    assert (replayed.code, "1 stay" in replayed.out) == (0, True), replayed.err
