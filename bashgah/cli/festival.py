"""`bashgah festival`: which festivals there are, and how their boards stand, as the broker has them."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from agents.broker.interface import Broker
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import ClockKind, Settings, load
from agents.topics.boards import BoardName, published_boards
from agents.topics.programmes import ProgrammeFollower
from bashgah.audit.whole_finals import WholeFinal, whole_finals
from bashgah.cli.asking import ask
from bashgah.cli.consoles import cell, table_console
from bashgah.cli.csv_option import Excel
from bashgah.cli.instants import instant
from bashgah.cli.text.members import minute
from bashgah.cli.text.names import shown_name
from bashgah.offline.boards_export import ListedBoard, write_boards
from bashgah.web.festivals import state_of
from engine.programme.rounds import FINAL
from engine.programme.terms import FestivalTerms, Title
from engine.programme.versions import ProgrammeVersions
from engine.words import Words
from monitoring.terminal import say
from schemas.answers import State
from schemas.programme_file.wording import earns
from schemas.results.leaderboard import Board, FinalBoard

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Festivals and boards: list, show, board, export.")

BrokerUrl = Annotated[str | None, typer.Option("--broker", metavar="URL", help="Default: BASHGAH_BROKER_URL.")]
ClubClock = Annotated[
    ClockKind | None,
    typer.Option("--clock", help="The club's; left out, its boards say it. replay: the newest of them says the time."),
]
_STATES: Mapping[State, str] = {"final": "نهایی", "upcoming": "در پیش", "open": "باز", "closing": "در حال پایان"}

Boards = Mapping[BoardName, Board | FinalBoard]


class Format(StrEnum):
    """How boards are written to a file."""

    CSV = "csv"
    JSON = "json"


@app.callback()
def about() -> None:
    """The festivals of the published programme, and their boards as published."""


@app.command("list", epilog="Example: bashgah festival list --broker kafka://127.0.0.1:9092")
def show_list(broker: BrokerUrl = None, clock: ClubClock = None) -> None:
    """List the festivals with their windows and how many take part. Dates are Jalali, times of day Tehran's."""
    settings = load(broker_url=broker, clock=clock)
    versions, boards = _read(settings)
    now = _now(settings, boards)
    table = Table("festival", "title", "state", "opens", "closes", "categories", "participants")
    for festival in versions.festivals:
        most = max((board.participants for name, board in boards.items() if name.festival == festival.id), default=0)
        table.add_row(
            festival.id, _title(festival.title), _both(_state(festival, boards, now)), minute(festival.opens),
            minute(festival.closes), ", ".join(each.id for each in festival.categories), f"{most:,}",
        )  # fmt: skip
    table_console().print(table)


@app.command(epilog="Example: bashgah festival show physicians-autumn-1405")
def show(
    festival: Annotated[str, typer.Argument(metavar="FESTIVAL", help="Its id in the programme.")],
    broker: BrokerUrl = None,
    clock: ClubClock = None,
) -> None:
    """Show a festival: what it counts, its categories and awards, its boards. Exit codes: 0 shown, 64 no such."""
    settings = load(broker_url=broker, clock=clock)
    versions, boards = _read(settings)
    found = _festival(versions, festival)
    out = table_console()
    state = _state(found, boards, _now(settings, boards))
    out.print(f"[bold]{cell(found.id)}[/]  {_title(found.title)}  {_both(state)}")
    out.print(f"{minute(found.opens)}  –  {minute(found.closes)}")
    indicators = Table("indicator", "title", "earns")
    for each in found.indicators:
        indicators.add_row(each.id, _title(each.title), _both(earns(each)))
    categories = Table("category", "title", "weighs", "then by")
    for category in found.categories:
        weighs = ", ".join(f"{name} x {weight}" for name, weight in category.weigh.items())
        categories.add_row(category.id, _title(category.title), weighs, category.then_by or "")
    awards = Table("award", "category", "when", "ranks", "reward")
    for award in found.awards:
        ranks = "a draw (not executed yet)" if award.ranks is None else f"{award.ranks[0]}–{award.ranks[1]}"
        awards.add_row(award.id, award.category, "every month" if award.monthly else "at close", ranks, award.reward)
    published = Table("board", "as of", "participants", "first")
    for name, board in boards.items():
        if name.festival == found.id:
            first = board.entries[0] if board.entries else None
            leader = f"{cell(shown_name(first.alias) or first.member)}: {first.score:,}" if first else ""
            as_of = minute(instant(board.as_of))
            published.add_row(f"{name.category}/{name.round or 'live'}", as_of, f"{board.participants:,}", leader)
    for part in (indicators, categories, awards, published):
        if part.row_count:
            out.print(part)
    _say_hashes({name: board for name, board in boards.items() if name.festival == found.id})


@app.command(epilog="Example: bashgah festival board physicians-autumn-1405 shopper --round 1405-07")
def board(
    festival: Annotated[str, typer.Argument(metavar="FESTIVAL", help="Its id in the programme.")],
    category: Annotated[str, typer.Argument(metavar="CATEGORY", help="The category's id.")],
    round_name: Annotated[
        str,
        typer.Option("--round", help="A final board: `final`, or a Jalali month as 1405-07. Left out: how it stands."),
    ] = "",
    broker: BrokerUrl = None,
) -> None:
    """Show a board: the first of it in order, with ranks as shown, of a final board its hash over the whole order.

    Where a festival has ended its final board is shown for the live one.

    Exit codes: 0 shown, 64 there is no such board.
    """
    _, boards = _read(load(broker_url=broker))
    final, asked = (boards.get(BoardName(festival, category, each)) for each in (FINAL, round_name))
    found = asked if round_name else final or asked
    if found is None:
        known = ", ".join(f"{name.festival} {name.category} {name.round}".strip() for name in boards) or "none yet"
        raise ClubError(
            f"{festival} {category} {round_name}".strip(), "there is no such board", f"these are there: {known}",
            ExitCode.USAGE,
        )  # fmt: skip
    how = "final board" if isinstance(found, FinalBoard) else "live board"
    title = f"{how} · {found.participants:,} take part · {minute(instant(found.as_of))}"
    table = Table("rank", "member", "alias", "score", "reached", title=title)
    for entry in found.entries:
        member, alias = cell(entry.member), cell(shown_name(entry.alias))
        table.add_row(f"{entry.rank:,}", member, alias, f"{entry.score:,}", minute(instant(entry.reached_at)))
    table_console().print(table)
    if isinstance(found, FinalBoard):
        say(f"hash {found.hash}")


@app.command(epilog="Example: bashgah festival export physicians-autumn-1405 boards.csv")
def export(
    festival: Annotated[str, typer.Argument(metavar="FESTIVAL", help="Its id in the programme.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What is written; replaced whole where it is there.")],
    format: Annotated[Format | None, typer.Option(help="Left out: by the file's name, else csv.")] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Of final boards too only the first places, as they were published.")
    ] = False,
    excel: Excel = False,
    broker: BrokerUrl = None,
) -> None:
    """Write all boards of a festival: live ones as published, the first of each, and final ones whole.

    Final boards are put together of what the lanes told (club.partial), and must come to the hash that was published.
    The columns are those of `boards.csv`: festival, category, round, rank, member, alias, score, reached_at.
    """
    settings = load(broker_url=broker)
    versions, boards = _read(settings)
    found = _festival(versions, festival)
    mine = {name: each for name, each in boards.items() if name.festival == found.id}
    whole: Mapping[BoardName, WholeFinal] = {}
    if not published:
        finals = {name: each for name, each in mine.items() if isinstance(each, FinalBoard)}
        whole = ask(settings, lambda connected: whole_finals(connected, finals))
    listed = [
        ListedBoard(name, each, whole[name].entries if name in whole else each.entries.__iter__)
        for name, each in mine.items()
    ]
    form = format or (Format.JSON if file.suffix == ".json" else Format.CSV)
    write_boards(file, listed, as_json=form is Format.JSON, excel=excel)
    checked = f", {len(whole)} of them final and whole, each with the hash that was published" if whole else ""
    say(f"{file}: {len(mine)} boards{checked}")
    _say_hashes(mine)


def _say_hashes(boards: Boards) -> None:
    """Those of final boards, each in one piece: whoever has counted a board again compares them."""
    for name, board in boards.items():
        if isinstance(board, FinalBoard):
            say(f"hash {board.hash}  {name.category}/{name.round}")


def _read(settings: Settings) -> tuple[ProgrammeVersions, Boards]:
    return ask(settings, _versions_and_boards)


async def _versions_and_boards(broker: Broker) -> tuple[ProgrammeVersions, Boards]:
    follower = ProgrammeFollower(broker)
    try:
        boards = await published_boards(broker)
        await follower.open()
        return follower.versions(follower.end), boards
    finally:
        await follower.close()


def _festival(versions: ProgrammeVersions, id: str) -> FestivalTerms:
    known = {each.id: each for each in versions.festivals}
    if id not in known:
        there = ", ".join(known) or "none"
        raise ClubError(id, "no published version has such a festival", f"these are there: {there}", ExitCode.USAGE)
    return known[id]


def _now(settings: Settings, boards: Boards) -> int:
    if settings.clock is ClockKind.WALL and not any(board.replay for board in boards.values()):
        return wall_clock()
    return max((instant(board.as_of) for board in boards.values()), default=0)


def _state(festival: FestivalTerms, boards: Boards, now: int) -> Words:
    state = state_of(festival, lambda *name: BoardName(*name) in boards, now)
    return Words(state, _STATES[state])


def _title(title: Title) -> str:
    return cell(" / ".join(text for text in (title.get("fa"), title.get("en")) if text))


def _both(words: Words) -> str:
    return cell(words.en if words.en == words.fa else f"{words.fa} · {words.en}")
