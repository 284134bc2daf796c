"""`bashgah score`: what recorded events come to, without any broker."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from agents.process.collector import settle_collector
from agents.process.settings import load
from bashgah.cli.consoles import cell, clean_console, table_console
from bashgah.cli.csv_option import Excel
from bashgah.cli.instants import FORMS, instant_of
from bashgah.cli.progress import progress
from bashgah.offline.by_rule import Row
from bashgah.offline.programmes import versions_of_files
from bashgah.offline.recorded import files_of, merged
from bashgah.offline.score import score

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Example: bashgah score --programme programmes/club.yaml --events recorded/ --out scored/ "
    "--until 2026-09-23T00:00:00+03:30"
)
def run(
    programme: Annotated[list[Path], typer.Option(help="A programme file; again for each further version.")],
    events: Annotated[Path, typer.Option(help="Folder of member|command|card|ebanking|deposit.jsonl[.xz|.gz].")],
    out: Annotated[Path, typer.Option(help="Folder for the results; made where it is missing.")],
    excel: Excel = False,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help=f"{FORMS}: read only what is before it, tick at it.")
    ] = None,
) -> None:
    """Score recorded events on a replay clock; the same input gives the same bytes.

    Writes points.jsonl, festival.jsonl, reward.jsonl, notification.jsonl, dead-letter.jsonl, members.csv, boards.csv
    and summary.json. Ends with a table of points, members and the share of them that met a cap, by rule. A line may
    hold what BASHGAH_RECORD_BYTES_MAX lets a record hold.
    """
    settings = load()
    versions = versions_of_files(programme)
    end = instant_of("--until", until)
    total = sum(path.stat().st_size for _, path in files_of(events))
    console = clean_console(stderr=True)
    with progress("scoring", "bytes", total if _plain(events) else None) as told:
        settle_collector()
        read = 0

        def advance(size: int) -> None:
            nonlocal read
            read += size
            told(read)

        items = merged(events, advance, settings.record_bytes_max)
        scored = score(versions, items, out, end, excel=excel)
    summary = scored.summary
    table = Table("event", "outcome", "count", title=f"{summary['events']:,} events of {summary['members']:,} members")
    for kind, outcomes in summary["by_type"].items():
        for outcome, reasons in outcomes.items():
            for reason, count in reasons.items():
                table.add_row(kind, outcome if reason == "-" else f"{outcome}: {reason}", f"{count:,}")
    console.print(table)
    table_console().print(_by_rule(scored.rules))


def _by_rule(rows: Iterable[Row]) -> Table:
    """Points, members and the share of these that met a cap. Persian comes last, where it shifts no column."""
    table = Table(title="by rule / به تفکیک قاعده")
    table.add_column("rule", overflow="fold")
    for heading in ("points", "taken back", "members", "at a cap"):
        table.add_column(heading, justify="right")
    table.add_column("title", overflow="fold")
    table.add_column("عنوان", overflow="fold")
    for row in rows:
        tenths = (row.capped * 1_000 + row.members // 2) // row.members if row.members else 0
        share = f"{tenths // 10}.{tenths % 10} %" if row.members else "–"
        figures = (f"{number:,}" for number in (row.points, row.taken_back, row.members))
        titles = (cell(row.title.get(language, "")) for language in ("en", "fa"))
        table.add_row(row.rule, *figures, share, *titles)
    return table


def _plain(events: Path) -> bool:
    return all(path.suffix == ".jsonl" for _, path in files_of(events))
