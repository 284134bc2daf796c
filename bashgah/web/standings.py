"""A member's exact rank on every board, out of the published boards and the workers' counts.

To see it, a member must be registered. Whoever is not earns scores all the same, and has them shown on registering.

Inside the published places a standing is read from the board, where everybody sees it too. Below them, and while the
board does not know the newest score yet, it is counted: 1 + how many have a higher score, over all workers. While the
counts are gathered the member's own score may change; then the answer would be of two moments, so it is thrown away and
gathered anew.

A final board changes no more. Who ended below its published places is counted once, over what the lanes' rows say of
the frozen round, and that only stands where it comes to as many members as the board was published with.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from agents.process.clock import Clock
from bashgah.web.boards import BoardFollower, BoardKey, Held
from bashgah.web.festivals import FestivalCatalogue, title
from bashgah.web.showing import Showing
from engine.calendar import iso
from engine.programme.rounds import FINAL
from engine.programme.terms import CategoryTerms, FestivalTerms
from schemas import answers
from schemas.internal import CategoryScore, Counts, FestivalScores, MemberScores, RanksUnavailable, Workers
from schemas.results.leaderboard import Entry

log = logging.getLogger(__name__)

_NEIGHBOURS = 2
"""How many lines above and below the member's own are shown."""

_ATTEMPTS = 4
_FINAL_COUNTS_KEPT = 10_000


class _Line(NamedTuple):
    """A member's line on a board."""

    held: Held
    at: int

    @property
    def own(self) -> Entry:
        return self.held.board.entries[self.at]


class _Found(NamedTuple):
    """What is known of a listed member on one board; `counts` only where the line does not tell all."""

    line: _Line | None
    counts: Counts | None


Finals = Mapping[BoardKey, Counts]
"""Counts of the final boards on which the member stands below the published places."""


class FinalCounts:
    """Counts around a score on final boards, asked for once: the newest of them are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[BoardKey, int], Counts] = OrderedDict()

    async def around(self, workers: Workers, held: Held, score: int) -> Counts | None:
        """None where the rows and the published board differ. Raises `RanksUnavailable`."""
        known = self._kept.get((held.key, score))
        if known is not None and known.listed == held.board.participants:
            return known
        festival, category, round_name = held.key
        assert round_name is not None, held.key
        counts = await workers.final_counts(festival, category, round_name, score)
        if counts.listed != held.board.participants:
            log.error("%s: %d in the rows, %d published", held.key, counts.listed, held.board.participants)
            return None
        self._kept[held.key, score] = counts
        if len(self._kept) > _FINAL_COUNTS_KEPT:
            self._kept.popitem(last=False)
        return counts


class Standings:
    """Answers where a member stands."""

    def __init__(
        self,
        workers: Workers,
        final_counts: FinalCounts,
        boards: BoardFollower,
        festivals: FestivalCatalogue,
        showing: Showing,
        clock: Clock,
    ) -> None:
        self._workers = workers
        self._final_counts = final_counts
        self._boards = boards
        self._festivals = festivals
        self._showing = showing
        self._clock = clock

    async def of(self, member: str) -> answers.MemberStandings:
        """Everything about one member. Raises `RanksUnavailable`."""
        scores = await self._scores(member)
        for _ in range(_ATTEMPTS):
            found, finals = await self._found(scores), await self._finals(scores)
            again = await self._scores(member)
            if again == scores:
                return self._told(scores, found, finals)
            scores = again
        raise RanksUnavailable("the member's scores change faster than they can be counted")

    async def _scores(self, member: str) -> MemberScores:
        scores = await self._workers.member(member)
        return scores if scores.registered else msgspec.structs.replace(scores, festivals=())

    async def _found(self, scores: MemberScores) -> Mapping[tuple[str, str], _Found]:
        """For every board on which the member is listed, the own line and what only workers can tell."""
        listed = [
            (each.festival, category.category, category.score)
            for each in scores.festivals
            if each.listed
            for category in each.categories
            if category.score > 0
        ]
        lines = [_line(self._newest(festival, category), scores.member) for festival, category, _ in listed]
        unknown = [
            each
            for each, line in zip(listed, lines, strict=True)
            if not self._festivals.frozen(each[0]) and (line is None or line.own.score != each[2])
        ]
        counted = await asyncio.gather(*(self._counted(*each) for each in unknown))
        counts = dict(zip(unknown, counted, strict=True))
        return {each[:2]: _Found(line, counts.get(each)) for each, line in zip(listed, lines, strict=True)}

    async def _counted(self, festival: str, category: str, score: int) -> Counts:
        counts = await self._workers.counts(festival, category, score)
        if not counts.listed:  # the member at least would be there: the lanes have just frozen the festival
            raise RanksUnavailable("a board is being closed")
        return counts

    async def _finals(self, scores: MemberScores) -> Finals:
        boards = [
            (held, final.score)
            for each in scores.festivals
            for final in each.finals
            if (held := self._boards.get(each.festival, final.category, final.round)) is not None
            and _line(held, scores.member) is None
        ]
        counted = await asyncio.gather(*(self._final_counts.around(self._workers, *each) for each in boards))
        return {held.key: counts for (held, _), counts in zip(boards, counted, strict=True) if counts is not None}

    def _newest(self, festival: str, category: str) -> Held | None:
        return self._boards.get(festival, category, FINAL) or self._boards.get(festival, category)

    def _told(
        self, scores: MemberScores, found: Mapping[tuple[str, str], _Found], finals: Finals
    ) -> answers.MemberStandings:
        name, hidden = self._showing.name(scores.member, scores.alias)
        known = {festival.id: festival for festival in self._festivals.known()}
        return answers.MemberStandings(
            name=name,
            masked=hidden,
            registered=scores.registered,
            festivals=tuple(
                self._festival(scores, each, known[each.festival], found, finals)
                for each in scores.festivals
                if each.festival in known
            ),
        )

    def _festival(
        self,
        member: MemberScores,
        scores: FestivalScores,
        festival: FestivalTerms,
        found: Mapping[tuple[str, str], _Found],
        finals: Finals,
    ) -> answers.Participation:
        by_category = {each.category: each for each in scores.categories}
        return answers.Participation(
            festival=festival.id,
            title=title(festival.title, festival.id),
            state=self._festivals.state(festival),
            key=self._showing.key(festival.id, member.member),
            listed=scores.listed,
            standings=tuple(
                self._standing(
                    scores, category, by_category[category.id], found.get((festival.id, category.id)), finals
                )
                for category in festival.categories
                if category.id in by_category
            ),
            finals=tuple(self._finishes(scores, member.member, finals)),
        )

    def _standing(
        self,
        scores: FestivalScores,
        category: CategoryTerms,
        score: CategoryScore,
        found: _Found | None,
        finals: Finals,
    ) -> answers.Standing:
        earned = tuple(_share(id, weight, scores.indicators.get(id, 0)) for id, weight in category.weigh.items())
        line, counts = found or (None, None)
        neighbours = tuple(self._neighbours(line)) if line else ()
        if counts is not None:
            return _from_counts(score, counts, neighbours, earned, iso(self._clock()))
        if line is not None:
            return _from_board(line, neighbours, earned)
        final = self._boards.get(scores.festival, category.id, FINAL)
        if found is not None and final is not None and final.key in finals:
            return _from_counts(score, finals[final.key], (), earned, final.board.as_of)
        return answers.Standing(
            category=category.id, listed=found is not None, score=score.score, reached_at=_stamp(score), rank=None,
            participants=None, gap=None, above=None, below=None, neighbours=(), as_of=iso(self._clock()),
            earned=earned,
        )  # fmt: skip

    def _neighbours(self, line: _Line) -> Iterator[answers.Neighbour]:
        board = line.held.board
        first, last = max(0, line.at - _NEIGHBOURS), line.at + _NEIGHBOURS
        for index, entry in enumerate(board.entries[first : last + 1], first):
            yield self._showing.neighbour(board.festival, entry, own=index == line.at)

    def _finishes(self, scores: FestivalScores, member: str, finals: Finals) -> list[answers.Finish]:
        ended = {BoardKey(scores.festival, each.category, each.round): each.score for each in scores.finals}
        found = [
            _finish(held, _line(held, member), finals.get(held.key), ended.get(held.key))
            for held in self._boards.of(scores.festival)
            if held.final
        ]
        return sorted(found, key=lambda each: (each.as_of, each.round == FINAL), reverse=True)


def _from_board(
    line: _Line, neighbours: tuple[answers.Neighbour, ...], earned: tuple[answers.Share, ...]
) -> answers.Standing:
    board, own = line.held.board, line.own
    above, below = _other_scores(board.entries, own, whole=len(board.entries) == board.participants)
    return answers.Standing(
        category=board.category, listed=True, score=own.score, reached_at=own.reached_at, rank=own.rank,
        participants=board.participants, gap=above.score - own.score if above else None, above=above, below=below,
        neighbours=neighbours, as_of=board.as_of, earned=earned,
    )  # fmt: skip


def _from_counts(
    score: CategoryScore,
    counts: Counts,
    neighbours: tuple[answers.Neighbour, ...],
    earned: tuple[answers.Share, ...],
    as_of: str,
) -> answers.Standing:
    above = _near(counts.next_above)
    return answers.Standing(
        category=score.category, listed=True, score=score.score, reached_at=_stamp(score), rank=1 + counts.above,
        participants=counts.listed, gap=above.score - score.score if above else None, above=above,
        below=_near(counts.next_below), neighbours=neighbours, as_of=as_of, earned=earned,
    )  # fmt: skip


def _finish(held: Held, line: _Line | None, counts: Counts | None, score: int | None) -> answers.Finish:
    """How the member ended, from the own line, else from counts around the `score`; without either not listed."""
    board = held.board
    rank, above, below = None, None, None
    if line is not None:
        rank, score = line.own.rank, line.own.score
        above, below = _other_scores(board.entries, line.own, whole=len(board.entries) == board.participants)
    elif counts is not None:
        rank, above, below = 1 + counts.above, _near(counts.next_above), _near(counts.next_below)
    return answers.Finish(
        round=board.round or "", category=board.category, as_of=board.as_of, participants=board.participants, rank=rank,
        score=score, gap=above.score - score if above and score is not None else None, above=above, below=below,
    )  # fmt: skip


def _line(held: Held | None, member: str) -> _Line | None:
    entries = held.board.entries if held else ()
    index = next((index for index, entry in enumerate(entries) if entry.member == member), None)
    return None if held is None or index is None else _Line(held, index)


def _share(id: str, weight: int, score: int) -> answers.Share:
    return answers.Share(id=id, score=score, weight=weight, points=weight * score)


def _other_scores(
    entries: Sequence[Entry], own: Entry, *, whole: bool
) -> tuple[answers.Near | None, answers.Near | None]:
    """The nearest other scores among the lines, with how many have them where the lines show that for sure."""
    higher = [entry.score for entry in entries if entry.score > own.score]
    lower = [entry.score for entry in entries if entry.score < own.score]
    above = answers.Near(score=higher[-1], members=higher.count(higher[-1])) if higher else None
    if not lower or (not whole and lower[0] == lower[-1]):  # the next score may go on beyond the last line
        return above, None
    return above, answers.Near(score=lower[0], members=lower.count(lower[0]))


def _near(found: tuple[int, int] | None) -> answers.Near | None:
    return None if found is None else answers.Near(score=found[0], members=found[1])


def _stamp(score: CategoryScore) -> str | None:
    return None if score.reached_at_ms is None else iso(score.reached_at_ms)
