"""Where each key of the format belongs, so that one which stands elsewhere, or has another name, can be sent home."""

from collections.abc import Mapping

from engine.rules.registry import BY_KEY
from engine.rules.values import Choices
from engine.words import Words, same

TOP = Words("at the left margin, outside of every section", "کنار حاشیه، بیرون از همهٔ بخش‌ها")
A_RULE = Words("in a rule or an indicator", "در یک قاعده یا شاخص")
A_FESTIVAL = Words("in a festival", "در یک جشنواره")
AN_AWARD = Words("in an award of a festival", "در یک جایزهٔ جشنواره")
A_REWARD = Words("in a reward", "در یک پاداش")
A_MESSAGE = Words("in a notification", "در یک پیام")
A_CATEGORY = Words("in a category of a festival", "در رشته‌ای از جشنواره")

HOMES: Mapping[str, Words] = {
    **dict.fromkeys(
        ("programme", "version", "effective", "excluded_mcc", "tiers", "rules", "multipliers", "festivals", "rewards",
         "thresholds", "notifications", "quiet_hours"), TOP,
    ),
    **dict.fromkeys(("pending", "expiry", "refund", "rial_per_point"), same("points")),
    **dict.fromkeys(("event", "when", "earn", "caps", "exclusive", "once"), A_RULE),
    **dict.fromkeys((*BY_KEY, "amount"), same("when")),
    **dict.fromkeys(("points", "per", "per_rial", "of"), same("earn")),
    **dict.fromkeys(("transaction", "day", "week", "month", "year"), same("caps")),
    **dict.fromkeys(("window", "grace", "downgrade", "levels"), same("tiers")),
    **dict.fromkeys(
        ("opens", "closes", "lateness", "audience", "joining", "indicators", "categories", "awards"), A_FESTIVAL
    ),
    **dict.fromkeys(("weigh", "then_by"), A_CATEGORY),
    **dict.fromkeys(("category", "at", "ranks", "draw", "reward"), AN_AWARD),
    **dict.fromkeys(("kind", "value_rial"), A_REWARD),
    **dict.fromkeys(("medium", "template", "days_before"), A_MESSAGE),
    **dict.fromkeys(("days", "hours", "minutes"), same("lateness")),
}  # fmt: skip
"""Key -> where it may stand, said as the place to put it; keys that may stand anywhere are left out."""

KEYWORDS = frozenset({*HOMES, "id", "title", "min", "max", "from", "until", "by", "fa", "en"})


def _plain(typed: str) -> str:
    return typed.replace(" ", "").replace("\u200c", "")


SYNONYMS: Mapping[str, str] = {
    "برنامه": "programme", "نسخه": "version", "اجرا": "effective", "تاریخ": "effective", "تاریخاجرا": "effective",
    "عنوان": "title", "نام": "title", "امتیاز": "points", "امتیازها": "points", "سطح": "tiers", "سطحها": "tiers",
    "قاعده": "rules", "قاعدهها": "rules", "قوانین": "rules", "قواعد": "rules", "ضریب": "multipliers",
    "ضرایب": "multipliers", "جشنواره": "festivals", "جشنوارهها": "festivals", "جایزه": "awards",
    "جوایز": "awards", "پاداش": "rewards", "پاداشها": "rewards",
    "آستانه": "thresholds", "پیام": "notifications", "پیامها": "notifications",
    "رویداد": "event", "شرط": "when", "شرایط": "when", "سقف": "caps", "شناسه": "id", "مبلغ": "amount",
    "روز": "day", "ماه": "month", "سال": "year", "هفته": "week", "تراکنش": "transaction", "کانال": "channel",
    "از": "from", "تا": "until", "آدینه": "friday", "عمومی": "public", "همه": "public",
    "روزانه": "day", "هفتگی": "week", "ماهانه": "month", "سالانه": "year",
    "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "everybody": "public", "all": "public",
    **{_plain(typed): kind.key for kind in BY_KEY.values() for typed in kind.typed},
    **{
        _plain(word.fa): word.en
        for kind in BY_KEY.values() if isinstance(kind.value, Choices) for word in kind.value.words
    },
}  # fmt: skip
"""What people write for a word of the format: in Persian, without spaces and half spaces, or in English."""

OTHER_MEASURES: Mapping[str, tuple[str, Words]] = {
    "years": ("months", Words("write months, 12 for each year", "با months بنویسید، هر سال ۱۲ ماه")),
    "value_toman": (
        "value_rial", Words("write value_rial, 10 for each Toman", "با value_rial بنویسید، هر تومان ۱۰ ریال")
    ),
    "per_toman": ("per_rial", Words("write per_rial, a tenth of it", "با per_rial بنویسید، یک دهم آن")),
}  # fmt: skip
"""Keys that measure in another unit than the one of the format, with that one and what to write."""
