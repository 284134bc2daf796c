"""The table of `make prove` says what happened, and its proofs exist."""

import sys

import pytest

from tests.prove import PROOFS, ROOT, Proof, main, result_of


def _python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


def test_one_proof_that_fails_fails_the_whole_and_the_others_run(capfd: pytest.CaptureFixture[str]) -> None:
    good = Proof("good", "3 things", _python("import os; print(os.environ['SIZE'], 'faults found')"), {"SIZE": "3"})
    bad = Proof("bad", "1 thing", _python("print('1 failed, 2 passed, 4 skipped in 3.00s'); raise SystemExit(1)"))
    assert main([], [bad, good]) == 1
    *_, heading, first, second = capfd.readouterr().out.splitlines()
    assert heading.split() == ["proof", "amount", "result", "time"]
    assert "FAILED: 1 failed, 2 passed, 4 skipped" in first
    assert "3 faults found" in second
    assert main(["good"], [bad, good]) == 0
    assert main(["nothing"], [bad, good]) == 1


def test_what_was_skipped_is_told() -> None:
    assert result_of("12 passed, 3 skipped, 40 deselected in 1.20s", True) == "12 passed, 3 skipped"


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_what_a_proof_runs_is_there(proof: Proof) -> None:
    paths = [word for word in proof.command if word.startswith("tests/")]
    assert all((ROOT / path).exists() for path in paths)
