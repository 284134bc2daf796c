"""Which rounds of festivals a partition has frozen: each once, by the first tick at or past its instant."""

from engine.calendar import day_of, midnight
from engine.programme.rounds import Freeze, round_key
from engine.programme.versions import ProgrammeVersions
from tables.overlay import RowReader
from tables.rows import FROZEN_END, FROZEN_PREFIX, frozen_key, frozen_round

_UNPUBLISHED, _PUBLISHED = b"\x01", b"\x02"


def frozen_at(row: bytes) -> int:
    """The instant (ms) from which the round of such a row is final."""
    return int.from_bytes(row[1:], "big")


class FrozenRounds:
    """`frozen` names the rounds that change no more; rows keep them, so that no later version opens one again.

    `unpublished` gives, of those whose boards have not been published whole, the instants from which they are final.
    """

    def __init__(self, store: RowReader, versions: ProgrammeVersions) -> None:
        self.newly: list[Freeze] = []
        self.unpublished: dict[str, int] = {}
        self._rows: dict[str, bytes] = {}
        self._left: list[Freeze] = []
        names = []
        for key, value in store.scan(FROZEN_PREFIX, FROZEN_END):
            names.append(frozen_round(key))
            if value.startswith(_UNPUBLISHED):
                self.unpublished[names[-1]] = frozen_at(value)
        self.frozen = frozenset(names)
        self.adopt(versions)

    def adopt(self, versions: ProgrammeVersions) -> None:
        """Go by these versions from now on."""
        self._left = [each for each in versions.freezes if round_key(each.festival, each.round) not in self.frozen]

    def next_midnight(self, latest: int) -> int:
        """The first midnight at which a tick freezes something, or `latest` where that comes before."""
        return min(latest, midnight(day_of(self._left[0].at - 1) + 1)) if self._left else latest

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

    def published(self, name: str) -> None:
        """The boards of a round have been published whole."""
        self._rows[name] = _PUBLISHED + self.unpublished.pop(name).to_bytes(8, "big")

    def rows(self) -> list[tuple[bytes, bytes]]:
        """The rows that have changed since the last call."""
        changed, self._rows = self._rows, {}
        return [(frozen_key(name), value) for name, value in changed.items()]
