"""What stays of a member who is erased. Everything that is not listed here goes, so that a new field goes too."""

from collections.abc import Mapping
from typing import Any

from engine.effects import EffectCause
from engine.festivals import participation
from engine.ledger import lots
from engine.ledger.draft import Draft
from engine.ledger.member import FESTIVAL, FestivalRow, MemberAward, RoundScores, Status, festival_key

OF_THE_HEAD: Mapping[str, str] = {
    "issued": "the club's books: issued = held + spent + expired + reversed, once nothing is active or pending",
    "held": "the same",
    "spent": "the same",
    "expired": "the same",
    "reversed": "the same",
    "debt": "what was owed: the sum of all postings' debts",
    "qualified": "what rules granted less what was reversed: a total like the others",
    "settled": "a member's time never goes back",
    "festivals": "names the member's rows in festivals, which stay",
}
"""The fields of the head, each with why it stays; the status says that the member is erased."""

OF_A_FESTIVAL: Mapping[type, Mapping[str, str]] = {
    FestivalRow: {
        "whole": "others' places in rounds that are frozen were decided against these scores",
        "months": "the same",
        "shown_then": "whether a frozen round lists the member, whose place stays there; without the name",
        "awards": "what the bank has given",
        "taken_late": "marks awards that are to be looked at",
    },
    RoundScores: {
        "indicators": "the scores",
        "reached": "when they were reached decides between equal ones",
    },
    MemberAward: {
        "award": "which it was",
        "category": "what it was won in",
        "round": "when it was won",
        "reward": "what was given for it",
        "rank": "the place that it was won with",
        "value_rial": "what it cost",
        "flagged": "whether somebody should look at it",
    },
}
"""The fields of a row in a festival, each with why it stays. No other row of the member does."""


def row_stays(key: bytes) -> bool:
    """Whether a row other than the head stays: those in festivals, as far as `OF_A_FESTIVAL` says."""
    return key.startswith(FESTIVAL)


def erase(draft: Draft, cause: EffectCause) -> None:
    """Let the points that are left expire, in a last posting for each last day, and forget the rest."""
    lots.wipe(draft, cause)
    head = draft.head
    draft.erase(type(head)(status=Status.ERASED, **_listed(head, OF_THE_HEAD)))
    for festival in draft.head.festivals:
        key = festival_key(festival)
        row: FestivalRow = draft.read(key)  # type: ignore[assignment]  # a row is there for each that is named
        after = _erased(draft, festival, row)
        if after != row:
            draft.write(key, after)


def _erased(draft: Draft, festival: str, row: FestivalRow) -> FestivalRow:
    """The row without a name, on no board but those that are frozen."""
    kept: FestivalRow = _kept(row)
    then = participation.shown_then(draft, festival, row) if row.listed or row.alias is not None else row.shown_then
    return kept._replace(
        whole=_kept(row.whole),
        months={month: _kept(scores) for month, scores in row.months.items()},
        shown_then={name: (listed, None) for name, (listed, _) in then.items()},
        awards=tuple(_kept(award) for award in row.awards),
    )


def _kept(value: Any) -> Any:
    return type(value)(**_listed(value, OF_A_FESTIVAL[type(value)]))


def _listed(value: Any, fields: Mapping[str, str]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in fields}
