"""Messages about what a new version may not change."""

from collections.abc import Mapping

from schemas.programme_file.messages.codes import Code, MessageTexts, error, note, warning

VERSIONS: Mapping[Code, MessageTexts] = {
    Code.OTHER_PROGRAMME: error(
        "this is programme `{found}`, the older file is `{expected}`",
        "این برنامهٔ `{found}` است و پروندهٔ پیشین `{expected}`",
        "compare versions of one programme",
        "نسخه‌های یک برنامه را بسنجید",
    ),
    Code.VERSION_NOT_HIGHER: error(
        "version {found} is not above {expected}, the older file's",
        "نسخهٔ {found} از نسخهٔ پیشین یعنی {expected} بالاتر نیست",
        "number it {remedy} or higher",
        "شمارهٔ {remedy} یا بالاتر بدهید",
    ),
    Code.EARLIER_EFFECTIVE: warning(
        "this version takes effect on {found}, before version {version}, which is in force again from {until} on",
        "این نسخه از {found} پیش از نسخهٔ {version} جاری می‌شود و از {until} باز همان نسخه جاری است",
        "give it a later date if it should replace that version",
        "اگر باید جای آن نسخه را بگیرد تاریخ دیرتری بدهید",
    ),
    Code.RULE_REMOVED: note("the rule `{found}` is gone", "قاعدهٔ `{found}` برداشته شده است"),
    Code.RULE_ADDED: note("the rule `{found}` is new", "قاعدهٔ `{found}` تازه است"),
    Code.RULE_CHANGED: note("the rule `{found}` has changed", "قاعدهٔ `{found}` تغییر کرده است"),
    Code.LEVEL_REMOVED: warning(
        "the level `{found}` is gone",
        "سطح `{found}` برداشته شده است",
        "members who hold it keep no level of that name",
        "اعضایی که آن را دارند دیگر سطحی به این نام ندارند",
    ),
    Code.OPEN_FESTIVAL_REMOVED: error(
        "the festival `{found}` has opened and is missing here",
        "جشنوارهٔ `{found}` باز شده و در اینجا نیامده است",
        "keep it until all of it is decided; it may be closed earlier",
        "تا قطعی شدن همهٔ نتیجه‌هایش نگهش دارید؛ می‌توان آن را زودتر بست",
    ),
    Code.OPEN_FESTIVAL_CHANGED: error(
        "{what} of `{found}` changed after its opening on {opened}",
        "{what} جشنوارهٔ `{found}` پس از گشایش آن در {opened} تغییر کرده است",
        "set it back; members took part on those terms",
        "آن را برگردانید؛ اعضا با همان شرط‌ها شرکت کرده‌اند",
    ),
    Code.FESTIVAL_OVER: error(
        "the festival `{found}` is over and decided: nothing counts under this id any more",
        "جشنوارهٔ `{found}` پایان یافته و نتیجه‌اش قطعی است: دیگر چیزی با این شناسه شمرده نمی‌شود",
        "give the new one an id of its own, and leave this one as it was or out",
        "به جشنوارهٔ تازه شناسهٔ دیگری بدهید و این یکی را بی‌تغییر نگه دارید یا بردارید",
    ),
    Code.FESTIVAL_DIFFERS: error(
        "the festival `{found}` opens before version {version} is in force again on {until}, which has it otherwise",
        "جشنوارهٔ `{found}` پیش از {until} باز می‌شود که باز نسخهٔ {version} جاری است و آن را جور دیگری دارد",
        "have it as in that version (titles and indicators may differ), or give this version a later date",
        "آن را مانند همان نسخه بنویسید (عنوان‌ها و شاخص‌ها آزادند) یا به این نسخه تاریخ دیرتری بدهید",
    ),
    Code.CLOSES_LATER: error(
        "the open festival `{found}` would close later than {expected}",
        "جشنوارهٔ باز `{found}` دیرتر از {expected} بسته می‌شود",
        "it may only be closed earlier",
        "تنها می‌توان آن را زودتر بست",
    ),
    Code.CLOSES_IN_PAST: error(
        "the open festival `{found}` would close in the past",
        "جشنوارهٔ باز `{found}` در گذشته بسته می‌شود",
        "close it on {expected} or later",
        "آن را در {expected} یا پس از آن ببندید",
    ),
    Code.LATENESS_SHORTER: error(
        "the open festival `{found}` would wait less for late events",
        "جشنوارهٔ باز `{found}` کمتر منتظر رویدادهای دیررسیده می‌ماند",
        "lateness may only grow",
        "lateness تنها می‌تواند بیشتر شود",
    ),
    Code.AWARD_CHANGED: error(
        "the award `{found}` of an open festival was changed or taken out",
        "جایزهٔ `{found}` در جشنواره‌ای باز تغییر کرده یا برداشته شده است",
        "set it back; awards that are not yet due may only be added",
        "آن را برگردانید؛ تنها می‌توان جایزه‌ای را افزود که هنوز موعدش نرسیده است",
    ),
    Code.AWARD_DUE: error(
        "the award `{found}` is added after it was due",
        "جایزهٔ `{found}` پس از موعدش افزوده شده است",
        "only awards not yet due may be added",
        "تنها جایزه‌ای را می‌توان افزود که هنوز موعدش نرسیده است",
    ),
    Code.INDICATORS_CHANGED: note(
        "the open festival `{found}` counts otherwise from this version on: {indicators}",
        "جشنوارهٔ باز `{found}` از این نسخه به بعد جور دیگری می‌شمارد: {indicators}",
    ),
    Code.REWARD_CHANGED: warning(
        "the reward `{found}` of the award `{award}` in the open festival `{festival}` is worth something else now",
        "ارزش پاداش `{found}` برای جایزهٔ `{award}` در جشنوارهٔ باز `{festival}` تغییر کرده است",
        "winners get what holds when their round is decided; give another reward an id of its own",
        "برندگان آن را می‌گیرند که هنگام قطعی شدن دور جاری است؛ به پاداش دیگر شناسهٔ دیگری بدهید",
    ),
}
