"""The agents: one for each input topic, all of one shape. They only carry runs of records to the lanes.

What is done with a record is decided by the engine; in what order, and when it counts, by the lane of its partition.
"""

from typing import Any

from faust.types import StreamT

from agents.transport.run import RunSchema
from schemas import topics


def declare_inputs(app: Any) -> None:
    """Give the app its five agents. Acknowledgements are off: what is done stands in the lanes' watermarks."""

    async def carry(stream: StreamT[Any]) -> None:
        async for run in stream:
            await app.lanes.submit(run)

    for topic in topics.INPUTS:
        source = app.topic(topic.name, schema=RunSchema(), acks=False)
        app.agent(source, name=topic.name)(carry)
