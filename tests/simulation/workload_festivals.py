"""Customers who join festivals and leave them: early, late, again and again, also such as nobody knows."""

from collections.abc import Iterator, Sequence
from random import Random

from tests.simulation.auditor.programme_reading import Version
from tests.simulation.auditor.rounds import rounds_of
from tests.simulation.workload_clock import DAY_MS, HOUR_MS, Published
from tests.simulation.workload_customers import ClubBank


class FestiveBank(ClubBank):
    """A bank whose clock often stops at the edges of festivals: openings, closings, ends of months and freezes.

    Its stream ends, in some seeds, before the last of them is frozen.
    """

    def __init__(self, draw: Random, members: int, effective: list[int]) -> None:
        super().__init__(draw, members, effective)
        self.now = effective[0] - draw.randint(0, 2 * DAY_MS)
        self.step_ms = draw.choice((HOUR_MS // 4, HOUR_MS // 2, HOUR_MS, 3 * HOUR_MS))
        self.haste = draw.choice((0.008, 0.015, 0.03))
        self.festivals: list[str] = []
        self.edges: list[int] = []
        self.moved: dict[str, list[int]] = {}  # at what times a member has joined or left

    def know(self, versions: Sequence[Version]) -> None:
        """Learn of the festivals of a programme's versions."""
        definitions = [festival for version in versions for festival in version.festivals]
        self.festivals = sorted({festival.id for festival in definitions})
        edges = {festival.opens for festival in definitions} | {festival.closes for festival in definitions}
        edges |= {end for festival in definitions for _, end in rounds_of(festival)}
        self.edges = sorted(edges | {edge - 1 for edge in edges})

    def advance(self) -> None:
        """Let the bank's clock run: mostly a little, sometimes to one of the next edges, rarely beyond a season."""
        draw = self.draw
        ahead = [edge for edge in self.edges if edge > self.now][:3]
        chance = draw.random()
        if chance < self.haste and ahead:
            self.now = draw.choice(ahead)
        elif chance < 0.032:
            super().advance()
        elif chance < 0.034:
            self.now += draw.choice((20, 35, 70)) * DAY_MS
        elif chance < 0.3:
            self.now += draw.randint(0, 60_000)
        else:
            self.now += int(draw.expovariate(1 / self.step_ms))

    def festival_joined(self, member: str) -> Iterator[Published]:
        return self.move(member, "member.festival.joined")

    def festival_left(self, member: str) -> Iterator[Published]:
        return self.move(member, "member.festival.left")

    def move(self, member: str, kind: str) -> Iterator[Published]:
        """Into a festival or out of it, sometimes at the very instant of an earlier move or of an edge."""
        draw = self.draw
        time = self.time()
        moves = self.moved.setdefault(member, [])
        past = [edge for edge in self.edges if edge <= self.now][-6:]
        chance = draw.random()
        if chance < 0.15 and moves:
            time = draw.choice(moves[-3:])
        elif chance < 0.3 and past:
            time = draw.choice(past)
        elif chance < 0.32:
            time = self.now + draw.randint(0, 2 * DAY_MS)
        moves.append(time)
        known = [*self.festivals, *self.festivals, *self.festivals]
        return self.event(kind, member, {"festival": draw.choice([*known, "nowhere"])}, time)

    def renamed(self, member: str) -> Iterator[Published]:
        number = self.draw.randint(1, 99)
        alias = (
            f"کاربر {number}" if number % 9 else ("", "\u200c ", "\u202eکاربر", "ک\u0627\u0653", "a\u0301 ")[number % 5]
        )
        return self.event("member.profile.changed", member, {"alias": alias})
