"""Every error that the API answers: what it is about, why it is refused, what to do; in two languages (RFC 9457).

A refusal is one of `RefusalCode`; its words stand in `KINDS`. Values of a request are not repeated: they may be
personal."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec
from aiohttp import web

from engine.words import Words, number, same
from schemas.answers import Bilingual, Problem

CONTENT_TYPE = "application/problem+json"
PROBLEM = web.ResponseKey("problem", str)
"""Where an answer says its code to whoever counts."""

_TYPE = "urn:bashgah:problem:"


class RefusalCode(StrEnum):
    """Why a request is refused."""

    BAD_REQUEST = "bad_request"
    BAD_PARAMETER = "bad_parameter"
    BAD_BODY = "bad_body"
    BAD_CURSOR = "bad_cursor"
    CURSOR_EXPIRED = "cursor_expired"
    BODY_TOO_LARGE = "body_too_large"
    KEY_MISSING = "key_missing"
    KEY_UNKNOWN = "key_unknown"
    TOKEN_INVALID = "token_invalid"
    TOKEN_EXPIRED = "token_expired"
    SCOPE_MISSING = "scope_missing"
    UNKNOWN_PATH = "unknown_path"
    UNKNOWN_FESTIVAL = "unknown_festival"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_ROUND = "unknown_round"
    NOT_KEPT = "not_kept"
    WRONG_METHOD = "wrong_method"
    TOO_MANY_REQUESTS = "too_many_requests"
    TOO_MANY_STREAMS = "too_many_streams"
    TOO_BUSY = "too_busy"
    BODY_LATE = "body_late"
    FAULT = "fault"
    TOKENS_OFF = "tokens_off"
    RANKS_OFF = "ranks_off"
    RANKS_UNAVAILABLE = "ranks_unavailable"


class RefusalKind(NamedTuple):
    """The status and the words of a code; `{…}` are the refusal's parameters."""

    status: int
    title: str
    reason: Words
    remedy: Words


_KEY_REMEDY = Words(
    "send a valid key as Authorization: Bearer; `bashgah web key` makes one",
    "کلید معتبر را در Authorization: Bearer بفرستید؛ `bashgah web key` آن را می‌سازد",
)
_TOKEN_REMEDY = Words("open your page anew from where you came", "صفحهٔ خود را از همان‌جا که آمده بودید دوباره باز کنید")
_LATER = Words("try again in {seconds} s", "{seconds} ثانیهٔ دیگر دوباره بفرستید")
_SEE = Words("see docs/WEB.md or api/v1/openapi.json", "docs/WEB.md یا api/v1/openapi.json را ببینید")
_LIST = Words("api/v1/festivals lists what there is", "api/v1/festivals فهرست را می‌دهد")
_OPERATOR = Words("tell the operators: {setting} is not set", "به راهبران بگویید: {setting} تنظیم نشده است")

KINDS: Mapping[RefusalCode, RefusalKind] = {
    RefusalCode.BAD_REQUEST: RefusalKind(
        400, "Bad request", Words("it was not understood", "درخواست فهمیده نشد"), _SEE
    ),
    RefusalCode.BAD_PARAMETER: RefusalKind(
        400,
        "Bad parameter",
        Words("expected {expected}", "باید {expected} باشد"),
        Words("correct the parameter, or leave it out", "پارامتر را درست کنید یا نفرستید"),
    ),
    RefusalCode.BAD_BODY: RefusalKind(
        400, "Bad body", Words("the body is not what this request takes: {why}", "بدنهٔ درخواست درست نیست: {why}"), _SEE
    ),
    RefusalCode.BAD_CURSOR: RefusalKind(
        400,
        "Bad cursor",
        Words("it is no cursor of this board", "این نشانگر از آنِ این جدول نیست"),
        Words("begin without a cursor", "بدون نشانگر از آغاز بگیرید"),
    ),
    RefusalCode.CURSOR_EXPIRED: RefusalKind(
        410,
        "Cursor expired",
        Words(
            "the board has changed, and its old state is no longer kept",
            "جدول تغییر کرده و حالت پیشین آن دیگر نگه داشته نمی‌شود",
        ),
        Words(
            "begin without a cursor, or ask for the whole board with limit=1000",
            "بدون نشانگر از آغاز بگیرید، یا با limit=1000 همه را یک‌جا",
        ),
    ),
    RefusalCode.BODY_TOO_LARGE: RefusalKind(
        413,
        "Body too large",
        Words("the body is larger than any request needs", "بدنهٔ درخواست بیش از اندازه بزرگ است"),
        _SEE,
    ),
    RefusalCode.KEY_MISSING: RefusalKind(
        401, "Key missing", Words("this needs an API key", "این درخواست کلید می‌خواهد"), _KEY_REMEDY
    ),
    RefusalCode.KEY_UNKNOWN: RefusalKind(
        401, "Key unknown", Words("there is no such API key", "چنین کلیدی نیست"), _KEY_REMEDY
    ),
    RefusalCode.TOKEN_INVALID: RefusalKind(
        401,
        "Token invalid",
        Words("the token is not one of this club's", "این نشان از آنِ این باشگاه نیست"),
        _TOKEN_REMEDY,
    ),
    RefusalCode.TOKEN_EXPIRED: RefusalKind(
        401, "Token expired", Words("the token is no longer good", "زمان این نشان گذشته است"), _TOKEN_REMEDY
    ),
    RefusalCode.SCOPE_MISSING: RefusalKind(
        403,
        "Scope missing",
        Words("the key lacks the scope {scope}", "کلید دامنهٔ {scope} را ندارد"),
        Words("ask for a key with this scope", "کلیدی با این دامنه بخواهید"),
    ),
    RefusalCode.UNKNOWN_PATH: RefusalKind(404, "Not found", Words("there is nothing here", "اینجا چیزی نیست"), _SEE),
    RefusalCode.UNKNOWN_FESTIVAL: RefusalKind(
        404, "No such festival", Words("there is no such festival", "چنین جشنواره‌ای نیست"), _LIST
    ),
    RefusalCode.UNKNOWN_CATEGORY: RefusalKind(
        404, "No such category", Words("the festival has no such category", "این جشنواره چنین رشته‌ای ندارد"), _LIST
    ),
    RefusalCode.UNKNOWN_ROUND: RefusalKind(
        404,
        "No such final board",
        Words("there is no final board of this round", "برای این دوره جدول نهایی نیست"),
        Words("api/v1/festivals/FESTIVAL/rounds lists them", "api/v1/festivals/FESTIVAL/rounds فهرست را می‌دهد"),
    ),
    RefusalCode.NOT_KEPT: RefusalKind(
        404,
        "Not kept",
        Words(
            "how scores were spread is not kept after a festival's end",
            "پراکندگی امتیازها پس از پایان جشنواره نگه داشته نمی‌شود",
        ),
        Words("ask for its final boards", "جدول‌های نهایی آن را بخواهید"),
    ),
    RefusalCode.WRONG_METHOD: RefusalKind(
        405, "Method not allowed", Words("this cannot be asked with this method", "این نشانی این روش را نمی‌پذیرد"), _SEE
    ),
    RefusalCode.TOO_MANY_REQUESTS: RefusalKind(
        429,
        "Too many requests",
        Words("more than {limit} requests in a minute", "بیش از {limit} درخواست در دقیقه"),
        _LATER,
    ),
    RefusalCode.TOO_MANY_STREAMS: RefusalKind(
        429,
        "Too many streams",
        Words("more than {limit} event streams are open", "بیش از {limit} جریان رویداد باز است"),
        _LATER,
    ),
    RefusalCode.TOO_BUSY: RefusalKind(
        503,
        "Too busy",
        Words("too many connections are busy", "اتصال‌های در حال کار بیش از اندازه‌اند"),
        _LATER,
    ),
    RefusalCode.BODY_LATE: RefusalKind(
        408,
        "Body late",
        Words("the body did not come in time", "بدنهٔ درخواست به‌موقع نرسید"),
        Words("send it again, in one go", "دوباره و یک‌جا بفرستید"),
    ),
    RefusalCode.FAULT: RefusalKind(
        500,
        "Fault",
        Words("a fault in bashgah", "خطای باشگاه"),
        Words("try again; if it stays, report it with the time", "دوباره بفرستید؛ اگر ماند، با ذکر زمان گزارش دهید"),
    ),
    RefusalCode.TOKENS_OFF: RefusalKind(
        503, "No tokens here", Words("members' pages are switched off", "صفحهٔ اعضا خاموش است"), _OPERATOR
    ),
    RefusalCode.RANKS_OFF: RefusalKind(
        503,
        "No ranks here",
        Words("this process has no workers to ask", "این فرایند کارگری برای پرسیدن ندارد"),
        _OPERATOR,
    ),
    RefusalCode.RANKS_UNAVAILABLE: RefusalKind(
        503,
        "Ranks unavailable",
        Words("not all workers answer for their members now", "اکنون همهٔ کارگران پاسخ‌گوی اعضای خود نیستند"),
        _LATER,
    ),
}


class Refusal(Exception):
    """A request that is refused. `field`: what it is about; `parameters` fill the words of the kind."""

    def __init__(
        self, code: RefusalCode, field: str, retry_after_s: int | None = None, **parameters: str | int | Words
    ) -> None:
        super().__init__(code, field)
        self.code = code
        self.field = field
        self.retry_after_s = retry_after_s
        self.parameters = parameters

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.code].status

    def problem(self) -> Problem:
        """The body of the answer."""
        kind = KINDS[self.code]
        seconds = number(self.retry_after_s or 1)
        given = {name: _words(value) for name, value in self.parameters.items()}
        reason, remedy = (words.filled(**{"seconds": seconds, **given}) for words in (kind.reason, kind.remedy))
        return Problem(
            type=_TYPE + self.code.value,
            title=kind.title,
            status=kind.status,
            detail=f"{self.field}: {reason.en}; {remedy.en}",
            code=self.code.value,
            field=self.field,
            reason=bilingual(reason),
            remedy=bilingual(remedy),
        )

    def response(self) -> web.Response:
        """The answer."""
        headers = {"Cache-Control": "no-store"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.status == web.HTTPUnauthorized.status_code:
            headers["WWW-Authenticate"] = 'Bearer realm="bashgah"'
        body = msgspec.json.encode(self.problem())
        response = web.Response(body=body, status=self.status, content_type=CONTENT_TYPE, headers=headers)
        response[PROBLEM] = self.code.value
        return response


def _words(value: str | int | Words) -> Words:
    if isinstance(value, Words):
        return value
    return number(value) if isinstance(value, int) else same(value)


def bilingual(words: Words) -> Bilingual:
    """Words as the API writes them."""
    return Bilingual(fa=words.fa, en=words.en)


_STATUS_CODES = {
    401: RefusalCode.KEY_MISSING,
    404: RefusalCode.UNKNOWN_PATH,
    405: RefusalCode.WRONG_METHOD,
    413: RefusalCode.BODY_TOO_LARGE,
    503: RefusalCode.RANKS_UNAVAILABLE,
}


def of_http_error(error: web.HTTPException, path: str) -> Refusal:
    """What aiohttp refuses by itself, in our words."""
    return Refusal(_STATUS_CODES.get(error.status, RefusalCode.BAD_REQUEST), path)
