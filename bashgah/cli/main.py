"""The entry point of `bashgah`: finds the command, runs it, and turns what went wrong into one clear line and a code.

A command's module is imported only when that command runs, so that `bashgah --help` costs nothing. Each module has an
`app`, a typer application: with one command it is that command, with several a group.
"""

import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from types import FrameType
from typing import Annotated, NamedTuple, NoReturn

import typer

from agents.process.exit_codes import ExitCode
from agents.process.failures import failure_of
from monitoring.terminal import say, say_error
from tables.files import private_umask

_TYPER_USAGE_CODE = 2
_END_THEMSELVES = frozenset({"demo", "worker", "web"})
"""Commands that run until they are told to stop, and have their own way to."""


class Command(NamedTuple):
    """Where a command stands, and the line that `bashgah --help` shows for it."""

    module: str
    help: str


COMMANDS: dict[str, Command] = {
    "demo": Command("bashgah.cli.demo", "See it all at work: broker, worker and a simulated bank, with a live view."),
    "programme": Command("bashgah.cli.programme", "Programme files: check, publish, list."),
    "score": Command("bashgah.cli.score", "Score recorded events without a broker."),
    "simulate": Command(
        "bashgah.cli.simulate", "A seeded bank whose customers' events go into files or to the broker."
    ),
    "topics": Command("bashgah.cli.topics", "The club's topics: create, check, describe."),
    "publish": Command("bashgah.cli.publish", "Publish events from files to the broker."),
    "member": Command("bashgah.cli.member", "A member's points: show, postings, explain an event, export all members."),
    "festival": Command("bashgah.cli.festival", "Festivals and their boards: list, show, board, export."),
    "dead-letter": Command("bashgah.cli.dead_letter", "What the lanes refused: list, show, replay, key."),
    "worker": Command("bashgah.cli.worker", "Score what the bank publishes, until told to stop."),
    "web": Command("bashgah.cli.web", "Festivals and live boards over HTTP: API and dashboard; keys and tokens."),
    "lane": Command("bashgah.cli.lane", "The lanes: status; resume, the recorded way out when one refuses to go on."),
    "verify": Command("bashgah.cli.verify", "Retrace the journal and compare rows and outputs, byte for byte."),
}
"""In the order of the overview; only what exists."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with one of `ExitCode`."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    private_umask()
    _write_whatever_the_encoding()
    if not _END_THEMSELVES & set(arguments[:1]):
        _end_by_an_exception()
    if os.environ.get("BASHGAH_DEBUG") == "1":
        _run(arguments)
        return
    for library in ("kafka", "aiokafka"):
        # What they tell of each attempt to connect is in the worker's log; a command says what came of it, once.
        logging.getLogger(library).addHandler(logging.NullHandler())
    try:
        _run(arguments)
    except SystemExit as end:
        raise SystemExit(ExitCode.USAGE if end.code == _TYPER_USAGE_CODE else end.code) from None
    except KeyboardInterrupt:
        raise SystemExit(ExitCode.INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - the outermost border: nobody gets a traceback
        failure = failure_of(error)
        for line in failure.lines:
            say_error(line)
        raise SystemExit(failure.code) from None


def _write_whatever_the_encoding() -> None:
    """A stream that cannot have every character gets `\\u0633` for those that it cannot."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _end_by_an_exception() -> None:
    """Whoever is told to end tidies up: no half of an export stays. A signal that is ignored (nohup) stays so."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _told_to_end)


def _told_to_end(number: int, _frame: FrameType | None) -> NoReturn:
    # A terminal that is closed may say so twice; a second SIGTERM is for what hangs.
    signal.signal(number, signal.SIG_IGN if number == signal.SIGHUP else signal.SIG_DFL)
    raise SystemExit(ExitCode.HUNG_UP if number == signal.SIGHUP else ExitCode.TERMINATED)


def _run(arguments: list[str]) -> None:
    name = arguments[0] if arguments else ""
    if name in COMMANDS:
        command: typer.Typer = import_module(COMMANDS[name].module).app
        command.pretty_exceptions_enable = False
        command(args=arguments[1:], prog_name=f"bashgah {name}")
    else:
        overview()(args=arguments, prog_name="bashgah")


def overview() -> typer.Typer:
    """The application behind `bashgah --help`, which knows the commands by name only."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback(epilog="Each command has its own help with examples: bashgah COMMAND --help")(_root)
    for name, command in COMMANDS.items():
        app.command(name, help=command.help)(_named(name))
    return app


def _named(name: str) -> Callable[[], None]:
    def run() -> None:
        raise AssertionError(f"{name} is run from its own module")

    return run


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"bashgah {version('bashgah')}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The streaming scoring engine of a bank's customers' club: events in, points out, exactly once."""
