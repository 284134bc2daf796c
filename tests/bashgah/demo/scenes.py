"""Moments of a demonstration, made by scoring a simulated bank's first days with the real core."""

from collections import Counter
from functools import cache

from agents.scoring.intake import decode_record
from agents.scoring.processor import Processor
from bashgah.demo.consumer import Ledger
from bashgah.demo.options import PROGRAMME_DEFAULT
from bashgah.demo.people import rule_words
from bashgah.demo.scene import Scene
from bashgah.offline.members_table import COLUMNS, member_rows
from bashgah.simulator import Plan, simulate
from bashgah.web.tokens import Tokens
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.programme_file import load_file
from schemas.records import Record
from tables.store import MemoryStore
from tests.bashgah.simulator.bank import NEW_YEAR

EVENTS = 6_000
Rows = list[dict[str, int | str]]


@cache
def scored() -> tuple[tuple[Record, ...], MemoryStore]:
    """What a consumer of one lane reads, and that lane's rows."""
    store = MemoryStore()
    versions = ProgrammeVersions([CompiledProgramme(load_file(PROGRAMME_DEFAULT))])
    processor = Processor(store, versions, partition=0, partitions=1, replay=True)
    read: list[Record] = []
    for offset, each in enumerate(simulate(Plan(300, 1, NEW_YEAR, EVENTS, dirt=0.003))):
        key = each.key.encode()
        assert partition_of(key, 1) == 0
        record = Record(topics.BY_SHORT_NAME[each.topic].name, 0, offset, each.at, key, each.value, ())
        if each.topic == "member":
            read.append(record)
        assert processor.take([decode_record(record)], 0) == 1
        changes = processor.changes()
        store.write(changes.rows)
        read += [Record(topic, 0, 0, 0, key, value, headers) for topic, _, key, value, headers in changes.outputs]
    return tuple(read), store


def ledger(without: int | None = None) -> Ledger:
    """A ledger that has read everything; all but the record at an index."""
    kept = Ledger()
    for index, record in enumerate(scored()[0]):
        if index != without:
            kept.take(record)
    return kept


def rows() -> Rows:
    """The members as the lane has them."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in member_rows(scored()[1], None)]


def scene(kept: Ledger, goal: int | None = None) -> Scene:
    """A moment in the middle."""
    programme = load_file(PROGRAMME_DEFAULT)
    return Scene(
        programme=programme,
        rules=rule_words(programme),
        ledger=kept,
        doing="a simulated bank, scored live",
        instant=NEW_YEAR + 9 * 86_400_000 + 15 * 3_600_000,
        began=NEW_YEAR,
        processed=EVENTS,
        goal=goal,
        waiting=80,
        rate=2_000,
        history=[0, 1_500, 2_000, 2_100],
        refusals=Counter(no_rule=900, conditions=800, capped=3, paid_once=2, duplicate=30),
        top=sorted(((m, b.active + b.pending) for m, b in kept.balances.items()), key=lambda pair: -pair[1])[:20],
        dashboard="http://127.0.0.1:6080/",
        member_page=f"http://127.0.0.1:6080/member#{Tokens('secret').issue('c7c1d2e3f4a5b6', 1_790_000_000_000)}",
    )
