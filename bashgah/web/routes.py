"""What there is to ask, declared once: `api` serves these and `openapi` describes them."""

from enum import Enum, auto
from typing import Any, Literal, NamedTuple

from bashgah.serving.problems import RefusalCode
from bashgah.web.keys import Scope
from bashgah.web.stream import TOPS
from schemas import answers

BASE = "/api/v1"
LIMIT_MAX = 1_000
LIMIT_DEFAULT = 100
NAME_PATTERN = r"^[A-Za-z0-9._~-]{1,64}$"


class Access(Enum):
    """Who may ask."""

    ANYBODY = auto()
    BOARDS = auto()
    """Anybody where boards are public, else keys with `boards:read`."""
    MEMBERS = auto()
    """Keys with `members:read`."""
    OWN = auto()
    """Whoever has a member's token."""
    ISSUE = auto()
    """Keys with `tokens:issue`."""


SCOPES = {Access.BOARDS: Scope.BOARDS_READ, Access.MEMBERS: Scope.MEMBERS_READ, Access.ISSUE: Scope.TOKENS_ISSUE}
"""What a key needs."""


class Parameter(NamedTuple):
    """A part of the path, the query or the headers."""

    name: str
    where: Literal["path", "query", "header"]
    schema: dict[str, Any]
    description: str


class Route(NamedTuple):
    """One request. `name` is the method of `Api` that answers it; `answer` its model; `refusals` beside the common
    ones. `cached`: has an ETag."""

    method: Literal["GET", "POST"]
    path: str
    name: str
    summary: str
    answer: Any
    access: Access
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[RefusalCode, ...] = ()
    body: Any = None
    status: int = 200
    cached: bool = False
    media: str = "application/json"


def _part(name: str, description: str) -> Parameter:
    return Parameter(name, "path", {"type": "string", "pattern": NAME_PATTERN}, description)


_FESTIVAL = _part("festival", "The festival's id.")
_CATEGORY = _part("category", "The category's id.")
_LIMIT = Parameter(
    "limit", "query", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
    "Lines of a page.",
)  # fmt: skip
_CURSOR = Parameter(
    "cursor", "query", {"type": "string", "maxLength": 64},
    "`next` of the page before: goes on in the same state of the board, also when it has changed since.",
)  # fmt: skip
_STREAM = (
    Parameter(
        "festival", "query", {"type": "array", "items": {"type": "string", "pattern": NAME_PATTERN}},
        "Only this festival; several are possible.",
    ),
    Parameter("category", "query", {"type": "string", "pattern": NAME_PATTERN}, "Only boards of this category."),
    Parameter("top", "query", {"type": "integer", "enum": list(TOPS), "default": 100}, "Lines of a board; 0: none."),
    Parameter(
        "last_event_id", "query", {"type": "string"},
        "As the header Last-Event-ID, for clients that cannot set it; the header goes before it.",
    ),
    Parameter(
        "Last-Event-ID", "header", {"type": "string"},
        "The last id seen: only boards that changed since are sent at the beginning; all, where it is not known.",
    ),
)  # fmt: skip
_PAGED = (RefusalCode.BAD_PARAMETER, RefusalCode.BAD_CURSOR, RefusalCode.CURSOR_EXPIRED)
_RANKS = (RefusalCode.RANKS_OFF, RefusalCode.RANKS_UNAVAILABLE)

ROUTES: tuple[Route, ...] = (
    Route(
        "GET", f"{BASE}/festivals", "festivals", "All festivals with state, window, indicators and categories.",
        answers.Festivals, Access.BOARDS, cached=True,
    ),
    Route(
        "GET", f"{BASE}/festivals/{{festival}}", "festival", "One festival.",
        answers.Festival, Access.BOARDS, (_FESTIVAL,), (RefusalCode.UNKNOWN_FESTIVAL,), cached=True,
    ),
    Route(
        "GET", f"{BASE}/festivals/{{festival}}/boards/{{category}}", "board",
        "The live board of a category; empty before the first was published, after the end the final one.",
        answers.Board, Access.BOARDS, (_FESTIVAL, _CATEGORY, _LIMIT, _CURSOR),
        (RefusalCode.UNKNOWN_FESTIVAL, RefusalCode.UNKNOWN_CATEGORY, *_PAGED), cached=True,
    ),
    Route(
        "GET", f"{BASE}/festivals/{{festival}}/boards/{{category}}/distribution", "distribution",
        "How many members have how much.",
        answers.Distribution, Access.BOARDS, (_FESTIVAL, _CATEGORY),
        (RefusalCode.UNKNOWN_FESTIVAL, RefusalCode.UNKNOWN_CATEGORY, RefusalCode.NOT_KEPT, *_RANKS), cached=True,
    ),
    Route(
        "GET", f"{BASE}/festivals/{{festival}}/activity", "activity", "Points per minute, and by indicator.",
        answers.Activity, Access.BOARDS, (_FESTIVAL,), (RefusalCode.UNKNOWN_FESTIVAL,),
    ),
    Route(
        "GET", f"{BASE}/festivals/{{festival}}/rounds", "rounds", "The final boards that there are.",
        answers.Rounds, Access.BOARDS, (_FESTIVAL,), (RefusalCode.UNKNOWN_FESTIVAL,), cached=True,
    ),
    Route(
        "GET", f"{BASE}/festivals/{{festival}}/rounds/{{round}}/{{category}}", "final_board", "A final board.",
        answers.Board, Access.BOARDS,
        (_FESTIVAL, _part("round", "`final`, or a Jalali month as `1405-07`."), _CATEGORY, _LIMIT, _CURSOR),
        (RefusalCode.UNKNOWN_ROUND, *_PAGED), cached=True,
    ),
    Route(
        "GET", f"{BASE}/members/{{member}}", "member", "A member's exact rank on every board.",
        answers.MemberStandings, Access.MEMBERS, (_part("member", "The member's reference."),),
        (RefusalCode.BAD_PARAMETER, *_RANKS),
    ),
    Route(
        "GET", f"{BASE}/me", "own", "The same for the member whose token is sent.",
        answers.MemberStandings, Access.OWN, (),
        (RefusalCode.TOKEN_INVALID, RefusalCode.TOKEN_EXPIRED, RefusalCode.TOKENS_OFF, *_RANKS),
    ),
    Route(
        "POST", f"{BASE}/tokens", "token", "A token of a member's page.",
        answers.Token, Access.ISSUE, (),
        (RefusalCode.BAD_BODY, RefusalCode.BODY_TOO_LARGE, RefusalCode.BODY_LATE, RefusalCode.TOKENS_OFF),
        answers.TokenRequest, status=201,
    ),
    Route(
        "GET", f"{BASE}/stream", "stream",
        "Server-sent events: `hello` and `beat` (Hello), `board` and `final` (Board, with an id), `states` (States), "
        "`activity` (Activity).",
        None, Access.BOARDS, _STREAM,
        (
            RefusalCode.BAD_PARAMETER, RefusalCode.UNKNOWN_FESTIVAL, RefusalCode.UNKNOWN_CATEGORY,
            RefusalCode.TOO_MANY_STREAMS,
        ),
        media="text/event-stream",
    ),
    Route("GET", f"{BASE}/openapi.json", "openapi", "This description.", dict[str, Any], Access.ANYBODY, cached=True),
    Route("GET", "/health/live", "live", "Whether the process works.", answers.Health, Access.ANYBODY),
    Route("GET", "/health/ready", "ready", "Whether it serves and the broker answers.", answers.Health, Access.ANYBODY),
)  # fmt: skip
"""In the order of the description."""
