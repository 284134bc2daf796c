"""Every scenario of `tests/scenarios/*.yaml`, in the analysts' words, with figures worked out by hand."""

import pytest

from tests.scenarios.table import FOLDER, Scenario, play, read

FILES = sorted(FOLDER.glob("*.yaml"))
SCENARIOS = [pytest.param(scenario, id=f"{path.stem}: {scenario.name}") for path in FILES for scenario in read(path)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Scenario) -> None:
    play(scenario)


def test_a_scenario_with_a_wrong_figure_fails_at_its_row() -> None:
    scenario = read(FOLDER / "tejarat.yaml")[0]
    *rows, last = scenario.rows
    with pytest.raises(AssertionError, match=f"row {len(scenario.rows)}: .*\n  active is "):
        play(scenario._replace(rows=(*rows, last | {"active": "7"})))
    with pytest.raises(AssertionError, match=f"row {len(scenario.rows)}: .*\n  gives "):
        play(scenario._replace(rows=(*rows, last | {"gives": "bill +9"})))
