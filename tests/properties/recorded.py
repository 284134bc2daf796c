"""The rows of one fixed story, as each release recorded them: `tests/tables/recorded/rows-<format>.jsonl`.

A row once written is read by every later release. When the format changes, the old file stays and
`python -m tests.properties.recorded` writes the new one.
"""

import json
from pathlib import Path
from typing import Any

from engine.ledger.member import HEAD
from engine.meaning import CURRENT
from tables import codec, journal, watermark
from tables.rows import split
from tables.store import MemoryStore
from tests.properties.lane import Lane
from tests.properties.streams import Act, item_of, publish
from tests.simulation.auditor import tehran_time

FOLDER = Path(__file__).parent.parent / "tables" / "recorded"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
START = tehran_time.midnight(tehran_time.gregorian(1405, 3, 1)) + 12 * HOUR_MS

PROGRAMME = """
programme: recorded
version: 1
effective: 1405-01-01
title: {fa: ثبت‌شده}
points: {pending: {days: 7}, expiry: {months: 2, round_up: month}, refund: unlimited}
rules:
  - {id: purchase, event: card.purchase.settled, earn: {points: 1, per: 100_000}, caps: {year: 900, programme: 950}}
  - {id: first, event: card.purchase.settled, earn: {points: 30}, once: member}
  - {id: saving, event: deposit.balance.recorded, earn: {points: 1, per: 500_000, of: balance}, caps: {day: 100}}
rewards: [{id: welcome, title: {fa: خوش‌آمد}, kind: points, points: 10}]
thresholds: [{id: start, points: 50, reward: welcome}]
notifications:
  - {id: soon, event: points.expiring, days_before: 14, medium: [sms], template: {fa: "{points} تا {date}"}}
festivals:
  - id: autumn
    title: {fa: جشنواره}
    opens: 1405-03-01
    closes: 1405-03-11
    indicators: [{id: paid, event: card.purchase.settled, earn: {points: 1, per: 1_000_000}, caps: {day: 5}}]
    categories: [{id: all, title: {fa: کل}, weigh: {paid: 2}}]
"""

STORY = (
    Act("member.registered", "m-1", 0, 0, 0, 0, 5),
    Act("card.purchase.settled", "m-1", HOUR_MS, 0, 3_000_000, 0, 0),
    Act("card.purchase.refunded", "m-1", HOUR_MS, 0, 1_000_000, 0, 0),
    Act("deposit.balance.recorded", "m-1", 8 * DAY_MS, 0, 9_000_000, 0, 1),
    Act("card.purchase.settled", "m-1", DAY_MS, 0, 700_000, 0, 1),
    Act("member.festival.joined", "m-1", HOUR_MS, 0, 0, 0, 0),
    Act("card.purchase.refunded", "m-2", 0, 0, 500_000, 9, 1),
    Act("card.purchase.settled", "m-2", HOUR_MS, 0, 10**7, 0, 0),
    Act("member.points.adjusted", "m-2", HOUR_MS, 0, 39, 0, 0),
    *(Act("card.purchase.settled", "m-3", 3 * DAY_MS, 0, 200_000, 0, 0) for _ in range(13)),
)
LATER = (
    Act("card.purchase.refunded", "m-1", 9 * DAY_MS, 0, 2_000_000, -1, 0),
    Act("card.purchase.settled", "m-2", 60 * DAY_MS, 0, 10**9, 0, 0),
)
"""What goes on after the recording; its refund is of the first purchase."""

WATERMARK = watermark.Watermark(
    offsets={"bank.card": 7, "club.member": 2}, topics={"bank.card": "abc"}, last_tick=START, programme_offset=1,
    replay=False, transactions=3, window=watermark.DeadLetterWindow(5, 1), accepted={"bank.card": 4},
)  # fmt: skip
_STEPS: list[journal.Step] = [
    journal.Adopt(1), journal.Tick(START), journal.Work(100), journal.Take("bank.card", 5, 7),
    journal.TicksAhead(START),
]  # fmt: skip
ENTRY = journal.JournalEntry(
    transaction=3, now=START, replay=False, ahead_ms_max=1, behind_ms_max=2,
    starts={"club.member": 2, "bank.card": 5},
    steps=journal.pairs_of({"club.member": 2, "bank.card": 5}, _STEPS),
    decision=journal.OperatorDecision("skip", "op-7", "a reason", {"bank.card": 7}, 1), published=("autumn/final",),
    meaning=CURRENT,
)  # fmt: skip


def told() -> list[tuple[str, dict[str, Any]]]:
    """The events of the story and of what comes later, numbered through."""
    return publish([*STORY, *LATER], START)


def lane(meaning: int = CURRENT) -> Lane:
    """A lane after the story, as a meaning decides it."""
    told_to = Lane((PROGRAMME,), meaning=meaning)
    told_to.take([item_of(*event) for event in told()[: len(STORY)]])
    return told_to


def resumed(rows: dict[bytes, bytes], clock: int | None, last_tick: int | None) -> Lane:
    """A lane that takes these rows over and lives through what comes later."""
    going_on = Lane((PROGRAMME,), clock=clock, last_tick=last_tick)
    going_on.store.write(list(rows.items()))
    going_on.take([item_of(*event) for event in told()[len(STORY) :]])
    going_on.finish()
    return going_on


def kinds(rows: dict[bytes, bytes]) -> set[bytes]:
    """Which kinds of row there are; those without a member in front by what follows the zero byte."""
    return {key[1:2] if key.startswith(b"\x00") else split(key)[1][:1] for key in rows}


def write() -> Path:
    """Record the story in the present format."""
    rows = lane().rows()
    lines = [{"key": key.hex(), "value": value.hex()} for key, value in sorted(rows.items())]
    lines.append({"watermark": watermark.encode_watermark(WATERMARK).hex()})
    lines.append({"journal": journal.encode_entry(ENTRY).hex()})
    path = FOLDER / f"rows-{codec.FORMAT}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def read(path: Path) -> tuple[dict[bytes, bytes], bytes, bytes]:
    """The rows of a recording, a watermark, and an entry of the journal."""
    rows: dict[bytes, bytes] = {}
    rest: dict[str, bytes] = {}
    for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if "key" in line:
            rows[bytes.fromhex(line["key"])] = bytes.fromhex(line["value"])
        else:
            rest.update({name: bytes.fromhex(value) for name, value in line.items()})
    return rows, rest["watermark"], rest["journal"]


def heads(rows: dict[bytes, bytes]) -> dict[str, Any]:
    """The members' own rows, decoded."""
    store = MemoryStore()
    store.write(list(rows.items()))
    found = {}
    for key, raw in store.scan(b"\x01", b"\x7f"):
        member, rest = split(key)
        if rest == HEAD:
            found[member] = codec.decode(HEAD, raw)
    return found


if __name__ == "__main__":
    print(write())
