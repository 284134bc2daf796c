"""A process that coordinates on a real Kafka until it is killed: `python -m … BOOTSTRAP DIRECTORY`."""

import asyncio
import os
import sys
from pathlib import Path

from agents.boards.options import CoordinatorOptions
from agents.broker.kafka.broker import KafkaBroker
from agents.process.exit_codes import ClubError
from tables.store import RocksStore
from tests.agents.boards.coordinating import coordinate


async def main(bootstrap: str, directory: str) -> None:
    """Coordinate; ends with the exit code of the problem, without tidying up."""
    options = CoordinatorOptions(commands_max=2, slice_places=2, batch_records_max=3, gather_ms=20)
    try:
        await coordinate(KafkaBroker(bootstrap), options, lambda: RocksStore(Path(directory)))
    except ClubError as problem:
        print(problem, file=sys.stderr, flush=True)
        os._exit(problem.code)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
