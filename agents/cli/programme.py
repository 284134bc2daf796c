"""`bashgah programme`: look at programme files before anybody scores by them."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agents.exit_codes import ExitCode
from engine.calendar import day_of
from engine.programme import Programme
from schemas.programme_file import (
    Problem,
    ProgrammeErrors,
    Reading,
    Severity,
    compare,
    not_executed,
    read_file,
)
from schemas.programme_file.wording import date, earns, multiplies, of_events
from schemas.programme_file.words import number

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}

app = typer.Typer(no_args_is_help=True, help="Programme files: check, publish, list.")


@app.callback()
def programme() -> None:
    """Programme files, the club's rules as people write them."""


@app.command(epilog="Example: bashgah programme check programmes/club.yaml --against published.yaml")
def check(
    file: Annotated[Path, typer.Argument(help="The programme file.")],
    against: Annotated[
        Path | None, typer.Option(help="The version in force: also say what this one may not change.")
    ] = None,
) -> None:
    """Read a programme file, say what it gives, and what is wrong with it.

    Exit codes: 0 the file can be used, 65 it cannot, 66 there is no such file.
    """
    out, errors = Console(), Console(stderr=True)
    reading = _read(file, errors)
    older = _read(against, errors) if against is not None else None
    changes = compare(older.programme, reading, time.time_ns() // 1_000_000) if older is not None else ()
    _show(reading.programme, out)
    _show_waiting(reading.programme, out)
    _list(reading.warnings, out)
    refusals = [problem for problem in changes if problem.severity is Severity.ERROR]
    _list([problem for problem in changes if problem.severity is not Severity.ERROR], out)
    if refusals:
        _list(refusals, errors)
        _verdict(file, refusals, errors)
        raise typer.Exit(ExitCode.BAD_FILE)
    warnings = len(reading.warnings)
    print(f"{file}: can be used{f', {warnings} warning(s)' if warnings else ''}")


def _read(file: Path, errors: Console) -> Reading:
    """The file's reading, or the end of the command with all that is wrong."""
    try:
        return read_file(file)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        errors.print(f"{escape(str(file))}: {escape(reason)}; check the path and its rights", soft_wrap=True)
        raise typer.Exit(ExitCode.NO_FILE) from None
    except ProgrammeErrors as refused:
        _list(refused.problems, errors)
        _verdict(file, refused.errors, errors)
        raise typer.Exit(ExitCode.BAD_FILE) from None


def _list(problems: Sequence[Problem], to: Console) -> None:
    """Each problem on a line in English and one in Persian; never wrapped, so that editors find the place."""
    for problem in problems:
        style = _STYLES[problem.severity]
        kind = problem.severity.value
        place, _, rest = problem.text("en").partition(problem.where + ":")
        assert not place
        to.print(f"{escape(problem.where)}: [{style}]{kind}[/]:{escape(rest)}", soft_wrap=True, highlight=False)
        to.print(
            f"    {escape(problem.text('fa').removeprefix(problem.where + ': '))}", soft_wrap=True, highlight=False
        )


def _verdict(file: Path, problems: Sequence[Problem], to: Console) -> None:
    count = len(problems)
    to.print(f"{escape(str(file))}: cannot be used, {count} error{'' if count == 1 else 's'}", soft_wrap=True)


def _show(programme: Programme, out: Console) -> None:
    """What the file says, for people: the head, then a table of all that earns or multiplies."""
    effective = date(day_of(programme.effective))
    title = " / ".join(programme.title[language] for language in ("en", "fa") if language in programme.title)
    out.print(f"[bold]{escape(title or programme.id)}[/]", soft_wrap=True)
    out.print(f"programme {programme.id}, version {programme.version}, in force from {effective.en}", soft_wrap=True)
    table = Table(show_lines=True)
    for heading in ("rule", "for", "earns", "امتیاز"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "امتیاز" else "left")
    for rule in programme.rules:
        words, event = earns(rule), of_events(rule)
        table.add_row(escape(rule.id), escape(f"{event.en}\n{event.fa}"), escape(words.en), escape(words.fa))
    for multiplier in programme.multipliers:
        words = multiplies(multiplier)
        rules = ", ".join(sorted(multiplier.rules)) if multiplier.rules is not None else "all rules"
        table.add_row(escape(multiplier.id), escape(rules), escape(words.en), escape(words.fa))
    for festival in programme.festivals:
        for indicator in festival.indicators:
            words, event = earns(indicator), of_events(indicator)
            name = f"{festival.id}/{indicator.id}"
            table.add_row(escape(name), escape(f"{event.en}\n{event.fa}"), escape(words.en), escape(words.fa))
    out.print(table)
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
        out.print(f"  {escape(part.name.en)}: {escape(uses)} ({escape(part.meanwhile.en)})", soft_wrap=True)
        out.print(f"    {escape(part.name.fa)}: {escape(part.meanwhile.fa)}", soft_wrap=True)
