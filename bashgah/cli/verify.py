"""`bashgah verify`: retraces what the lanes have read and compares what they have written, byte for byte."""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from agents.boards.spec import NAME, coordinator_spec
from agents.broker.interface import Broker
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import load
from agents.task.same_end import newest_transactions
from agents.topics.partition_counts import club_lanes
from bashgah.audit.comparison import Difference
from bashgah.audit.coordinator import verify_coordinator
from bashgah.audit.lanes import verify
from bashgah.audit.verify import Verified
from bashgah.brokers import broker_of
from bashgah.cli.consoles import table_console
from bashgah.cli.progress import progress
from monitoring.terminal import say
from tables.store import MemoryStore, RocksStore, Store

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: bashgah verify --broker kafka://127.0.0.1:9092    One lane: bashgah verify --partition 3")
def run(
    broker: Annotated[str | None, typer.Option(metavar="URL", help="Default: BASHGAH_BROKER_URL.")] = None,
    partition: Annotated[list[int] | None, typer.Option(help="A lane; again for more. Default: all.")] = None,
    on_disk: Annotated[
        bool, typer.Option(help="Keep the rows that come out on disk: for states larger than memory.")
    ] = False,
) -> None:
    """Take what the journal lists through the core once more; compare every output and every row with the broker's.

    Without --partition the coordinator too: its boards, its awards and its rows.

    Workers may run meanwhile. Standard error says how far it has come: a line for each lane that is right, and between
    them a bar, or without a terminal a line every ten seconds.

    Exit codes: 0 all is right, 65 a difference (the first one is shown) or a history that is not whole, 69 no answer.
    """
    asyncio.run(_verify(broker_of(load(broker_url=broker)), partition, on_disk))


async def _verify(broker: Broker, wanted: list[int] | None, on_disk: bool) -> None:
    try:
        lanes = await club_lanes(broker)
        numbers = range(lanes) if wanted is None else sorted(set(wanted))
        for number in numbers:
            if not 0 <= number < lanes:
                remedy = f"there are 0 to {lanes - 1}"
                raise ClubError("--partition", f"{number} does not exist", remedy, ExitCode.USAGE)
        with tempfile.TemporaryDirectory(prefix="bashgah-verify-") as folder:
            results = [await _one(broker, number, _stores(Path(folder) if on_disk else None)) for number in numbers]
        if wanted is None:
            await _coordinator(broker)
    finally:
        await broker.close()
    _print(results)


async def _one(broker: Broker, partition: int, stores: Callable[[], Store]) -> Verified:
    try:
        with progress(f"lane {partition}", "transactions") as told:
            verified = await verify(broker, partition, stores, told)
    except Difference as difference:
        raise _differs(f"lane {partition}", difference) from None
    say(f"lane {partition}: {verified.transactions:,} transactions are right", to=sys.stderr)
    return verified


async def _coordinator(broker: Broker) -> None:
    """The coordinator too, if it ever worked."""
    if not await newest_transactions(broker, [coordinator_spec(await club_lanes(broker))]):
        return
    try:
        with progress(NAME, "transactions") as told:
            found = await verify_coordinator(broker, told)
    except Difference as difference:
        raise _differs(NAME, difference) from None
    say(f"coordinator verified byte for byte: {found.outputs:,} outputs, {found.rows:,} rows")


def _differs(of: str, difference: Difference) -> ClubError:
    remedy = "what is written does not follow from what was read: stop the workers and keep the topics as they are"
    return ClubError(of, f"{difference}\n ", remedy, ExitCode.BAD_FILE)


def _stores(folder: Path | None) -> Callable[[], Store]:
    if folder is None:
        return MemoryStore
    return lambda: RocksStore(Path(tempfile.mkdtemp(dir=folder)))


def _print(results: list[Verified]) -> None:
    table = Table("lane", "transactions", "decisions", "records", "outputs", "rows", "outputs deleted by retention")
    for each in results:
        cut = ", ".join(f"{name}: {count:,}" for name, count in each.cut.items()) or "none"
        figures = (each.transactions, each.decisions, each.records, each.outputs, each.rows)
        table.add_row(each.name, *(f"{figure:,}" for figure in figures), cut)
    table_console().print(table)
    outputs, rows = sum(each.outputs for each in results), sum(each.rows for each in results)
    say(f"verified byte for byte: {outputs:,} outputs and {rows:,} rows of {len(results)} lane(s)")
