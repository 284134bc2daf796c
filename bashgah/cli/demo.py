"""`bashgah demo`: the whole club on this machine, nothing installed beside it."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from agents.process.exit_codes import ExitCode
from bashgah.demo.options import PROGRAMME_DEFAULT, RATE_DEFAULT, Options

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Examples: bashgah demo   |   bashgah demo --events 20000   |   "
    "bashgah demo --members 10000 --rate 5000 --data my-demo"
)
def run(
    events: Annotated[int | None, typer.Option(min=1, help="Stop after so many events; without it, at Ctrl-C.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same events. Default: 1.")] = None,
    members: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, help="Customers of the bank. Default: 2000.")
    ] = None,
    rate: Annotated[int, typer.Option(min=1, help="Events a second at most.")] = RATE_DEFAULT,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep everything there; a second run goes on with it.")
    ] = None,
    programme: Annotated[Path, typer.Option(metavar="FILE", help="The club's rules.", show_default=False)] = (
        PROGRAMME_DEFAULT
    ),
) -> None:
    """Show the club at work: an embedded broker, the worker and a simulated bank's customers, in this one process.

    A day of the simulated bank passes in seconds; with more customers it takes longer. On a terminal a live view; in a
    pipe a line a second. At the end, and after Ctrl-C, a summary, with what a consumer of the club's outputs added up
    held against the club's own rows.
    The folder grows by about half a kilobyte an event; without --data it is a temporary one and removed at the end.

    Exit codes: 0 all processed, or stopped by Ctrl-C without --events; 64 usage; 65, 66 the programme file; 70 a fault;
    73 another process uses the folder; 130 stopped before --events were processed, or before the worker ran;
    a fault of the worker ends with the worker's code and leaves the folder, with its log.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(ExitCode.INTERRUPTED))  # nothing is there yet to be tidied up
    from bashgah.demo.start import demonstrate

    raise typer.Exit(demonstrate(Options(events, members, seed, rate, data, programme)))
