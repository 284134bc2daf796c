"""What a reader of `club.points` knows: a member's points rebuilt from the postings alone, as the contract has them."""

from collections import Counter
from typing import Any


class Ledger:
    """`buckets` are what every posting must show after it; the totals are those of the members' table."""

    def __init__(self) -> None:
        self.buckets = {"active": 0, "pending": 0, "held": 0, "debt": 0}
        self.totals: Counter[str] = Counter(issued=0, reversed=0, expired=0)

    def post(self, event: dict[str, Any]) -> None:
        """Book one posting; AssertionError where what it shows is not what it makes of the points so far."""
        data = event["data"]
        points, status = data["points"], data["status"]
        kind = event["type"].removeprefix("points.")
        self.buckets[status] += points
        if kind == "activated":
            self.buckets["pending"] -= points
        self.buckets["debt"] += data.get("debt", 0)
        if kind == "accrued" or (kind == "adjusted" and points > 0):
            self.totals["issued"] += points
        elif kind == "expired":
            self.totals["expired"] -= points
        elif kind in ("reversed", "restored", "adjusted"):
            self.totals["reversed"] -= points
        else:
            assert kind == "activated", f"a posting of an unexpected type: {event}"
        assert data["balance"] == self.buckets, f"{event} does not show {self.buckets}"
        assert min(self.buckets.values()) >= 0, event
        kept = self.buckets["active"] + self.buckets["pending"] + self.buckets["held"]
        # What is owed counts as reversed only when later points pay it.
        assert self.totals["issued"] == kept + self.totals["expired"] + self.totals["reversed"], event
