"""Messages about conditions, earnings, caps, multipliers and tiers."""

from collections.abc import Mapping

from schemas.programme_file.messages.codes import Code, MessageTexts, error, warning

RULES: Mapping[Code, MessageTexts] = {
    Code.CORRECTION_EVENT: error(
        "`{found}` cannot earn points",
        "`{found}` نمی‌تواند امتیاز بیاورد",
        "{hint}",
        "{hint}",
    ),
    Code.UNKNOWN_FIELD: error(
        "{event} has no field `{found}`",
        "رویداد {event} فیلد `{found}` ندارد",
        "{hint}",
        "{hint}",
    ),
    Code.FIELD_PARTLY: warning(
        "{event} has no field `{found}` and will never match",
        "رویداد {event} فیلد `{found}` ندارد و هرگز نمی‌خواند",
        "make it a rule of its own, or leave the event out",
        "برای آن قاعدهٔ جدا بنویسید یا رویداد را بردارید",
    ),
    Code.FIELD_NOT_FOR_CONDITIONS: error(
        "`{found}` cannot be compared",
        "`{found}` را نمی‌توان مقایسه کرد",
        "{hint}",
        "{hint}",
    ),
    Code.BOUNDS_OF_TEXT: error(
        "`{found}` is not a number and has no min or max",
        "`{found}` عدد نیست و min و max ندارد",
        "write {expected}, or a list of them",
        "{expected} بنویسید، یا فهرستی از آن",
    ),
    Code.VALUE_PARTLY: warning(
        "`{found}` never occurs in {event}",
        "`{found}` هرگز در {event} نمی‌آید",
        "make it a rule of its own, or leave the event out",
        "برای آن قاعدهٔ جدا بنویسید یا رویداد را بردارید",
    ),
    Code.NO_BOUND: error(
        "neither min nor max is given",
        "نه min آمده است نه max",
        "write {{min: …}}, {{max: …}} or both",
        "{{min: …}} یا {{max: …}} یا هر دو را بنویسید",
    ),
    Code.MIN_ABOVE_MAX: error(
        "min {low} is above max {high}",
        "min یعنی {low} از max یعنی {high} بزرگ‌تر است",
        "nothing lies between; swap or correct them",
        "چیزی میان آن دو نیست؛ جابه‌جا یا درستشان کنید",
    ),
    Code.NO_DATES: error(
        "neither from nor until is given",
        "نه from آمده است نه until",
        "write {{from: 1405-01-01, until: 1405-01-14}} or one of them",
        "{{from: 1405-01-01, until: 1405-01-14}} یا یکی از آن دو را بنویسید",
    ),
    Code.EMPTY_WINDOW: error(
        "{begin} is not before {until}",
        "{begin} پیش از {until} نیست",
        "the end is exclusive: give a later date",
        "روز پایان خودش جزو بازه نیست: تاریخ دیرتری بدهید",
    ),
    Code.SAME_HOURS: warning(
        "from and until are both {found}, which means the whole day",
        "from و until هر دو {found} است، یعنی همهٔ شبانه‌روز",
        "leave the hours out, or correct one of them",
        "ساعت را بردارید یا یکی را درست کنید",
    ),
    Code.NO_TIERS: error(
        "the programme has no tiers",
        "برنامه سطح‌بندی ندارد",
        "add a `tiers` section, or leave this condition out",
        "بخش `tiers` را بیفزایید یا این شرط را بردارید",
    ),
    Code.EARN_NOTHING: error(
        "neither points nor per_rial is given",
        "نه points آمده است نه per_rial",
        'write {{points: 20}}, {{points: 1, per: 100_000}} or {{per_rial: "0.000002"}}',
        'بنویسید {{points: 20}} یا {{points: 1, per: 100_000}} یا {{per_rial: "0.000002"}}',
    ),
    Code.EARN_BOTH: error(
        "per_rial stands beside `{found}`",
        "per_rial در کنار `{found}` آمده است",
        "keep one way to earn: {{points}}, {{points, per}} or {{per_rial}}",
        "یک شیوه را نگه دارید: {{points}} یا {{points, per}} یا {{per_rial}}",
    ),
    Code.OF_UNKNOWN: error(
        "{event} has no `{found}` to count by",
        "رویداد {event} فیلد `{found}` ندارد که بر پایهٔ آن حساب شود",
        "{hint}",
        "{hint}",
    ),
    Code.OF_NOT_NUMBER: error(
        "`{found}` is not a number",
        "`{found}` عدد نیست",
        "{hint}",
        "{hint}",
    ),
    Code.OF_NOT_MONEY: error(
        "`{found}` is not an amount of Rial",
        "`{found}` مبلغ ریالی نیست",
        "use {{points, per, of}} for it",
        "برای آن از {{points, per, of}} استفاده کنید",
    ),
    Code.CAP_UNREACHABLE: warning(
        "the cap of a {narrow}, {low}, is never felt: {wide} allows only {high}",
        "سقف {narrow} یعنی {low} هرگز اثر ندارد: {wide} تنها {high} اجازه می‌دهد",
        "lower it or leave it out",
        "آن را پایین بیاورید یا بردارید",
    ),
    Code.ALWAYS_CUT: warning(
        "every payment of {points} points is cut to {cap}",
        "هر بار {points} امتیاز به {cap} بریده می‌شود",
        "raise the cap or lower the points",
        "سقف را بالا ببرید یا امتیاز را کم کنید",
    ),
    Code.EXCLUSIVE_ALONE: warning(
        "no other rule belongs to the exclusive group `{found}`",
        "قاعدهٔ دیگری در گروه انحصاری `{found}` نیست",
        "name the same group on the rules that shut each other out",
        "همین نام را روی قاعده‌هایی بگذارید که یکدیگر را کنار می‌زنند",
    ),
    Code.PART_OR_MORE: error(
        "found `{found}`, which may mean two things",
        "`{found}` آمده که دو معنا می‌تواند داشته باشد",
        'write "{part}" for that part of the points, or "{more}" for that much more',
        'برای همین اندازه از امتیازها "{part}" و برای این اندازه بیشتر "{more}" بنویسید',
    ),
    Code.TIMES_ONE: warning(
        "multiplying by 1 changes nothing",
        "ضرب در ۱ چیزی را تغییر نمی‌دهد",
        "correct it or leave the multiplier out",
        "آن را درست کنید یا ضریب را بردارید",
    ),
    Code.EARNED_AT_WILL: warning(
        "members can bring {event} about as often as they like",
        "عضو می‌تواند {event} را هر چند بار که بخواهد پدید آورد",
        "add `once: member`",
        "`once: member` را بیفزایید",
    ),
    Code.FIRST_LEVEL: error(
        "the first level begins at {found}",
        "نخستین سطح از {found} آغاز می‌شود",
        "the first one is everybody's: from: 0",
        "نخستین سطح از آن همه است: from: 0",
    ),
    Code.LEVELS_DESCEND: error(
        "{found} is not above {previous}, the level before it",
        "{found} از {previous} که سطح پیشین است بالاتر نیست",
        "write the levels from the lowest to the highest",
        "سطح‌ها را از پایین به بالا بنویسید",
    ),
}
