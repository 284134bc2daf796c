"""Simulated time, members and rules as people read them: Persian with English beside, Jalali dates in Tehran."""

from bashgah.cli.text.members import clock_text
from engine.calendar import WEEKDAYS, day_of, jalali, weekday
from engine.programme.terms import Programme, Title
from engine.words import Words, number, persian_digits

_MONTHS_FA = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
REWARD_RULE = "reward:"


def moment(instant: int) -> str:
    """Jalali month, day and Tehran's time: 01-18 14:05."""
    date = jalali(day_of(instant))
    return f"{date.month:02d}-{date.day:02d} {clock_text(instant)}"


def date_words(instant: int) -> Words:
    """The Jalali day with its weekday."""
    day = day_of(instant)
    date, of_week = jalali(day), weekday(day)
    fa = f"{WEEKDAYS[of_week].fa} {date.day} {_MONTHS_FA[date.month - 1]} {date.year}"
    return Words(f"{WEEKDAYS[of_week].en.capitalize()} {date}", persian_digits(fa))


def masked(member: str) -> str:
    """A reference that tells members apart and cannot be looked up."""
    return f"{member[:2]}…{member[-3:]}"


def rule_words(programme: Programme) -> dict[str, Words]:
    """What each rule is called, and each reward of points."""
    words = {rule.id: title_words(rule.title, rule.id) for rule in programme.rules}
    for reward in programme.rewards.values():
        words[REWARD_RULE + reward.id] = title_words(reward.title, REWARD_RULE + reward.id)
    return words


def title_words(title: Title, id: str) -> Words:
    """A title in both languages; the id stands for the English one where there is none, and nothing for the Persian."""
    return Words(title.get("en", id), title.get("fa", ""))


def grouped(value: int) -> str:
    """An integer with its thousands separated."""
    return number(value).en
