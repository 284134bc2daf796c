"""The club's festivals as people see them: titles, windows, indicators and categories of `club.programme`, and a state.

The terms are those that hold now; a festival is shown from the instant at which a version that has it takes effect.
"""

from collections.abc import Callable, Iterable, Mapping

from agents.process.clock import Clock
from bashgah.serving.problems import Refusal, RefusalCode
from engine.calendar import iso
from engine.programme.rounds import FINAL
from engine.programme.terms import AwardTerms, CategoryTerms, FestivalTerms, Reward, Title
from engine.programme.versions import ProgrammeVersions
from schemas import answers
from schemas.answers import Bilingual, State
from schemas.programme_file.wording import earns, of_events

Participants = Callable[[str, str], int | None]
"""(festival, category) -> members on the newest board."""

_CLOCKS_DIFFER_MS = 5_000
_ORDER: tuple[State, ...] = ("open", "closing", "upcoming", "final")


def state_of(festival: FestivalTerms, finished: Callable[[str, str, str], bool], now: int) -> State:
    """Where a festival stands at an instant. `finished`: whether (festival, category, round) has its final board."""
    if all(finished(festival.id, category.id, FINAL) for category in festival.categories):
        return "final"
    if now < festival.opens:
        return "upcoming"
    return "open" if now < festival.closes else "closing"


class FestivalCatalogue:
    """What can be said of festivals now.

    `versions` gives the versions that are known, `finished` whether the final board of (festival, category, round) is
    there. `clock` is the club's, which is not this machine's in a demonstration.
    """

    def __init__(
        self, versions: Callable[[], ProgrammeVersions], finished: Callable[[str, str, str], bool], clock: Clock
    ) -> None:
        self._versions = versions
        self._finished = finished
        self._clock = clock

    def find(self, festival: str) -> FestivalTerms:
        """The terms that hold now. Raises `Refusal`."""
        found = self._versions().festival(festival, self._clock())
        if found is None:
            raise Refusal(RefusalCode.UNKNOWN_FESTIVAL, "festival")
        return found

    def category(self, festival: str, category: str) -> CategoryTerms:
        """A category by the terms that hold now. Raises `Refusal`."""
        for each in self.find(festival).categories:
            if each.id == category:
                return each
        raise Refusal(RefusalCode.UNKNOWN_CATEGORY, "category")

    def known(self) -> list[FestivalTerms]:
        """Every festival that some version in force by now has had."""
        versions, now = self._versions(), self._clock()
        held = (versions.festival(each.id, now) for each in versions.festivals)
        return [festival for festival in held if festival is not None]

    def state(self, festival: FestivalTerms) -> State:
        """Where it stands now. Its end is not an instant but its final boards: until then it is being counted."""
        return state_of(festival, self._finished, self._clock())

    def frozen(self, festival: str) -> bool:
        """Whether its lanes may have stopped counting: by now, or within the moments by which clocks differ."""
        found = self._versions().festival(festival, self._clock())
        return found is None or found.closes + found.lateness <= self._clock() + _CLOCKS_DIFFER_MS

    def states(self) -> dict[str, State]:
        """Every festival's state."""
        return {festival.id: self.state(festival) for festival in self.known()}

    def all(self, participants: Participants) -> answers.Festivals:
        """Open ones by their end, those to come by their beginning, then the others, the latest first."""
        found = [self.shown(festival, participants) for festival in self.known()]
        return answers.Festivals(festivals=tuple(_ordered(found)))

    def shown(self, festival: FestivalTerms, participants: Participants) -> answers.Festival:
        """One festival."""
        version = self._versions().at(self._clock())
        rewards = version.programme.rewards if version else {}
        return answers.Festival(
            id=festival.id,
            title=title(festival.title, festival.id),
            state=self.state(festival),
            opens=iso(festival.opens),
            closes=iso(festival.closes),
            freezes=iso(festival.closes + festival.lateness),
            joining="opt_in" if festival.opt_in else "automatic",
            segments=_named(festival, "segments"),
            province=_named(festival, "province"),
            indicators=tuple(
                answers.Indicator(
                    id=each.id,
                    title=title(each.title, each.id),
                    earns=Bilingual(
                        fa=f"{of_events(each).fa}: {earns(each).fa}", en=f"{of_events(each).en}: {earns(each).en}"
                    ),
                )
                for each in festival.indicators
            ),
            categories=tuple(
                answers.Category(
                    id=each.id,
                    title=title(each.title, each.id),
                    weigh=dict(each.weigh),
                    then_by=each.then_by,
                    prizes=tuple(_prize(award, rewards) for award in festival.awards if award.category == each.id),
                    participants=participants(festival.id, each.id),
                )
                for each in festival.categories
            ),
        )


def title(written: Title, id: str) -> Bilingual:
    """A title in both languages: one that is missing is said in the other, and without any the id stands there."""
    fa, en = written.get("fa"), written.get("en")
    return Bilingual(fa=fa or en or id, en=en or fa or id)


def _prize(award: AwardTerms, rewards: Mapping[str, Reward]) -> answers.Prize:
    reward = rewards.get(award.reward)
    return answers.Prize(
        id=award.id,
        title=title(reward.title if reward else {}, award.reward),
        monthly=award.monthly,
        ranks=award.ranks,
        value_rial=reward.value_rial if reward else None,
    )


def _named(festival: FestivalTerms, key: str) -> tuple[str, ...] | None:
    """The names that a condition of the audience asks for; None where the audience has none under this key."""
    return next((tuple(sorted(each.names)) for each in festival.audience if each.key == key), None)


def _ordered(found: Iterable[answers.Festival]) -> list[answers.Festival]:
    by_state: dict[State, list[answers.Festival]] = {state: [] for state in _ORDER}
    for each in found:
        by_state[each.state].append(each)
    by_state["open"].sort(key=lambda each: each.closes)
    by_state["upcoming"].sort(key=lambda each: each.opens)
    for state in ("closing", "final"):
        by_state[state].sort(key=lambda each: each.closes, reverse=True)
    return [each for state in _ORDER for each in by_state[state]]
