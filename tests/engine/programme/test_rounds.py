"""A festival's terms over the versions that have it."""

from engine.calendar import at_wall, jalali_day
from engine.programme.compiler import CompiledProgramme
from engine.programme.rounds import FINAL
from engine.programme.versions import ProgrammeVersions
from schemas.programme_file import load
from tests.agents.boards.naive_lanes import DAY_MS, FESTIVALS, HEAD


def versions(*versions: tuple[str, str]) -> ProgrammeVersions:
    """Versions as (effective, festivals)."""
    texts = (
        HEAD.format(version=number).replace("1404-01-01", effective) + festivals
        for number, (effective, festivals) in enumerate(versions, 1)
    )
    return ProgrammeVersions(CompiledProgramme(load(text, "programme")) for text in texts)


def on(month: int, day: int) -> int:
    """The beginning of a day of 1405."""
    return at_wall(jalali_day(1405, month, day) * DAY_MS)


def test_a_festival_that_is_taken_out_before_it_opens_is_not_to_be() -> None:
    cancelled = versions(("1404-01-01", FESTIVALS), ("1405-05-01", ""))
    assert cancelled.festivals == ()
    assert cancelled.freezes == ()
    before = cancelled.festival("autumn", on(4, 30))
    assert before is not None
    assert before.id == "autumn"
    assert cancelled.festival("autumn", on(5, 1)) is None


def test_a_festival_that_is_taken_out_after_its_opening_goes_on() -> None:
    dropped = versions(("1404-01-01", FESTIVALS), ("1405-06-01", ""))
    assert [each.id for each in dropped.festivals] == ["autumn"]
    assert [each.round for each in dropped.freezes] == ["1405-06", "1405-07", FINAL]
    assert dropped.festival("autumn", on(12, 1)) is not None


def test_a_festival_may_come_again_after_it_was_taken_out() -> None:
    again = FESTIVALS.replace("closes: 1405-08-01", "closes: 1405-07-01")
    found = versions(("1404-01-01", FESTIVALS), ("1405-04-01", ""), ("1405-05-01", ""), ("1405-05-15", again))
    assert found.festival("autumn", on(5, 14)) is None
    assert [each.closes for each in found.festivals] == [on(7, 1)]
    assert [each.round for each in found.freezes] == ["1405-06", FINAL]
