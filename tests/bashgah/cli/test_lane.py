"""`bashgah lane` as people run it."""

from pathlib import Path

import msgspec
import pytest

from agents.broker.errors import Fenced
from agents.lanes.dead_letter_limit import Limit, over_limit
from agents.process.exit_codes import ExitCode
from agents.scoring.intake import decode_record
from bashgah.admin.dead_letters import letter_of
from schemas import topics
from schemas.records import Record
from tables.store import WATERMARK_KEY
from tests.architecture.test_documents_runbook import rows
from tests.bashgah.cli.club import RULES, DiskClub, purchase
from tests.bashgah.cli.letters import NOW, NOW_TEXT

BY = ("--operator", "m.karimi", "--reason", "ticket 4711")


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> DiskClub:
    monkeypatch.setenv("COLUMNS", "200")
    return DiskClub(tmp_path, capsys, partitions=1).prepare(RULES)


def test_one_record_is_left_out_and_comes_back_by_a_replay(club: DiskClub) -> None:
    club.publish(*(purchase(f"p{number}", NOW_TEXT, 500_000) for number in range(3)))
    done = club.run("lane", "resume", "0", "--skip", "card:۰", *BY)
    assert done.code == 0, done.err
    assert "bank.card/0 offset 0 is left out; it is a dead letter" in done.out
    assert "lane 0 goes on" in done.out
    club.score(NOW)
    assert len(club.read(topics.POINTS.name)) == 2
    [letter] = club.read(topics.DEAD_LETTER.name)
    assert letter_of(letter).code == "skipped"
    listed = club.run("dead-letter", "list", "--code", "skipped")
    assert "m.karimi: ticket 4711" in listed.out
    assert "1 letter(s) replayed, 0 stay" in club.run("dead-letter", "replay", "0:0", *BY).out
    club.score(NOW)
    assert len(club.read(topics.POINTS.name)) == 3
    club.verify()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--skip", "bank.card:1", *BY), ExitCode.REFUSED, "bank.card/0 offset 1: there is no such record yet"),
        (("--skip", "bank.card", *BY), ExitCode.USAGE, "'bank.card' names no record"),
        (("--skip", "bank.card:-1", *BY), ExitCode.USAGE, "names no record"),
        (("--skip", "bank.card:1 2", *BY), ExitCode.USAGE, "names no record"),
        (("--skip", "club.points:0", *BY), ExitCode.USAGE, "names no record"),
        (("--skip", "club.partial:0", *BY), ExitCode.REFUSED, "club.partial: is no input of a lane"),
        (("--skip", "bank.card:0", "--accept", *BY), ExitCode.USAGE, "one of them is needed"),
        (BY, ExitCode.USAGE, "one of them is needed"),
        (("--accept", "--operator", "o", "--reason", "r" * 1_001), ExitCode.USAGE, "--reason: has 1,001 characters"),
        (("--accept", "--operator", " ", "--reason", "r"), ExitCode.USAGE, "--operator: is empty"),
    ],
    ids=lambda value: " ".join(map(str, value))[:40] if isinstance(value, tuple) else None,
)
def test_mistakes_are_named(club: DiskClub, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = club.run("lane", "resume", "0", *arguments)
    assert (done.code, said in done.err) == (code, True), done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("lane", ["0", "coordinator"])
def test_who_decides_beside_somebody_else_is_told_so(
    club: DiskClub, lane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fenced(*_: object) -> None:
        raise Fenced("bashgah-0")

    monkeypatch.setattr("bashgah.cli.lane.resume", fenced)
    monkeypatch.setattr("bashgah.cli.lane.resume_coordinator", fenced)
    done = club.run("lane", "resume", lane, "--accept", *BY)
    assert done.code == ExitCode.FENCED
    assert done.err.startswith(f"bashgah: {lane}: somebody else opened it meanwhile")
    assert "decide again" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("lane", "status"), ("lane", "resume", "0", "--accept", *BY), ("verify",), ("member", "show", "c-1"),
        ("lane", "resume", "coordinator", "--accept", *BY), ("dead-letter", "replay", "--all", *BY),
        ("topics", "create", "--partitions", "1", "--from", "earliest"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_a_later_release_wrote_is_no_fault_of_this_one(club: DiskClub, arguments: tuple[str, ...]) -> None:
    club.publish(purchase("p1", NOW_TEXT, 500_000))
    club.score(NOW)
    [mark] = [each for each in club.read(topics.STATE.name) if each.key == WATERMARK_KEY][-1:]
    assert mark.value is not None
    later = msgspec.msgpack.encode([99, *msgspec.msgpack.decode(mark.value)[1:], "more"])
    club.publish((topics.STATE.name, WATERMARK_KEY, later))
    done = club.run(*arguments)
    assert (done.code, "Traceback" in done.err) == (ExitCode.REFUSED, False), done.err
    assert "has format 99" in done.err
    assert "run the release that wrote it, or a later one" in done.err


def test_a_lane_at_its_dead_letter_limit_is_told_in_the_words_of_the_runbook(
    club: DiskClub, monkeypatch: pytest.MonkeyPatch
) -> None:
    club.publish(("bank.card", b"m-1", b"{}"))
    club.score(NOW)
    monkeypatch.setenv("BASHGAH_DEAD_LETTER_WINDOW_EVENTS", "100")
    monkeypatch.setenv("BASHGAH_DEAD_LETTER_PERCENT_MAX", "1")
    done = club.run("lane", "status")
    assert done.code == ExitCode.REFUSED
    said = " ".join(done.out.replace("│", " ").split())
    quoted = [row[0].strip("`") for row in rows("Refusals") if "[Dead letters]" in row[2]]
    assert len(quoted) == 1
    item = decode_record(Record("bank.card", 0, 7, 0, b"m-1", b"{}", ()))
    for words in (said, over_limit(item, [], Limit(1, 100)).reason):
        assert quoted[0].strip() in words, words
    assert "stops at the next one, or has stopped there" in said
    assert "programme offset" in said
    assert "programme offset, the lane goes by the versions that stand below it" in " ".join(
        club.run("lane", "status", "--help").out.replace("│", " ").split()
    )
