"""What the command line shows of members and events, in English and Persian."""

from collections.abc import Mapping

from engine.calendar import DAY_MS, day_of, jalali, local_ms
from engine.ledger.member import NEVER, Status
from engine.outcome import Outcome, Reason
from engine.words import Words, number, persian_digits
from schemas.programme_file.wording import date

MINUTE_MS = 60_000

STATUSES: Mapping[int, Words] = {
    Status.CUSTOMER: Words("a customer, not registered", "مشتری، ثبت‌نام‌نکرده"),
    Status.REGISTERED: Words("registered", "عضو ثبت‌نام‌کرده"),
    Status.LEFT: Words("has left", "از باشگاه رفته"),
    Status.ERASED: Words("erased", "پاک‌شده"),
}

OUTCOMES: Mapping[Outcome, Words] = {
    Outcome.SCORED: Words("scored", "امتیاز را تغییر داد"),
    Outcome.NO_POINTS: Words("no points", "بی‌امتیاز"),
    Outcome.ACCEPTED: Words("accepted, nothing to score", "پذیرفته شد، امتیازی در کار نیست"),
    Outcome.PARKED: Words("kept until its purchase comes", "تا رسیدن خرید آن نگه داشته شد"),
    Outcome.DUPLICATE: Words("a duplicate, ignored", "تکراری، نادیده گرفته شد"),
    Outcome.NOT_EXECUTED: Words("kept, not executed yet", "نگه داشته شد، هنوز اجرا نمی‌شود"),
    Outcome.NO_PROGRAMME: Words("before the first programme version", "پیش از نخستین نسخهٔ برنامه"),
    Outcome.DEAD_LETTER: Words("refused: a dead letter", "رد شد: رویداد مردود"),
}

REASONS: Mapping[Reason, Words] = {
    Reason.NONE: Words("", ""),
    Reason.NO_RULE: Words("no rule is for this type of event", "هیچ قاعده‌ای برای این نوع رویداد نیست"),
    Reason.CONDITIONS: Words(
        "no rule's conditions hold, or the field is absent that it earns by",
        "شرط‌های هیچ قاعده‌ای برقرار نیست، یا قلم مبنای امتیاز نیامده است",
    ),
    Reason.EXCLUDED_MCC: Words("the MCC is excluded", "کد صنف مستثنا است"),
    Reason.ROUNDED_TO_NOTHING: Words(
        "it comes to 0 points: no full step, or less than half a point",
        "به امتیازی نمی‌رسد: نه یک گام کامل، نه نیم امتیاز",
    ),
    Reason.CAPPED: Words("the caps left nothing", "سقف‌ها چیزی باقی نگذاشتند"),
    Reason.PAID_ONCE: Words("paid once before", "پیش از این یک بار پرداخت شده"),
    Reason.LEFT: Words("the member has left", "عضو از باشگاه رفته است"),
    Reason.OLD_REVISION: Words("a newer revision is known", "ویرایش تازه‌تری در دست است"),
    Reason.UNCHANGED: Words("nothing changes", "چیزی تغییر نمی‌کند"),
    Reason.ACCOUNT_CLOSED: Words("the account is closed by then", "حساب تا آن روز بسته شده"),
    Reason.NOTHING_TO_REVERSE: Words(
        "nothing is to be taken back or given back", "چیزی برای پس گرفتن یا بازگرداندن نیست"
    ),
    Reason.INVALID: Words("no event of the contract", "مطابق قرارداد رویدادها نیست"),
    Reason.WRONG_PARTITION: Words("on a wrong partition", "در پارتیشن نادرست"),
    Reason.CONFLICTING_DUPLICATE: Words("the id was used with other content", "شناسه با محتوای دیگری آمده بود"),
    Reason.FROM_THE_FUTURE: Words("its time lies in the future", "زمان آن در آینده است"),
    Reason.TOO_OLD: Words("its time is too long ago", "زمان آن بسیار گذشته است"),
    Reason.ERASED: Words("the member was erased", "عضو پاک شده است"),
    Reason.ENGINE_ERROR: Words("a fault in bashgah", "خطای باشگاه"),
    Reason.TOO_LARGE: Words("larger than a record may be", "بزرگ‌تر از اندازهٔ مجاز رکورد است"),
    Reason.UNREADABLE: Words("nobody can read it", "خواندنی نیست"),
    Reason.SKIPPED: Words("left out by an operator", "به تصمیم کاربر پشتیبانی کنار گذاشته شد"),
}

MOVEMENTS: Mapping[str, Words] = {
    "points.accrued": Words("accrued", "کسب"),
    "points.activated": Words("activated", "فعال شد"),
    "points.reversed": Words("taken back", "پس گرفته شد"),
    "points.restored": Words("given back", "بازگردانده شد"),
    "points.expired": Words("expired", "منقضی شد"),
    "points.adjusted": Words("adjusted", "اصلاح شد"),
    "points.transferred": Words("transferred", "منتقل شد"),
    "points.reserved": Words("reserved", "کنار گذاشته شد"),
    "points.captured": Words("spent", "خرج شد"),
    "points.released": Words("released", "آزاد شد"),
    "points.refused": Words("refused", "رد شد"),
}


MEDIA: Mapping[str, str] = {"sms": "پیامک", "email": "رایانامه", "push": "اعلان"}

GIVEN_FOR: Mapping[str, Words] = {
    "threshold": Words("for a threshold", "برای یک آستانه"),
    "rank": Words("for a place", "برای یک جایگاه"),
    "draw": Words("drawn", "به قید قرعه"),
    "redemption": Words("for a redemption", "برای خرج امتیاز"),
    "tier": Words("for a tier", "برای یک سطح"),
}
"""What a reward is given for, by the contract's reason."""


def lane_words(number_of: int) -> Words:
    """A lane by its number."""
    of = number(number_of)
    return Words(f"lane {of.en}", f"خط پردازش {of.fa}")


def clock_text(instant: int) -> str:
    """The time of day in Tehran, as 14:05."""
    hour, minute = divmod(local_ms(instant) % DAY_MS // MINUTE_MS, 60)
    return f"{hour:02d}:{minute:02d}"


def minute(instant: int) -> str:
    """An instant in a table, by Tehran's clock: the Jalali date and the time of day, as 1405-01-14 06:00."""
    return f"{jalali(day_of(instant))} {clock_text(instant)}"


def moment(instant: int) -> Words:
    """An instant by Tehran's clock: the date in both calendars and the time of day."""
    second = local_ms(instant) % DAY_MS // 1_000
    clock = f"{second // 3_600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    day = date(day_of(instant))
    return Words(f"{day.en} {clock}", f"{day.fa} {persian_digits(clock)}")


def last_valid(expiry: int | None) -> Words:
    """The last day on which points are valid."""
    if expiry is None or expiry == NEVER:
        return Words("never expires", "بی‌انقضا")
    return date(expiry)
