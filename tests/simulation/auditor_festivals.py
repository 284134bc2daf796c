"""Festivals in words, for scenarios that are worked out by hand.

The ordinary festival runs from 1395-10-12 (2017-01-01) to 1395-10-22 (2017-01-11) and waits an hour, so that a replay
clock freezes it at 2017-01-12 00:00. The round of its month ends at 2017-01-20 00:00, and is frozen a day later.
"""

from typing import Any

from tests.simulation.auditor import read_programme, tehran_time
from tests.simulation.auditor_club import PURCHASE, Club, programme

BUYS = "{id: buys, event: card.purchase.settled, earn: {points: 1, per: 1_000}}"
BILLS = "{id: bills, event: ebanking.bill.paid, earn: {points: 3}}"
OVERALL = "{id: overall, weigh: {buys: 1}}"
SAVINGS = "{id: savings, event: deposit.balance.recorded, earn: {points: 1, per: 1_000, of: balance}}"


def festival(
    id: str = "spring",
    opens: str = "1395-10-12",
    closes: str = "1395-10-22",
    more: str = "lateness: {hours: 1}",
    indicators: tuple[str, ...] = (BUYS,),
    categories: tuple[str, ...] = (OVERALL,),
    awards: tuple[str, ...] = (),
) -> dict[str, Any]:
    """One item of `festivals`."""
    lists = (("indicators", indicators), ("categories", categories), ("awards", awards))
    text = f"id: {id}\nopens: {opens}\ncloses: {closes}\n{more}\n"
    return read_programme(text + "".join(f"{name}: [{', '.join(items)}]\n" for name, items in lists))


def version(*festivals: dict[str, Any], rule: str = PURCHASE, number: int = 1, effective: str = "1395-01-01") -> Any:
    """A programme version with these festivals; the rule needs a hundred times what the indicator `buys` does."""
    content = programme(rule) | {"version": str(number), "effective": effective, "festivals": list(festivals)}
    return content


class FestiveClub(Club):
    """A club with words for festivals."""

    def join(self, time: str, festival: str = "spring", by: str = "m1") -> str:
        return self.event("member.festival.joined", time, by=by, festival=festival)

    def leave(self, time: str, festival: str = "spring", by: str = "m1") -> str:
        return self.event("member.festival.left", time, by=by, festival=festival)

    def pay_bill(self, time: str, by: str = "m1") -> str:
        return self.event("ebanking.bill.paid", time, by=by, amount=1, bill="gas", channel="app")

    def register(self, *members: str, time: str = "2016-12-25 10:00", **profile: Any) -> None:
        for member in members:
            self.event("member.registered", time, by=member, channel="web", **profile)

    def told(self, *fields: str) -> list[tuple[Any, ...]]:
        """What went out on `club.festival`."""
        return [tuple(entry[field] for field in fields) for entry in self.auditor.festival]

    def deltas(self) -> list[int]:
        """The changes of scores, in order."""
        return [entry["delta"] for entry in self.auditor.festival if entry["type"] == "festival.score.changed"]

    def live(self, festival: str = "spring", category: str = "overall") -> list[tuple[int, str, int]]:
        """Rank, member and score on a live board."""
        return [(rank, member, score) for rank, member, _, score, _ in self.auditor.live_boards()[festival, category]]

    def final(
        self, festival: str = "spring", category: str = "overall", round: str = "final"
    ) -> list[tuple[int, str, int]]:
        """Rank, member and score on a final."""
        order = self.auditor.finals()[festival, category, round]["order"]
        return [(rank, member, score) for rank, member, _, score, _ in order]

    def tick(self, time: str) -> None:
        """The clock alone, in the spelling of `event`."""
        self.auditor.tick(instant(time))

    def rewards(self, *fields: str) -> list[tuple[Any, ...]]:
        """What went out on `club.reward`."""
        return [tuple(entry.get(field) for field in fields) for entry in self.auditor.rewards]


def instant(time: str) -> int:
    """`2017-01-01 10:00` in Tehran with +03:30."""
    return tehran_time.instant_of(time.replace(" ", "T") + ":00+03:30")
