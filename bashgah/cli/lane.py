"""`bashgah lane`: how the lanes stand, and the recorded way out when one refuses to go on."""

import asyncio
import re
from typing import Annotated

import typer
from rich.table import Table

from agents.boards.options import CoordinatorOptions
from agents.boards.spec import NAME as COORDINATOR
from agents.broker.errors import Fenced, Overtaken
from agents.lanes.options import LaneOptions
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import Settings, load
from bashgah.admin.coordinator import resume_coordinator
from bashgah.admin.lanes import resume
from bashgah.admin.resume import Action, Skip
from bashgah.admin.status import TaskStatus, coordinator_status, lane_status
from bashgah.brokers import broker_of
from bashgah.cli.consoles import table_console
from engine.calendar import iso
from engine.words import latin_digits
from monitoring.terminal import say
from schemas import topics

_OFFSET = re.compile(r"\d{1,18}")
_SAID_MAX = 1_000

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The lanes: status, resume.")

BrokerUrl = Annotated[str | None, typer.Option("--broker", metavar="URL", help="Default: BASHGAH_BROKER_URL.")]


@app.callback()
def about() -> None:
    """One lane a partition: how far it has come, and what stands in its way."""


@app.command(epilog="Example: bashgah lane status --broker kafka://127.0.0.1:9092")
def status(broker: BrokerUrl = None) -> None:
    """Show how far each lane and the coordinator have come and what would keep them from opening. Disturbs no worker.

    Columns: transactions so far; lag, records of each input that wait; clock, `wall` or where a replay stands; last
    tick, up to when all that falls due is done; programme offset, the lane goes by the versions that stand below it on
    club.programme; dead letters of how many records of the window; what is in the way, see docs/RUNBOOK.md, Refusals.

    Exit codes: 0 all can go on, 69 no answer, 77 at least one of them needs `bashgah lane resume`.
    """
    lanes, coordinator = asyncio.run(_status(load(broker_url=broker)))
    _print(lanes, coordinator)
    if coordinator.obstacles or any(each.obstacles for each in lanes):
        raise SystemExit(ExitCode.REFUSED)


@app.command(
    name="resume",
    epilog="Examples: bashgah lane resume 3 --accept --operator m.karimi --reason 'ticket 4711: publisher mended'"
    "   |   bashgah lane resume 3 --skip bank.card:1234 --operator m.karimi --reason 'ticket 4712'",
)
def go_on(
    lane: Annotated[str, typer.Argument(help="The lane's number, or `coordinator`, as the refusal named it.")],
    operator: Annotated[str, typer.Option(help="Who decides; kept in the journal for ever.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the journal for ever.")],
    skip: Annotated[
        str | None, typer.Option("--skip", metavar="TOPIC:OFFSET", help="Leave out this record, and no other.")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Take what is there now as it is, and go on.")] = False,
    broker: BrokerUrl = None,
) -> None:
    """Let a lane go on that refused to. The decision is recorded; a worker that runs the lane restarts (75).

    --accept: an input that was made anew, or that lost records, is read from the first one that it holds (repeated
    events are recognised); too many dead letters pass, as far as the inputs hold them now; a changelog that lost
    records is taken as it is. --skip: a record that the worker fails on, as its last lines name it, becomes a dead
    letter `skipped`; it must be the next that the lane takes from there.

    Exit codes: 0 done, 64 which of --skip and --accept?, 69 no answer, 75 somebody else opened it meanwhile, 77 this is
    no way out of it.
    """
    if (skip is None) != accept:
        raise ClubError("--skip, --accept", "one of them is needed", "see `bashgah lane resume --help`", ExitCode.USAGE)
    for name, text in (("--operator", operator), ("--reason", reason)):
        if not text.strip():
            raise ClubError(name, "is empty", "say who decides, and why", ExitCode.USAGE)
        if len(text) > _SAID_MAX:
            raise ClubError(name, f"has {len(text):,} characters", f"say it in {_SAID_MAX:,}", ExitCode.USAGE)
    action: Action = "accept" if skip is None else _record(skip)
    name = "the coordinator" if lane == COORDINATOR else f"lane {lane}"
    for change in asyncio.run(_resume(load(broker_url=broker), lane, action, operator, reason)):
        say(change)
    say(f"{name} goes on; start its worker again if it stopped")


def _record(text: str) -> Skip:
    name, _, offset = latin_digits(text.strip()).rpartition(":")
    known = {each: topic.name for topic in (*topics.INPUTS, topics.PARTIAL) for each in (topic.name, topic.short)}
    if name not in known or not _OFFSET.fullmatch(offset):
        remedy = "write TOPIC:OFFSET as the worker's last lines name it, e.g. bank.card:1234"
        raise ClubError("--skip", f"{text!r} names no record", remedy, ExitCode.USAGE)
    return Skip(known[name], int(offset))


async def _status(settings: Settings) -> tuple[list[TaskStatus], TaskStatus]:
    broker = broker_of(settings)
    try:
        options = LaneOptions.of(settings)
        return await lane_status(broker, options), await coordinator_status(broker, CoordinatorOptions.of(options))
    finally:
        await broker.close()


async def _resume(settings: Settings, lane: str, action: Action, operator: str, reason: str) -> tuple[str, ...]:
    """What was changed, in words."""
    options = LaneOptions.of(settings)
    broker = broker_of(settings)
    try:
        if lane == COORDINATOR:
            of = CoordinatorOptions.of(options)
            return (await resume_coordinator(broker, action, operator, reason, of)).changes
        if not lane.isdecimal():
            remedy = "name the lane's number, as 3, or `coordinator`"
            raise ClubError("lane", f"{lane!r} is neither a lane's number nor the coordinator", remedy, ExitCode.USAGE)
        return (await resume(broker, int(lane), action, operator, reason, options)).changes
    except (Fenced, Overtaken) as error:
        reason = "somebody else opened it meanwhile: a worker that starts, or another `lane resume`"
        remedy = "look at `bashgah lane status`; where it still stands, decide again: what is decided already is told"
        raise ClubError(lane, reason, remedy, ExitCode.FENCED) from error
    finally:
        await broker.close()


def _print(lanes: list[TaskStatus], coordinator: TaskStatus) -> None:
    table = Table("lane", "transactions", "lag", "clock", "last tick", "programme offset", "dead letters", "in the way")
    table.columns[0].no_wrap = True
    for lane in lanes:
        mark = lane.watermark
        clock = dead = "–"
        if mark is not None:
            clock = "wall" if not mark.replay else _instant(mark.clock)
            dead = f"{mark.window.dead:,} of {mark.window.seen:,}"
        _row(table, lane, _behind(lane) if mark else "–", clock, dead, "nothing")
    begun = coordinator.watermark is not None
    _row(table, coordinator, _behind(coordinator), "–", "–", "nothing" if begun else "has not begun")
    table_console().print(table)


def _row(table: Table, task: TaskStatus, lag: str, clock: str, dead: str, free: str) -> None:
    mark = task.watermark
    transactions, last_tick, programmes = "–", "–", "–"
    if mark is not None:
        transactions, last_tick = f"{mark.transactions:,}", _instant(mark.last_tick)
        programmes = str(mark.programme_offset)
    in_the_way = "\n".join(task.obstacles) or free
    table.add_row(task.name, transactions, lag, clock, last_tick, programmes, dead, in_the_way)


def _behind(task: TaskStatus) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in task.lag.items() if count) or "none"


def _instant(value: int | None) -> str:
    return "–" if value is None else iso(value)
