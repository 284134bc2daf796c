"""Who takes part in a festival and who stands on its boards: joining and leaving go by their own time."""

from collections.abc import Sequence

from engine.ledger.draft import Draft
from engine.ledger.member import MOVES_MAX, FestivalRow, Head, Move, Overgrown, Status, festival_key
from engine.programme.rounds import FINAL, month_name, round_key


def part_taken(moves: Sequence[Move], instant: int, opt_in: bool) -> bool:
    """Whether a member takes part at an instant: by the last move until then; without any, unless one has to join."""
    for move in reversed(moves):
        if move.instant <= instant:
            return move.joined
    return not opt_in


def stands_on_boards(head: Head, moves: Sequence[Move]) -> bool:
    """Whether boards list a member with a score: one who is registered and has not left the festival."""
    return head.status == Status.REGISTERED and not (moves and not moves[-1].joined)


def move(draft: Draft, festival: str, instant: int, joined: bool) -> bool:
    """Keep a joining or leaving. True if it is the first one, or changes whether the member takes part in the end."""
    joins = draft.head.joins
    before = joins.get(festival, ())
    others = [each for each in before if each.instant != instant]
    after = tuple(sorted([*others, Move(instant, joined)]))
    if len(after) > len(before) and sum(map(len, joins.values())) >= MOVES_MAX:
        raise Overgrown("joinings and leavings of festivals by one member", MOVES_MAX)
    draft.edit().joins = {**joins, festival: after}
    relist(draft)
    return not before or before[-1].joined != after[-1].joined


def relist(draft: Draft) -> None:
    """Bring the member's rows in festivals to how boards show the member now; what is frozen stays as it was."""
    head = draft.head
    for festival in head.festivals:
        key = festival_key(festival)
        row: FestivalRow = draft.read(key)  # type: ignore[assignment]  # a row is there for each that is named
        listed = stands_on_boards(head, head.joins.get(festival, ()))
        if (row.listed, row.alias) != (listed, head.alias):
            then = shown_then(draft, festival, row)
            draft.write(key, row._replace(listed=listed, alias=head.alias, shown_then=then))


def shown_then(draft: Draft, festival: str, row: FestivalRow) -> dict[str, tuple[bool, str | None]]:
    """How the row's frozen rounds show the member, who is about to be shown otherwise in those that are not."""
    names = [FINAL, *(month_name(number) for number in row.months)]
    frozen = [name for name in names if round_key(festival, name) in draft.clock.frozen]
    return {**dict.fromkeys(frozen, (row.listed, row.alias)), **row.shown_then}
