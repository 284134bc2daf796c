"""A run of records (`agents.lanes.run`) as what Faust carries: one message."""

from typing import Any

import faust
from faust.types import TP, ConsumerMessage, Message

from agents.lanes.run import Run


class RunMessage(ConsumerMessage):
    """A run dressed as one Faust message. Its offset is the last one that the run covers."""

    def __init__(self, run: Run, generation: int) -> None:
        timestamp = run.records[-1].timestamp / 1000.0 if run.records else 0.0
        super().__init__(
            run.topic,
            run.partition,
            run.end - 1,
            timestamp,
            0,
            headers=None,
            key=None,
            value=run,  # type: ignore[arg-type]  # Faust only hands it to the schema below
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            tp=TP(run.topic, run.partition),
            generation_id=generation,
        )


class RunSchema(faust.Schema[Any, Any]):
    """Decodes nothing: the event's value is the run itself."""

    def loads_key(self, app: Any, message: Message, **_: Any) -> None:
        """A run has no key."""

    def loads_value(self, app: Any, message: Message, **_: Any) -> Any:
        """The run."""
        return message.value
