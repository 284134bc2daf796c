"""Who the customers are: personas, and the traits of each customer, all computed from their number.

Nothing is stored for a customer but their purse, so a million of them cost a few megabytes. The same number of
customers gives the same people whatever the seed: a seed decides what they do.
"""

from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

_MASK_32 = 0xFFFF_FFFF
_MASK_40 = 0xFF_FFFF_FFFF


class Persona(NamedTuple):
    """A way of living that many customers share."""

    name: str
    per_mille: int
    """How many of 1,000 customers."""
    segments: tuple[str, ...]
    purse: int
    """What they spend on a purchase, in percent of the average."""
    income: int
    """Rial a month."""
    paydays: tuple[int, ...]
    """Days of the Jalali month, one for each customer, when the salary is in; none: money comes every day."""
    business: bool
    """Keeps a current account, may overdraw it."""
    habit: dict[str, int]
    """Percent of the average by habit of the mix; 100 where absent."""


_TURN_OF_MONTH = (28, 29, 30, 1, 2, 3)
_PENSIONS = tuple(range(20, 31))  # paid over the last ten days of the month, by the initial letter of the name

# Shares: adults by occupation, rounded, professions over-represented as in a bank that runs festivals for them.
PERSONAS: tuple[Persona, ...] = (
    Persona("salaried", 290, ("employee",), 100, 250_000_000, _TURN_OF_MONTH, False,
            {"loan": 160, "bill": 110, "digital": 110}),
    Persona("householder", 210, ("household",), 85, 60_000_000, (), False,
            {"home": 150, "money": 40, "loan": 50, "digital": 80, "car": 60, "style": 130, "firm": 0}),
    Persona("student", 140, ("student",), 45, 30_000_000, (), False,
            {"home": 60, "car": 25, "leisure": 170, "city": 220, "study": 300, "durable": 40, "bill": 35, "loan": 40,
             "digital": 180, "rent": 110, "money": 30, "health": 50, "saving": 60, "firm": 0, "branch": 40}),
    Persona("pensioner", 120, ("pensioner",), 70, 150_000_000, _PENSIONS, False,
            {"leisure": 40, "city": 50, "health": 250, "study": 25, "digital": 45, "cash": 230, "loan": 80, "rent": 40,
             "style": 50, "branch": 260, "firm": 0}),
    Persona("shopkeeper", 110, ("merchant",), 130, 450_000_000, (), True,
            {"transfer": 260, "money": 250, "loan": 150, "firm": 300, "saving": 140, "car": 150}),
    Persona("small_business", 70, ("small_business",), 170, 900_000_000, (), True,
            {"transfer": 330, "money": 300, "loan": 200, "firm": 600, "durable": 260, "saving": 150, "car": 170}),
    Persona("physician", 30, ("physician",), 260, 1_500_000_000, (), True,
            {"leisure": 170, "durable": 180, "transfer": 170, "firm": 250, "festival": 600, "study": 150, "city": 40}),
    Persona("lawyer", 15, ("lawyer",), 220, 1_000_000_000, (), True,
            {"leisure": 150, "durable": 150, "transfer": 180, "firm": 250, "study": 150, "city": 60}),
    Persona("bank_staff", 15, ("bank_staff", "employee"), 120, 350_000_000, (27, 28), False,
            {"loan": 220, "digital": 160, "bill": 130, "festival": 200}),
)  # fmt: skip

# Population in thousands, census of 1395 (Statistical Centre of Iran).
PROVINCES: dict[str, int] = {
    "تهران": 13_268, "خراسان رضوی": 6_435, "اصفهان": 5_121, "فارس": 4_851, "خوزستان": 4_711, "آذربایجان شرقی": 3_910,
    "مازندران": 3_284, "آذربایجان غربی": 3_265, "کرمان": 3_165, "سیستان و بلوچستان": 2_775, "البرز": 2_712,
    "گیلان": 2_531, "کرمانشاه": 1_952, "گلستان": 1_869, "هرمزگان": 1_776, "لرستان": 1_761, "همدان": 1_738,
    "کردستان": 1_603, "مرکزی": 1_429, "قم": 1_292, "قزوین": 1_274, "اردبیل": 1_270, "بوشهر": 1_163, "یزد": 1_139,
    "زنجان": 1_057, "چهارمحال و بختیاری": 948, "خراسان شمالی": 863, "خراسان جنوبی": 769, "کهگیلویه و بویراحمد": 713,
    "سمنان": 702, "ایلام": 580,
}  # fmt: skip

_FIRST_NAMES = (
    "آرش", "آرزو", "آناهیتا", "آیدا", "ابراهیم", "احمد", "امیر", "امیرحسین", "الهام", "الهه", "بابک", "بهار", "بهرام",
    "بهنام", "پروانه", "پروین", "پریسا", "پویا", "پیمان", "ترانه", "جواد", "حسن", "حسین", "حمید", "داریوش", "رضا",
    "رؤیا", "زهرا", "زینب", "ژاله", "سارا", "سپیده", "سعید", "سمیه", "سهراب", "سیمین", "شهرام", "شیرین", "صبا", "طاهره",
    "عباس", "علی", "علی‌رضا", "فاطمه", "فرهاد", "فریدون", "کاوه", "کیان", "گلناز", "لیلا", "محمد", "محمدرضا", "مریم",
    "مسعود", "مصطفی", "مهدی", "مهسا", "مینا", "نازنین", "نرگس", "نسرین", "نیما", "هادی", "هانیه", "یاسمن", "یوسف",
)  # fmt: skip
_BYNAMES = ("", "", "", " جان", " ایرانی", " تهرانی", " شیرازی", " تبریزی", " کوهنورد", " مهربان", " دریا", " آسمان")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_PURSES = (40, 50, 60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 115, 130, 160, 230)
_PROVINCE_NAMES = tuple(PROVINCES)
_PROVINCE_SUMS = tuple(accumulate(PROVINCES.values()))


def trait(number: int, salt: int) -> int:
    """A 32-bit value that looks random and is always the same for a customer (or any number) and a salt."""
    value = (number * 0x9E37_79B1 + salt * 0x85EB_CA77 + 0x27D4_EB2F) & _MASK_32
    value = ((value ^ value >> 15) * 0x2C1B_3C6D) & _MASK_32
    value = ((value ^ value >> 12) * 0x297A_2D39) & _MASK_32
    return value ^ value >> 15


class Customers:
    """All customers of the bank, numbered from 0; a persona's are a run of numbers, the busiest first."""

    def __init__(self, count: int) -> None:
        sums = list(accumulate(persona.per_mille for persona in PERSONAS))
        self.count = count
        self.bounds = [count * end // sums[-1] for end in sums]
        """For each persona the number after its last customer."""
        self.purse = array("H")
        """What a customer spends on a purchase, in percent of the average."""
        first = 0
        for persona, end in zip(PERSONAS, self.bounds, strict=True):
            shares = [max(10, persona.purse * own // 100) for own in _PURSES]
            self.purse.extend(shares[trait(number, 1) & 15] for number in range(first, end))
            first = end

    def persona(self, number: int) -> Persona:
        """The persona of a customer."""
        return PERSONAS[bisect_right(self.bounds, number)]

    def run(self, persona: int) -> tuple[int, int]:
        """The first customer of a persona and how many there are."""
        first = self.bounds[persona - 1] if persona else 0
        return first, self.bounds[persona] - first


def reference(number: int) -> str:
    """The opaque reference that events have as their subject: another for each customer, telling nothing."""
    return f"c{(number * 0x5D_588B_656B + 0x1F_83D9_ABFB) & _MASK_40:010x}"


def account(number: int, serial: int) -> str:
    """The token of a customer's account: serial 0 is the main one, higher ones savings in order of opening."""
    return f"a{((number * 256 + serial) * 0x2545_F491_4F6D + 0x6A09_E667_F3BC) & 0xFFFF_FFFF_FFFF:012x}"


def card(number: int, second: bool) -> str:
    """The token of a customer's card; some have two."""
    return f"k{((number * 2 + second) * 0x3C6E_F372_FE95 + 0xBB67_AE85_84CA) & 0xFFFF_FFFF_FFFF:012x}"


def province(number: int) -> str:
    """Where a customer lives, as Iranians are spread over the provinces."""
    return _PROVINCE_NAMES[bisect_right(_PROVINCE_SUMS, trait(number, 2) % _PROVINCE_SUMS[-1])]


def alias(number: int, salt: int = 3) -> str:
    """The name a member goes by on boards; another salt gives the one chosen later."""
    value = trait(number, salt)
    name = _FIRST_NAMES[value % len(_FIRST_NAMES)] + _BYNAMES[(value >> 8) % len(_BYNAMES)]
    return f"{name} {value >> 16 & 1023}".translate(_PERSIAN_DIGITS) if value >> 27 & 1 else name
