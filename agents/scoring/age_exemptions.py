"""Which records a lane takes in spite of their age: those for which an operator's decision is signed."""

import logging

from agents.scoring.age_signatures import VALID_MS, ReplayKeys
from agents.scoring.batch import Limits
from schemas.dead_letter import accepts_age
from schemas.records import Record

log = logging.getLogger(__name__)


class Exemptions:
    """One lane's. An event that is let pass is remembered for as long as limits say, from that day on; a signature
    holds less long than that, so that whatever copy of the record comes while it holds is known as a duplicate."""

    def __init__(self, keys: ReplayKeys, limits: Limits) -> None:
        self._keys = keys
        self._ahead_ms = limits.ahead_ms_max
        self._valid_ms = min(VALID_MS, limits.behind_ms_max - limits.ahead_ms_max)
        self._told = False

    def hold(self, record: Record, now: int) -> bool:
        """Whether a record may pass. The first that only pretends to a decision is told of in the log."""
        if self._keys.hold(record, now, self._valid_ms, self._ahead_ms):
            return True
        if not self._told and accepts_age(record.headers):
            self._told = True
            where = f"{record.topic}/{record.partition} offset {record.offset}"
            log.warning("%s claims a decision that no key here has signed, or not lately: it is too old", where)
        return False
