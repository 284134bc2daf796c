"""Messages about the text of a file and the shape of its sections."""

from collections.abc import Mapping

from schemas.programme_file.messages.codes import Code, MessageTexts, error

FILES: Mapping[Code, MessageTexts] = {
    Code.NOT_UTF8: error(
        "the file is not UTF-8 text",
        "متن پرونده با کدگذاری UTF-8 نیست",
        "save it as UTF-8",
        "آن را با UTF-8 ذخیره کنید",
    ),
    Code.FILE_TOO_LONG: error(
        "the file has {found} bytes",
        "پرونده {found} بایت دارد",
        "at most {limit} are read",
        "بیشینه {limit} بایت خوانده می‌شود",
    ),
    Code.EMPTY_FILE: error(
        "the file holds nothing",
        "پرونده خالی است",
        "begin with `programme: ID`",
        "با `programme: ID` آغاز کنید",
    ),
    Code.NOT_YAML: error(
        "from here on the text is no YAML",
        "متن از اینجا به بعد YAML نیست",
        "look for a missing quotation mark, bracket, colon or space here or just above",
        "همین جا یا کمی بالاتر دنبال گیومه، آکولاد، دونقطه یا فاصلهٔ جاافتاده بگردید",
    ),
    Code.WRONG_SEPARATOR: error(
        "here stands `{found}`, which separates nothing",
        "اینجا `{found}` آمده که چیزی را جدا نمی‌کند",
        "write `,` between values; inside a text put the text in quotes",
        "میان مقدارها `,` بنویسید؛ اگر بخشی از متن است متن را در گیومهٔ ساده بگذارید",
    ),
    Code.STRAY_SEPARATOR: error(
        "`{found}` stands behind a value that is finished",
        "`{found}` پس از مقداری آمده که پایان یافته است",
        "delete it: the end of the line separates",
        "آن را پاک کنید: پایان سطر جدا می‌کند",
    ),
    Code.TAB: error(
        "a tab stands where only spaces may",
        "اینجا نویسهٔ tab آمده که جای آن تنها فاصله است",
        "write spaces in its place",
        "به جای آن فاصله بگذارید",
    ),
    Code.STRAY_CHARACTER: error(
        "the character {found} stands here, which nobody sees",
        "اینجا نویسهٔ {found} آمده که دیده نمی‌شود",
        "delete it and type the line anew",
        "آن را پاک کنید و سطر را از نو بنویسید",
    ),
    Code.BAD_ESCAPE: error(
        "the backslash inside double quotes begins a sign that there is not",
        "در میان گیومهٔ دوتایی، ممیز وارونه آغاز نشانه‌ای است که نداریم",
        "write two backslashes for one, or put the text in single quotes",
        "به جای یکی دو تا بنویسید، یا متن را در گیومهٔ تکی بگذارید",
    ),
    Code.UNCLOSED: error(
        "what opens here with {found} is never closed",
        "آنچه اینجا با {found} باز شده بسته نشده است",
        "close it where it ends",
        "جایی که پایان می‌یابد ببندیدش",
    ),
    Code.CUT_OFF: error(
        "the file ends in the middle of something",
        "پرونده میانهٔ چیزی پایان یافته است",
        "look whether all of it was saved; close what is open",
        "ببینید همهٔ آن ذخیره شده باشد؛ آنچه باز است ببندید",
    ),
    Code.STRAY_CLOSING: error(
        "`{found}` closes what was never opened",
        "`{found}` چیزی را می‌بندد که باز نشده است",
        "delete it, or open what it closes",
        "آن را پاک کنید، یا آنچه می‌بندد را باز کنید",
    ),
    Code.QUOTE_INSIDE: error(
        "the text ends at this {found}, and more of it follows",
        "متن در این {found} پایان می‌یابد، ولی ادامه دارد",
        "write « » inside the text, or put it in the other kind of quotes",
        "درون متن « » بنویسید، یا متن را در گیومهٔ نوع دیگر بگذارید",
    ),
    Code.QUOTES_OF_PROSE: error(
        "« » are no quotation marks here, so the text goes on as if they were not there",
        "« » اینجا گیومه به شمار نمی‌آید، پس متن در گیومه نیست",
        'put the text in "…"; « » may stand inside',
        'متن را میان "…" بگذارید؛ درون آن « » آزاد است',
    ),
    Code.HASH_INSIDE: error(
        "a comment begins at `#`, so the rest of the line is not read",
        "از `#` توضیح آغاز می‌شود، پس بقیهٔ سطر خوانده نمی‌شود",
        "put the text in quotes, or close what is open before the comment",
        "متن را در گیومه بگذارید، یا پیش از توضیح آنچه باز است ببندید",
    ),
    Code.COMMA_MISSING: error(
        "a comma is missing before this, or quotation marks around a text",
        "پیش از اینجا ویرگول `,` یا دور متنی گیومه جا افتاده است",
        "write `,` between keys and values: {{points: 1, per: 100_000}}",
        "میان کلیدها و مقدارها `,` بنویسید: {{points: 1, per: 100_000}}",
    ),
    Code.BEGINS_WITH_SIGN: error(
        "a text cannot begin with `{found}`",
        "متن نمی‌تواند با `{found}` آغاز شود",
        "put it in quotes",
        "آن را در گیومه بگذارید",
    ),
    Code.NO_COMMENT: error(
        "`//` begins no comment here",
        "`//` اینجا آغاز توضیح نیست",
        "begin comments with `#`",
        "توضیح را با `#` آغاز کنید",
    ),
    Code.NO_SPACE: error(
        "no space follows `{found}`",
        "پس از `{found}` فاصله نیست",
        "write `{remedy}`",
        "بنویسید `{remedy}`",
    ),
    Code.NO_COLON: error(
        "no colon stands between the key and its value: `{found}`",
        "میان کلید و مقدار دونقطه نیست: `{found}`",
        "write `key: value`",
        "بنویسید `key: value`",
    ),
    Code.COLON_INSIDE: error(
        "a colon with a space stands inside a text",
        "درون متن دونقطه با فاصله آمده است",
        "put the text in quotes; a key of its own goes on a line of its own",
        "متن را در گیومه بگذارید؛ اگر کلید دیگری است آن را در سطر خودش بنویسید",
    ),
    Code.ROUND_BRACKETS: error(
        "round brackets hold no section and no list",
        "پرانتز جای بخش یا فهرست نیست",
        "write {{key: value}} or [one, two]",
        "بنویسید {{key: value}} یا [one, two]",
    ),
    Code.INDENTATION: error(
        "no line above goes on at an indentation of {found}",
        "تورفتگی این سطر {found} فاصله است و با هیچ سطری در بالا جور نیست",
        "indent it by {fits}, as the line that it belongs with; a new item begins with `- `",
        "آن را هم‌تراز سطری که به آن تعلق دارد بنویسید: {fits} فاصله؛ مورد تازه با `- ` آغاز می‌شود",
    ),
    Code.TOO_DEEP: error(
        "lists and sections nest deeper than {limit}",
        "فهرست‌ها و بخش‌ها بیش از {limit} لایه تودرتو هستند",
        "no key of the format needs that",
        "هیچ کلید این قالب به آن نیاز ندارد",
    ),
    Code.ALIAS: error(
        "found the YAML reference {found}",
        "ارجاع YAML یعنی {found} آمده است",
        "write the value out where it is needed; anchors, aliases and merge keys are not read",
        "مقدار را همان جا کامل بنویسید؛ لنگر، ارجاع و کلید ادغام خوانده نمی‌شود",
    ),
    Code.TAG: error(
        "found the YAML tag {found}",
        "برچسب YAML یعنی {found} آمده است",
        "leave it out; each key knows what its value is",
        "آن را بردارید؛ هر کلید نوع مقدار خود را می‌داند",
    ),
    Code.DIRECTIVE: error(
        "a directive asks for another YAML than 1.2",
        "دستور آغاز پرونده نسخه‌ای جز YAML 1.2 می‌خواهد",
        "leave out the lines that begin with %",
        "سطرهایی را که با % آغاز می‌شوند بردارید",
    ),
    Code.SEVERAL_DOCUMENTS: error(
        "a second document begins here",
        "اینجا سند دومی آغاز می‌شود",
        "keep one version of one programme in a file",
        "در هر پرونده یک نسخه از یک برنامه بگذارید",
    ),
    Code.KEY_NOT_TEXT: error(
        "a list or a section stands where a key belongs",
        "به جای کلید، فهرست یا بخش آمده است",
        "write `key: value`",
        "بنویسید `key: value`",
    ),
    Code.DUPLICATE_KEY: error(
        "`{found}` stands here a second time; the first is on line {first}",
        "`{found}` دوباره آمده است؛ بار اول در سطر {first} است",
        "{hint}",
        "{hint}",
    ),
}

SHAPES: Mapping[Code, MessageTexts] = {
    Code.UNKNOWN_KEY: error(
        "there is no key `{found}` here",
        "کلید `{found}` در اینجا نداریم",
        "{hint}",
        "{hint}",
    ),
    Code.MISSING: error(
        "`{key}` is missing",
        "`{key}` نیامده است",
        "add it: {expected}",
        "آن را بیفزایید: {expected}",
    ),
    Code.NOTHING: error(
        "there is no value",
        "مقداری نیامده است",
        "write {expected}, or leave the key out where it is optional",
        "{expected} بنویسید، یا اگر کلید اختیاری است آن را بردارید",
    ),
    Code.WRONG_SHAPE: error(
        "found {found}",
        "{found} آمده است",
        "write {expected}",
        "{expected} بنویسید",
    ),
    Code.EMPTY_LIST: error(
        "the list is empty",
        "فهرست خالی است",
        "name at least one: {expected}",
        "دست‌کم یکی بیاورید: {expected}",
    ),
    Code.TOO_MANY: error(
        "found {found} of them",
        "{found} مورد آمده است",
        "at most {limit} are allowed",
        "بیشینه {limit} مورد مجاز است",
    ),
}
