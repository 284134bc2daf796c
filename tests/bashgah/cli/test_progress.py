"""Long commands say on the way how far they have come, and only on standard error."""

from pathlib import Path

import pytest

from bashgah.cli import progress as module
from bashgah.cli.progress import LINE_EVERY_S, progress
from tests.bashgah.cli.club import RULES, DiskClub, purchase


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the lines go by."""
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def test_without_a_terminal_a_line_is_written_every_so_often(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with progress("lane [3]", "transactions") as told:
        told(1, 4_000)
        clock[0] = LINE_EVERY_S
        told(1_000, 4_000)
        told(1_001, 4_000)
        clock[0] = 2 * LINE_EVERY_S
        told(2_000)
        clock[0] = 3 * LINE_EVERY_S
        told(3_000, 4_000, counted=70_000)
    written = capsys.readouterr()
    assert written.err.splitlines() == [
        "lane [3]: 1,000 transactions, 25 %", "lane [3]: 2,000 transactions", "lane [3]: 70,000 transactions, 75 %",
    ]  # fmt: skip
    assert written.out == ""


def test_verify_tells_of_each_lane_on_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LINE_EVERY_S", 0.0)  # every transaction, as a bank's lane would every ten seconds
    club = DiskClub(tmp_path, capsys).prepare(RULES)
    club.publish(*(purchase(f"p{n}", "2026-04-16T10:00:00+03:30", 400_000, f"m-{n}") for n in range(9)))
    club.score()
    done = club.run("verify")
    assert done.code == 0, done.err
    for lane in range(club.partitions):
        said = [line for line in done.err.splitlines() if line.startswith(f"lane {lane}: ")]
        assert said[0].endswith(" transactions, 0 %")
        assert said[-2].endswith(" transactions, 100 %")
        assert said[-1].endswith(" transactions are right")
    assert "are right" not in done.out
    assert done.out.splitlines()[-1].startswith("verified byte for byte: ")
