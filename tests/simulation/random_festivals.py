"""Festivals drawn from a seed, for the versions of a drawn programme.

A later version changes what it may change in a running festival: it closes earlier, waits longer for late events, has
other indicators or one more award. Before the opening it may change all of it.
"""

from datetime import date
from random import Random
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.programme_text import exact

CAPS = ("transaction", "day", "week", "month", "year", "programme")
SEGMENTS = ("physician", "teacher", "retired")
PROVINCES = ("تهران", "یزد", "كرمان", "tehran")
"""The third as an Arabic keyboard types it, which is the same."""
CARD = "card.purchase.settled"
BALANCE = "deposit.balance.recorded"
PAYMENTS = ["ebanking.transfer.completed", "ebanking.bill.paid", "ebanking.topup.purchased"]
LATENESS: tuple[dict[str, int] | None, ...] = (
    None,
    {"hours": 0},
    {"hours": 1},
    {"minutes": 90, "hours": 1},
    {"days": 1},
    {"days": 3, "hours": 12},
    {"days": 20},
)
UNITS_MS = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000}
AHEAD_AT_FIRST = (-40, -9, -1, 0, 0, 0, 1, 1, 2, 5, 15, 40)
AHEAD = (-40, -5, 0, 0, 1, 1, 2, 4, 9, 20, 40, 75, 150)
"""In how many days a festival of the first version opens, and one of a later version; it may have opened before."""
SPANS = (["1"], ["1-3"], ["1-2", "3-5"], ["2-4"], ["1-100"], ["3", "1"])

Content = dict[str, Any]


class Season:
    """The festivals of one club as its versions define them, one version after the other."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(f"festivals {seed}")
        self.festivals: list[_Drawn] = []
        self.count = 0

    def section(self, effective: date) -> list[Content]:
        """What the next version has under `festivals`."""
        draw = self.draw
        first = not self.count
        kept = []
        for each in self.festivals:
            if each.closes <= effective or draw.random() < 0.05:
                continue
            if each.opens > effective and draw.random() < 0.2:
                each = _Drawn(draw, each.id, effective, AHEAD)
            elif draw.random() < 0.8:
                each.change(effective)
            kept.append(each)
        for _ in range(draw.randint(2, 5) if first else draw.choice((0, 0, 1, 2))):
            self.count += 1
            kept.append(_Drawn(draw, f"festival-{self.count}", effective, AHEAD_AT_FIRST if first else AHEAD))
        self.festivals = kept
        return [each.content() for each in kept]


class _Drawn:
    """One festival: its window, the structure of its indicators, its categories and awards.

    It opens one of the numbers of days `ahead` of the version's first.
    """

    def __init__(self, draw: Random, id: str, effective: date, ahead: tuple[int, ...]) -> None:
        self.draw = draw
        self.id = id
        self.opens = effective + draw.choice(ahead) * tehran_time.DAY
        days = draw.choice((1, 2, 3, 5, 8, 12, 20, 31, 45, 75, 120, 200))
        self.closes = max(self.opens, effective) + days * tehran_time.DAY
        self.lateness = draw.choice(LATENESS)
        groups = {"segments": draw.sample(SEGMENTS, draw.randint(1, 2))}
        home = {"province": draw.sample(PROVINCES, draw.randint(1, 3))}
        self.audience = draw.choice((None, None, None, "public", groups, home, home | groups))
        self.joining = draw.choice((None, "automatic", "automatic", "opt_in", "opt_in"))
        self.names = draw.sample(list(indicators(draw)), draw.randint(2, 7))
        self.caps = {name: [kind for kind in CAPS if draw.random() < 0.2] for name in self.names}
        self.indicators = self._indicators()
        self.categories = self._categories()
        self.awards = self._awards()

    def content(self) -> Content:
        """Its item in the file."""
        content: Content = {"id": self.id, "title": {"fa": "جشنواره"}, "opens": _jalali(self.opens)}
        content["closes"] = _jalali(self.closes)
        for key, value in (("lateness", self.lateness), ("audience", self.audience), ("joining", self.joining)):
            if value is not None:
                content[key] = value
        content |= {"indicators": self.indicators, "categories": self.categories}
        return content | ({"awards": self.awards} if self.awards else {})

    def change(self, effective: date) -> None:
        """Change what may change in a running festival."""
        draw = self.draw
        days = (self.closes - max(self.opens, effective)).days
        if days > 1 and draw.random() < 0.4:
            self.closes -= draw.randint(1, days - 1) * tehran_time.DAY
        if draw.random() < 0.4:
            self.lateness = max((self.lateness, draw.choice(LATENESS)), key=_ms)
        if draw.random() < 0.5:
            self.indicators = self._indicators()
        if draw.random() < 0.4:
            category, at = draw.choice(self.categories)["id"], draw.choice(("close", "month"))
            if not any(each["category"] == category and each["at"] == at for each in self.awards):
                self.awards = [*self.awards, _award(draw, f"{category}-late-{at}", category, at, "1-2")]

    def _indicators(self) -> list[Content]:
        figures = indicators(self.draw)
        found = []
        for name in self.names:
            indicator = {"id": name} | figures[name]
            figure = self.draw.randint(1, 40)
            caps = {}
            for kind in self.caps[name]:
                caps[kind] = figure
                figure = figure * self.draw.randint(1, 4) + self.draw.randint(0, 9)
            found.append(indicator | ({"caps": caps} if caps else {}))
        return found

    def _categories(self) -> list[Content]:
        draw = self.draw
        found: list[Content] = [{"id": "overall", "weigh": {name: draw.randint(1, 3) for name in self.names}}]
        for id in ("shopper", "digital", "saver")[: draw.choice((0, 1, 1, 2, 3))]:
            some = draw.sample(self.names, draw.randint(1, min(3, len(self.names))))
            found.append({"id": id, "weigh": {name: draw.choice((1, 1, 2, 5)) for name in some}})
        for category in found:
            rival = draw.choice(self.names)
            if draw.random() < 0.5 and set(category["weigh"]) != {rival}:
                category["then_by"] = rival
        return found

    def _awards(self) -> list[Content]:
        draw = self.draw
        found: list[Content] = []
        for category in self.categories:
            for at in ("close", "month"):
                if draw.random() < 0.6:
                    spans = draw.choice(SPANS)
                    name = f"{category['id']}-{at}"
                    found += [_award(draw, f"{name}-{n}", category["id"], at, span) for n, span in enumerate(spans)]
        if draw.random() < 0.2:
            terms = {"per": 2, "max": 10, "winners": 3}
            found.append({"id": "draw", "category": "overall", "at": "month", "draw": terms, "reward": "coin"})
        return found


def _award(draw: Random, id: str, category: str, at: str, ranks: str) -> Content:
    reward = draw.choice(("coin", "card", "welcome", "welcome"))
    return {"id": id, "category": category, "at": at, "ranks": ranks, "reward": reward}


def _ms(lateness: dict[str, int] | None) -> int:
    return sum(count * UNITS_MS[unit] for unit, count in (lateness or {}).items())


def _jalali(day: date) -> str:
    return "{}-{:02}-{:02}".format(*tehran_time.jalali(day))


def indicators(draw: Random) -> dict[str, Content]:
    """Every indicator that a festival may have, with figures of its own each time; its structure stays."""
    per = draw.choice((100_000, 1_000_000))
    points = draw.choice((1, 2, 5))
    hours = {"from": exact("20:00"), "until": exact("08:00")}
    return {
        "purchases": {"event": CARD, "when": {"amount": {"min": 50_000}}, "earn": {"points": points, "per": per}},
        "baskets": {"event": CARD, "earn": {"points": 1}},
        "rate": {"event": CARD, "earn": {"per_rial": exact(draw.choice(("0.0000033", "0.00001")))}},
        "clinic": {"event": CARD, "when": {"mcc": exact("0742")}, "earn": {"points": 3}},
        "online": {"event": CARD, "when": {"channel": ["web", "app"], "hours": hours}, "earn": {"points": 2}},
        "first-buy": {"event": CARD, "earn": {"points": 10}, "once": "member"},
        "members": {"event": [CARD, *PAYMENTS], "when": {"member": "registered"}, "earn": {"points": 2}},
        "doctors": {"event": CARD, "when": {"segments": ["physician"]}, "earn": {"points": 4}},
        "at-home": {"event": [CARD, *PAYMENTS], "when": {"province": ["کرمان", "تهران"]}, "earn": {"points": 2}},
        "pair-flat": {"event": CARD, "earn": {"points": points}, "exclusive": "pair"},
        "pair-rate": {"event": CARD, "earn": {"points": 1, "per": per}, "exclusive": "pair"},
        "pair-once": {"event": CARD, "earn": {"points": 9}, "once": "member", "exclusive": "pair"},
        "ebanking": {"event": PAYMENTS, "earn": {"points": 3}},
        "transfers": {"event": PAYMENTS[0], "when": {"own": False}, "earn": {"points": points, "per": per}},
        "cash": {"event": "card.cash.withdrawn", "earn": {"points": 1}},
        "logins": {"event": "ebanking.login.succeeded", "when": {"tier": ["blue"]}, "earn": {"points": 1}},
        "opened": {"event": "deposit.account.opened", "earn": {"points": 5}},
        "savings": {"event": BALANCE, "earn": {"points": points, "per": 500_000, "of": "balance"}},
        "low": {"event": BALANCE, "earn": {"points": 4, "per": 1_000_000, "of": "minimum"}},
        "saving-flat": {"event": BALANCE, "earn": {"points": 7}, "exclusive": "saving"},
        "saving-rate": {
            "event": BALANCE,
            "earn": {"per_rial": exact("0.0000025"), "of": "balance"},
            "exclusive": "saving",
        },
        "first-saving": {
            "event": BALANCE,
            "when": {"balance": {"min": 1_000_000}},
            "earn": {"points": 2, "per": 1_000_000, "of": "balance"},
            "once": "member",
        },
    }
