"""Messages about single values and about the ids that name things."""

from collections.abc import Mapping

from schemas.programme_file.messages.codes import Code, MessageTexts, error, warning

VALUES: Mapping[Code, MessageTexts] = {
    Code.MEANT: error(
        "found `{found}`, which is not how it is written here",
        "`{found}` آمده که اینجا چنین نوشته نمی‌شود",
        "write {remedy}",
        "بنویسید {remedy}",
    ),
    Code.COMMA_INSIDE: error(
        "the comma ends the value inside braces, so `{found}` is no number",
        "ویرگول درون آکولاد مقدار را پایان می‌دهد، پس `{found}` عدد نیست",
        "write {remedy}",
        "بنویسید {remedy}",
    ),
    Code.UNSEEN: error(
        "`{found}` holds {character}, which nobody sees",
        "در `{found}` نویسهٔ {character} هست که دیده نمی‌شود",
        "delete it: {remedy}",
        "آن را پاک کنید: {remedy}",
    ),
    Code.NOT_INTEGER: error(
        "found `{found}`, which is not a whole number",
        "`{found}` آمده که عدد صحیح نیست",
        "write {expected}, as 2000 or 2_000",
        "{expected} بنویسید، مانند 2000 یا 2_000 یا ۲۰۰۰",
    ),
    Code.QUOTED_INTEGER: error(
        'found the text "{found}"',
        'متن "{found}" آمده است',
        "write the number without quotes: {found}",
        "عدد را بدون گیومه بنویسید: {found}",
    ),
    Code.BAD_GROUPING: error(
        "found `{found}`; its digits are not grouped by three, or it begins with 0",
        "`{found}` آمده که رقم‌هایش سه‌تاسه‌تا جدا نشده یا با صفر آغاز می‌شود",
        "write {remedy}",
        "بنویسید {remedy}",
    ),
    Code.OUT_OF_RANGE: error(
        "found {found}",
        "{found} آمده است",
        "write {expected}",
        "{expected} بنویسید",
    ),
    Code.NOT_DECIMAL: error(
        "found `{found}`, which is not a decimal number",
        "`{found}` آمده که عدد اعشاری نیست",
        'write {expected}, as "1.5"',
        'بنویسید: {expected}، مانند "1.5"',
    ),
    Code.NOT_FLAG: error(
        "found `{found}`",
        "`{found}` آمده است",
        "write true or false; yes, no, on and off are plain text here",
        "true یا false بنویسید؛ yes و no و on و off اینجا فقط متن‌اند",
    ),
    Code.FLAG_AS_TEXT: error(
        "found `{found}`, which is a truth value, not text",
        "`{found}` آمده که مقدار درست/نادرست است، نه متن",
        'put it in quotes: "{found}"',
        'آن را در گیومه بگذارید: "{found}"',
    ),
    Code.BAD_TEXT: error(
        'found "{found}"',
        "«{found}» آمده است",
        "write {expected}",
        "{expected} بنویسید",
    ),
    Code.BAD_ID: error(
        "`{found}` cannot be an id",
        "`{found}` نمی‌تواند شناسه باشد",
        "use 1 to 64 of A-Z a-z 0-9 . _ ~ -",
        "۱ تا ۶۴ نویسه از A-Z a-z 0-9 . _ ~ - به کار ببرید",
    ),
    Code.NOT_ONE_OF: error(
        "found `{found}`",
        "`{found}` آمده است",
        "{hint}",
        "{hint}",
    ),
    Code.NOT_DATE: error(
        "found `{found}`, which is not a date",
        "`{found}` آمده که تاریخ نیست",
        "write a Jalali date as 1405-07-01, years 1300 to 1499",
        "تاریخ شمسی را مانند ۱۴۰۵-۰۷-۰۱ بنویسید، سال ۱۳۰۰ تا ۱۴۹۹",
    ),
    Code.NO_SUCH_MONTH: error(
        "there is no {found}; a year has 12 months",
        "تاریخ {found} نداریم؛ سال ۱۲ ماه دارد",
        "write a month from 01 to 12, as 1405-07-01",
        "ماهی از ۰۱ تا ۱۲ بنویسید، مانند 1405-07-01",
    ),
    Code.NO_SUCH_DATE: error(
        "there is no {found}; month {month} of {year} has {days} days",
        "تاریخ {found} نداریم؛ ماه {month} سال {year}، {days} روز دارد",
        "write a day from 01 to {days}",
        "روزی از ۰۱ تا {days} بنویسید",
    ),
    Code.GREGORIAN_DATE: error(
        "found `{found}`, which looks like a Gregorian date",
        "`{found}` آمده که به تاریخ میلادی می‌ماند",
        "programme files are Jalali: write {remedy}",
        "برنامه با تاریخ شمسی نوشته می‌شود: بنویسید {remedy}",
    ),
    Code.NOT_TIME: error(
        "found `{found}`, which is not a time of day",
        "`{found}` آمده که ساعت نیست",
        'write it as "08:00" or "22:30", in Tehran\'s time',
        'آن را مانند "08:00" یا "22:30" به وقت تهران بنویسید',
    ),
    Code.NOT_MCC: error(
        "found `{found}`, which is not a merchant category code",
        "`{found}` آمده که کد صنف نیست",
        "write four digits, as 5411",
        "چهار رقم بنویسید، مانند 5411",
    ),
    Code.SHORT_MCC: error(
        "found `{found}`; merchant category codes have four digits",
        "`{found}` آمده؛ کد صنف چهار رقم دارد",
        'write "{remedy}"',
        'بنویسید "{remedy}"',
    ),
}

NAMES: Mapping[Code, MessageTexts] = {
    Code.DUPLICATE_ID: error(
        "the id `{found}` is taken by line {first}",
        "شناسهٔ `{found}` در سطر {first} به کار رفته است",
        "give this one another id",
        "برای این یکی شناسهٔ دیگری بگذارید",
    ),
    Code.UNKNOWN_REFERENCE: error(
        "{nowhere} `{found}`",
        "{nowhere} با شناسهٔ `{found}` نیست",
        "{hint}",
        "{hint}",
    ),
    Code.REPEATED: warning(
        "`{found}` stands in the list twice",
        "`{found}` دو بار در فهرست آمده است",
        "once is enough",
        "یک بار بس است",
    ),
    Code.OTHER_SPELLING: warning(
        "`{found}` has letters of the Arabic keyboard, or characters that nobody sees",
        "در `{found}` حرف صفحه‌کلید عربی یا نویسه‌ای نادیدنی هست",
        "it is compared as `{remedy}`; write it so",
        "به شکل `{remedy}` سنجیده می‌شود؛ همین را بنویسید",
    ),
    Code.NOTHING_EARNS: warning(
        "no rule and no festival gives any points",
        "هیچ قاعده و جشنواره‌ای امتیازی نمی‌دهد",
        "add `rules` or `festivals`",
        "`rules` یا `festivals` را بیفزایید",
    ),
    Code.UNTITLED: warning(
        "there is no title; members would see `{found}`",
        "عنوان ندارد و اعضا `{found}` را می‌بینند",
        "add `title: {{fa: …, en: …}}`",
        "`title: {{fa: …, en: …}}` را بیفزایید",
    ),
}

WHOLE: Mapping[Code, MessageTexts] = {
    Code.NOT_EXECUTED: error(
        "this is not executed yet: {reason}",
        "این هنوز اجرا نمی‌شود: {reason}",
        "leave it out until a release executes it, or let it wait with --allow-waiting",
        "تا نسخه‌ای که آن را اجرا کند برش دارید، یا با --allow-waiting بگذارید منتظر بماند",
    ),
    Code.DOTS_AS_ID: error(
        "the id `{found}` means a folder in every web address, so nothing about it can be asked for",
        "شناسهٔ `{found}` در نشانی‌های وب یعنی پوشه، پس از آن چیزی نمی‌توان پرسید",
        "give it a name with letters or digits",
        "نامی با حرف یا رقم برایش بگذارید",
    ),
    Code.WINDOW_OVER: warning(
        "this is over on {until}, before the version takes effect on {effective}: it will never hold",
        "این بازه در {until} به سر می‌رسد، پیش از آن که نسخه در {effective} جاری شود: هرگز برقرار نمی‌شود",
        "correct the dates, or leave it out",
        "تاریخ‌ها را درست کنید یا آن را بردارید",
    ),
    Code.OUTSIDE_FESTIVAL: warning(
        "these dates do not touch the festival's, {opens} to {closes}: the indicator will never count",
        "این تاریخ‌ها با بازهٔ جشنواره، {opens} تا {closes}، برخوردی ندارد: این شاخص هرگز شمرده نمی‌شود",
        "correct the dates, or leave them out",
        "تاریخ‌ها را درست کنید یا بردارید",
    ),
    Code.REWARD_UNUSED: warning(
        "no threshold and no award gives the reward `{found}`",
        "هیچ آستانه و هیچ جایزه‌ای پاداش `{found}` را نمی‌دهد",
        "name it in `thresholds` or in a festival's `awards`, or leave it out",
        "آن را در `thresholds` یا `awards` جشنواره‌ای نام ببرید، یا بردارید",
    ),
    Code.NOTHING_EXPIRES: warning(
        "the points of this version never expire, so no member is ever told",
        "امتیازهای این نسخه هرگز منقضی نمی‌شود، پس هیچ عضوی خبری نمی‌گیرد",
        "say in `points` when they do (`expiry: {{months: 12}}`), or leave the notification out",
        "در `points` بگویید کی منقضی می‌شود (`expiry: {{months: 12}}`) یا این اعلان را بردارید",
    ),
    Code.LEAD_TOO_LONG: warning(
        "points live {least} to {most} days: those that live less than {days} days are told of when they become active",
        "امتیازها {least} تا {most} روز اعتبار دارد: آنچه کمتر از {days} روز اعتبار دارد هنگام فعال شدن خبر می‌شود",
        "write `days_before: {least}` or less to tell of all of them ahead",
        "برای خبر دادن پیش از موعد، `days_before: {least}` یا کمتر بنویسید",
    ),
}
