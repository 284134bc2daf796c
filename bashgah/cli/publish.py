"""`bashgah publish`: events of the contract from files to the broker."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from agents.process.settings import Settings, load
from bashgah.admin.publishing import EventLine, lines_of, publish
from bashgah.brokers import broker_of
from bashgah.cli.progress import progress
from monitoring.terminal import say

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Example: bashgah publish recorded/member.jsonl recorded/card.jsonl.xz "
    "--broker kafka://127.0.0.1:9092 --rate 5000"
)
def run(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Events as JSON lines; .gz and .xz as well.")],
    broker: Annotated[str | None, typer.Option(metavar="URL", help="Default: BASHGAH_BROKER_URL.")] = None,
    rate: Annotated[int | None, typer.Option(min=1, help="At most so many events a second.")] = None,
) -> None:
    """Publish recorded events, file after file, each to the topic of its type and the partition of its member.

    Every event is checked before it is sent and acknowledged by all replicas in sync. The command stops at the first
    bad line, after publishing what stands before it. Publishing a file twice does no harm: an event counts once.

    Exit codes: 0 all is published, 65 a bad line, 66 no such file, 69 no answer, 78 the topics are not as they must be.
    """
    asyncio.run(_run(files, load(broker_url=broker), rate))


async def _run(files: list[Path], settings: Settings, rate: int | None) -> None:
    total = sum(path.stat().st_size for path in files)
    broker = broker_of(settings)
    try:
        with progress("publishing", "events", total) as told:
            events = 0

            def seen(line: EventLine, count: int) -> None:
                nonlocal events
                events += count
                told(line.read_bytes, counted=events)

            published = await publish(broker, _through(files), rate, seen)
    finally:
        await broker.close()
    say(f"{published} events published")


def _through(files: list[Path]) -> Iterator[EventLine]:
    read_bytes = 0
    for path in files:
        for line in lines_of(path):
            yield line._replace(read_bytes=read_bytes + line.read_bytes)
        read_bytes += path.stat().st_size
