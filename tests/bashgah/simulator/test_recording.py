"""Files as `score` reads them, and the tally of what went in."""

from pathlib import Path

import pytest

from agents.process.exit_codes import ClubError, ExitCode
from bashgah.simulator import Plan, simulate
from bashgah.simulator.recording import TOPICS, Tally, record
from tests.bashgah.simulator.bank import NEW_YEAR

PLAN = Plan(100, 7, NEW_YEAR, 4_000, 20, dirt=0.01)


def test_each_file_has_its_topics_records_in_order_of_arrival(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "recorded"
    record(simulate(PLAN), folder)
    messages = list(simulate(PLAN))
    for topic in TOPICS:
        lines = (folder / f"{topic}.jsonl").read_bytes().split(b"\n")
        assert lines.pop() == b""
        assert lines == [message.value for message in messages if message.topic == topic]
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{topic}.jsonl" for topic in TOPICS)


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    there = tmp_path / "card.jsonl.xz"
    there.write_bytes(b"real")
    with pytest.raises(ClubError) as refused:
        record(simulate(PLAN), tmp_path)
    assert refused.value.code is ExitCode.USAGE
    assert [path.name for path in tmp_path.iterdir()] == ["card.jsonl.xz"]


def test_the_tally_counts_what_passes() -> None:
    tally, steps = Tally(), list[int]()
    messages = list(tally.through(simulate(PLAN), steps.append))
    assert steps == [1_000, 2_000, 3_000, 4_000]
    assert tally.records == 4_000
    assert (tally.first, tally.last) == (messages[0].at, messages[-1].at)
    assert tally.types["card", "card.purchase.settled"] == sum(m.type == "card.purchase.settled" for m in messages)
    assert tally.marks["late"] == sum(m.mark == "late" for m in messages) > 0
