"""Letting a lane go on: a record that is left out becomes a dead letter, and too many dead letters may pass."""

from agents.broker.interface import Broker
from agents.lanes.dead_letter_limit import Limit
from agents.lanes.options import LaneOptions
from agents.lanes.spec import NEEDED, check_topics, lane_spec, no_watermark
from agents.process.clock import Clock, wall_clock
from agents.scoring.intake import spoken_of
from agents.task.options import TaskOptions
from agents.task.refusal import TaskRefused
from agents.topics.dead_letters import left_out
from agents.topics.partition_counts import INPUT_NAMES
from bashgah.admin.resume import Action, Resumed, ResumedTask, resume_task
from bashgah.audit.member_view import lane_rows
from engine.ledger.member import HEAD
from schemas.records import OutputRecord, Record
from tables.rows import member_prefix
from tables.watermark import Watermark


async def resume(
    broker: Broker,
    partition: int,
    action: Action,
    operator: str,
    reason: str,
    options: LaneOptions | None = None,
    wall_ms: Clock = wall_clock,
) -> Resumed:
    """Let a refused lane go on. Raises `TaskRefused` when this action is no way out of what stands in its way."""
    described = await broker.describe(NEEDED)
    check_topics(described, [partition])
    lane = _Lane(broker, partition, options or LaneOptions())
    return await resume_task(broker, lane, described, action, operator, reason, wall_ms)


class _Lane:
    """What is a lane's own in a decision; see `Resumable`."""

    def __init__(self, broker: Broker, partition: int, options: LaneOptions) -> None:
        self.spec = lane_spec(partition)
        self.options: TaskOptions = options
        self.dead_letters: Limit | None = options.dead_letters
        self._broker = broker
        self._partition = partition

    def no_input(self, topic: str) -> TaskRefused:
        """See `Resumable`."""
        return TaskRefused(topic, "is no input of a lane", f"a lane reads {', '.join(INPUT_NAMES)}")

    async def anew(self, action: Action) -> ResumedTask:
        """A lane never makes up where to begin."""
        raise no_watermark(self._partition)

    async def letters(self, record: Record, operator: str, reason: str) -> list[OutputRecord]:
        """The dead letter."""
        heads = {member_prefix(member) + HEAD for member in spoken_of(record)}
        rows, _ = await lane_rows(self._broker, self._partition, heads.__contains__)
        return [left_out(record, self._partition, operator, reason, rows)]

    async def passed_over(self, before: Watermark, change: ResumedTask) -> None:
        """Nothing follows from records that were never taken."""
