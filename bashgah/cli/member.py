"""`bashgah member`: a member's points as the lanes have them, why an event earned what it did, and all members."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import load
from bashgah.audit.comparison import Difference
from bashgah.audit.member_history import History, Wanted, history
from bashgah.audit.member_postings import account
from bashgah.audit.member_view import MemberView, all_members, member_view
from bashgah.audit.statements import stated, statement, statement_json
from bashgah.cli.asking import ask
from bashgah.cli.consoles import cell, clean_console
from bashgah.cli.csv_option import Excel
from bashgah.cli.instants import FORMS, instant, instant_of
from bashgah.cli.member_screen import shown, view_json
from bashgah.cli.progress import progress
from bashgah.cli.text.events import told
from bashgah.cli.text.events_json import as_json
from bashgah.cli.text.postings import account_words, listed_words
from bashgah.cli.text.titles import Titles
from bashgah.offline.members_table import write_members
from engine.programme.versions import ProgrammeVersions
from engine.words import Words, latin_digits
from monitoring.safe_text import plain_json
from monitoring.terminal import say, say_json
from schemas.fields import NAME_CHARACTERS

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="A member's points: show, postings, explain, export."
)

BrokerUrl = Annotated[str | None, typer.Option("--broker", metavar="URL", help="Default: BASHGAH_BROKER_URL.")]
Reference = Annotated[str, typer.Argument(metavar="REF", help="The member's opaque reference.")]
Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")]


@app.callback()
def about() -> None:
    """Members as the lanes have them; read from the broker, so that no worker is disturbed."""


@app.command(epilog="Example: bashgah member show m-81ef77 --broker kafka://127.0.0.1:9092")
def show(
    ref: Reference,
    postings: Annotated[int, typer.Option(min=0, max=1_000, help="Show the last so many postings.")] = 10,
    for_programs: Json = False,
    broker: BrokerUrl = None,
) -> None:
    """Show a member's balance, lots, last postings, status, consents, and festivals with scores, ranks and awards.

    `postings` lists all postings, and not the last alone.

    Exit codes: 0 shown, 64 no reference, 65 there is no such member, 69 no answer, 77 the lane never ran, 78 topics.
    """
    member = _reference(ref)
    view: MemberView = ask(load(broker_url=broker), lambda connected: member_view(connected, member, postings))
    if for_programs:
        say_json(view_json(view))
    else:
        _print(shown(view))


@app.command(
    epilog="Example: bashgah member explain m-81ef77 /core/card-switch 8834-17 --broker kafka://127.0.0.1:9092"
)
def explain(
    ref: Reference,
    source: Annotated[
        str | None,
        typer.Argument(metavar="SOURCE", help="The event's source, as /core/card-switch.", show_default=False),
    ] = None,
    id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The event's id within its source.", show_default=False)
    ] = None,
    festival: Annotated[
        str | None, typer.Option(metavar="FESTIVAL", help="In place of an event: all that this festival looked at.")
    ] = None,
    for_programs: Json = False,
    broker: BrokerUrl = None,
) -> None:
    """Say why an event earned and scored what it did: every rule and festival that looked at it, what each cap left.

    It is decided once more, after everything that the lane took before it, and compared with the records on
    club.points and club.festival byte for byte. With --festival: every event of the member that the festival looked
    at, what it gave in which round or why nothing, refunds, awards, and that it all comes to the member's score.

    Exit codes: 0 explained, 64 usage, 65 no such event, a history that is not whole, or a difference (`bashgah
    verify` says more), 69 no answer, 77 the lane never ran, 78 topics.
    """
    if (festival is None) is (source is None) or (source is None) is not (id is None):
        remedy = "name an event by its SOURCE and its ID, or a festival with --festival"
        raise ClubError("SOURCE ID", "one event or one festival is explained", remedy, ExitCode.USAGE)
    wanted = Wanted(_reference(ref), source, id)
    try:
        with progress(f"lane of {wanted.member}", "transactions") as told_of:
            found = ask(load(broker_url=broker), lambda connected: history(connected, wanted, told_of))
    except Difference as difference:
        raise _difference(wanted, difference) from None
    if not (found.occurrences or found.waiting):
        raise _no_such_event(found)
    if festival is not None:
        _explain_festival(found, festival, for_programs)
    elif for_programs:
        say_json(as_json(found))
    else:
        _print(told(found))


@app.command(epilog="Example: bashgah member postings m-81ef77 --since 1405-01-01 --broker kafka://127.0.0.1:9092")
def postings(
    ref: Reference,
    since: Annotated[str | None, typer.Option(metavar="TIME", help=f"Those from then on: {FORMS}.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Those before it.")] = None,
    for_programs: Annotated[bool, typer.Option("--json", help="For programs: a record of club.points a line.")] = False,
    broker: BrokerUrl = None,
) -> None:
    """List every posting of a member, oldest first, each with the SOURCE and ID by which `explain` says why.

    Each must follow from the one before, and in the end it is said what all of them come to. They are read from
    club.points as they stand, one fetch at a time, so that any number of them takes the same memory.

    Exit codes: 0 listed, 64 usage, 65 no posting of such a member, or one that does not follow from the one before
    (`bashgah verify` says more), 69 no answer, 78 topics.
    """
    member = _reference(ref)
    begin, end = instant_of("--since", since), instant_of("--until", until)
    known: list[Titles] = []

    def show(envelope: dict[str, Any], versions: ProgrammeVersions) -> None:
        at = instant(envelope["time"])
        if (begin is not None and at < begin) or (end is not None and at >= end):
            return
        if for_programs:
            say(plain_json(envelope, indent=None))
            return
        if not known:
            known.append(Titles(versions))
        _print([listed_words(envelope, known[0])])

    try:
        with progress(f"postings of {member}", "records") as told_of:
            found = ask(load(broker_url=broker), lambda connected: account(connected, member, show, told_of))
    except Difference as difference:
        raise _difference(Wanted(member), difference) from None
    if not for_programs:
        _print(account_words(member, found))


@app.command(epilog="Example: bashgah member export members.csv --broker kafka://127.0.0.1:9092")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; replaced when it is complete.")],
    excel: Excel = False,
    broker: BrokerUrl = None,
) -> None:
    """Write members.csv from the lanes' rows, sorted by member bytewise, as `bashgah score` writes it.

    Exit codes: 0 written, 66 the file cannot be written, 69 no answer, 77 a lane never ran, 78 topics.
    """
    if file.is_dir():
        raise ClubError(str(file), "is a folder", "name a file in it", ExitCode.NO_FILE)
    if not file.parent.is_dir():
        raise ClubError(str(file), "its folder is not there", "make it, or name another", ExitCode.NO_FILE)
    with progress("members", "lanes") as told_of:
        rows = ask(load(broker_url=broker), lambda connected: all_members(connected, told_of))
    count = write_members(file, rows, excel=excel)
    say(f"{count:,} members written to {file}")


def _reference(text: str) -> str:
    ref = latin_digits(text.strip())
    if not re.fullmatch(f"{NAME_CHARACTERS}{{1,64}}", ref):
        raise ClubError("REF", f"{text!r} is no reference", "it is 1 to 64 of A-Z a-z 0-9 . _ ~ -", ExitCode.USAGE)
    return ref


def _explain_festival(found: History, festival: str, for_programs: bool) -> None:
    known = {each.id: each for each in found.versions.festivals}
    if festival not in known:
        there = ", ".join(known) or "none"
        reason, remedy = "no version that the lane knows has such a festival", f"these are there: {there}"
        raise ClubError("--festival", f"{festival}: {reason}", remedy, ExitCode.USAGE)
    try:
        stands = statement(found, known[festival])
    except Difference as difference:
        raise _difference(found.wanted, difference) from None
    if for_programs:
        say_json(statement_json(stands))
    else:
        _print(stated(stands))


def _difference(wanted: Wanted, difference: Difference) -> ClubError:
    what = f"event {wanted.id}" if wanted.id is not None else wanted.member
    remedy = "what is written does not follow from what was read: run `bashgah verify`, keep the topics as they are"
    return ClubError(what, f"{difference}\n ", remedy, ExitCode.BAD_FILE)


def _no_such_event(found: History) -> ClubError:
    wanted = found.wanted
    if wanted.id is None:
        reason = f"partition {found.partition} has no record of this member"
        return ClubError(wanted.member, reason, "check the reference", ExitCode.BAD_FILE)
    reason = f"{wanted.source} {wanted.id} is not among the records of {wanted.member} on partition {found.partition}"
    if found.unreadable:
        reason += f", {found.unreadable} of which cannot be read"
    remedy = f"check all three; see `bashgah dead-letter list --member {wanted.member}` for what was refused"
    return ClubError("event", reason, remedy, ExitCode.BAD_FILE)


def _print(lines: Iterable[Words]) -> None:
    """Each line in English, then in Persian where that says anything else; never wrapped."""
    out = clean_console()
    for line in lines:
        out.print(cell(line.en), soft_wrap=True, highlight=False)
        if line.fa != line.en:
            out.print(cell(f"    {line.fa}"), soft_wrap=True, highlight=False, style="dim")
