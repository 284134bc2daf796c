"""The end of a demonstration: what a consumer added up against what the lanes hold, and a summary for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bashgah.cli.consoles import cell
from bashgah.demo.consumer import Ledger
from bashgah.demo.people import date_words, grouped
from bashgah.demo.scene import Scene, shown_rules
from bashgah.offline.members_table import COLUMNS, member_rows
from tables.store import RocksStore


class Finding(NamedTuple):
    """Something that must hold, and what was found; `remark`: nothing had to hold, but it should be known."""

    holds: bool
    text: str
    remark: bool = False

    @property
    def mark(self) -> str:
        """What stands before it on the screen."""
        return "·" if self.remark else "[green]✓[/]" if self.holds else "[bold red]✗[/]"


class Counted(NamedTuple):
    """What became of the events of this run. `seconds`: from the first one published to the last one processed."""

    outcomes: Counter[str]
    seconds: float
    complete: bool
    """Whether all that was asked for was published and processed."""


def reckon(scene: Scene, counted: Counted, rows: Path) -> list[Finding]:
    """Compare; the worker that wrote `rows` has let go of them."""
    members = list(_members(rows))
    sums, kept = unlike_sums(scene.ledger, members), unlike_kept(members)
    outcomes = counted.outcomes.total()
    return [
        Finding(
            not sums,
            f"the postings of each of {grouped(len(members))} members add up to the balance in the club's rows"
            + _except(sums),
        ),
        Finding(
            not kept,
            "issued = active + pending + held + spent + expired + reversed, for each member" + _except(kept),
        ),
        Finding(
            outcomes == scene.processed,
            f"each of {grouped(scene.processed)} events has one outcome"
            + ("" if outcomes == scene.processed else f", but {grouped(outcomes)} were counted"),
        ),
        unprocessed(scene.waiting, counted.complete),
    ]


def unprocessed(waiting: int, complete: bool) -> Finding:
    """What is said of events that were published and not processed, when all was done or it was stopped before."""
    if not waiting:
        return Finding(True, "nothing is left unprocessed")
    if complete:
        return Finding(False, f"{grouped(waiting)} events were published and not processed")
    text = f"{grouped(waiting)} events were on their way when it was stopped: the next worker would take them"
    return Finding(True, text, remark=True)


def unlike_sums(ledger: Ledger, members: Sequence[dict[str, int | str]]) -> list[str]:
    """Members whose postings do not come to what their row holds, or whose last posting shows another balance."""
    found = []
    for row in members:
        member, balance = str(row["member"]), tuple(row[name] for name in ("active", "pending", "held", "debt"))
        said = ledger.balances.get(member)
        unlike_last = said is not None and balance != (said.active, said.pending, said.held, said.debt)
        points = sum(int(row[name]) for name in ("active", "pending", "held"))
        if unlike_last or (ledger.moved[member], ledger.owed[member]) != (points, row["debt"]):
            found.append(member)
    known = {row["member"] for row in members}
    return found + [member for member in ledger.moved if member not in known]


def unlike_kept(members: Sequence[dict[str, int | str]]) -> list[str]:
    """Members of whose points some have vanished or come from nowhere."""
    parts = ("active", "pending", "held", "spent", "expired", "reversed")
    return [str(row["member"]) for row in members if row["issued"] != sum(int(row[name]) for name in parts)]


def _except(members: list[str]) -> str:
    return f", but not of {grouped(len(members))}" if members else ""


def _members(rows: Path) -> Iterator[dict[str, int | str]]:
    for directory in sorted(rows.iterdir()):
        with closing(RocksStore(directory)) as store:
            for row in member_rows(store, None):
                yield dict(zip(COLUMNS, row, strict=True))


def summarise(scene: Scene, counted: Counted, findings: list[Finding], out: Console) -> None:
    """Print how it went."""
    ledger = scene.ledger
    rate = round(scene.processed / counted.seconds) if counted.seconds else 0
    out.print(f"[bold]{grouped(scene.processed)} events[/] in {counted.seconds:.1f} s, {grouped(rate)} a second")
    if scene.instant is not None:
        first, last = date_words(scene.began), date_words(scene.instant)
        out.print(f"simulated from {first.en} to {last.en} (Jalali)  {first.fa} تا {last.fa}")
    out.print(", ".join(f"{name.replace('_', ' ')} {grouped(n)}" for name, n in counted.outcomes.most_common()))
    table = Table(box=None, pad_edge=False, title="points by rule", title_justify="left")
    for heading in ("", "rule"):
        table.add_column(heading)
    for heading in ("granted", "taken back"):
        table.add_column(heading, justify="right")
    for name, granted, taken in shown_rules(scene):
        table.add_row(cell(name.fa), cell(name.en), grouped(granted), grouped(taken))
    granted, taken = sum(ledger.granted.values()), sum(ledger.taken.values())
    table.add_row("", "all", grouped(granted), grouped(taken), style="bold")
    out.print(table)
    total = ledger.total
    out.print(
        f"points now: {grouped(total.active)} active, {grouped(total.pending)} pending"
        + (f"; {grouped(ledger.activated)} became active on the way" if ledger.activated else "")
    )
    letters = ", ".join(f"{code} {grouped(count)}" for code, count in ledger.letters.most_common())
    out.print(
        f"rewards {grouped(ledger.rewards.total())}, messages {grouped(ledger.messages)}, "
        f"without consent {grouped(ledger.held_back)}, dead letters {grouped(ledger.letters.total())}"
        + (f" ({letters})" if letters else "")
    )
    for finding in findings:
        out.print(f"{finding.mark} {finding.text}")
