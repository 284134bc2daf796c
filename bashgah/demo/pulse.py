"""How fast events are processed, and what became of them: measured from the worker's watermarks and metrics."""

from collections import Counter, deque

import prometheus_client

from engine.outcome import Outcome
from monitoring.metrics import Metrics
from schemas.dead_letter import CODES

SECONDS_SHOWN = 60
_RATE_OVER_SAMPLES = 5


class Pulse:
    """Events a second, from samples about a second apart."""

    def __init__(self) -> None:
        self.history: deque[int] = deque(maxlen=SECONDS_SHOWN)
        """Events in each of the last seconds."""
        self._samples: deque[tuple[float, int]] = deque(maxlen=_RATE_OVER_SAMPLES + 1)

    def sample(self, now_s: float, processed: int) -> None:
        """Note how many events are processed now; more than one call a second is passed over."""
        if self._samples:
            last_s, last = self._samples[-1]
            if now_s - last_s < 1:
                return
            self.history.append(round((processed - last) / (now_s - last_s)))
        self._samples.append((now_s, processed))

    @property
    def rate(self) -> int:
        """Events a second over the last few seconds."""
        if len(self._samples) < 2:
            return 0
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        return round((last - first) / (last_s - first_s))


def outcomes(metrics: Metrics) -> Counter[str]:
    """Events of this run by what became of them; the club's own commands, such as awards, are not among them."""
    found: Counter[str] = Counter()
    for labels, count in _counts(metrics.events):
        if not labels["type"].startswith("command."):
            found[labels["outcome"]] += count
    return found


def refusals(metrics: Metrics) -> Counter[str]:
    """Events of this run that earned nothing, by reason; dead letters are not among them."""
    found = Counter({labels["reason"]: count for labels, count in _counts(metrics.reasons)})
    for code in CODES:
        del found[code]
    became = outcomes(metrics)
    for outcome in (Outcome.DUPLICATE, Outcome.NOT_EXECUTED, Outcome.NO_PROGRAMME, Outcome.PARKED):
        if became[outcome.value]:
            found[outcome.value] = became[outcome.value]
    return found


def _counts(counter: prometheus_client.Counter) -> list[tuple[dict[str, str], int]]:
    samples = [sample for metric in counter.collect() for sample in metric.samples]
    return [(sample.labels, int(sample.value)) for sample in samples if sample.name.endswith("_total")]
