"""The unit in which records reach a lane: a contiguous stretch of one partition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.records import Record


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that a read_committed reader sees of one partition between two offsets.

    `end` is the reader's position after the last record, so it lies past control records and aborted records too: the
    runs of one epoch chain without a hole, each `start` is the `end` before it. A run without records says only that
    the position moved. `stable` is the partition's last stable offset when the run was fetched: while it is greater
    than `end`, more committed records are waiting. `epoch` counts the seeks of this process: a run of an older epoch
    was fetched before the partition was positioned anew and must be dropped.
    """

    topic: str
    partition: int
    start: int
    end: int
    stable: int
    epoch: int
    records: Sequence[Record]

    def parts(self, records_max: int) -> Iterator["Run"]:
        """The same run in pieces of at most `records_max` records, which chain as the whole does."""
        if len(self.records) <= records_max:
            yield self
            return
        start = self.start
        for begin in range(0, len(self.records), records_max):
            after = begin + records_max
            end = self.records[after].offset if after < len(self.records) else self.end
            piece = self.records[begin:after]
            yield Run(self.topic, self.partition, start, end, self.stable, self.epoch, piece)
            start = end
