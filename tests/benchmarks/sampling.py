"""How fast this machine is at the moment, and what processes use of it: CPU seconds and resident memory, from /proc."""

from __future__ import annotations

import bisect
import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_INTERVAL_S = 0.2
_DOCUMENTS = 20_000
_DOCUMENT = '{"id":"c000000000001","data":{"amount":12345678,"mcc":"5411","channel":"pos"},"numbers":[1,2,3,4]}'


def calibration_ms() -> float:
    """CPU time of a fixed piece of work, the best of three: figures of a slower hour show by it.

    It parses and keeps JSON, so that it feels neighbours who take cache and memory, as a worker does.
    """
    return min(_work_s() for _ in range(3)) * 1000


def _work_s() -> float:
    began = time.process_time()
    kept = [json.loads(_DOCUMENT) for _ in range(_DOCUMENTS)]
    assert len(kept) == _DOCUMENTS
    return time.process_time() - began


class Sample(NamedTuple):
    """At one moment (seconds since 1970): CPU seconds used by a process and its children, and their memory."""

    at: float
    cpu_s: float
    rss_bytes: int


class Sampler(threading.Thread):
    """Samples a process tree until `finish`."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True, name=f"sampler-{pid}")
        self.pid = pid
        self.samples: list[Sample] = []
        self._done = threading.Event()

    def run(self) -> None:
        """Sample."""
        while not self._done.is_set():
            with suppress(OSError):
                self.samples.append(sample(self.pid))
            self._done.wait(_INTERVAL_S)

    def finish(self) -> None:
        """Stop sampling."""
        self._done.set()
        self.join()

    def cpu_s_at(self, moment: float) -> float:
        """CPU seconds used until a moment, interpolated."""
        index = bisect.bisect_left(self.samples, moment, key=lambda each: each.at)
        if index == 0:
            return self.samples[0].cpu_s
        if index == len(self.samples):
            return self.samples[-1].cpu_s
        left, right = self.samples[index - 1], self.samples[index]
        share = (moment - left.at) / (right.at - left.at)
        return left.cpu_s + share * (right.cpu_s - left.cpu_s)

    @property
    def rss_max(self) -> int:
        """The most memory seen, in bytes."""
        return max((each.rss_bytes for each in self.samples), default=0)


def sample(pid: int) -> Sample:
    """A process and its children now. Raises OSError when it is gone."""
    cpu_s, rss = _of(pid)
    for child in _children(pid):
        with suppress(OSError):
            more = sample(child)
            cpu_s, rss = cpu_s + more.cpu_s, rss + more.rss_bytes
    return Sample(time.time(), cpu_s, rss)


def _of(pid: int) -> tuple[float, int]:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS, int(fields[21]) * _PAGE


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text(encoding="utf-8").split())
    return found
