"""One scenario: a table of what happened and of what must come of it, row after row, through the real processor.

Columns: `when` (Jalali, Tehran), `member`, `what` happened (empty: the clock ticks), what it `gives`, any of the
figures of the member after it, and a `board` after it: `festival/category[/round]: rank member score, …`, whole and in
order. `gives` names everything that is published at that row, what falls due included, and awards that a tick brings.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from agents.scoring.intake import decode_record
from bashgah.offline.boards import WholeBoard, award_commands, final_boards, live_boards
from engine.ledger.member import Head
from schemas import topics
from schemas.outputs import decode_output
from schemas.records import OutputRecord, Record
from tests.properties.lane import Lane
from tests.properties.ledger import Ledger
from tests.properties.streams import item_of
from tests.scenarios.words import Occurrence, event, instant, number, said

FOLDER = Path(__file__).parent
PROGRAMMES = FOLDER.parent.parent / "programmes"
FIGURES = ("active", "pending", "debt", "issued", "reversed", "expired")
QUIET = ("scored", "dead_letter")


class Scenario(NamedTuple):
    """Its English title in small letters, both titles, the programme files' texts, and the rows by column."""

    name: str
    title: str
    texts: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def read(path: Path) -> list[Scenario]:
    """The scenarios of a file."""
    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    files = [(PROGRAMMES / name).read_text(encoding="utf-8") for name in content.get("programmes", ())]
    found = []
    for each in content["scenarios"]:
        texts = (*files, *content.get("inline", ()), *each.get("inline", ()))
        found.append(Scenario(each["en"].lower(), f"{each['fa']} / {each['en']}", texts, tuple(_rows(each["table"]))))
    return found


def _rows(table: str) -> list[dict[str, str]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in table.splitlines() if line.strip()]
    header = lines[0]
    assert set(header) <= {"when", "member", "what", "gives", "board", *FIGURES}, header
    assert all(len(line) == len(header) for line in lines), "a row has more or fewer cells than there are columns"
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]


def play(scenario: Scenario) -> None:
    """AssertionError at the first row that comes out otherwise."""
    stage = _Stage(scenario)
    for index, row in enumerate(scenario.rows):
        where = f"{scenario.title}, row {index + 1}: {' | '.join(row.values())}"
        found = stage.act(index, row)
        wanted = [part.strip() for part in row["gives"].split(",") if part.strip()]
        assert found == wanted, f"{where}\n  gives {', '.join(found)}"
        head = stage.lane.heads().get(row["member"]) or Head()
        for name in FIGURES:
            if row.get(name):
                figure = head.pending_points() if name == "pending" else getattr(head, name)
                assert figure == number(row[name]), f"{where}\n  {name} is {figure}"
        if row.get("board"):
            name, _, wanted = row["board"].partition(":")
            assert stage.board(name) == wanted.strip(), f"{where}\n  {name}: {stage.board(name)}"


class _Stage:
    def __init__(self, scenario: Scenario) -> None:
        self.lane = Lane(scenario.texts, replay=False)
        self.clock = 0
        self.told: dict[str, Occurrence] = {}
        self.ledgers: dict[str, Ledger] = defaultdict(Ledger)
        self.finals: dict[str, WholeBoard] = {}

    def act(self, index: int, row: dict[str, str]) -> list[str]:
        """One row; everything that was said at it."""
        when = instant(row["when"])
        outputs, before = len(self.lane.outputs), self.lane.events.copy()
        if not row["what"]:
            self.lane.tick(when)
            self._close_rounds(when)
        else:
            self.clock = max(self.clock, when)
            topic, envelope = self._event(index, row, when)
            self.lane.take([item_of(topic, envelope)], self.clock)
        found = [word for output in self.lane.outputs[outputs:] for word in self._said(output)]
        for _, outcome, reason in self.lane.events - before:
            if outcome not in QUIET:
                found.append(f"{outcome.replace('_', ' ')}: {reason}" if reason else outcome.replace("_", " "))
        return found

    def board(self, name: str) -> str:
        """A board in a line: a final one, or as it stands now."""
        festival, category, *_ = name.split("/")
        board = self.finals.get(name)
        if board is None:
            versions = self.lane.processor.versions
            terms = next(each for each in versions.festivals if each.id == festival)
            board = next(each for each in live_boards(self.lane.store, terms) if each.category == category)
        return ", ".join(f"{place.rank} {place.member} {place.score}" for place in board.places)

    def _close_rounds(self, now: int) -> None:
        """What the coordinator does when a tick has frozen rounds."""
        processor = self.lane.processor
        for freeze in processor.frozen_rounds.take():
            version = processor.versions.at(freeze.at)
            rewards = version.programme.rewards if version else {}
            for board in final_boards(self.lane.store, freeze):
                self.finals[f"{board.festival}/{board.category}/{board.round}"] = board
                for member, value in award_commands(freeze, board, rewards):
                    record = Record(topics.COMMAND.name, 0, len(self.lane.outputs), 0, member.encode(), value, ())
                    self.lane.take([decode_record(record)], now)

    def _event(self, index: int, row: dict[str, str], when: int) -> Occurrence:
        name, again, change = row["what"].partition(" comes again")
        if again:
            topic, envelope = self.told[name.removeprefix("#")]
            if change:
                data = envelope["data"] | {"amount": number(change.removeprefix(" for "))}
                envelope = envelope | {"data": data}
            return Occurrence(topic, envelope)
        occurrence = event(index, row["member"], row["what"], when)
        self.told[occurrence.envelope["id"]] = occurrence
        return occurrence

    def _said(self, output: OutputRecord) -> list[str]:
        if output.topic == topics.DEAD_LETTER.name:
            return ["refused: " + dict(output.headers)["error"].decode()]
        decode_output(output.topic, output.value or b"")
        published = json.loads(output.value or b"")
        if output.topic == topics.POINTS.name:
            self.ledgers[published["subject"]].post(published)
        return said(published)
