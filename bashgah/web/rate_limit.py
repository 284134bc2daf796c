"""How many requests somebody may make: so many a minute, spread evenly, with a quarter of a minute's in one go."""

import math
from collections import OrderedDict
from collections.abc import Callable

_CALLERS_KEPT = 20_000
_MINUTE_S = 60.0
_BURST = 4


class Allowance:
    """One bucket for each caller: it holds a quarter of `per_minute` and fills evenly. The least recently seen callers
    are forgotten first, which only ever lets more through."""

    def __init__(self, per_minute: int, seconds: Callable[[], float]) -> None:
        """`seconds` is a clock that never goes back."""
        self._rate = per_minute / _MINUTE_S
        self._size = max(1.0, per_minute / _BURST)
        self._seconds = seconds
        self._callers: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> int:
        """0 and one request less, or how many whole seconds to wait."""
        now = self._seconds()
        left, since = self._callers.pop(caller, (self._size, now))
        left = min(self._size, left + (now - since) * self._rate)
        granted = left >= 1.0
        self._callers[caller] = (left - 1.0 if granted else left, now)
        if len(self._callers) > _CALLERS_KEPT:
            self._callers.popitem(last=False)
        return 0 if granted else max(1, math.ceil((1.0 - left) / self._rate))
