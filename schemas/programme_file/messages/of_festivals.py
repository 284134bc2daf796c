"""Messages about festivals, awards, rewards and notifications."""

from collections.abc import Mapping

from schemas.programme_file.messages.codes import Code, MessageTexts, error, warning

FESTIVALS: Mapping[Code, MessageTexts] = {
    Code.CLOSED_BEFORE: warning(
        "the festival closes before this version takes effect",
        "جشنواره پیش از جاری شدن این نسخه بسته می‌شود",
        "it will not count anything here; leave it out if it is over and frozen",
        "در این نسخه چیزی نمی‌شمارد؛ اگر پایان یافته و پایان شمارش آن گذشته است آن را بردارید",
    ),
    Code.INDICATOR_UNUSED: warning(
        "no category weighs the indicator `{found}`",
        "هیچ رشته‌ای شاخص `{found}` را نمی‌سنجد",
        "weigh it in a category, or leave it out",
        "آن را در رشته‌ای وزن دهید یا بردارید",
    ),
    Code.THEN_BY_SAME: warning(
        "`{found}` is all that the category weighs and breaks no tie",
        "این رشته تنها `{found}` را می‌سنجد و همین گره تساوی را باز نمی‌کند",
        "name another indicator, or leave then_by out",
        "شاخص دیگری نام ببرید یا then_by را بردارید",
    ),
    Code.AUDIENCE: error(
        "found `{found}`, which does not say for whom the festival is",
        "`{found}` آمده که نمی‌گوید جشنواره برای کیست",
        "write {{segments: [{found}]}} for the members of that segment alone, or public for everybody",
        "برای اعضای این گروه {{segments: [{found}]}} و برای همه public بنویسید",
    ),
    Code.AWARD_TERMS: error(
        "found {found}",
        "{found} آمده است",
        "give exactly one: `ranks: 1-10`, or `draw: {{per: …, winners: …}}`",
        "درست یکی را بدهید: `ranks: 1-10` یا `draw: {{per: …, winners: …}}`",
    ),
    Code.NOT_RANKS: error(
        "found `{found}`",
        "`{found}` آمده است",
        "write ranks as 1-10 or 3, from 1 to {limit}, the better one first",
        "رتبه‌ها را مانند 1-10 یا 3 بنویسید، از ۱ تا {limit}، رتبهٔ بهتر اول",
    ),
    Code.RANKS_OVERLAP: warning(
        "some of these ranks are also awarded by `{other}`",
        "به بخشی از این رتبه‌ها `{other}` هم جایزه می‌دهد",
        "they would win both",
        "هر دو را می‌برند",
    ),
    Code.DRAW_FLAT: warning(
        "everybody who reaches min {low} has the most chances already",
        "هر که به min یعنی {low} برسد همان دم بیشترین شانس را دارد",
        "raise max, or lower min",
        "max را بالا ببرید یا min را کم کنید",
    ),
    Code.REWARD_POINTS_MISSING: error(
        "a reward of kind points gives no points",
        "پاداش از نوع points است و امتیازی ندارد",
        "add `points: …`, how many it gives",
        "`points: …` را با شمار امتیازها بیفزایید",
    ),
    Code.REWARD_POINTS_UNUSED: error(
        "a reward of kind {kind} has points",
        "پاداش از نوع {kind} است و points دارد",
        "leave them out, or make it `kind: points`",
        "آن را بردارید یا `kind: points` بنویسید",
    ),
    Code.REWARD_VALUE_MISSING: error(
        "a reward of kind {kind} has no value in Rial",
        "پاداش از نوع {kind} ارزش ریالی ندارد",
        "add `value_rial: …`, what it is worth in Rial{alternative}",
        "`value_rial: …` را با ارزش آن به ریال بیفزایید{alternative}",
    ),
    Code.REWARD_VALUE_UNUSED: error(
        "a reward of kind points has a value in Rial",
        "پاداش از نوع points است و ارزش ریالی دارد",
        "leave value_rial out; points are worth points.rial_per_point",
        "value_rial را بردارید؛ ارزش هر امتیاز points.rial_per_point است",
    ),
}

NOTIFICATIONS: Mapping[Code, MessageTexts] = {
    Code.UNKNOWN_PLACEHOLDER: error(
        "{event} has nothing to put for {{{found}}}",
        "رویداد {event} چیزی برای {{{found}}} ندارد",
        "{hint}",
        "{hint}",
    ),
    Code.STRAY_BRACE: error(
        "a brace stands alone in the text",
        "آکولاد تنهایی در متن هست",
        "braces are only for placeholders: {expected}",
        "آکولاد تنها برای جای خالی است: {expected}",
    ),
    Code.DAYS_BEFORE_MISSING: error(
        "points.expiring needs to know how early to tell",
        "points.expiring باید بداند چند روز زودتر خبر دهد",
        "add `days_before: …`, how many days ahead",
        "`days_before: …` را با شمار روزها بیفزایید",
    ),
    Code.DAYS_BEFORE_UNUSED: error(
        "days_before belongs to points.expiring only",
        "days_before تنها برای points.expiring است",
        "leave it out",
        "آن را بردارید",
    ),
    Code.SMS_ENDING: warning(
        "this text goes out by SMS and does not end with «لغو۱۱»",
        "این متن پیامک می‌شود و با «لغو۱۱» پایان نمی‌یابد",
        "promotional SMS must end with it",
        "پیامک تبلیغاتی باید با آن پایان یابد",
    ),
    Code.QUIET_ALWAYS: error(
        "from and until are both {found}: messages would never go out",
        "from و until هر دو {found} است: هیچ پیامی فرستاده نمی‌شود",
        "make them different, or leave quiet_hours out",
        "آن‌ها را متفاوت کنید یا quiet_hours را بردارید",
    ),
    Code.QUIET_TOO_SHORT: warning(
        "SMS could go out between 22:00 and 08:00",
        "ممکن است پیامک میان ۲۲:۰۰ و ۰۸:۰۰ فرستاده شود",
        'write quiet_hours: {{from: "22:00", until: "08:00"}}; promotional SMS must wait then',
        'بنویسید quiet_hours: {{from: "22:00", until: "08:00"}}؛ پیامک تبلیغاتی در آن ساعت‌ها باید بماند',
    ),
}
