"""Files as they lie on a disk, the tables behind the format, and the words in which rules are said."""

from pathlib import Path

import pytest

from engine.calendar import jalali_day
from engine.programme.terms import Programme
from schemas.programme_file import ProgrammeErrors, load, load_file, read_file
from schemas.programme_file.festival_wording import festival_lines
from schemas.programme_file.fields import AT_WILL, CORRECTING, EARNING, EVENT_NAMES, FIELD_NAMES, FieldKind
from schemas.programme_file.messages import Code
from schemas.programme_file.wording import date, earns, multiplies, of_events
from tests.schemas.programme_file.files import BASE, festival, purchase, rule


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(BASE.encode() + b"extra: caf\xe9\n")
    with pytest.raises(ProgrammeErrors) as refused:
        load_file(path)
    (problem,) = refused.value.problems
    assert (problem.code, problem.line, problem.column, problem.file) == (Code.NOT_UTF8, 7, 11, str(path))


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "marked.yaml"
    path.write_bytes(BASE.encode("utf-8-sig"))
    assert read_file(path).text == BASE


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_file(tmp_path / "none.yaml")


def test_the_error_names_every_problem() -> None:
    with pytest.raises(ProgrammeErrors, match="f:2:10: version: .*\nf:3:12: effective: "):
        load("programme: club\nversion: x\neffective: y\ntitle: {fa: ب}\n", "f")


def test_every_event_and_field_has_a_name_in_both_languages() -> None:
    assert set(EVENT_NAMES) == set(EARNING)
    fields = [field for of_event in EARNING.values() for field in of_event.items()]
    assert set(FIELD_NAMES) == {name for name, field in fields if field.kind not in (FieldKind.DATE, FieldKind.OTHER)}


def test_events_that_earn_are_the_banks_and_a_few_of_the_clubs() -> None:
    assert {event for event in EARNING if not event.startswith(("card.", "ebanking.", "deposit."))} == AT_WILL
    assert not set(CORRECTING) & set(EARNING)
    assert set(CORRECTING.values()) <= set(EARNING)
    assert EARNING["card.purchase.settled"]["mcc"].kind is FieldKind.MCC
    assert EARNING["deposit.balance.recorded"]["minimum"].kind is FieldKind.MONEY
    assert EARNING["ebanking.instalment.paid"]["days_early"].kind is FieldKind.NUMBER
    assert EARNING["deposit.account.opened"]["date"].kind is FieldKind.DATE
    assert set(EARNING["ebanking.transfer.completed"]["rail"].words) == {"satna", "paya", "pol", "card", "internal"}


SAID = [
    ("earn: {points: 1}", "1 point", "۱ امتیاز"),
    ("earn: {points: 1_500, per: 100_000}", "1,500 points per 100,000 of amount",
     "۱٬۵۰۰ امتیاز برای هر ۱۰۰٬۰۰۰ از مبلغ"),
    ('earn: {per_rial: "0.000002"}', "0.000002 points per Rial of amount", "۰٫۰۰۰۰۰۲ امتیاز برای هر ریال از مبلغ"),
    ("when: {amount: {min: 5, max: 9}}", "1 point; amount 5 to 9", "۱ امتیاز؛ مبلغ از ۵ تا ۹"),
    ("when: {amount: {max: 9_000}}", "1 point; amount up to 9,000", "۱ امتیاز؛ مبلغ تا ۹٬۰۰۰"),
    ("when: {channel: pos}", "1 point; channel pos", "۱ امتیاز؛ کانال pos"),
    ("when: {weekday: [friday, thursday]}", "1 point; on thursday, friday", "۱ امتیاز؛ در پنجشنبه، جمعه"),
    ("when: {dates: {until: 1405-02-01}}", "1 point; before 1405-02-01", "۱ امتیاز؛ پیش از ۱۴۰۵-۰۲-۰۱"),
    ('when: {hours: {from: "22:00", until: "06:30"}}', "1 point; 22:00 to 06:30", "۱ امتیاز؛ از ۲۲:۰۰ تا ۰۶:۳۰"),
    ("when: {segments: [physician]}", "1 point; segment physician", "۱ امتیاز؛ عضو گروه physician"),
    ("when: {province: [یزد, tehran]}", "1 point; province tehran, یزد", "۱ امتیاز؛ استان tehran، یزد"),
    ("when: {member: registered}", "1 point; registered members", "۱ امتیاز؛ اعضای ثبت‌نام‌کرده"),
    ("caps: {transaction: 5, month: 1_000}", "1 point; at most 5 a transaction, 1,000 a month",
     "۱ امتیاز؛ بیشینه ۵ در هر تراکنش، ۱٬۰۰۰ در ماه"),
    ("once: member", "1 point; once a member", "۱ امتیاز؛ برای هر عضو یک بار"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "en", "fa"), SAID)
def test_a_rule_in_words(lines: str, en: str, fa: str) -> None:
    (found,) = load(purchase(lines), "f").rules
    assert earns(found) == (en, fa)
    assert of_events(found) == ("card purchase", "خرید با کارت")


def test_flags_levels_and_multipliers_in_words() -> None:
    text = rule("event: ebanking.transfer.completed\nwhen: {own: false, tier: gold}\nearn: {points: 1}")
    text += "tiers: {window: year, levels: [{id: gold, from: 0}]}\nmultipliers: [{id: m, by: 1.5, when: {own: true}}]\n"
    programme: Programme = load(text, "f")
    assert earns(programme.rules[0]).en == "1 point; not own account; tier gold"
    assert multiplies(programme.multipliers[0]) == ("× 1.5; own account", "× ۱٫۵؛ حساب خود")


@pytest.mark.parametrize(
    ("audience", "en", "fa"),
    [
        ("public", "everybody", "همه"),
        ("{segments: physician}", "members of physician", "اعضای physician"),
        ("{province: [یزد, tehran]}", "residents of tehran, یزد", "ساکنان tehran، یزد"),
        ("{segments: [nurse, physician], province: یزد}", "members of nurse, physician among residents of یزد",
         "اعضای nurse، physician از ساکنان یزد"),
    ],
)  # fmt: skip
def test_an_audience_in_words(audience: str, en: str, fa: str) -> None:
    lines = list(festival_lines(load(festival(f"audience: {audience}"), "f").festivals[0], {}))
    assert f", for {en}, joined by itself," in lines[0].en
    assert f"، برای {fa}، عضویت خودکار،" in lines[0].fa


def test_a_date_in_both_calendars() -> None:
    assert date(jalali_day(1405, 1, 1)) == ("1405-01-01 (2026-03-21)", "۱۴۰۵-۰۱-۰۱ (2026-03-21)")
