"""A programme file as the auditor reads it: every scalar is text in YAML and gets its meaning here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from ruamel.yaml import YAML

from tests.simulation.auditor import tehran_time

LATENESS_UNITS_MS = {"days": 24 * 60 * 60 * 1000, "hours": 60 * 60 * 1000, "minutes": 60 * 1000}


@dataclass(frozen=True)
class Rule:
    """One rule of one version: what it listens to, and what it earns."""

    id: str
    events: tuple[str, ...]
    when: Mapping[str, Any]
    points: int | None
    per: int | None
    per_rial: Fraction | None
    of: str
    caps: Mapping[str, int]
    once: bool
    exclusive: str | None


@dataclass(frozen=True)
class Multiplier:
    """A factor for the rules it names (None: all)."""

    by: Fraction
    when: Mapping[str, Any]
    rules: tuple[str, ...] | None


@dataclass(frozen=True)
class Reward:
    """A reward of the catalogue; `points` for the kind that is paid in points."""

    id: str
    kind: str
    points: int | None
    value_rial: int | None


@dataclass(frozen=True)
class Threshold:
    """A figure of rule-granted points and its reward."""

    id: str
    points: int
    reward: Reward


@dataclass(frozen=True)
class Notification:
    """A message that the club sends."""

    id: str
    event: str
    media: tuple[str, ...]
    days_before: int | None


@dataclass(frozen=True)
class Category:
    """A board of a festival: what each indicator weighs, and which one decides between equal scores."""

    id: str
    weigh: Mapping[str, int]  # by the indicator's name, festival/indicator
    then_by: str | None


@dataclass(frozen=True)
class Award:
    """A reward for places of a category's order, first and last; `ranks` is None where it is drawn."""

    id: str
    category: str
    monthly: bool
    ranks: tuple[int, int] | None
    reward: str


@dataclass(frozen=True)
class Festival:
    """A festival as one version defines it. Indicators are rules whose ids are festival/indicator."""

    id: str
    opens: int
    closes: int
    lateness: int
    segments: tuple[str, ...] | None
    provinces: tuple[str, ...] | None
    opt_in: bool
    indicators: tuple[Rule, ...]
    categories: tuple[Category, ...]
    awards: tuple[Award, ...]


@dataclass(frozen=True)
class Version:
    """One version of a club's programme."""

    programme: str
    version: int
    effective: int
    pending_days: int
    expiry_months: int | None
    round_up: str | None
    unlimited: bool
    excluded_mcc: frozenset[str]
    lowest_level: str
    rules: tuple[Rule, ...]
    multipliers: tuple[Multiplier, ...]
    thresholds: tuple[Threshold, ...]
    notifications: tuple[Notification, ...]
    quiet_hours: tuple[int, int] | None
    rewards: Mapping[str, Reward]
    festivals: tuple[Festival, ...]

    def lot_of(self, day: date) -> tuple[date, date | None]:
        """Activation day and last day of points that are earned on a Tehran day."""
        return self.lot_active_from(day + self.pending_days * tehran_time.DAY)

    def lot_active_from(self, activation: date) -> tuple[date, date | None]:
        """The activation day with the last day of its validity, None for ever."""
        if self.expiry_months is None:
            return activation, None
        last = tehran_time.months_later(activation, self.expiry_months)
        if self.round_up is not None:
            last = tehran_time.end_of_period(last, self.round_up)
        return activation, last


def read_programme(text: str) -> dict[str, Any]:
    """The mapping of a programme file with every scalar as the text that stands in the file."""
    content = YAML(typ="base", pure=True).load(text)
    assert isinstance(content, dict)
    return content


def integer(value: Any) -> int:
    """`5_000` as 5000."""
    return int(str(value))


def optional_integer(value: Any) -> int | None:
    """An integer, or None where the key is absent."""
    return None if value is None else integer(value)


def as_list(value: Any) -> list[Any]:
    """A list, also where the file has a single value."""
    return list(value) if isinstance(value, list | tuple) else [value]


def mcc_text(value: Any) -> str:
    """Merchant category codes compare as four digits: `742` in a file is `0742`."""
    return str(value).zfill(4)


def minutes_of(text: Any) -> int:
    """`22:30` as minutes after midnight."""
    hours, minutes = str(text).split(":")
    return int(hours) * 60 + int(minutes)


def version_of(content: Mapping[str, Any]) -> Version:
    """One programme version out of the mapping of its file."""
    points = content.get("points") or {}
    expiry = points.get("expiry") or {}
    rewards = {str(reward["id"]): _reward(reward) for reward in content.get("rewards") or []}
    levels = (content.get("tiers") or {}).get("levels") or []
    quiet = content.get("quiet_hours")
    return Version(
        programme=str(content["programme"]),
        version=integer(content["version"]),
        effective=tehran_time.midnight(tehran_time.jalali_date(str(content["effective"]))),
        pending_days=integer((points.get("pending") or {}).get("days", 0)),
        expiry_months=optional_integer(expiry.get("months")),
        round_up=expiry.get("round_up"),
        unlimited=points.get("refund", "within_balance") == "unlimited",
        excluded_mcc=frozenset(mcc_text(code) for code in content.get("excluded_mcc") or []),
        lowest_level=str(min(levels, key=lambda level: integer(level["from"]))["id"]) if levels else "",
        rules=tuple(_rule(rule) for rule in content.get("rules") or []),
        multipliers=tuple(_multiplier(multiplier) for multiplier in content.get("multipliers") or []),
        thresholds=tuple(
            Threshold(str(each["id"]), integer(each["points"]), rewards[str(each["reward"])])
            for each in content.get("thresholds") or []
        ),
        notifications=tuple(_notification(each) for each in content.get("notifications") or []),
        quiet_hours=(minutes_of(quiet["from"]), minutes_of(quiet["until"])) if quiet else None,
        rewards=rewards,
        festivals=tuple(_festival(each) for each in content.get("festivals") or []),
    )


def _rule(content: Mapping[str, Any]) -> Rule:
    earn = content["earn"]
    return Rule(
        id=str(content["id"]),
        events=tuple(as_list(content["event"])),
        when=content.get("when") or {},
        points=optional_integer(earn.get("points")),
        per=optional_integer(earn.get("per")),
        per_rial=Fraction(str(earn["per_rial"])) if "per_rial" in earn else None,
        of=earn.get("of", "amount"),
        caps={kind: integer(figure) for kind, figure in (content.get("caps") or {}).items()},
        once=content.get("once") == "member",
        exclusive=content.get("exclusive"),
    )


def _multiplier(content: Mapping[str, Any]) -> Multiplier:
    rules = content.get("rules")
    return Multiplier(
        by=Fraction(str(content["by"])),
        when=content.get("when") or {},
        rules=None if rules is None else tuple(str(rule) for rule in rules),
    )


def _reward(content: Mapping[str, Any]) -> Reward:
    return Reward(
        id=str(content["id"]),
        kind=str(content["kind"]),
        points=optional_integer(content.get("points")),
        value_rial=optional_integer(content.get("value_rial")),
    )


def _notification(content: Mapping[str, Any]) -> Notification:
    return Notification(
        id=str(content["id"]),
        event=str(content["event"]),
        media=tuple(as_list(content["medium"])),
        days_before=optional_integer(content.get("days_before")),
    )


def _festival(content: Mapping[str, Any]) -> Festival:
    festival = str(content["id"])
    late = content.get("lateness") or {}
    return Festival(
        id=festival,
        opens=tehran_time.midnight(tehran_time.jalali_date(str(content["opens"]))),
        closes=tehran_time.midnight(tehran_time.jalali_date(str(content["closes"]))),
        lateness=sum(integer(late.get(unit, 0)) * length for unit, length in LATENESS_UNITS_MS.items()),
        segments=_audience(content, "segments"),
        provinces=_audience(content, "province"),
        opt_in=content.get("joining", "automatic") == "opt_in",
        indicators=tuple(replace(_rule(each), id=f"{festival}/{each['id']}") for each in content["indicators"]),
        categories=tuple(_category(festival, each) for each in content["categories"]),
        awards=tuple(_award(each) for each in content.get("awards") or []),
    )


def _audience(content: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    """The names that an audience asks for under a key; None where it asks for none."""
    audience = content.get("audience", "public")
    return None if audience == "public" or key not in audience else tuple(map(str, as_list(audience[key])))


def _category(festival: str, content: Mapping[str, Any]) -> Category:
    then_by = content.get("then_by")
    return Category(
        id=str(content["id"]),
        weigh={f"{festival}/{indicator}": integer(weight) for indicator, weight in content["weigh"].items()},
        then_by=None if then_by is None else f"{festival}/{then_by}",
    )


def _award(content: Mapping[str, Any]) -> Award:
    ranks = [integer(each) for each in re.split("[-–]", str(content["ranks"]))] if "ranks" in content else None
    return Award(
        id=str(content["id"]),
        category=str(content["category"]),
        monthly=content["at"] == "month",
        ranks=None if ranks is None else (ranks[0], ranks[-1]),
        reward=str(content["reward"]),
    )
