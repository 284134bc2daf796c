"""Messages about the text of a file and the shape of its sections."""

from collections.abc import Mapping

from schemas.programme_file.messages.codes import Code, Message, error

FILES: Mapping[Code, Message] = {
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
        "this is not YAML: {reason}",
        "اینجا YAML درست نیست: {reason}",
        "look for a missing quote, bracket or colon here or just above",
        "همین جا یا کمی بالاتر دنبال گیومه، کروشه یا دونقطهٔ جاافتاده بگردید",
    ),
    Code.PERSIAN_COMMA: error(
        "this is not YAML: {reason}; here stands the Persian comma, which separates nothing",
        "اینجا YAML درست نیست: {reason}؛ اینجا ویرگول فارسی آمده که چیزی را جدا نمی‌کند",
        "write `,` between keys and values; inside a text put the text in quotes",
        "میان کلیدها و مقدارها `,` بنویسید؛ اگر بخشی از متن است متن را در گیومه بگذارید",
    ),
    Code.TAB: error(
        "a tab stands in the indentation",
        "در تورفتگی این سطر نویسهٔ tab هست",
        "indent with spaces",
        "تورفتگی را با فاصله بنویسید",
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
        "keep one of them",
        "یکی را نگه دارید",
    ),
}

SHAPES: Mapping[Code, Message] = {
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
