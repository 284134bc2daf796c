"""The live view on a terminal, from 80 columns and 24 rows up.

Persian stands where a terminal that turns right-to-left text around cannot mix it with figures: at the end of a line,
or with Latin letters between it and the next figure.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bashgah.cli.text.members import clock_text
from bashgah.demo.people import date_words, grouped, masked, moment, title_words
from bashgah.demo.scene import Scene, shown_rules
from engine.calendar import day_of
from engine.words import Words

_BARS = "▁▂▃▄▅▆▇█"
_WIDE_COLUMNS = 104
_HEAD_ROWS = 4
_REASONS_ROWS_LEAST = 4
_REASONS_ROWS_MOST = 9
_NEWS_ROWS_LEAST = 5
_GUTTER = (0, 2, 0, 0)
_STYLES = {"reward": "bold yellow", "sms": "green", "push": "cyan", "email": "blue"}


class Screen:
    """The whole terminal while the demonstration runs; what was there before comes back."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, screen=True, auto_refresh=False, redirect_stderr=False)
        self._live.start()

    def starting(self, step: str) -> None:
        """See `View`."""
        self._live.update(Group(Text("bashgah demo", "bold cyan"), Text(f"{step} …", "dim")), refresh=True)

    def show(self, scene: Scene) -> None:
        """See `View`."""
        width, height = self._console.size
        self._live.update(picture(scene, width, height), refresh=True)

    def close(self) -> None:
        """See `View`."""
        self._live.stop()


def picture(scene: Scene, width: int, height: int) -> RenderableType:
    """A moment as it fills a terminal of this size."""
    rules = shown_rules(scene)
    spare = height - _HEAD_ROWS - (1 + len(rules)) - (1 + _NEWS_ROWS_LEAST)
    reasons = max(_REASONS_ROWS_LEAST, min(_REASONS_ROWS_MOST, spare - 1))
    layout = Layout()
    layout.split_column(
        Layout(_head(scene, width), size=_HEAD_ROWS),
        Layout(name="points", size=1 + len(rules)),
        Layout(name="reasons", size=1 + reasons),
        Layout(_section("rewards and messages as they go out", _news(scene, height)), name="news"),
    )
    left = max(50, width * 11 // 20)
    layout["points"].split_row(
        Layout(Padding(_section("points by rule", _rules(rules, width >= _WIDE_COLUMNS)), _GUTTER), size=left),
        Layout(_section("top members", _top(scene, len(rules)))),
    )
    layout["reasons"].split_row(
        Layout(Padding(_section("earned nothing", _counts(scene.refusals, reasons)), _GUTTER), size=left),
        Layout(_section("dead letters", _counts(scene.ledger.letters, reasons))),
    )
    return layout


def _section(title: str, body: RenderableType) -> Group:
    return Group(Rule(f"[bold cyan]{title}[/]", align="left", characters="─", style="bright_black"), body)


def _head(scene: Scene, width: int) -> RenderableType:
    title = title_words(scene.programme.title, scene.programme.id)
    first = Text.assemble(("bashgah demo", "bold cyan"), style="dim")
    if not scene.dashboard or width >= _WIDE_COLUMNS:
        first.append(f"  {scene.doing}")
    if scene.dashboard:
        first.append("  ").append(scene.dashboard, style="bold underline not dim")
    club = f"  {title.en}  {title.fa}"
    if scene.member_page:
        whole = first.cell_len + 2 + len(scene.member_page) + cell_len(club) <= width
        first.append("  ").append(
            scene.member_page if whole else "a member", style=f"bold underline not dim link {scene.member_page}"
        )
    first.append(club)
    return Group(_line(first), _line(_when(scene)), _speed(scene, width), _line(_totals(scene)))


def _line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _when(scene: Scene) -> Text:
    if scene.instant is None:
        return Text("the lanes open", "dim")
    date, day = date_words(scene.instant), day_of(scene.instant) - day_of(scene.began) + 1
    clock = f"{clock_text(scene.instant)} Tehran"
    return Text.assemble((date.en, "bold"), f"  {clock}  ", (f"day {day}  ", "dim"), (date.fa, "bold"))


def _speed(scene: Scene, width: int) -> RenderableType:
    goal = f" of {grouped(scene.goal)}" if scene.goal is not None else ""
    parts: list[RenderableType] = [
        Text.assemble((grouped(scene.processed), "bold green"), f"{goal} events"),
        Text.assemble((grouped(scene.rate), "bold green"), "/s"),
    ]
    bar_width = 0
    if scene.goal is not None:
        bar_width = width // 6
        parts.append(ProgressBar(total=scene.goal, completed=scene.processed, width=bar_width))
    room = width - bar_width - 46
    parts.append(Text(_sparkline(scene.history, max(6, room)), "green"))
    parts.append(Text(f"{grouped(scene.waiting)} waiting", "dim"))
    row = Table.grid(padding=(0, 2, 0, 0))
    for _ in parts:
        row.add_column(no_wrap=True)
    row.add_row(*parts)
    return row


def _sparkline(history: Iterable[int], width: int) -> str:
    shown = list(history)[-width:]
    most = max(shown, default=0)
    return "".join(_BARS[each * (len(_BARS) - 1) // most] if most else _BARS[0] for each in shown)


def _totals(scene: Scene) -> Text:
    ledger = scene.ledger
    figures = [
        ("pending", ledger.total.pending, "yellow"),
        ("active", ledger.total.active, "bold green"),
        ("rewards", ledger.rewards.total(), "bold yellow"),
        ("messages", ledger.messages, "cyan"),
        ("members", len(ledger.balances), "bold"),
    ]
    text = Text()
    for name, value, style in figures:
        text.append(grouped(value), style)
        text.append(f" {name}   ", "dim")
    return text


def _grid(*columns: tuple[str, int | None]) -> Table:
    """A table without lines; each column's justification, and its ratio where it may take the rest of the width."""
    table = Table.grid(padding=(0, 1, 0, 0), expand=any(ratio for _, ratio in columns))
    for justify, ratio in columns:
        table.add_column(justify=justify, ratio=ratio, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]
    return table


def _rules(rules: Sequence[tuple[Words, int, int]], wide: bool) -> Table:
    table = _grid(("left", 2), ("left", 3), ("right", None), *([("right", None)] if wide else []))
    for name, granted, taken in rules:
        figures = [Text(grouped(granted), "bold" if granted else "dim")]
        if wide:
            figures.append(Text(f"-{grouped(taken)}" if taken else "", "red"))
        table.add_row(Text(name.fa), Text(name.en, "dim"), *figures)
    return table


def _top(scene: Scene, rows: int) -> Table:
    table = _grid(("right", None), ("right", None), ("left", 1))
    for rank, (member, points) in enumerate(scene.top[:rows], 1):
        alias = scene.ledger.aliases.get(member)
        name = Text(masked(member), "dim") if alias is None else Text(alias)
        table.add_row(Text(str(rank), "dim"), Text(grouped(points), "bold"), name)
    return table


def _counts(counts: Counter[str], rows: int) -> Table:
    table = _grid(("right", None), ("left", 1))
    for name, count in counts.most_common(rows):
        table.add_row(Text(grouped(count), "bold"), Text(name.replace("_", " "), "dim"))
    return table


def _news(scene: Scene, rows: int) -> Table:
    table = _grid(("left", None), ("left", None), ("left", None), ("left", 1))
    for each in list(scene.ledger.news)[: -rows - 1 : -1]:
        text = each.text
        if each.kind == "reward":
            title = title_words(scene.programme.rewards[each.id].title, each.id)
            text = f"{title.en}  {title.fa}"
        style = _STYLES.get(each.kind, "")
        table.add_row(Text(moment(each.instant), "dim"), Text(each.kind, style), Text(masked(each.member)), Text(text))
    return table
