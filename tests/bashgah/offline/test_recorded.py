"""Folders of recorded events: what is read from them, and what is told of them before anything is read."""

from pathlib import Path

import pytest

from agents.process.exit_codes import ClubError, ExitCode
from bashgah.offline.recorded import files_of, merged


def test_inputs_are_found_in_the_order_that_decides_ties_and_earlier_results_are_passed_over(tmp_path: Path) -> None:
    for name in ("deposit.jsonl.xz", "card.jsonl", "member.jsonl.gz", "points.jsonl", "boards.csv"):
        (tmp_path / name).touch()
    assert [path.name for _, path in files_of(tmp_path)] == ["member.jsonl.gz", "card.jsonl", "deposit.jsonl.xz"]


@pytest.mark.parametrize(
    "name", ["cards.jsonl", "card.2026.jsonl", "card.jsonl.bz2", "Deposit.JSONL", "card (1).jsonl"]
)
def test_a_file_of_events_under_no_inputs_name_is_refused(tmp_path: Path, name: str) -> None:
    """Passed over in silence its events would come to no points, and nothing would tell."""
    (tmp_path / "card.jsonl").touch()
    (tmp_path / name).touch()
    with pytest.raises(ClubError, match="has no input's name") as refused:
        files_of(tmp_path)
    assert refused.value.code is ExitCode.BAD_FILE
    assert refused.value.field == str(tmp_path / name)
    assert "card.jsonl, ebanking.jsonl" in refused.value.remedy


def test_the_same_input_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "card.jsonl").touch()
    (tmp_path / "card.jsonl.gz").touch()
    with pytest.raises(ClubError, match=r"more than once: card\.jsonl, card\.jsonl\.gz"):
        files_of(tmp_path)


def test_a_folder_without_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClubError, match="holds no recorded events"):
        files_of(tmp_path)
    with pytest.raises(ClubError, match="is no folder"):
        files_of(tmp_path / "missing")


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.xz"])
def test_a_file_that_is_not_packed_as_its_name_says_is_told(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"card{ending}").write_bytes(b"{}\n")
    with pytest.raises(ClubError, match="cannot be read to its end"):
        list(merged(tmp_path, lambda size: None))
