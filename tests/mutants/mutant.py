"""A fault to plant: one text of one file replaced by another, and the tests that must find it."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent

SCENARIO = "tests/scenarios/test_scenarios.py::test_scenario"


class Mutant(NamedTuple):
    """`old` stands exactly once in `file`; `tests` are node ids, each of which must fail on `new`."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted(self) -> str:
        """The file's text with the fault. ValueError when the text to replace is not there exactly once."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"{self.name}: {self.file} holds the text {found} times, not once: {self.old!r}")
        return text.replace(self.old, self.new)


def scenario(title: str) -> str:
    """The node id of a scenario, as `refunds: a refund in parts`."""
    return f"{SCENARIO}[{title}]"
