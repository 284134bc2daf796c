"""`members.csv`: one line a member, from the rows of one or more lanes."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bashgah.cli.text.csv_tables import encoding_of, write_table
from engine.ledger.member import HEAD, Status
from tables import codec, files
from tables.overlay import RowReader
from tables.rows import split

COLUMNS = (
    "member", "registered", "tier", "active", "pending", "held", "debt", "issued", "reversed", "expired", "spent",
)  # fmt: skip
Row = tuple[str | int, ...]


def member_rows(store: RowReader, tier: str | None) -> Iterator[Row]:
    """The members of a store, sorted bytewise by reference; `tier` is the level that all of them hold."""
    for key, raw in store.scan(b"\x01", b"\x7f"):
        member, rest = split(key)
        if rest != HEAD:
            continue
        head = codec.decode(HEAD, raw)
        yield (
            member, "true" if head.status == Status.REGISTERED else "false", tier or "", head.active,
            head.pending_points(), head.held, head.debt, head.issued, head.reversed, head.expired, head.spent,
        )  # fmt: skip


def write_members(path: Path, rows: Iterable[Row], *, excel: bool = False) -> int:
    """Write the table, whole or not at all; the number of members. Raises OSError with the path."""
    with files.replaced(path, encoding_of(excel)) as file:
        return write_table(file, COLUMNS, rows)
