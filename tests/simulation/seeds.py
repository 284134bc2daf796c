"""Which seeds a run takes: `TEST_SEEDS` many from 0 on, and as many fresh ones a day as a tenth of that."""

import datetime as dt
import os

FEW = 6


def seeds(share: float = 1.0) -> list[int]:
    """The seeds of this run; `share` for what is slow. A failure names its seed, which replays it."""
    count = max(1, int(int(os.environ.get("TEST_SEEDS", FEW)) * share))
    fresh = count // 10 if "TEST_SEEDS" in os.environ else 0
    today = dt.datetime.now(dt.UTC).toordinal() * 100_000
    return [*range(count), *range(today, today + fresh)]
