"""A member's festivals on the screen, in English and Persian, and as JSON."""

from collections.abc import Iterator
from typing import Any

from bashgah.audit.member_festivals import InCategory, InFestival, InRound
from bashgah.cli.instants import instant
from bashgah.cli.text.members import moment
from bashgah.cli.text.names import shown_name
from bashgah.cli.text.titles import Titles, named
from engine.calendar import iso
from engine.ledger.member import MemberAward
from engine.programme.rounds import FINAL
from engine.words import Words, listed, number
from schemas.results.leaderboard import FinalBoard


def shown_festivals(member: str, festivals: tuple[InFestival, ...], titles: Titles) -> Iterator[Words]:
    """The member in every festival, line by line."""
    if festivals:
        yield Words("festivals:", "جشنواره‌ها:")
    for each in festivals:
        yield from _festival(member, each, titles)


def festivals_json(festivals: tuple[InFestival, ...]) -> list[dict[str, Any]]:
    """The same as values of JSON; instants as the contract's."""
    return [_festival_json(each) for each in festivals]


def _festival(member: str, found: InFestival, titles: Titles) -> Iterator[Words]:
    name = named(found.terms.title if found.terms else {}, found.festival)
    shown = Words("no score", "بی‌امتیاز")
    if found.row is not None:
        alias = shown_name(found.row.alias)
        states = Words("on the boards", "در جدول‌ها"), Words("not on the boards", "بیرون از جدول‌ها")
        shown = states[not found.row.listed]
        if alias:
            shown = Words(f"{shown.en} as {alias}", f"{shown.fa} با نام {alias}")
    yield Words(f"  {name.en}: {shown.en}", f"  {name.fa}: {shown.fa}")
    for move in found.moves:
        at, verb = moment(move.instant), Words("joined", "پیوست") if move.joined else Words("left", "ترک کرد")
        yield Words(f"    {verb.en} {at.en}", f"    {verb.fa} {at.fa}")
    for each in found.rounds:
        yield from _round(member, found.festival, each, titles)
    for award in found.row.awards if found.row else ():
        yield _award(found.festival, award, titles)
    for round_name, indicator in found.row.taken_late if found.row else ():
        of = titles.indicator(found.festival, indicator)
        yield Words(
            f"    a refund of {of.en} came after the freeze of round {round_name}",
            f"    برگشتی از {of.fa} پس از پایان شمارش دور {round_name} رسید",
        )


def _round(member: str, festival: str, found: InRound, titles: Titles) -> Iterator[Words]:
    named_scores = ((titles.indicator(festival, id), number(score)) for id, score in found.indicators.items())
    sums = listed(Words(f"{of.en} {score.en}", f"{of.fa} {score.fa}") for of, score in named_scores)
    frozen = Words(" (frozen)", " (پایان شمارش)") if found.frozen else Words("", "")
    yield Words(f"    round {found.round}{frozen.en}: {sums.en}", f"    دور {found.round}{frozen.fa}: {sums.fa}")
    for each in found.categories:
        name, score = named(each.category.title, each.category.id), number(each.score)
        place = _place(member, found, each)
        yield Words(
            f"      {name.en}: score {score.en}, {place.en}",
            f"      {name.fa}: امتیاز {score.fa}، {place.fa}",
        )


def _place(member: str, found: InRound, at: InCategory) -> Words:
    """The rank as a published board has it, or where there is one."""
    board, line = at.board, at.line
    if board is not None and line is not None:
        rank, of, when = number(line.rank), number(board.participants), moment(instant(board.as_of))
        words = Words(f"rank {rank.en} of {of.en}, {when.en}", f"رتبهٔ {rank.fa} از {of.fa}، {when.fa}")
        if line.score == at.score:
            return words
        then = number(line.score)
        return Words(f"{words.en}, with {then.en} then", f"{words.fa}، با امتیاز {then.fa}")
    if isinstance(board, FinalBoard):
        count = number(len(board.entries))
        return Words(
            f"not among the {count.en} published places of the final board",
            f"بیرون از {count.fa} جایگاه منتشرشدهٔ جدول نهایی",
        )
    if found.frozen:
        return Words("its final board is not published yet", "جدول نهایی آن هنوز منتشر نشده است")
    if found.round != FINAL:
        return Words("ranked when the month ends", "رتبه‌بندی در پایان ماه")
    how = f"bashgah web token {member}"
    return Words(f"exact rank on the member's page: {how}", f"رتبهٔ دقیق در صفحهٔ عضو: {how}")


def _award(festival: str, award: MemberAward, titles: Titles) -> Words:
    reward, board = titles.reward(award.reward), titles.category(festival, award.category)
    en = f"    award {award.award}: {reward.en}, category {board.en}, round {award.round}"
    fa = f"    جایزهٔ {award.award}: {reward.fa}، رشتهٔ {board.fa}، دور {award.round}"
    if award.rank is not None:
        rank = number(award.rank)
        en, fa = f"{en}, place {rank.en}", f"{fa}، جایگاه {rank.fa}"
    return Words(f"{en}; to be looked at", f"{fa}؛ نیازمند بررسی") if award.flagged else Words(en, fa)


def _festival_json(found: InFestival) -> dict[str, Any]:
    row = found.row
    return {
        "festival": found.festival,
        "title": dict(found.terms.title) if found.terms else {},
        "listed": row.listed if row else False,
        "alias": row.alias if row else None,
        "moves": [{"at": iso(move.instant), "joined": move.joined} for move in found.moves],
        "rounds": [
            {
                "round": each.round, "frozen": each.frozen, "indicators": dict(each.indicators),
                "categories": [_category_json(category) for category in each.categories],
            }
            for each in found.rounds
        ],
        "awards": [award._asdict() for award in row.awards] if row else [],
        "taken_late": [{"round": name, "indicator": id} for name, id in row.taken_late] if row else [],
    }  # fmt: skip


def _category_json(found: InCategory) -> dict[str, Any]:
    """`place` is the member's on the newest published board, whose score may be an earlier one."""
    board, line = found.board, found.line
    place = None
    if board is not None and line is not None:
        place = {
            "rank": line.rank, "score": line.score, "participants": board.participants, "as_of": board.as_of,
            "final": isinstance(board, FinalBoard),
        }  # fmt: skip
    return {
        "category": found.category.id,
        "score": found.score,
        "reached_at": None if found.reached_at is None else iso(found.reached_at),
        "place": place,
    }
