"""`members.csv`: one line a member, from the rows of one or more lanes."""

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from agents.members import RowReader
from engine.member import HEAD, Status
from tables import codec
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


def write_members(path: Path, rows: Iterable[Row]) -> int:
    """Write the table, whole or not at all; the number of members."""
    count = 0
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            for row in rows:
                table.writerow(row)
                count += 1
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return count
