"""Which rounds of festivals a partition has frozen: each once, by the first tick at or past its instant."""

from agents.members import RowReader
from engine.rounds import Freeze, round_key
from engine.shelf import Shelf
from tables.rows import FROZEN_END, FROZEN_PREFIX, frozen_key, frozen_round

_UNPUBLISHED, _PUBLISHED = b"\x01", b"\x02"


class Freezing:
    """`frozen` names the rounds that change no more; rows keep them, so that no later version opens one again.

    `unpublished` gives, of those whose boards have not been published whole, the instants from which they are final.
    """

    def __init__(self, store: RowReader, shelf: Shelf) -> None:
        self.newly: list[Freeze] = []
        self.unpublished: dict[str, int] = {}
        self._rows: dict[str, bytes] = {}
        self._left: list[Freeze] = []
        names = []
        for key, value in store.scan(FROZEN_PREFIX, FROZEN_END):
            names.append(frozen_round(key))
            if value.startswith(_UNPUBLISHED):
                self.unpublished[names[-1]] = int.from_bytes(value[1:], "big")
        self.frozen = frozenset(names)
        self.adopt(shelf)

    def adopt(self, shelf: Shelf) -> None:
        """Go by these versions from now on."""
        self._left = [each for each in shelf.freezes if round_key(each.festival, each.round) not in self.frozen]

    @property
    def next_at(self) -> int | None:
        """The instant from which on a tick freezes something."""
        return self._left[0].at if self._left else None

    def tick(self, instant: int) -> None:
        """Freeze what is to be frozen at or before a tick."""
        while self._left and self._left[0].at <= instant:
            freeze = self._left.pop(0)
            name = round_key(freeze.festival, freeze.round)
            self.frozen |= {name}
            self.unpublished[name] = freeze.at
            self._rows[name] = _UNPUBLISHED + freeze.at.to_bytes(8, "big")
            self.newly.append(freeze)

    def take(self) -> list[Freeze]:
        """Hand over the rounds that ticks have frozen since the last call, in their order."""
        newly, self.newly = self.newly, []
        return newly

    def place(self, festival: str, round_name: str) -> int:
        """The place of a round among the unpublished ones by name."""
        return sorted(self.unpublished).index(round_key(festival, round_name))

    def published(self, place: int) -> None:
        """The boards of the round at this place have been published whole."""
        name = sorted(self.unpublished)[place]
        self._rows[name] = _PUBLISHED + self.unpublished.pop(name).to_bytes(8, "big")

    def rows(self) -> list[tuple[bytes, bytes]]:
        """The rows that have changed since the last call."""
        changed, self._rows = self._rows, {}
        return [(frozen_key(name), value) for name, value in changed.items()]
