"""Programme files drawn from a seed: one to three versions that differ in figures, rules, holds and expiry."""

from random import Random
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.programme_text import block, exact
from tests.simulation.random_festivals import Season

# Years with and without summer time in Iran, leap years among them (1395, 1399, 1403, 1408).
FIRST_YEARS = (1395, 1398, 1399, 1400, 1401, 1402, 1403, 1405, 1408)
CAPS = ("transaction", "day", "week", "month", "year", "programme")
CARD = "card.purchase.settled"
BALANCE = "deposit.balance.recorded"
BILL = "ebanking.bill.paid"

Rule = dict[str, Any]


def programmes(seed: int, festivals: bool = False) -> list[str]:
    """One to three versions of one club's programme, in the order of their effective dates.

    With `festivals` the same versions, with festivals in them.
    """
    draw = Random(f"programmes {seed}")
    first = tehran_time.gregorian(draw.choice(FIRST_YEARS), draw.randint(1, 12), draw.randint(1, 29))
    shape = _Shape(draw)
    season = Season(seed)
    effective = first
    files = []
    for version in range(1, draw.choice((1, 2, 2, 3)) + 1):
        if version > 1:
            effective += draw.choice((0, 1, 7, 20, 45, 90, 150)) * tehran_time.DAY
        content = shape.version(version, "{}-{:02}-{:02}".format(*tehran_time.jalali(effective)))
        if festivals:
            content["festivals"] = season.section(effective)
        files.append(block(content))
    return files


class _Shape:
    """What the versions of one programme have in common: which rules there are, and what kind of caps each has."""

    def __init__(self, draw: Random) -> None:
        self.draw = draw
        pool = list(_rules(draw))
        self.rules = draw.sample(pool, draw.randint(8, len(pool)))
        self.caps = {rule: [kind for kind in CAPS if draw.random() < 0.25] for rule in self.rules}
        self.multipliers = draw.randint(0, 4)

    def version(self, version: int, effective: str) -> dict[str, Any]:
        """The content of one version."""
        draw = self.draw
        rules = [self._rule(rule) for rule in self.rules if draw.random() < 0.9 or version == 1]
        content: dict[str, Any] = {
            "programme": "club",
            "version": version,
            "effective": effective,
            "title": {"fa": "باشگاه", "en": "Club"},
            "points": _points(draw),
        }
        if draw.random() < 0.8:
            content["excluded_mcc"] = draw.sample(["4829", "6010", "6011", "6012", exact("0742")], draw.randint(1, 4))
        content["tiers"] = {
            "window": "year",
            "grace": {"days": 30},
            "downgrade": "one_down",
            "levels": [{"id": "blue", "from": 0}, {"id": "silver", "from": 20_000}, {"id": "gold", "from": 100_000}],
        }
        content["rules"] = rules
        multipliers = _multipliers(draw, [rule["id"] for rule in rules])[: self.multipliers]
        if multipliers:
            content["multipliers"] = multipliers
        return content | _rewards(draw) | _notifications(draw)

    def _rule(self, name: str) -> Rule:
        draw = self.draw
        rule: Rule = {"id": name} | _rules(draw)[name]
        figure = draw.randint(1, 60)
        caps = {}
        for kind in self.caps[name]:
            caps[kind] = figure
            figure = figure * draw.randint(1, 4) + draw.randint(0, 9)
        if caps:
            rule["caps"] = caps
        return rule


def _points(draw: Random) -> dict[str, Any]:
    points: dict[str, Any] = {}
    hold = draw.choice((None, 0, 0, 1, 2, 3, 5, 7))
    if hold is not None:
        points["pending"] = {"days": hold}
    if draw.random() < 0.85:
        points["expiry"] = {"months": draw.choice((1, 1, 1, 2, 2, 3, 5, 6, 12, 13, 24))}
        round_up = draw.choice((None, None, "month", "month", "year"))
        if round_up:
            points["expiry"]["round_up"] = round_up
    if draw.random() < 0.8:
        points["refund"] = draw.choice(("within_balance", "unlimited", "unlimited"))
    points["rial_per_point"] = 500
    return points


def _rules(draw: Random) -> dict[str, Rule]:
    """Every rule that a programme may have, with figures of its own each time; its structure stays."""
    least = {"amount": {"min": draw.choice((50_000, 100_000))}}
    per = draw.choice((50_000, 100_000, 250_000))
    points = draw.choice((1, 2, 3, 20))
    return {
        "card-purchase": {"event": CARD, "when": least, "earn": {"points": points, "per": per}},
        "grocery": {
            "event": CARD,
            "when": {"mcc": ["5411", exact("0742")], "weekday": ["thursday", "friday"]},
            "earn": {"per_rial": exact(draw.choice(("0.000002", "0.00001", "0.0000333")))},
        },
        "clinic": {"event": CARD, "when": {"mcc": "0742"}, "earn": {"points": points}},
        "night-online": {
            "event": CARD,
            "when": {"channel": ["web", "app"], "hours": {"from": exact("22:00"), "until": exact("06:00")}},
            "earn": {"points": 3},
        },
        "middling": {"event": CARD, "when": {"amount": {"min": 100_000, "max": 5_000_000}}, "earn": {"points": 7}},
        "best-flat": {"event": CARD, "earn": {"points": points}, "exclusive": "best"},
        "best-rate": {"event": CARD, "earn": {"points": 1, "per": per}, "exclusive": "best"},
        "best-first": {"event": CARD, "earn": {"points": 20}, "once": "member", "exclusive": "best"},
        "first-purchase": {"event": CARD, "when": least, "earn": {"points": 30}, "once": "member"},
        "doctors": {"event": CARD, "when": {"segments": ["physician", "teacher"]}, "earn": {"points": 4}},
        "at-home": {"event": [CARD, BILL], "when": {"province": "کرمان"}, "earn": {"points": 6}},
        "for-members": {"event": [CARD, BILL], "when": {"member": "registered"}, "earn": {"points": 2}},
        **_other_rules(draw, least, per, points),
    }


def _other_rules(draw: Random, least: Rule, per: int, points: int) -> dict[str, Rule]:
    """Those on other events than purchases."""
    return {
        "cash": {"event": "card.cash.withdrawn", "when": {"channel": "atm"}, "earn": {"points": 1, "per": 1_000_000}},
        "transfer": {
            "event": "ebanking.transfer.completed",
            "when": {"rail": ["satna", "paya"], "own": False} | least,
            "earn": {"points": points},
        },
        "bill": {"event": BILL, "when": least | {"channel": ["app", "ussd"]}, "earn": {"points": 10}},
        "day-hours": {
            "event": [BILL, "ebanking.topup.purchased"],
            "when": {"hours": {"from": exact("09:00"), "until": exact("17:30")}},
            "earn": {"points": 5, "per": per},
        },
        "installed": {
            "event": "ebanking.service.activated",
            "when": {"service": "mobile_bank"},
            "earn": {"points": 50},
            "once": "member",
        },
        "early": {
            "event": "ebanking.instalment.paid",
            "when": {"days_early": {"min": -1}},
            "earn": {"points": 2, "per": 3, "of": "days_early"},
        },
        "login": {"event": "ebanking.login.succeeded", "when": {"tier": ["blue"]}, "earn": {"points": 1}},
        "golden-login": {"event": "ebanking.login.succeeded", "when": {"tier": ["gold"]}, "earn": {"points": 9}},
        "deposit-day": {
            "event": BALANCE,
            "when": {"product": ["short_term", "qard_al_hasan"], "balance": {"min": draw.choice((0, 2_000_000))}},
            "earn": {"points": 1, "per": 500_000, "of": "balance"},
        },
        "deposit-minimum": {"event": BALANCE, "earn": {"points": 4, "per": 1_000_000, "of": "minimum"}},
        "best-balance": {"event": BALANCE, "earn": {"points": 11}, "exclusive": "saving"},
        "best-saving": {
            "event": BALANCE,
            "earn": {"per_rial": exact("0.0000025"), "of": "balance"},
            "exclusive": "saving",
        },
        "first-million": {
            "event": BALANCE,
            "when": {"balance": {"min": 1_000_000}, "weekday": "friday"},
            "earn": {"points": 3, "per": 1_000_000, "of": "balance"},
            "once": "member",
        },
        "opened": {"event": "deposit.account.opened", "earn": {"points": 25}},
    }


def _multipliers(draw: Random, rules: list[str]) -> list[Rule]:
    some = draw.sample(rules, min(3, len(rules)))
    found = [
        {"id": "member", "by": exact("1.1"), "when": {"member": "registered"}, "rules": some},
        {"id": "friday", "by": exact(draw.choice(("2", "1.5", "0.5"))), "when": {"weekday": "friday"}},
        {"id": "everyone", "by": exact("1.25"), "rules": some[:1]},
        {"id": "physician", "by": exact("3"), "when": {"segments": ["physician"]}},
        {"id": "capital", "by": exact("1.5"), "when": {"province": ["تهران", "یزد"]}},
        {"id": "gold", "by": exact("1.5"), "when": {"tier": ["gold"]}},
        {"id": "evening", "by": exact("0.333"), "when": {"hours": {"from": exact("18:00"), "until": exact("23:30")}}},
    ]
    draw.shuffle(found)
    return found


def _rewards(draw: Random) -> dict[str, Any]:
    content: dict[str, Any] = {
        "rewards": [
            {"id": "coin", "title": {"fa": "سکه"}, "kind": "goods", "value_rial": 1_200_000_000},
            {"id": "card", "title": {"fa": "کارت هدیه"}, "kind": "cash", "value_rial": 50_000_000},
            {"id": "welcome", "title": {"fa": "خوش‌آمد"}, "kind": "points", "points": draw.choice((10, 100))},
        ]
    }
    thresholds = [
        {"id": "first-steps", "points": draw.choice((5, 20, 60)), "reward": "welcome"},
        {"id": "hundred", "points": draw.choice((80, 100, 150)), "reward": draw.choice(("coin", "welcome"))},
        {"id": "thousand", "points": 1_000, "reward": "card"},
    ]
    if draw.random() < 0.9:
        content["thresholds"] = thresholds[: draw.randint(1, 3)]
    return content


def _notifications(draw: Random) -> dict[str, Any]:
    found = [
        {
            "id": "reward-granted",
            "event": "reward.granted",
            "medium": draw.choice((["sms"], ["sms", "push"], ["push", "email", "sms"])),
            "template": {"fa": exact("تبریک! {reward} به شما تعلق گرفت. لغو۱۱")},
        },
        {
            "id": "points-expiring",
            "event": "points.expiring",
            "days_before": draw.choice((1, 7, 14, 30, 45, 365)),
            "medium": ["sms"],
            "template": {"fa": exact("{points} امتیاز شما تا {date} اعتبار دارد. لغو۱۱")},
        },
    ]
    content: dict[str, Any] = {"notifications": found[: draw.choice((1, 2, 2, 2))]}
    if draw.random() < 0.8:
        start, until = draw.choice((("22:00", "08:00"), ("21:30", "07:30"), ("00:00", "06:00"), ("13:00", "15:00")))
        content["quiet_hours"] = {"from": exact(start), "until": exact(until)}
    return content
