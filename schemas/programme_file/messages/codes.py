"""The names of the messages about programme files, and what a message is made of."""

from enum import Enum, StrEnum, auto
from typing import NamedTuple

from engine.words import Words

Parameter = str | int | Words


class Severity(Enum):
    """What a message means for the file."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class MessageTexts(NamedTuple):
    """The two halves of a message."""

    severity: Severity
    wrong: Words
    remedy: Words


class Code(StrEnum):
    """Names of the messages, for programs that read them."""

    NOT_UTF8 = auto()
    FILE_TOO_LONG = auto()
    EMPTY_FILE = auto()
    NOT_YAML = auto()
    WRONG_SEPARATOR = auto()
    STRAY_SEPARATOR = auto()
    TAB = auto()
    STRAY_CHARACTER = auto()
    BAD_ESCAPE = auto()
    UNCLOSED = auto()
    CUT_OFF = auto()
    STRAY_CLOSING = auto()
    QUOTE_INSIDE = auto()
    QUOTES_OF_PROSE = auto()
    HASH_INSIDE = auto()
    COMMA_MISSING = auto()
    BEGINS_WITH_SIGN = auto()
    NO_COMMENT = auto()
    NO_SPACE = auto()
    NO_COLON = auto()
    COLON_INSIDE = auto()
    ROUND_BRACKETS = auto()
    INDENTATION = auto()
    TOO_DEEP = auto()
    ALIAS = auto()
    TAG = auto()
    DIRECTIVE = auto()
    SEVERAL_DOCUMENTS = auto()
    KEY_NOT_TEXT = auto()
    DUPLICATE_KEY = auto()

    UNKNOWN_KEY = auto()
    MISSING = auto()
    NOTHING = auto()
    WRONG_SHAPE = auto()
    EMPTY_LIST = auto()
    TOO_MANY = auto()

    MEANT = auto()
    COMMA_INSIDE = auto()
    UNSEEN = auto()
    NOT_INTEGER = auto()
    QUOTED_INTEGER = auto()
    BAD_GROUPING = auto()
    OUT_OF_RANGE = auto()
    NOT_DECIMAL = auto()
    NOT_FLAG = auto()
    FLAG_AS_TEXT = auto()
    BAD_TEXT = auto()
    BAD_ID = auto()
    NOT_ONE_OF = auto()
    NOT_DATE = auto()
    NO_SUCH_MONTH = auto()
    NO_SUCH_DATE = auto()
    GREGORIAN_DATE = auto()
    NOT_TIME = auto()
    NOT_MCC = auto()
    SHORT_MCC = auto()

    DUPLICATE_ID = auto()
    UNKNOWN_REFERENCE = auto()
    REPEATED = auto()
    OTHER_SPELLING = auto()
    NOTHING_EARNS = auto()
    UNTITLED = auto()
    NOT_EXECUTED = auto()
    DOTS_AS_ID = auto()
    WINDOW_OVER = auto()
    OUTSIDE_FESTIVAL = auto()
    REWARD_UNUSED = auto()
    NOTHING_EXPIRES = auto()
    LEAD_TOO_LONG = auto()

    CORRECTION_EVENT = auto()
    UNKNOWN_FIELD = auto()
    FIELD_PARTLY = auto()
    FIELD_NOT_FOR_CONDITIONS = auto()
    BOUNDS_OF_TEXT = auto()
    VALUE_PARTLY = auto()
    NO_BOUND = auto()
    MIN_ABOVE_MAX = auto()
    NO_DATES = auto()
    EMPTY_WINDOW = auto()
    SAME_HOURS = auto()
    NO_TIERS = auto()

    EARN_NOTHING = auto()
    EARN_BOTH = auto()
    OF_UNKNOWN = auto()
    OF_NOT_NUMBER = auto()
    OF_NOT_MONEY = auto()
    CAP_UNREACHABLE = auto()
    ALWAYS_CUT = auto()
    EXCLUSIVE_ALONE = auto()
    TIMES_ONE = auto()
    PART_OR_MORE = auto()
    EARNED_AT_WILL = auto()

    FIRST_LEVEL = auto()
    LEVELS_DESCEND = auto()

    CLOSED_BEFORE = auto()
    AUDIENCE = auto()
    INDICATOR_UNUSED = auto()
    THEN_BY_SAME = auto()
    AWARD_TERMS = auto()
    NOT_RANKS = auto()
    RANKS_OVERLAP = auto()
    DRAW_FLAT = auto()

    REWARD_POINTS_MISSING = auto()
    REWARD_POINTS_UNUSED = auto()
    REWARD_VALUE_MISSING = auto()
    REWARD_VALUE_UNUSED = auto()

    UNKNOWN_PLACEHOLDER = auto()
    STRAY_BRACE = auto()
    DAYS_BEFORE_MISSING = auto()
    DAYS_BEFORE_UNUSED = auto()
    SMS_ENDING = auto()
    QUIET_ALWAYS = auto()
    QUIET_TOO_SHORT = auto()

    OTHER_PROGRAMME = auto()
    VERSION_NOT_HIGHER = auto()
    EARLIER_EFFECTIVE = auto()
    RULE_REMOVED = auto()
    RULE_ADDED = auto()
    RULE_CHANGED = auto()
    LEVEL_REMOVED = auto()
    OPEN_FESTIVAL_REMOVED = auto()
    OPEN_FESTIVAL_CHANGED = auto()
    FESTIVAL_OVER = auto()
    FESTIVAL_DIFFERS = auto()
    CLOSES_LATER = auto()
    CLOSES_IN_PAST = auto()
    LATENESS_SHORTER = auto()
    AWARD_CHANGED = auto()
    AWARD_DUE = auto()
    INDICATORS_CHANGED = auto()
    REWARD_CHANGED = auto()


def error(en: str, fa: str, remedy_en: str, remedy_fa: str) -> MessageTexts:
    """A message that refuses the file."""
    return MessageTexts(Severity.ERROR, Words(en, fa), Words(remedy_en, remedy_fa))


def warning(en: str, fa: str, remedy_en: str, remedy_fa: str) -> MessageTexts:
    """A message about something allowed and probably not meant."""
    return MessageTexts(Severity.WARNING, Words(en, fa), Words(remedy_en, remedy_fa))


def note(en: str, fa: str) -> MessageTexts:
    """A message about what a new version changes."""
    return MessageTexts(Severity.NOTE, Words(en, fa), Words("", ""))
