"""What became of an event, as closed enumerations. A refusal is a value; an exception means something is broken."""

from enum import Enum


class Outcome(str, Enum):
    """Every event ends in exactly one of these."""

    SCORED = "scored"
    NO_POINTS = "no_points"
    ACCEPTED = "accepted"
    PARKED = "parked"
    DUPLICATE = "duplicate"
    NOT_EXECUTED = "not_executed"
    NO_PROGRAMME = "no_programme"
    DEAD_LETTER = "dead_letter"

    __hash__ = str.__hash__  # in C: outcomes are counted for every event


class Reason(str, Enum):
    """Why an event earned nothing, or why it was refused (the dead letters' codes of the contract)."""

    NONE = ""
    NO_RULE = "no_rule"
    CONDITIONS = "conditions"
    EXCLUDED_MCC = "excluded_mcc"
    ROUNDED_TO_NOTHING = "rounded_to_nothing"
    CAPPED = "capped"
    PAID_ONCE = "paid_once"
    LEFT = "left"
    OLD_REVISION = "old_revision"
    UNCHANGED = "unchanged"
    ACCOUNT_CLOSED = "account_closed"
    NOTHING_TO_REVERSE = "nothing_to_reverse"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    WRONG_PARTITION = "wrong_partition"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    FROM_THE_FUTURE = "from_the_future"
    TOO_OLD = "too_old"
    ERASED = "erased"
    ENGINE_ERROR = "engine_error"
    SKIPPED = "skipped"

    __hash__ = str.__hash__
