"""When people do things: weights by hour of the day, by weekday and by the season of the Jalali year.

All are relative weights in percent of the average, so that a figure in the mix stays the monthly average whatever its
rhythm. The shapes are judgement, not measurement: Iranian working hours (offices 8 to 15, Thursday half a day, Friday
closed; shops until 22), the evening's second opening of doctors and shops, and Nowruz (shopping in late Esfand, closed
offices and travel until 13 Farvardin).
"""

from functools import lru_cache
from typing import NamedTuple

from engine.calendar import jalali, weekday

HOURS: dict[str, tuple[int, ...]] = {
    #          0  1  2  3  4  5  6   7   8   9  10  11  12  13  14  15  16  17  18  19  20  21  22  23
    "shop":   (2, 1, 0, 0, 0, 0, 2,  6, 20, 38, 55, 60, 55, 35, 25, 28, 45, 70, 90, 95, 85, 55, 25,  8),
    "bakery": (0, 0, 0, 0, 0, 8, 45, 80, 70, 45, 30, 40, 80, 60, 15, 15, 35, 60, 80, 75, 45, 12, 2,  0),
    "food":   (6, 2, 1, 0, 0, 1, 5, 12, 15, 15, 18, 30, 70, 90, 60, 28, 25, 30, 40, 65, 95, 99, 70, 25),
    "clinic": (0, 0, 0, 0, 0, 0, 1, 10, 45, 70, 75, 65, 40, 15, 12, 35, 75, 90, 90, 70, 35, 8, 1,  0),
    "fuel":   (8, 4, 3, 3, 5, 15, 45, 70, 60, 55, 55, 55, 50, 45, 45, 50, 60, 70, 75, 65, 50, 40, 28, 15),
    "office": (0, 0, 0, 0, 0, 0, 1, 15, 70, 95, 95, 90, 75, 50, 25, 10, 5,  3,  2,  1,  1,  0,  0,  0),
    "online": (18, 8, 4, 2, 2, 4, 10, 25, 45, 60, 65, 65, 60, 55, 50, 48, 50, 55, 60, 65, 70, 75, 65, 40),
    "ride":   (6, 2, 1, 1, 2, 8, 35, 75, 70, 45, 40, 42, 48, 50, 45, 48, 60, 75, 70, 55, 45, 40, 30, 15),
}  # fmt: skip

WEEK: dict[str, tuple[int, ...]] = {
    #            Sat  Sun  Mon  Tue  Wed  Thu  Fri
    "even":     (100, 100, 100, 100, 100, 100, 100),
    "grocery":  ( 85,  80,  80,  85,  95, 150, 125),
    "bread":    (105, 105, 105, 105, 105, 110,  65),
    "leisure":  ( 70,  65,  70,  75,  95, 160, 165),
    "shopping": ( 85,  85,  90,  95, 110, 150,  85),
    "office":   (130, 125, 120, 120, 115,  75,  15),
    "commute":  (125, 120, 120, 120, 115,  70,  30),
}  # fmt: skip


class Span(NamedTuple):
    """Days of a Jalali month, both ends included, and what they do to a rhythm."""

    month: int
    first: int
    last: int
    percent: int


SEASONS: dict[str, tuple[Span, ...]] = {
    "even": (),
    "grocery": (Span(12, 18, 30, 145), Span(1, 1, 4, 65), Span(1, 5, 13, 85)),
    "nowruz": (Span(12, 5, 15, 170), Span(12, 16, 30, 280), Span(1, 1, 13, 45)),
    "office": (Span(1, 1, 4, 15), Span(1, 5, 13, 55), Span(12, 20, 30, 130)),
    "travel": (Span(1, 1, 13, 190), Span(12, 25, 30, 160), Span(5, 1, 31, 130), Span(6, 1, 25, 130)),
    "school": (Span(6, 15, 31, 320), Span(7, 1, 12, 280), Span(11, 15, 30, 130), Span(4, 1, 31, 60)),
}

BILL_SEASON: dict[str, tuple[int, ...]] = {
    # Percent of a bill's average by Jalali month: cooling in Tir and Mordad, heating in Dey and Bahman.
    "electricity": (60, 65, 105, 180, 195, 160, 95, 65, 65, 75, 70, 65),
    "gas": (85, 45, 35, 30, 30, 30, 40, 90, 170, 240, 230, 175),
    "water": (80, 95, 120, 145, 145, 125, 100, 85, 75, 75, 75, 80),
}

_PAYDAY = ((5, 125), (12, 105), (20, 92), (26, 82), (31, 110))
"""Spending through a Jalali month, as (up to that day, percent): people buy when the salary is in."""


def season_percent(season: str, day: int) -> int:
    """What a season does on a day, in percent of an ordinary one."""
    date = jalali(day)
    for span in SEASONS[season]:
        if span.month == date.month and span.first <= date.day <= span.last:
            return span.percent
    return 100


def payday_percent(day: int) -> int:
    """How freely people spend on a day of the Jalali month, in percent of the average."""
    of_month = jalali(day).day
    return next(percent for until, percent in _PAYDAY if of_month <= until)


@lru_cache(maxsize=1_024)
def day_share(week: str, season: str, purse: bool, day: int) -> float:
    """How many times the average an ordinary day's activity is on this day; `purse` for what waits for the salary."""
    weights = WEEK[week]
    share = weights[weekday(day)] * len(weights) / sum(weights) * season_percent(season, day) / 100
    return share * payday_percent(day) / 100 if purse else share


@lru_cache(maxsize=256)
def hour_shares(hours: str) -> tuple[float, ...]:
    """The part of a day's activity in each of its 24 hours; they add up to one."""
    weights = HOURS[hours]
    return tuple(weight / sum(weights) for weight in weights)
