"""What a demonstration is asked for."""

from dataclasses import dataclass
from pathlib import Path

PROGRAMME_DEFAULT = Path(__file__).parent / "programme.yaml"
"""It comes with the package, so that an installed `bashgah` can show itself from any folder."""

RATE_DEFAULT = 2_000


@dataclass(frozen=True)
class Options:
    """`events` None: until told to stop. `members`, `seed` None: as the folder has them, or the default. `rate`:
    records a second at most. `data` None: a fresh folder that is removed afterwards."""

    events: int | None = None
    members: int | None = None
    seed: int | None = None
    rate: int = RATE_DEFAULT
    data: Path | None = None
    programme: Path = PROGRAMME_DEFAULT
