"""What people type by mistake, on a Persian keyboard as on another: found where it is, with what to write instead."""

import re

import pytest

from schemas.programme_file import ProgrammeErrors, Severity, read_file
from schemas.programme_file.messages import Code
from tests.schemas.programme_file.files import BASE, HEAD, RULES, festival, marked, message, problems, purchase

PARSER = re.compile(r"block end|block mapping|token|scalar|mapping values|stream|simple key|node content|flow")
"""Words of the parser, which no message has."""


def by(factor: str) -> str:
    return BASE + f"multipliers: [{{id: m, by: §{factor}}}]\n"


def effective(day: str) -> str:
    return HEAD.replace("1405-01-01", f"§{day}") + RULES


def hours(begin: str) -> str:
    return purchase(f"when: {{hours: {{from: §{begin}, until: 06:00}}}}")


def weekday(name: str) -> str:
    return purchase(f"when: {{weekday: §{name}}}")


def cap(figure: str) -> str:
    return purchase("earn: {points: 1}\ncaps:\n  day: §" + figure)


VALUES = [
    (cap("100,000"), "100_000"), (cap("۱۰۰,۰۰۰"), "100_000"), (cap("100،000"), "100_000"), (cap("100 000"), "100_000"),
    (cap("100'000"), "100_000"), (cap("50000 ریال"), "50_000"), (cap("5000 تومان"), "50_000"),
    (cap("5 ميليون ريال"), "5_000_000"), (cap("“500”"), "500"), (cap("«۵۰۰»"), "500"), (cap("20 points"), "20"),
    (by("150%"), '"1.5"'), (by("۱۵۰٪"), '"1.5"'), (by('"1,5"'), '"1.5"'),
    (by("۱/۵"), '"1.5"'), (by(".5"), '"0.5"'), (by("x2"), '"2"'), (by("×۲"), '"2"'), (by("2e-6"), '"0.000002"'),
    (effective("1405/01/01"), "1405-01-01"), (effective("۱۴۰۵/۱/۱"), "1405-01-01"),
    (effective("1405-1-1"), "1405-01-01"), (effective("1405.01.01"), "1405-01-01"),
    (effective("14050101"), "1405-01-01"), (effective("1405–01–01"), "1405-01-01"),
    (effective("1405-01-01 00:00"), "1405-01-01"), (effective("۱ فروردين ۱۴۰۵"), "1405-01-01"),
    (effective("31 شهریور ماه 1405"), "1405-06-31"), (effective("“1405-01-01”"), "1405-01-01"),
    (hours("8:00"), '"08:00"'), (hours("8"), '"08:00"'), (hours("22.30"), '"22:30"'), (hours("22:30:00"), '"22:30"'),
    (hours("8 pm"), '"20:00"'), (hours("۸ شب"), '"20:00"'), (hours("ساعت ۸ صبح"), '"08:00"'),
    (hours("“22:00”"), '"22:00"'), (hours("«22:00»"), '"22:00"'),
    (weekday("پنجشنبه"), "thursday"), (weekday("پنج‌شنبه"), "thursday"), (weekday("پنج شنبه"), "thursday"),
    (weekday("یکشنبه"), "sunday"), (weekday("يك‌شنبه"), "sunday"), (weekday("سه شنبه"), "tuesday"),
    (weekday("چهارشنبه"), "wednesday"), (weekday("جمعه"), "friday"), (weekday("شنبه"), "saturday"),
    (BASE + "points: {pending: §3 days}\n", "{days: 3}"), (BASE + "points: {pending: §۷}\n", "{days: 7}"),
    (BASE + "points: {expiry: §۱۲ ماه}\n", "{months: 12}"), (festival("lateness: §6h"), "{hours: 6}"),
    (festival("lateness: §۶ ساعت"), "{hours: 6}"), (festival("audience: §همه"), "public"),
    (weekday("دو شنبه"), "monday"), (weekday("Thursday"), "thursday"), (weekday("thu"), "thursday"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "remedy"), VALUES, ids=lambda each: each.partition("§")[2].split("\n")[0] or each)
def test_a_value_that_is_written_another_way_is_written_right_in_the_message(text: str, remedy: str) -> None:
    text, line, column = marked(text)
    (problem,) = [each for each in problems(text) if each.severity is Severity.ERROR]
    assert (problem.line, problem.column) == (line, column)
    assert problem.remedy.en == f"write {remedy}"
    assert problem.remedy.fa == f"بنویسید {remedy}"


@pytest.mark.parametrize("figure", ["100٬000", "۱۰۰٬۰۰۰", "۱۰۰۰۰۰", "١٠٠٠٠٠"])
def test_digits_and_the_persian_separator_are_read(figure: str) -> None:
    text, _, _ = marked(cap(figure))
    assert not [each for each in problems(text) if each.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (BASE + "points:\npending: {days: 7}\n", "it belongs in `points`"),
        (purchase("earn: {points: 1, caps: {day: 5}}"), "it belongs in a rule or an indicator"),
        (purchase("when: {earn: {points: 1}}\nearn: {points: 1}"), "it belongs in a rule or an indicator"),
        (HEAD.replace("version", "نسخه") + RULES, "did you mean `version`?"),
        (purchase("سقف: {day: 5}"), "did you mean `caps`?"),
        (purchase("caps: {daily: 5}"), "did you mean `day`?"),
        (purchase("when: {استان: یزد}"), "did you mean `province`?"),
        (purchase("province: یزد"), "it belongs in `when`"),
        (festival("audience: {استان: یزد}"), "did you mean `province`?"),
        (BASE + "points: {expiry: {years: 2}}\n", "write months, 12 for each year"),
        (BASE + "rewards: [{id: a, title: {fa: ج}, kind: cash, value_toman: 5}]\n", "10 for each Toman"),
        (festival("lateness: soon"), "write how long, as {hours: 1}"),
        (message('event: reward.granted, medium: push, template: {fa: "{جایزه}"}'), "write {reward}"),
        (HEAD + RULES.replace("card.purchase.settled", '"ebanking.bill.paid, ebanking.topup.purchased"'),
         "write them as a list: [ebanking.bill.paid, ebanking.topup.purchased]"),
        (HEAD + "rules:\n  card:\n    event: card.purchase.settled\n", "or lines that begin with `- `"),
        (purchase("once: member") + "    id: bill\n    event: ebanking.bill.paid\n", "begin the next item with `- id"),
    ],
)  # fmt: skip
def test_what_stands_in_a_wrong_place_or_has_another_name_is_sent_home(text: str, remedy: str) -> None:
    assert remedy in " / ".join(each.remedy.en for each in problems(text))


def test_a_reference_is_never_sent_to_an_id_that_cannot_be_one() -> None:
    found = problems(
        BASE.replace("id: card", "id: \u200fcard") + "multipliers: [{id: m, by: 2, rules: [card, crad]}]\n"
    )
    remedies = [each.remedy.en for each in found if each.severity is Severity.ERROR]
    assert remedies == ["delete it: card", "write card"]
    found = problems(BASE.replace("id: card", "id: my card") + "multipliers: [{id: m, by: 2, rules: [mycard]}]\n")
    assert [each.remedy.en for each in found if each.code is Code.UNKNOWN_REFERENCE] == ["none is defined"]


BROKEN = [
    BASE + "]\n", BASE + "- a\n", "a: b: c\n", "? a\n? b: c\n- d\n", "{a: 1\n", "[1, 2\n", '"a\n', "'a\n", "a: 'b\n",
    "*\n", "&\n", "!<a\n", "a: |x\n b\n", "a: >9x\n", "%YAML 9\n---\na\n", "%TAG a\n", "@a\n", "a:\n  - b\n c: d\n",
    "- a\n  b\n c: d\n", "{,}\n", "[,]\n", "{a: b,, c: d}\n", "{a: [}\n", "a: ]\n", "a\n:\n", ": a: b\n",
    "{a: b}: c: d\n", "---\n...\na: {\n", '"\\q"\n', '"\\x1"\n', "a: \u00a0{b: [}\n", "version 1\n version: 2\n",
    "<a>\nb: c\n", "a: b\n\tc: d\n", "a:\n\t- b\n", "\x00", "a: \ud800", festival("closes: {"),
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_no_message_speaks_as_the_parser_does(text: str) -> None:
    found = problems(text)
    assert found
    for problem in found:
        for language in ("en", "fa"):
            assert not PARSER.search(problem.text(language)), problem.text(language)


def test_what_is_no_file_of_reasonable_size_is_not_read_whole() -> None:
    with pytest.raises(ProgrammeErrors) as refused:
        read_file("/dev/zero")
    assert [each.code for each in refused.value.errors] == ["file_too_long"]
