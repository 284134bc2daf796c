"""Nasty streams of events drawn from a seed: what a bank publishes on its worst days, all at once.

Duplicates (equal, rewritten, and conflicting), late and early events, refunds in parts, too large, ahead of their
purchase and of nothing, chargebacks lost and won, balances corrected up and down or of days to come, accounts that
close and open again, members who register, leave, return and are erased, told in any order, and times on every edge
that the rules know: midnights, ends of months, Nowruz, the nights on which clocks are put forward and back, and the
effective dates of the programme's versions.
"""

from collections.abc import Iterator, Mapping
from random import Random

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.programme_reading import read_programme, version_of
from tests.simulation.random_programmes import programmes
from tests.simulation.workload_clock import DAY_MS, Envelope, Published, rfc3339
from tests.simulation.workload_customers import ClubBank
from tests.simulation.workload_festivals import FestiveBank

__all__ = ["arrivals", "generate", "programmes"]

NO_TIME = "yesterday"

# Kinds of event with their weights; each is a method of the generator.
WEIGHTS = {
    "purchase": 24,
    "refund": 10,
    "refund_before_purchase": 2,
    "refund_of_nothing": 1,
    "won": 5,
    "cash": 2,
    "transfer": 5,
    "bill": 5,
    "topup": 2,
    "instalment": 2,
    "login": 3,
    "service": 3,
    "profile_field": 1,
    "payment_reversed": 4,
    "account_opened": 1.5,
    "account_closed": 1,
    "balance": 8,
    "correction": 6,
    "registered": 4,
    "profile_changed": 2,
    "consent": 4,
    "left": 0.7,
    "erased": 0.15,
    "adjusted": 4,
    "not_executed": 1.5,
    "duplicate": 4,
    "conflict": 1.5,
    "invalid": 0.5,
}

# Those of a stream with festivals beside them: boards need members who have registered.
FESTIVE_WEIGHTS = {"festival_joined": 8, "festival_left": 3, "renamed": 2, "registered": 8}


def generate(
    seed: int, events: int = 500, members: int = 12, programme: list[str] | None = None, festivals: bool = False
) -> list[Published]:
    """So many (topic, envelope) in the order of their publication, around the versions of a programme.

    `programme` are the texts of its files, by default those that `programmes` draws from the same seed. With
    `festivals` members join and leave those of the programme, and the bank's clock stops at their edges.
    """
    texts = programmes(seed, festivals) if programme is None else programme
    versions = [version_of(read_programme(text)) for text in texts]
    effective = sorted(version.effective for version in versions)
    generator = (_FestiveWorkload if festivals else _Workload)(Random(f"workload {seed}"), members, effective)
    if isinstance(generator, _FestiveWorkload):
        generator.know(versions)
    return generator.publish(events)


def arrivals(stream: list[Published]) -> list[int]:
    """A wall clock for a stream: for each event the greatest time so far, as if the latest arrived at once."""
    clock = 0
    clocks = []
    for _, envelope in stream:
        if envelope["time"] != NO_TIME:
            clock = max(clock, tehran_time.instant_of(envelope["time"]))
        clocks.append(clock)
    return clocks


class _Workload(ClubBank):
    """The bank with its accidents: repetition and nonsense."""

    weights: Mapping[str, float] = WEIGHTS

    def publish(self, events: int) -> list[Published]:
        """Draw the stream."""
        kinds, weights = list(self.weights), list(self.weights.values())
        while len(self.stream) < events:
            self.advance()
            (kind,) = self.draw.choices(kinds, weights)
            for topic, envelope in getattr(self, kind)(self.draw.choice(self.members)):
                self.stream.append((topic, envelope))
            due = [item for after, item in self.waiting if after <= len(self.stream)]
            self.waiting = [each for each in self.waiting if each[0] > len(self.stream)]
            self.stream += due
        return self.stream[:events]

    def duplicate(self, _: str) -> Iterator[Published]:
        """An earlier event once more, its text sometimes written differently."""
        if self.stream:
            topic, envelope = self.draw.choice(self.stream)
            if self.draw.random() < 0.3 and envelope["time"].endswith("Z"):
                time = rfc3339(tehran_time.instant_of(envelope["time"]), tehran=True)
                envelope = envelope | {"time": time, "data": envelope["data"] | {"unknown_field": 1}}
            yield topic, envelope

    def conflict(self, _: str) -> Iterator[Published]:
        """An earlier event once more with another time or other data."""
        if self.stream:
            topic, envelope = self.draw.choice(self.stream)
            if "amount" in envelope["data"] and self.draw.random() < 0.5:
                yield topic, envelope | {"data": envelope["data"] | {"amount": self.amount()}}
            else:
                yield topic, envelope | {"time": rfc3339(self.now + self.draw.choice((0, 1, DAY_MS)))}

    def invalid(self, member: str) -> Iterator[Published]:
        """A purchase with something wrong in it."""
        envelope = self.envelope("card.purchase.settled", member, {"amount": 100_000} | self.purchase_data())
        wrong: tuple[Envelope, ...] = (
            {"type": "card.purchase.imagined"},
            {"time": NO_TIME},
            {"specversion": "0.3"},
            {"data": envelope["data"] | {"amount": 0}},
            {"data": envelope["data"] | {"amount": "100000"}},
            {"data": envelope["data"] | {"channel": "fax"}},
            {"data": {"amount": 100_000}},
        )
        yield "bank.card", envelope | self.draw.choice(wrong)


class _FestiveWorkload(FestiveBank, _Workload):
    """The same with festivals."""

    weights = WEIGHTS | FESTIVE_WEIGHTS
