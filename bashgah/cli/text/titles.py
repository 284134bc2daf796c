"""What a club calls its rules, rewards and festivals, for people: the title with the id, by which commands ask."""

from collections.abc import Hashable, Iterable
from typing import TypeVar

from engine.programme.terms import Title
from engine.programme.versions import ProgrammeVersions
from engine.words import Words

Id = TypeVar("Id", bound=Hashable)
_REWARD = "reward:"


def named(title: Title, id: str) -> Words:
    """The id with its title in brackets, in Persian the title with its id; the id alone where there is no title."""
    en, fa = title.get("en"), title.get("fa")
    return Words(f"{id} ({en})" if en else id, f"{fa} ({id})" if fa else id)


def festival_named(title: Title, id: str) -> Words:
    """A festival with the word for it, which many a Persian title has already."""
    en, fa = named(title, id)
    return Words(f"festival {en}", fa if title.get("fa", "").startswith("جشنواره") else f"جشنوارهٔ {fa}")


class Titles:
    """The titles by all versions that are known, the latest first: what was renamed is called as it is now."""

    def __init__(self, versions: ProgrammeVersions) -> None:
        programmes = [version.programme for version in reversed(versions.in_order)]
        festivals = [festival for programme in programmes for festival in programme.festivals]
        rewards = [reward for programme in programmes for reward in programme.rewards.values()]
        self._rules = _first((rule.id, rule.title) for programme in programmes for rule in programme.rules)
        tiers = [programme.tiers for programme in programmes if programme.tiers is not None]
        self._levels = _first((level.id, level.title) for tier in tiers for level in tier.levels)
        self._rewards = _first((reward.id, reward.title) for reward in rewards)
        self._festivals = _first((festival.id, festival.title) for festival in festivals)
        self._indicators = _first(((of.id, each.id), each.title) for of in festivals for each in of.indicators)
        self._categories = _first(((of.id, each.id), each.title) for of in festivals for each in of.categories)

    def level(self, id: str) -> Words:
        """A tier."""
        return named(self._levels.get(id, {}), id)

    def rule(self, id: str) -> Words:
        """A rule, or `reward:ID` as a posting names a reward of points."""
        if id.startswith(_REWARD):
            reward = self.reward(id.removeprefix(_REWARD))
            return Words(f"reward {reward.en}", f"پاداش {reward.fa}")
        return named(self._rules.get(id, {}), id)

    def reward(self, id: str) -> Words:
        """A reward."""
        return named(self._rewards.get(id, {}), id)

    def festival(self, id: str) -> Words:
        """See `festival_named`."""
        return festival_named(self._festivals.get(id, {}), id)

    def indicator(self, festival: str, id: str) -> Words:
        """An indicator of a festival."""
        return named(self._indicators.get((festival, id), {}), id)

    def category(self, festival: str, id: str) -> Words:
        """A category of a festival."""
        return named(self._categories.get((festival, id), {}), id)


def _first(titles: Iterable[tuple[Id, Title]]) -> dict[Id, Title]:
    found: dict[Id, Title] = {}
    for id, title in titles:
        found.setdefault(id, title)
    return found
