"""`bashgah score`: the table by rule, checked by hand, and files as people's editors leave them."""

import codecs
import gzip
import json
import lzma
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agents.broker.interface import READ_BYTES_MAX
from agents.process.exit_codes import ClubError
from agents.scoring.intake import StampedRecord, decode_record
from bashgah.admin.publishing import lines_of
from bashgah.cli.main import main
from bashgah.offline.score import _batches
from schemas.records import RECORD_BYTES_HELD_MAX, Record
from tests.bashgah.cli.club import event, purchase

RULES = """\
programme: club
version: 1
effective: 1404-01-01
title: {fa: باشگاه, en: Club}
rules:
  - id: card
    title: {fa: خرید با کارت, en: Card purchase}
    event: card.purchase.settled
    earn: {points: 1, per: 100_000}
    caps: {day: 30}
  - id: bill
    title: {fa: پرداخت قبض}
    event: ebanking.bill.paid
    earn: {points: 10}
festivals:
  - id: autumn
    title: {fa: پاییز}
    opens: 1404-01-01
    closes: 1406-01-01
    indicators:
      - {id: buys, event: card.purchase.settled, earn: {points: 4}, caps: {day: 6}}
    categories: [{id: all, title: {fa: کل}, weigh: {buys: 1}}]
"""
NOON, EVENING, LATE = "2026-05-01T12:00:00+03:30", "2026-05-01T18:00:00+03:30", "2026-05-01T20:00:00+03:30"
EVENTS = [
    purchase("a", NOON, 2_000_000, "m-1"),  # 20 points
    purchase("b", EVENING, 2_000_000, "m-1"),  # 10 of 20: the day's cap
    purchase("c", LATE, 2_000_000, "m-1"),  # nothing any more
    purchase("d", NOON, 500_000, "m-2"),  # 5
    purchase("e", NOON, 99_999, "m-3"),  # no full step
    event("r", "card.purchase.refunded", LATE, "m-2", original="d", amount=500_000, reason="refund"),
]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[bytes, str], Ended]:
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "club.yaml").write_text(RULES, "utf-8")
    (tmp_path / "recorded").mkdir()

    def run(card: bytes, name: str = "card.jsonl") -> Ended:
        (tmp_path / "recorded" / name).write_bytes(card)
        arguments = ["--programme", "club.yaml", "--events", "recorded", "--out", "scored"]
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            main(["score", *arguments])
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return run


def lines(events: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def test_points_members_and_the_share_at_a_cap_end_the_output(score: Callable[[bytes], Ended], tmp_path: Path) -> None:
    done = score(lines(EVENTS))
    assert done.code == 0, done.err
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.out.splitlines() if "│" in line]
    assert rows == [
        ["card", "35", "5", "2", "50.0 %", "Card purchase", "خرید با کارت"],
        ["bill", "0", "0", "0", "–", "", "پرداخت قبض"],
        ["autumn/buys", "14", "4", "3", "33.3 %", "", ""],
    ]
    assert done.out.rstrip().endswith("┘")
    summary = json.loads((tmp_path / "scored" / "summary.json").read_text("utf-8"))
    assert summary["by_rule"] == {
        "card": {"points": 35, "taken_back": 5, "members": 2, "capped": 1},
        "bill": {"points": 0, "taken_back": 0, "members": 0, "capped": 0},
        "autumn/buys": {"points": 14, "taken_back": 4, "members": 3, "capped": 1},
    }


def test_members_that_caps_left_nothing_are_members_at_a_cap(score: Callable[[bytes], Ended]) -> None:
    """Whoever was left nothing gets no posting, and is the one whom the cap met hardest."""
    done = score(lines([purchase("a", NOON, 3_000_000), purchase("b", EVENING, 3_000_000)]))
    (row,) = [line for line in done.out.splitlines() if line.startswith("│ card ")]
    assert [cell.strip() for cell in row.split("│")[2:6]] == ["30", "0", "1", "100.0 %"]


MARK = codecs.BOM_UTF8
TEXT = lines(EVENTS)
HALVES = MARK + lines(EVENTS[:3]) + MARK + lines(EVENTS[3:])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("card.jsonl", MARK + TEXT),
        ("card.jsonl", HALVES),
        ("card.jsonl", MARK + TEXT.replace(b"\n", b"\r\n")),
        ("card.jsonl", MARK + b"\n" + TEXT),
        ("card.jsonl.gz", gzip.compress(MARK + TEXT)),
        ("card.jsonl.xz", lzma.compress(MARK + TEXT)),
    ],
)
def test_the_mark_that_editors_put_first_costs_nobody_an_event(
    score: Callable[[bytes, str], Ended], tmp_path: Path, name: str, content: bytes
) -> None:
    score(content, name)
    scored = tmp_path / "scored"
    assert (scored / "dead-letter.jsonl").read_bytes() == b""
    with_mark = (scored / "points.jsonl").read_bytes()
    published = [line.value for line in lines_of(tmp_path / "recorded" / name)]
    (tmp_path / "recorded" / name).unlink()
    score(TEXT, "card.jsonl")
    assert with_mark == (scored / "points.jsonl").read_bytes() != b""
    assert published == TEXT.splitlines()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_a_file_that_is_not_utf8_by_its_mark_is_refused(
    score: Callable[[bytes], Ended], tmp_path: Path, encoding: str
) -> None:
    """Line by line it would all be dead letters."""
    done = score(("\ufeff" + TEXT.decode()).encode(encoding))
    assert done.code == 65
    assert "card.jsonl:1: is UTF-16 or UTF-32, not UTF-8; save it as UTF-8" in done.err
    with pytest.raises(ClubError, match="not UTF-8"):
        list(lines_of(tmp_path / "recorded" / "card.jsonl"))


def test_a_line_that_no_record_could_be_is_a_dead_letter_and_the_others_count(
    score: Callable[[bytes, str], Ended], tmp_path: Path
) -> None:
    long = b"x" * (RECORD_BYTES_HELD_MAX + 1)
    done = score(gzip.compress(b"\n".join([lines(EVENTS), long, b"y" * 9_000_000]), 1), "card.jsonl.gz")
    assert done.code == 0
    unheld, held = map(json.loads, (tmp_path / "scored" / "dead-letter.jsonl").read_text("utf-8").splitlines())
    for letter, value in ((unheld, long), (held, b"y" * 9_000_000)):
        assert letter["error"] == "too_large"
        assert (letter["value"], letter["value-bytes"]) == ("", str(len(value)))
        assert letter["value-sha256"] == sha256(value).hexdigest()
    summary = json.loads((tmp_path / "scored" / "summary.json").read_text("utf-8"))
    assert summary["events"] == len(EVENTS) + 2
    assert summary["by_rule"]["card"]["points"] == 35


def test_a_record_may_hold_what_the_setting_says(
    score: Callable[[bytes], Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = {**purchase("wide", NOON, 500_000), "note": "n" * 70_000}
    for limit, events in (("65536", 0), ("80000", 5)):
        monkeypatch.setenv("BASHGAH_RECORD_BYTES_MAX", limit)
        assert score(lines([wide])).code == 0
        summary = json.loads((tmp_path / "scored" / "summary.json").read_text("utf-8"))
        assert summary["by_rule"].get("card", {}).get("points", 0) == events


def test_a_batch_of_long_lines_ends_at_bytes() -> None:
    taken = 0

    def items() -> Iterator[StampedRecord]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield decode_record(Record("bank.card", 0, number, 0, b"m", b"x" * (READ_BYTES_MAX // 4), ()))

    assert len(next(_batches(items()))) == taken == 4
