"""`bashgah programme check`: what it prints, where, and how it ends."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bashgah.cli.main import main

ROOT = Path(__file__).parents[3]
CLUB = ROOT / "programmes" / "club.yaml"


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str | Path) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(["programme", "check", *map(str, arguments)])
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return run


def test_a_good_file_is_summed_up_in_both_languages(check: Callable[..., Ended]) -> None:
    code, out, err = check(CLUB, "--allow-waiting")
    assert (code, err) == (0, "")
    assert "programme club, version 3, in force from 1405-01-01 (2026-03-21)" in out
    assert "1 point per 100,000 of amount; amount from 50,000" in out
    assert "۱ امتیاز برای هر ۱۰۰٬۰۰۰ از مبلغ" in out
    assert "rules: 8, multipliers: 3, festivals: 1, levels: 3, rewards: 3" in out
    assert "for members of physician, joined by choice, waits 1 hour for late events" in out
    assert "برای اعضای physician، عضویت به انتخاب خود، انتظار برای رویداد دیررس: ۱ ساعت" in out
    assert "  category shopper: 1 × purchases; ties by ebanking" in out
    assert "  award monthly-best: ranks 1 to 3 of shopper, each month: gift-card (cash, 50,000,000 Rial)" in out
    assert "جایزهٔ draw: ۲۰ نفر به قید قرعه، هر ۵ یک شانس، در رشتهٔ overall، در پایان: gift-card" in out
    assert out.endswith("club.yaml: can be used, 3 warnings\n    می‌توان آن را به کار برد، ۳ هشدار\n")


def test_it_says_what_is_not_executed_yet(check: Callable[..., Ended]) -> None:
    _, out, _ = check(CLUB)
    assert "checked and kept, not executed yet" in out
    assert "  tiers: blue, silver, gold (every member holds the lowest level)" in out
    assert "  draws: physicians-autumn-1405/draw (nothing is drawn)" in out
    code, out, _ = check(ROOT / "programmes" / "sepah.yaml")
    assert code == 0
    assert "not executed yet" not in out


def test_a_file_in_which_no_rule_can_run_is_refused(check: Callable[..., Ended], tmp_path: Path) -> None:
    path = tmp_path / "month.yaml"
    path.write_text(
        "programme: club\nversion: 1\neffective: 1405-01-01\ntitle: {fa: باشگاه}\nrules:\n"
        "  - {id: month, event: deposit.month.closed, earn: {points: 1, per: 10_000, of: average_balance}}\n", "utf-8"
    )  # fmt: skip
    code, _, err = check(path)
    assert code == 65
    assert (
        f"{path}:6:24: error: rules[0].event (month): this is not executed yet: nobody works out the months' averages"
        in err
    )
    assert "rules[0].event (month): این هنوز اجرا نمی‌شود: میانگین ماه‌ها" in err
    assert err.endswith("cannot be used, 1 error\n    نمی‌توان آن را به کار برد، ۱ خطا\n")
    code, out, err = check(path, "--allow-waiting")
    assert (code, err) == (0, "")
    assert out.endswith("month.yaml: can be used\n    می‌توان آن را به کار برد\n")


def test_all_errors_are_listed_with_their_places(check: Callable[..., Ended], tmp_path: Path) -> None:
    path = tmp_path / "club.yaml"
    text = CLUB.read_text(encoding="utf-8").replace("version: 3", "version: x").replace("per: 5,", "per: 0,")
    path.write_text(text, "utf-8")
    code, out, err = check(path)
    assert (code, out) == (65, "")
    assert f"{path}:3:10: error: version: found `x`, which is not a whole number" in err
    assert "error: festivals[0].awards[2].draw.per (physicians-autumn-1405/draw): found 0; write a whole number" in err
    assert "    version: `x` آمده که عدد صحیح نیست" in err
    assert err.endswith("cannot be used, 2 errors\n    نمی‌توان آن را به کار برد، ۲ خطا\n")


def test_a_warning_is_told_and_the_file_can_be_used(check: Callable[..., Ended], tmp_path: Path) -> None:
    path = tmp_path / "club.yaml"
    path.write_text(CLUB.read_text(encoding="utf-8").replace("transaction: 200", "transaction: 900"), "utf-8")
    code, out, _ = check(path, "--allow-waiting")
    assert code == 0
    assert f"{path}:30:25: warning: rules[0].caps.transaction (card-purchase): the cap of a transaction" in out
    assert out.endswith("can be used, 4 warnings\n    می‌توان آن را به کار برد، ۴ هشدار\n")


def test_a_file_that_is_not_there_ends_with_66(check: Callable[..., Ended], tmp_path: Path) -> None:
    code, out, err = check(tmp_path / "none.yaml")
    assert (code, out) == (66, "")
    assert "none.yaml: No such file or directory; check the path and its rights" in err
    assert check(CLUB, "--against", tmp_path / "none.yaml").code == 66


def test_against_an_older_version(check: Callable[..., Ended], tmp_path: Path) -> None:
    code, _, err = check(CLUB, "--against", CLUB)
    assert code == 65
    assert "error: version: version 3 is not above 3" in err
    path = tmp_path / "club.yaml"
    text = CLUB.read_text(encoding="utf-8")
    path.write_text(text.replace("version: 3", "version: 4").replace("id: early-instalment", "id: instalment"), "utf-8")
    code, out, err = check(path, "--against", CLUB, "--allow-waiting")
    assert (code, err) == (0, "")
    assert "note: rules: the rule `early-instalment` is gone" in out
    assert "note: rules[5] (instalment): the rule `instalment` is new" in out
