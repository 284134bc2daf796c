"""Boards of the engine beside the auditor's: records of `club.leaderboard`, award commands, and the files of `score`.

What is found comes as JSON values of the records, or as the files' own text; what is wanted comes from the auditor.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from agents.scoring.intake import decode_record
from bashgah.offline.score import score
from engine.calendar import iso
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas.programme_file import load
from schemas.records import Record
from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.auditor.boards import Final, Place
from tests.simulation.comparison import FESTIVAL_FIELDS, first_difference

COLUMNS = ("festival", "category", "round", "rank", "member", "alias", "score", "reached_at")

Key = tuple[str, str, str]


def compare_score(texts: Sequence[str], stream: Sequence[tuple[str, Any]], out: Path) -> None:
    """Score a stream into the folder `out`; AssertionError with the first difference from the auditor.

    Beside the boards: what each member got for the awards that were given on the way, and in which order.
    """
    versions = ProgrammeVersions(CompiledProgramme(load(text, "programme")) for text in texts)
    auditor = Auditor([read_programme(text) for text in texts], coordinates=True)
    items = []
    for offset, (topic, envelope) in enumerate(stream):
        value = json.dumps(envelope, ensure_ascii=False).encode()
        items.append(decode_record(Record(topic, 0, offset, 0, str(envelope["subject"]).encode(), value, ())))
        auditor.event(envelope, topic)
    auditor.finish()
    score(versions, items, out, None)
    same_boards_file(out / "boards.csv", auditor)
    same_festival_file(out / "festival.jsonl", auditor)
    for name, kept in (("points", auditor.postings), ("reward", auditor.rewards), ("notification", auditor.notices)):
        found = [json.loads(line) for line in (out / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        wanted = [(each["member"], each["type"], each["cause_id"]) for each in kept]
        causes = [(each["subject"], each["type"], each["data"]["activity"]["id"]) for each in found]
        first_difference(f"{name}.jsonl", *(sorted(each, key=itemgetter(0)) for each in (causes, wanted)))


def entry_of(place: Place) -> dict[str, Any]:
    """A place as a record's `entries` have it."""
    rank, member, alias, score, reached_at = place
    return {"rank": rank, "member": member, "alias": alias, "score": score, "reached_at": iso(reached_at)}


def same_final(data: Mapping[str, Any], final: Final, top: int = 100) -> None:
    """The `data` of a `leaderboard.finalised` beside the auditor's final."""
    name = "final {}/{}/{}".format(*final.key)
    wanted = dict(zip(("festival", "category", "round"), final.key, strict=True)) | {
        "as_of": iso(final.round.as_of),
        "participants": len(final.order),
    }
    first_difference(f"{name}, entries", _entries(data), [entry_of(place) for place in final.order[:top]])
    assert {field: data.get(field) for field in wanted} == wanted, f"{name}: {data} instead of {wanted}"
    assert data["hash"] == final.digest, f"{name}: another hash over the same first places"


def same_finals(found: Mapping[Key, Mapping[str, Any]], finals: Sequence[Final], top: int = 100) -> None:
    """The `data` of each `leaderboard.finalised` by festival, category and round: all of the auditor's, no other."""
    wanted = {final.key: final for final in finals}
    assert found.keys() == wanted.keys(), f"finals: {sorted(found.keys() ^ wanted.keys())} are of one side only"
    for key, final in wanted.items():
        same_final(found[key], final, top)


def same_live(data: Mapping[str, Any], order: Sequence[Place], top: int = 100) -> None:
    """The `data` of a `leaderboard.updated` beside a board of `Auditor.live_boards`."""
    name = f"board {data['festival']}/{data['category']}"
    first_difference(name, _entries(data), [entry_of(place) for place in order[:top]])
    assert data["participants"] == len(order), f"{name}: {data['participants']} participants instead of {len(order)}"


def same_commands(found: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> None:
    """Envelopes of award commands, each once and no other; in any order, since they lie in several partitions."""
    ours, theirs = ({each["id"]: _command(each) for each in side} for side in (found, wanted))
    assert len(ours) == len(found), "an award was commanded twice"
    first_difference("award commands", sorted(ours.items()), sorted(theirs.items()))


def same_boards_file(path: Path, auditor: Auditor) -> None:
    """`boards.csv` of `score`, to the byte but for how it is quoted."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == COLUMNS, f"{path.name}: the columns are {header}"
    first_difference(path.name, [tuple(row) for row in rows], board_rows(auditor))


def board_rows(auditor: Auditor) -> list[tuple[str, ...]]:
    """The rows of `boards.csv`: finals as they were made, then the live boards."""
    boards = [(key, final["order"]) for key, final in auditor.finals().items()]
    boards += [((*key, ""), order) for key, order in auditor.live_boards().items()]
    return [
        (*key, str(rank), member, alias or "", str(score), iso(reached_at))
        for key, order in boards
        for rank, member, alias, score, reached_at in order
    ]


def same_festival_file(path: Path, auditor: Auditor) -> None:
    """`festival.jsonl` of `score`, in one order over all members."""
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    fields = ("type", "member", "cause_source", "cause_id", "time", *FESTIVAL_FIELDS)
    wanted = [tuple((each | {"time": iso(each["time"])})[name] for name in fields) for each in auditor.festival]
    first_difference(path.name, [_line(event) for event in found], wanted)


def _line(event: Mapping[str, Any]) -> tuple[Any, ...]:
    data = event["data"]
    cause = data["activity"]["source"], data["activity"]["id"]
    return (event["type"], event["subject"], *cause, event["time"], *(data.get(name) for name in FESTIVAL_FIELDS))


def _entries(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = ("rank", "member", "alias", "score", "reached_at")
    return [{name: entry.get(name) for name in names} for entry in data["entries"]]


def _command(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """An envelope without what is null, its time as an instant's text."""
    data = {name: value for name, value in envelope["data"].items() if value is not None}
    fields = ("specversion", "id", "source", "type", "subject", "time")
    return {name: envelope[name] for name in fields} | {"data": data}
