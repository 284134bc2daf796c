"""One version of a club's programme, as values: what a programme file says once it is parsed and checked.

Instants are milliseconds since 1970 UTC, days Tehran day numbers, money integer Rial, decimals exact ratios.
`engine.programme.compiler` turns a version into closures, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.calendar import TimesOfDay
from engine.rules.cap_terms import Caps
from engine.rules.condition import Condition, NamesCondition
from engine.rules.earning import Earning
from engine.units import Ratio

Title = Mapping[str, str]
"""Language ("fa", "en") -> text."""


@dataclass(frozen=True, slots=True)
class Points:
    """How points live. `expiry_months` None: never. `round_up`: None, "month" or "year". `rial_per_point`: value."""

    pending_days: int = 0
    expiry_months: int | None = None
    round_up: str | None = None
    unlimited_refund: bool = False
    rial_per_point: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to earn: for these event types, when all conditions hold, this many points, at most the caps."""

    id: str
    title: Title
    events: tuple[str, ...]
    when: tuple[Condition, ...]
    earn: Earning
    caps: Caps = Caps()
    exclusive: str | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Multiplier:
    """Multiplies the base of the rules that it names (None: all) when all conditions hold."""

    id: str
    by: Ratio
    when: tuple[Condition, ...]
    rules: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A tier level, attained at `qualifying` points in the window."""

    id: str
    qualifying: int
    title: Title = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tiers:
    """`window`: "month" or "year" (Jalali). Levels ascend; the first is held by everyone."""

    window: str
    levels: tuple[Level, ...]
    grace_days: int = 0
    recalculate: bool = False


@dataclass(frozen=True, slots=True)
class CategoryTerms:
    """A board of a festival: indicator -> weight; `then_by` breaks ties."""

    id: str
    title: Title
    weigh: Mapping[str, int]
    then_by: str | None = None


@dataclass(frozen=True, slots=True)
class DrawTerms:
    """chances = 0 below `minimum`, else min(`maximum`, score // `per`); `winners` are drawn."""

    per: int
    winners: int
    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class AwardTerms:
    """What a category's round gives: to ranks `first..last`, or by `draw`. `monthly`: by month, else at close."""

    id: str
    category: str
    monthly: bool
    reward: str
    ranks: tuple[int, int] | None = None
    draw: DrawTerms | None = None


@dataclass(frozen=True, slots=True)
class FestivalTerms:
    """A festival of its own points. Window `[opens, closes)` in ms; frozen `lateness` ms after it closes.

    `audience`: it is for members of whom all of these hold, as known when an event is evaluated; none: for everybody.
    """

    id: str
    title: Title
    opens: int
    closes: int
    indicators: tuple[Rule, ...]
    categories: tuple[CategoryTerms, ...]
    awards: tuple[AwardTerms, ...] = ()
    lateness: int = 0
    audience: tuple[NamesCondition, ...] = ()
    opt_in: bool = False


@dataclass(frozen=True, slots=True)
class Reward:
    """Something the club gives. `kind`: points, cash, goods, service or credit; `points` only for the first."""

    id: str
    title: Title
    kind: str
    points: int | None = None
    value_rial: int | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A reward the first time rule-granted points less reversals reach `points`."""

    id: str
    points: int
    reward: str


@dataclass(frozen=True, slots=True)
class Notification:
    """A message for an event, one a medium (sms, push, email). `template`: language -> text with {placeholders}."""

    id: str
    event: str
    media: tuple[str, ...]
    template: Title
    days_before: int | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """One version. In force from `effective` (ms, 00:00 Tehran of a Jalali date) until a later one is."""

    id: str
    version: int
    effective: int
    title: Title
    points: Points
    rules: tuple[Rule, ...]
    excluded_mcc: frozenset[str] = frozenset()
    tiers: Tiers | None = None
    multipliers: tuple[Multiplier, ...] = ()
    festivals: tuple[FestivalTerms, ...] = ()
    rewards: Mapping[str, Reward] = field(default_factory=dict)
    thresholds: tuple[Threshold, ...] = ()
    notifications: tuple[Notification, ...] = ()
    quiet_hours: TimesOfDay | None = None
