"""`bashgah simulate`: a seeded bank whose customers' events go into files or to the broker."""

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import load
from bashgah.admin.publishing import EventLine, publish
from bashgah.brokers import broker_of
from bashgah.cli.consoles import clean_console
from bashgah.cli.progress import progress
from bashgah.simulator import FESTIVALS, BankMessage, Plan, simulate
from bashgah.simulator.recording import Tally, record
from engine.calendar import day_of, jalali, jalali_day, midnight
from schemas import topics

_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_MARKS = {
    "late": "minutes to days late",
    "duplicate": "delivered a second time",
    "ahead": "ahead of what they refer to",
    "invalid": "break the contract",
    "conflict": "another content under a used id",
}

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Examples: bashgah simulate --members 1000 --events 100000 --seed 7 --days 60 --out recorded   |   "
    "bashgah simulate --members 1000 --seed 7 --live --rate 200 --broker kafka://127.0.0.1:9092"
)
def run(
    members: Annotated[int, typer.Option(min=1, max=20_000_000, help="Customers of the bank.")] = 1_000,
    events: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.")] = 1,
    rate: Annotated[
        int | None, typer.Option(min=1, help="Records a second: how fast to publish; with --live, how many there are.")
    ] = None,
    start: Annotated[str, typer.Option(metavar="DATE", help="Jalali day on which the stream begins.")] = "1405-01-01",
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Spread the events over so many days; without --events: stop.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Events happen now, --rate a second.")] = False,
    dirt: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of records that break the contract.")] = 0.0,
    festival: Annotated[list[str] | None, typer.Option(help="Festival that members join; more than once.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write member|card|ebanking|deposit.jsonl.")] = None,
    broker: Annotated[str | None, typer.Option(metavar="URL", help="Publish to this broker.")] = None,
) -> None:
    """Simulate an Iranian bank's customers: purchases, refunds, bills, salaries, balances, registrations.

    Believable amounts, hours, weekdays and seasons; late, doubled and overtaken records as in life. Records come in the
    order in which they arrive. Without --days the bank is as busy as its customers are, about 2.2 events each a day.

    Exit codes: 0 done, 64 usage, 69 the broker does not answer, 78 its topics are not as they must be.
    """
    _check(out, broker, live=live, rate=rate, days=days, bounded=bool(events or days))
    began = time.time_ns() // 1_000_000 if live else midnight(_day(start))
    chosen = tuple(festival) if festival else FESTIVALS
    plan = Plan(members, seed, began, events, days, rate if live else None, dirt, chosen)
    tally = Tally()
    interrupted = False
    with progress("simulating", "records", events) as told:
        messages = tally.through(simulate(plan), told)
        try:
            if out is not None:
                record(messages, out)
            else:
                asyncio.run(_publish(broker, messages, rate))
        except KeyboardInterrupt:
            interrupted = True
    _show(tally, clean_console())
    if interrupted and (events or days):
        raise typer.Exit(ExitCode.INTERRUPTED)


def _check(
    out: Path | None, broker: str | None, *, live: bool, rate: int | None, days: int | None, bounded: bool
) -> None:
    """Refuse options that do not go together."""
    wrong: list[tuple[bool, str, str, str]] = [
        ((out is None) == (broker is None), "--out, --broker", "one of them says where to", "give one of them"),
        (live and rate is None, "--live", "needs a pace", "add --rate RECORDS_A_SECOND"),
        (live and days is not None, "--days", "has no meaning with --live", "leave it out; --events ends the stream"),
        (out is not None and not bounded, "--out", "would be written without end", "add --events or --days"),
        (out is not None and not live and rate is not None, "--rate", "is for publishing", "drop it, or add --live"),
    ]
    for holds, field, reason, remedy in wrong:
        if holds:
            raise ClubError(field, reason, remedy, ExitCode.USAGE)


def _day(text: str) -> int:
    """The day of a Jalali date as people type it, in Latin, Persian or Arabic digits."""
    found = _DATE.fullmatch(text.strip())
    try:
        if not found:
            raise ValueError(f"{text!r} is no date")
        year, month, day = (int(part) for part in found.groups())
        return jalali_day(year, month, day)
    except ValueError as error:
        raise ClubError("--start", str(error), "write a Jalali date, as 1405-01-01", ExitCode.USAGE) from None


async def _publish(url: str | None, messages: Iterator[BankMessage], rate: int | None) -> None:
    names = {name: topic.name for name, topic in topics.BY_SHORT_NAME.items()}
    lines = (EventLine(names[each.topic], each.key.encode(), each.value, 0) for each in messages)
    broker = broker_of(load(broker_url=url))
    try:
        await publish(broker, lines, rate, _unseen)
    finally:
        await broker.close()


def _unseen(_line: EventLine, _count: int) -> None:
    """The tally shows the progress already, as records are made."""


def _show(tally: Tally, console: Console) -> None:
    """What went out: by type, and what was out of the ordinary."""
    records = tally.records
    table = Table(title=f"{records:,} records", title_justify="left")
    table.add_column("topic")
    table.add_column("type")
    table.add_column("records", justify="right")
    table.add_column("share", justify="right")
    for (topic, type), count in sorted(tally.types.items()):
        table.add_row(topic, type, f"{count:,}", f"{100 * count / records:.2f}%")
    console.print(table)
    for mark, meaning in _MARKS.items():
        if tally.marks[mark]:
            console.print(f"{tally.marks[mark]:,} {meaning}", highlight=False)
    if records:
        first, last = jalali(day_of(tally.first)), jalali(day_of(tally.last))
        console.print(f"from {first} to {last} (Jalali)", highlight=False)
