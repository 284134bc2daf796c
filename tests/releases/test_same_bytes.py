"""This release writes what the release before wrote of the same story, byte for byte: every topic, every record."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from engine.meaning import CURRENT
from schemas import topics
from tests.releases import archive
from tests.releases.story import told
from tests.simulation.virtual_time import run

RECORDED = Path(__file__).parent / "recorded"


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("clock", ["live", "replay"])
def test_the_story_comes_to_the_same_bytes(clock: str, tmp_path: Path) -> None:
    recorded = lines_of(RECORDED / f"meaning-{CURRENT}-{clock}.jsonl")
    described = [json.loads(line)["topic"] for line in recorded if line.startswith('{"topic"')]
    ids = {topic["name"]: UUID(topic["id"]) for topic in described}

    async def whole() -> None:
        club = await told(clock == "replay", [ids[topic.name] for topic in topics.TOPICS])
        archive.save(club.log, tmp_path / "now.jsonl")

    run(whole())
    differing = [pair for pair in zip(recorded, lines_of(tmp_path / "now.jsonl"), strict=True) if pair[0] != pair[1]]
    assert differing == []
