"""What written values mean: YAML 1.2's core rules, none of YAML 1.1's surprises, and Persian digits."""

from decimal import Decimal

import pytest

from engine.calendar import TimesOfDay, jalali_day, midnight
from engine.programme.terms import Points
from engine.rules.between import Between
from engine.rules.hours import Hours
from engine.rules.one_of import OneOf
from engine.units import Ratio
from schemas.programme_file import load
from schemas.programme_file.messages import Code
from schemas.programme_file.scalars import decimal_of, integer_of
from tests.schemas.programme_file.files import BASE, HEAD, RULES, marked, problems, purchase, rule


def version(written: str) -> int:
    return load(HEAD.replace("version: 1", f"version: {written}") + RULES, "f").version


@pytest.mark.parametrize(
    ("written", "value"),
    [("2", 2), ("+2", 2), ("2_000", 2_000), ("1_000_000", 1_000_000), ("۲", 2), ("۲٬۰۰۰", 2_000), ("٢_٠٠٠", 2_000)],
)
def test_whole_numbers(written: str, value: int) -> None:
    assert version(written) == value


@pytest.mark.parametrize("text", ["1_00", "1__000", "_1", "1_", "0x10", "0o7", "1e3", "1.0", "", "١٢x", "1,000", "٫5"])
def test_what_is_no_whole_number(text: str) -> None:
    assert integer_of(text) is None


@pytest.mark.parametrize("written", ["1.5", '"1.5"', "'1.5'", "1.50", "۱٫۵", "۱.۵"])
def test_decimals_are_exact_with_or_without_quotes(written: str) -> None:
    (multiplier,) = load(BASE + f"multipliers: [{{id: m, by: {written}}}]\n", "f").multipliers
    assert multiplier.by == Ratio(3, 2)


def test_a_decimal_that_no_float_can_hold() -> None:
    (rule_,) = load(purchase("earn: {per_rial: 0.1}"), "f").rules
    assert rule_.earn.base()(_amount(10)) == (10, 10)
    assert decimal_of("0.100000000000000001") == Decimal("0.100000000000000001")


def _amount(rial: int) -> object:
    class Data:
        amount = rial

    return Data()


@pytest.mark.parametrize(
    ("written", "value"),
    [("1405-02-31", (1405, 2, 31)), ('"1405-02-31"', (1405, 2, 31)), ("۱۴۰۵-۰۲-۳۱", (1405, 2, 31)),
     ("1403-12-30", (1403, 12, 30)), ("1408-12-30", (1408, 12, 30)), ("1399-12-30", (1399, 12, 30))],
)  # fmt: skip
def test_dates_are_jalali(written: str, value: tuple[int, int, int]) -> None:
    effective = load(HEAD.replace("1405-01-01", written) + RULES, "f").effective
    assert effective == midnight(jalali_day(*value))


@pytest.mark.parametrize("year", [1400, 1401, 1402, 1404, 1405, 1406, 1407])
def test_common_years_have_no_thirtieth_of_esfand(year: int) -> None:
    (problem,) = problems(HEAD.replace("1405-01-01", f"{year}-12-30") + RULES)
    assert problem.code is Code.NO_SUCH_DATE
    assert "29 days" in problem.wrong.en


def test_a_gregorian_date_is_answered_with_the_jalali_one() -> None:
    (problem,) = problems(HEAD.replace("1405-01-01", "2026-09-23") + RULES)
    assert problem.remedy.en == "programme files are Jalali: write 1405-07-01"


@pytest.mark.parametrize(
    ("written", "hours"),
    [("{from: 22:00, until: 06:00}", (1320, 360)), ('{from: "09:30", until: "24:00"}', (570, 0)),
     ("{from: ۰۸:۰۰, until: ۱۲:۱۵}", (480, 735))],
)  # fmt: skip
def test_times_of_day_are_not_numbers_of_base_sixty(written: str, hours: tuple[int, int]) -> None:
    (found,) = load(purchase(f"when: {{hours: {written}}}"), "f").rules[0].when
    assert found == Hours(TimesOfDay(*hours))


@pytest.mark.parametrize("written", ["0742", '"0742"', "۰۷۴۲"])
def test_a_merchant_category_keeps_its_zero(written: str) -> None:
    assert load(BASE + f"excluded_mcc: [{written}, 5411]\n", "f").excluded_mcc == {"0742", "5411"}


def test_a_short_merchant_category_is_answered_with_four_digits() -> None:
    (problem,) = problems(BASE + "excluded_mcc: [742]\n")
    assert problem.remedy.en == 'write "0742"'


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "n", "0x1F", "1e3", "1405-02-31", "22:00", "1_000"])
def test_words_that_yaml_once_changed_stay_text(word: str) -> None:
    (condition,) = load(purchase(f"when: {{merchant: {word}}}"), "f").rules[0].when
    assert condition == OneOf("merchant", frozenset({word}))


@pytest.mark.parametrize(("written", "value"), [("true", True), ("false", False), ("True", True), ("FALSE", False)])
def test_truth_values(written: str, value: bool) -> None:
    text = rule(f"event: ebanking.transfer.completed\nwhen: {{own: {written}}}\nearn: {{points: 1}}")
    assert load(text, "f").rules[0].when == (OneOf("own", frozenset({value})),)


def test_negative_bounds() -> None:
    text = rule("event: ebanking.instalment.paid\nwhen: {days_early: {min: -3, max: -1}}\nearn: {points: 1}")
    assert load(text, "f").rules[0].when == (Between("days_early", -3, -1),)


def test_a_byte_order_mark_and_other_line_ends_change_nothing() -> None:
    plain = load(BASE, "f")
    assert load("\ufeff" + BASE, "f") == plain
    assert load(BASE.replace("\n", "\r\n"), "f") == plain
    assert load("%YAML 1.2\n---\n" + BASE + "...\n", "f") == plain


def test_lines_are_counted_after_a_byte_order_mark() -> None:
    text, line, column = marked("\ufeff" + HEAD + "§extra: 1\n" + RULES)
    assert [(p.line, p.column) for p in problems(text)] == [(line, column)]


def test_many_aliases_cost_nothing() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}, *a{i}]\n" for i in range(40))
    assert Code.ALIAS in {problem.code for problem in problems(bomb)}


def test_sections_that_are_left_out_have_the_documented_defaults() -> None:
    programme = load(BASE, "f")
    assert programme.points == Points(0, None, None, False, None)
    assert (programme.tiers, programme.festivals, programme.rewards, programme.quiet_hours) == (None, (), {}, None)
