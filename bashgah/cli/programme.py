"""`bashgah programme`: look at programme files before anybody scores by them, publish them, list what is published."""

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agents.process.clock import wall_clock
from agents.process.exit_codes import ExitCode
from agents.process.settings import load
from bashgah.admin import programmes as publishing
from bashgah.cli.asking import ask
from bashgah.cli.consoles import cell, clean_console, table_console
from bashgah.cli.text.members import moment
from engine.calendar import day_of
from engine.programme.terms import Programme
from engine.words import number
from monitoring.terminal import say
from schemas.programme_file import (
    FileProblem,
    ProgrammeErrors,
    Reading,
    Severity,
    compare,
    not_executed,
    read_file,
    refusals,
)
from schemas.programme_file.festival_wording import festival_lines
from schemas.programme_file.wording import date, earns, multiplies, of_events

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Programme files: check, publish, list.")

BrokerUrl = Annotated[str | None, typer.Option("--broker", metavar="URL", help="Default: BASHGAH_BROKER_URL.")]

AllowWaiting = Annotated[
    bool,
    typer.Option("--allow-waiting", help="Rules and awards may wait for a release that executes them."),
]


@app.callback()
def programme() -> None:
    """Programme files, the club's rules as people write them."""


@app.command(epilog="Example: bashgah programme check programmes/club.yaml --against published.yaml --allow-waiting")
def check(
    file: Annotated[Path, typer.Argument(help="The programme file.")],
    against: Annotated[
        Path | None, typer.Option(help="The version in force: also say what this one may not change.")
    ] = None,
    allow_waiting: AllowWaiting = False,
) -> None:
    """Read a programme file, say what it gives, and what is wrong with it.

    A rule or an award that this release does not execute is an error, unless it may wait.

    Exit codes: 0 the file can be used, 65 it cannot, 66 there is no such file.
    """
    out, errors = clean_console(), clean_console(stderr=True)
    reading = _read(file, errors)
    older = _read(against, errors) if against is not None else None
    changes = compare(older.programme, reading, wall_clock()) if older is not None else ()
    _show(reading.programme, out)
    _show_waiting(reading.programme, out)
    _list(reading.warnings, out)
    _list([problem for problem in changes if problem.severity is not Severity.ERROR], out)
    _refuse(
        file,
        [*refusals(reading, allow_waiting), *(each for each in changes if each.severity is Severity.ERROR)],
        errors,
    )
    warnings = len(reading.warnings)
    say(f"{file}: can be used" + (f", {_counted(warnings, 'warning')}" if warnings else ""))
    say("    می‌توان آن را به کار برد" + (f"، {number(warnings).fa} هشدار" if warnings else ""))


@app.command(epilog="Example: bashgah programme publish club.yaml --broker kafka://127.0.0.1:9092 --operator m.karimi")
def publish(
    file: Annotated[Path, typer.Argument(help="The programme file.")],
    broker: BrokerUrl = None,
    operator: Annotated[str | None, typer.Option(help="Who publishes it; kept for ever. Default: your login.")] = None,
    backdated: Annotated[
        bool, typer.Option("--backdated", help="It takes effect in the past: late events are scored by it.")
    ] = False,
    allow_waiting: AllowWaiting = False,
) -> None:
    """Publish a version of the club's programme; workers adopt it within seconds, and none goes back.

    A published version never changes: publishing the same file again does nothing, another text needs a higher
    version. Terms that members rely on, such as an open festival's, cannot change. A rule or an award that this release
    does not execute is an error, unless it may wait.

    Exit codes: 0 published, or there already; 65 the file cannot be used or may not follow the latest version, 66 no
    such file, 69 no answer, 75 somebody else publishes just now, 78 no such topic.
    """
    out, errors = clean_console(), clean_console(stderr=True)
    settings = load(broker_url=broker)
    reading = _read(file, errors)
    _refuse(file, refusals(reading, allow_waiting), errors)
    try:
        done = ask(
            settings,
            lambda connected: publishing.publish(
                connected, reading, wall_clock(), operator or getpass.getuser(), backdated=backdated,
                app_id=settings.app_id,
            ),
        )  # fmt: skip
    except ProgrammeErrors as refused:
        _list(refused.problems, errors)
        _verdict(file, refused.errors, errors)
        raise typer.Exit(ExitCode.BAD_FILE) from None
    _list([*reading.warnings, *done.findings], out)
    if done.new:
        _show_waiting(reading.programme, out)
    record = done.version.record
    where = f"{record.programme}/{record.version}"
    since = date(day_of(record.effective))
    if done.new:
        say(f"{where} is published, in force from {since.en}")
        say(f"    {where} منتشر شد و از {since.fa} جاری است")
    else:
        say(f"{where} is there already with the very same text, published by {record.operator or 'somebody'}")
        say(f"    {where} با همین متن پیش از این منتشر شده است")


@app.command("list", epilog="Example: bashgah programme list --broker kafka://127.0.0.1:9092")
def show_versions(broker: BrokerUrl = None) -> None:
    """List the published versions, from when each is in force, and which one is now.

    What stands there and is no version is told behind them: lanes pass it over, or wait until the version under it is
    published again.

    Exit codes: 0 listed, 69 no answer, 78 no such topic.
    """
    found, strays = ask(load(broker_url=broker), publishing.read_topic)
    now = wall_clock()
    current = publishing.in_force(found, now)
    table = Table("version", "in force from", "published", "operator", "now")
    for each in found:
        record = each.record
        state = "in force / جاری" if each is current else "to come / در راه" if record.effective > now else ""
        table.add_row(
            f"{record.programme}/{record.version}", date(day_of(record.effective)).en, moment(record.time).en,
            cell(record.operator or "–"), state,
        )  # fmt: skip
    console = table_console()
    console.print(table)
    if current is None:
        console.print("no version is in force now / اکنون نسخهٔ جاری نداریم")
    for stray in strays:
        done = f"publish {stray.name} again with its first text" if stray.over else "it is passed over"
        console.print(cell(f"{stray}; {done}"), soft_wrap=True)


def _read(file: Path, errors: Console) -> Reading:
    """The file's reading, or the end of the command with all that is wrong."""
    try:
        return read_file(file)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        errors.print(f"{cell(str(file))}: {cell(reason)}; check the path and its rights", soft_wrap=True)
        errors.print("    پرونده خوانده نشد؛ نشانی و دسترسی آن را بررسی کنید", soft_wrap=True)
        raise typer.Exit(ExitCode.NO_FILE) from None
    except ProgrammeErrors as refused:
        _list(refused.problems, errors)
        _verdict(file, refused.errors, errors)
        raise typer.Exit(ExitCode.BAD_FILE) from None


def _refuse(file: Path, problems: Sequence[FileProblem], errors: Console) -> None:
    """The end of the command where a file that can be read is refused all the same."""
    if problems:
        _list(problems, errors)
        _verdict(file, problems, errors)
        raise typer.Exit(ExitCode.BAD_FILE)


def _list(problems: Sequence[FileProblem], to: Console) -> None:
    """Each problem on a line in English and one in Persian; never wrapped, so that editors find the place."""
    for problem in problems:
        style = _STYLES[problem.severity]
        kind = problem.severity.value
        place, _, rest = problem.text("en").partition(problem.where + ":")
        assert not place
        to.print(f"{cell(problem.where)}: [{style}]{kind}[/]:{cell(rest)}", soft_wrap=True, highlight=False)
        to.print(f"    {cell(problem.text('fa').removeprefix(problem.where + ': '))}", soft_wrap=True, highlight=False)


def _verdict(file: Path, problems: Sequence[FileProblem], to: Console) -> None:
    count = len(problems)
    to.print(f"{cell(str(file))}: cannot be used, {_counted(count, 'error')}", soft_wrap=True)
    to.print(f"    نمی‌توان آن را به کار برد، {number(count).fa} خطا", soft_wrap=True)


def _counted(count: int, what: str) -> str:
    """1 error, 2 errors."""
    return f"{number(count).en} {what}{'' if count == 1 else 's'}"


def _show(programme: Programme, out: Console) -> None:
    """What the file says, for people: the head, then a table of all that earns or multiplies."""
    effective = date(day_of(programme.effective))
    title = " / ".join(programme.title[language] for language in ("en", "fa") if language in programme.title)
    out.print(f"[bold]{cell(title or programme.id)}[/]", soft_wrap=True)
    out.print(f"programme {programme.id}, version {programme.version}, in force from {effective.en}", soft_wrap=True)
    table = Table(show_lines=True)
    for heading in ("rule", "for", "earns", "امتیاز"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "امتیاز" else "left")
    for rule in programme.rules:
        words, event = earns(rule), of_events(rule)
        table.add_row(cell(rule.id), f"{cell(event.en)}\n{cell(event.fa)}", cell(words.en), cell(words.fa))
    for multiplier in programme.multipliers:
        words = multiplies(multiplier)
        rules = ", ".join(sorted(multiplier.rules)) if multiplier.rules is not None else "all rules"
        table.add_row(cell(multiplier.id), cell(rules), cell(words.en), cell(words.fa))
    for festival in programme.festivals:
        for indicator in festival.indicators:
            words, event = earns(indicator), of_events(indicator)
            name = f"{festival.id}/{indicator.id}"
            table.add_row(cell(name), f"{cell(event.en)}\n{cell(event.fa)}", cell(words.en), cell(words.fa))
    out.print(table)
    for festival in programme.festivals:
        for words in festival_lines(festival, programme.rewards):
            out.print(f"{cell(words.en)}\n    {cell(words.fa)}", soft_wrap=True, highlight=False)
    counts = (
        ("rules", programme.rules), ("multipliers", programme.multipliers), ("festivals", programme.festivals),
        ("levels", programme.tiers.levels if programme.tiers else ()), ("rewards", programme.rewards),
        ("thresholds", programme.thresholds), ("notifications", programme.notifications),
        ("excluded MCCs", programme.excluded_mcc),
    )  # fmt: skip
    out.print(", ".join(f"{name}: {number(len(found)).en}" for name, found in counts if found), soft_wrap=True)


def _show_waiting(programme: Programme, out: Console) -> None:
    """What this release checks and keeps, and does not execute yet."""
    waiting = not_executed(programme)
    if not waiting:
        return
    out.print("[bold]checked and kept, not executed yet / بررسی و نگهداری می‌شود، هنوز اجرا نمی‌شود[/]", soft_wrap=True)
    for part in waiting:
        uses = ", ".join(part.uses)
        out.print(f"  {cell(part.name.en)}: {cell(uses)} ({cell(part.meanwhile.en)})", soft_wrap=True)
        out.print(f"    {cell(part.name.fa)}: {cell(part.meanwhile.fa)}", soft_wrap=True)
