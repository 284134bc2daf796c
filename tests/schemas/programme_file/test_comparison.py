"""What a new version may do to what is there: rules that go and come, and festivals that have opened."""

import pytest

from engine.calendar import jalali_day, midnight
from schemas.programme_file import Severity, compare, load, read_text
from schemas.programme_file.messages import Code
from tests.schemas.programme_file.files import BASE, HEAD, RULES, festival, marked, rule

BEFORE, DURING, AFTER = (midnight(jalali_day(1405, month, 15)) for month in (2, 8, 11))
AWARDS = "{id: best, category: all, at: close, ranks: 1-3, reward: coin}"
LATE = "lateness: {hours: 1}"
OLD = festival(LATE, AWARDS)


def newer(text: str, effective: str = "1405-02-01") -> str:
    return text.replace("version: 1", "version: 2").replace("effective: 1405-01-01", f"effective: {effective}")


def found(old: str, new: str, now: int, *earlier: str) -> list[tuple[Code, int, int, str]]:
    before = [load(text, "earlier.yaml") for text in earlier]
    problems = compare(load(old, "old.yaml"), read_text(new, "new.yaml"), now, before)
    assert all(problem.file == "new.yaml" for problem in problems)
    return [(p.code, p.line, p.column, p.subject) for p in problems]


def codes(old: str, new: str, now: int, *earlier: str) -> list[Code]:
    return [each[0] for each in found(old, new, now, *earlier)]


OTHER = "{id: other, event: card.purchase.settled, earn: {points: 1}}"


@pytest.mark.parametrize(
    ("code", "new", "subject"),
    [
        (Code.OTHER_PROGRAMME, newer(BASE).replace("programme: club", "programme: §other"), "programme"),
        (Code.VERSION_NOT_HIGHER, BASE.replace("version: 1", "version: §1"), "version"),
        (Code.EARLIER_EFFECTIVE, newer(BASE, "§1404-12-01"), "effective"),
        (Code.RULE_REMOVED, newer(HEAD) + f"rules:\n  §- {OTHER}\n", "rules"),
        (Code.RULE_ADDED, newer(BASE) + f"  - §{OTHER}\n", "rules[1] (other)"),
        (Code.RULE_CHANGED, newer(HEAD) + RULES.replace("{id", "§{id").replace("1}", "2}"), "rules[0] (card)"),
    ],
)
def test_versions(code: Code, new: str, subject: str) -> None:
    text, line, column = marked(new)
    assert (code, line, column, subject) in found(BASE, text, BEFORE)


def test_a_version_that_only_comes_later_says_nothing() -> None:
    assert found(BASE, newer(BASE), BEFORE) == []


def test_a_level_that_goes_is_told() -> None:
    tiers = "tiers: {window: year, levels: [{id: blue, from: 0}, {id: gold, from: 5}]}\n"
    assert codes(BASE + tiers, newer(BASE) + tiers.replace("gold", "red"), BEFORE) == [Code.LEVEL_REMOVED]


FIXED = [
    (Code.OPEN_FESTIVAL_CHANGED, "opens: §1405-07-02", "opens"),
    (Code.OPEN_FESTIVAL_CHANGED, "audience: §{segments: [physician]}", "audience"),
    (Code.OPEN_FESTIVAL_CHANGED, "audience: §{province: یزد}", "audience"),
    (Code.OPEN_FESTIVAL_CHANGED, "joining: §opt_in", "joining"),
    (Code.OPEN_FESTIVAL_CHANGED, "categories: §[{id: all, title: {fa: کل}, weigh: {buy: 2}}]", "categories"),
    (Code.OPEN_FESTIVAL_CHANGED, "categories: §[{id: all, title: {fa: کل}, weigh: {buy: 1}}, "
     "{id: more, title: {fa: دیگر}, weigh: {buy: 1}}]", "categories"),
    (Code.CLOSES_LATER, "closes: §1405-10-02", "closes"),
    (Code.CLOSES_IN_PAST, "closes: §1405-08-01", "closes"),
    (Code.LATENESS_SHORTER, "lateness: §{minutes: 59}", "lateness"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "line", "key"), FIXED, ids=lambda value: str(value)[:40])
def test_an_open_festival_keeps_its_terms(code: Code, line: str, key: str) -> None:
    text = festival(line if line.startswith("lateness") else f"{LATE}\n{line}", AWARDS)
    new, line_number, column = marked(newer(text))
    assert found(OLD, new, DURING) == [(code, line_number, column, f"festivals[0].{key} (autumn)")]


@pytest.mark.parametrize(("code", "line", "key"), FIXED, ids=lambda value: str(value)[:40])
def test_before_it_opens_all_may_change_and_after_it_is_decided_nothing(code: Code, line: str, key: str) -> None:
    text = festival(line if line.startswith("lateness") else f"{LATE}\n{line}", AWARDS).replace("§", "")
    assert codes(OLD, newer(text), BEFORE) == []
    assert codes(OLD, newer(text), AFTER) == [Code.FESTIVAL_OVER]
    assert codes(OLD, newer(OLD), AFTER) == []


NEXT_YEAR = "opens: 1406-07-01\ncloses: 1406-10-01"


def test_the_id_of_a_festival_that_is_over_is_not_given_again() -> None:
    again = newer(festival(f"{LATE}\n{NEXT_YEAR}", AWARDS), "1406-01-01")
    assert codes(OLD, again, AFTER) == [Code.FESTIVAL_OVER]
    taken_out, later = newer(BASE, "1405-11-01"), again.replace("version: 2", "version: 3")
    assert codes(taken_out, later, AFTER, OLD) == [Code.FESTIVAL_OVER]
    assert codes(taken_out, later.replace("id: autumn", "id: autumn-1406"), AFTER, OLD) == []


def test_the_id_of_a_festival_that_was_taken_out_before_it_opened_may_come_again() -> None:
    again = newer(festival(f"{LATE}\n{NEXT_YEAR}", AWARDS), "1406-01-01").replace("version: 2", "version: 3")
    assert codes(newer(BASE), again, AFTER, OLD) == []


def test_the_order_of_awards_is_no_term() -> None:
    one, other = f"{AWARDS}, {SECOND}", f"{SECOND}, {AWARDS}"
    old = version(1, "1405-01-01", awards=one)
    assert codes(old, version(2, "1405-02-01", awards=other), DURING) == []
    assert codes(old, version(2, "1405-02-01", awards=other), AFTER) == []
    back = version(2, "1405-08-01", awards=one)
    assert codes(back, version(3, "1405-02-01", awards=other), BEFORE, old) == [Code.EARLIER_EFFECTIVE]


def test_an_id_that_was_taken_out_comes_again_as_long_as_nothing_changes() -> None:
    taken_out = newer(BASE, "1405-11-01")
    again = OLD.replace("version: 1", "version: 3").replace("1405-01-01", "1405-11-02")
    assert codes(taken_out, again, AFTER, OLD) == []
    before_it_opens = version(3, "1405-03-01", "opens: 1405-08-01")
    assert codes(taken_out, before_it_opens, BEFORE, OLD) == [Code.EARLIER_EFFECTIVE]


def version(number: int, effective: str, *lines: str, awards: str = AWARDS) -> str:
    """The festival in a version of its own; `lines` replace or add keys."""
    text = festival("\n".join([LATE, *lines]), awards)
    return text.replace("version: 1", f"version: {number}").replace("effective: 1405-01-01", f"effective: {effective}")


WEIGHS_2 = "categories: [{id: all, title: {fa: کل}, weigh: {buy: 2}}]"
INDICATORS = """indicators: [\
{{id: buy, event: card.purchase.settled, earn: {{points: {buy}}}}}, \
{{id: {id}, event: ebanking.bill.paid, earn: {{points: 1}}}}]"""
SECOND = "{id: second, category: all, at: month, ranks: 4-6, reward: coin}"
COMES_BACK = version(2, "1405-08-01")


@pytest.mark.parametrize(
    "new",
    [
        version(3, "1405-02-01", WEIGHS_2),
        version(3, "1405-02-01", "opens: 1405-07-02"),
        version(3, "1405-02-01", "opens: 1405-09-01"),
        version(3, "1405-02-01", "closes: 1405-09-01"),
        version(3, "1405-02-01", "audience: {segments: [physician]}"),
        version(3, "1405-02-01", "joining: opt_in"),
        version(3, "1405-02-01", "lateness: {days: 1}"),
        version(3, "1405-02-01", awards=f"{AWARDS}, {SECOND}"),
    ],
)
def test_a_version_that_comes_back_into_force_has_open_festivals_as_the_new_one(new: str) -> None:
    assert codes(COMES_BACK, new, BEFORE, OLD) == [Code.EARLIER_EFFECTIVE, Code.FESTIVAL_DIFFERS]
    highest, newest = newer(BASE, "1405-01-05"), new.replace("version: 3", "version: 4")
    assert codes(highest.replace("version: 2", "version: 3"), newest, BEFORE, COMES_BACK) == [
        Code.EARLIER_EFFECTIVE,
        Code.FESTIVAL_DIFFERS,
    ]


def test_a_festival_that_is_taken_out_does_not_come_back_in_its_run() -> None:
    new = newer(BASE).replace("version: 2", "version: 3")
    assert set(codes(COMES_BACK, new, BEFORE, OLD)) == {Code.EARLIER_EFFECTIVE, Code.FESTIVAL_DIFFERS}
    assert codes(COMES_BACK, new, BEFORE) == [Code.EARLIER_EFFECTIVE]  # nobody had it before


@pytest.mark.parametrize(
    "new",
    [
        version(3, "1405-02-01", "title: {fa: نام تازه}"),
        version(3, "1405-02-01", "indicators: [{id: buy, event: ebanking.bill.paid, earn: {points: 2}}]"),
    ],
)
def test_a_version_that_comes_back_into_force_may_differ_in_the_rest(new: str) -> None:
    assert codes(COMES_BACK, new, BEFORE, OLD) == [Code.EARLIER_EFFECTIVE]


def test_what_opens_only_when_the_other_version_is_back_may_differ_till_then() -> None:
    opening = version(2, "1405-07-01")
    for new in (version(3, "1405-02-01", WEIGHS_2), newer(BASE).replace("version: 2", "version: 3")):
        assert codes(opening, new, BEFORE, OLD) == [Code.EARLIER_EFFECTIVE]


def test_a_version_that_opens_a_festival_earlier_than_the_one_that_comes_back() -> None:
    later = version(2, "1405-08-01", "opens: 1405-09-01")
    new = version(3, "1405-02-01", "opens: 1405-03-01")
    assert codes(later, new, BEFORE) == [Code.EARLIER_EFFECTIVE, Code.FESTIVAL_DIFFERS]


def test_a_version_that_was_replaced_at_its_own_date_does_not_come_back() -> None:
    replaced, holds = version(2, "1405-08-01"), version(3, "1405-08-01", WEIGHS_2)
    assert codes(holds, version(4, "1405-02-01", WEIGHS_2), BEFORE, replaced) == [Code.EARLIER_EFFECTIVE]


def test_terms_are_those_of_the_version_in_force_not_of_the_highest_number() -> None:
    in_force, highest = version(2, "1405-03-01", WEIGHS_2), version(3, "1405-02-01")
    assert codes(highest, version(4, "1405-08-01", WEIGHS_2), BEFORE, in_force) == []
    assert codes(highest, version(4, "1405-08-01"), BEFORE, in_force) == [Code.OPEN_FESTIVAL_CHANGED]


def test_a_festival_may_go_by_a_version_that_comes_after_all_of_it_is_decided() -> None:
    assert codes(OLD, newer(BASE, "1405-10-01"), DURING) == [Code.OPEN_FESTIVAL_REMOVED]
    assert codes(OLD, newer(BASE, "1405-10-02"), DURING) == []
    after_the_end = newer(BASE, "1405-10-02")
    in_its_run = newer(BASE, "1405-09-01").replace("version: 2", "version: 3")
    assert Code.OPEN_FESTIVAL_REMOVED in codes(after_the_end, in_its_run, DURING, OLD)


def test_a_festival_waits_for_its_last_month() -> None:
    monthly = "{id: best, category: all, at: month, ranks: 1-3, reward: coin}"
    old = festival(f"{LATE}\ncloses: 1405-09-10", monthly)
    closed = midnight(jalali_day(1405, 9, 20))
    assert codes(old, newer(BASE), closed) == [Code.OPEN_FESTIVAL_REMOVED]
    assert codes(old, newer(festival(f"{LATE}\ncloses: 1405-09-10")), closed) == [Code.AWARD_CHANGED]
    assert codes(old, newer(BASE), midnight(jalali_day(1405, 10, 2))) == []


def test_a_reward_that_is_worth_something_else_is_told() -> None:
    new = newer(OLD).replace("kind: goods", "kind: goods, value_rial: 2")
    assert codes(OLD, new, DURING) == [Code.REWARD_CHANGED]
    assert codes(OLD, new, BEFORE) == []
    assert codes(OLD, new, AFTER) == []
    assert codes(OLD, new.replace("effective: 1405-02-01", "effective: 1405-10-02"), DURING) == []
    (problem,) = compare(load(OLD, "old.yaml"), read_text(new, "new.yaml"), DURING)
    assert problem.severity is Severity.WARNING
    for words in (problem.wrong.en, problem.wrong.fa):
        assert all(f"`{name}`" in words for name in ("coin", "best", "autumn"))


def test_an_open_festival_that_counts_otherwise_is_told() -> None:
    old = version(1, "1405-01-01", INDICATORS.format(buy=1, id="pay"))
    new = version(2, "1405-02-01", "§" + INDICATORS.format(buy=2, id="chat"))
    text, line, _ = marked(new)
    ((code, at, _, subject),) = found(old, text, DURING)
    assert (code, at, subject) == (Code.INDICATORS_CHANGED, line, "festivals[0].indicators (autumn)")
    (problem,) = compare(load(old, "old.yaml"), read_text(text, "new.yaml"), DURING)
    assert problem.severity is Severity.NOTE
    for words in (problem.wrong.en, problem.wrong.fa):
        assert words.endswith(": buy, pay, chat")
    assert codes(old, text, BEFORE) == []
    titled = old.replace("{id: buy,", "{id: buy, title: {fa: خرید},").replace("version: 1", "version: 2")
    assert codes(old, titled.replace("1405-01-01", "1405-02-01"), DURING) == []


def test_a_version_that_takes_effect_after_the_opening_is_bound_already() -> None:
    new = newer(festival(f"{LATE}\njoining: opt_in", AWARDS), "1405-08-01")
    assert codes(OLD, new, BEFORE) == [Code.OPEN_FESTIVAL_CHANGED]


def test_what_an_open_festival_may_become() -> None:
    lines = "closes: 1405-09-01\nlateness: {days: 1}\ntitle: {fa: نام تازه}\n"
    lines += "indicators: [{id: buy, event: ebanking.bill.paid, earn: {points: 2}}]"
    more = AWARDS + ", {id: second, category: all, at: month, ranks: 4-6, reward: coin}"
    assert codes(OLD, newer(festival(lines, more)), DURING) == [Code.INDICATORS_CHANGED]


def test_awards_of_an_open_festival_are_only_added() -> None:
    assert codes(OLD, newer(festival(LATE)), DURING) == [Code.AWARD_CHANGED]
    changed = newer(festival(LATE, AWARDS.replace("ranks: 1-3", "ranks: 1-2")))
    assert codes(OLD, changed, DURING) == [Code.AWARD_CHANGED]


def test_an_award_is_not_added_once_it_was_due() -> None:
    closing = midnight(jalali_day(1405, 10, 1)) + 1_000  # closed, and frozen only an hour after
    more = AWARDS + ", {id: monthly, category: all, at: month, ranks: 1, reward: coin}"
    assert codes(OLD, newer(festival(LATE, more)), closing) == []
    assert codes(OLD, newer(festival(LATE, more), "1405-10-02"), closing) == [Code.AWARD_DUE]


def test_an_open_festival_stays_in_the_file() -> None:
    assert codes(OLD, newer(BASE), DURING) == [Code.OPEN_FESTIVAL_REMOVED]
    assert codes(OLD, newer(BASE), BEFORE) == []
    assert codes(OLD, newer(BASE), AFTER) == []


def test_another_programme_is_not_compared_further() -> None:
    other = rule("event: ebanking.bill.paid\nearn: {points: 1}").replace("programme: club", "programme: other")
    assert codes(OLD, other, DURING) == [Code.OTHER_PROGRAMME]
