"""Alert rules and the dashboard: only declared metrics with their own labels; promtool runs the rules' own tests."""

import json
import re
import subprocess
from collections.abc import Iterator
from shutil import which
from typing import Any

import pytest
from ruamel.yaml import YAML

from monitoring.declared import METRICS, series_of
from tests.architecture.sources import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
_SERIES = re.compile(r"\bbashgah_[a-z_]+\b")
_GROUPING = re.compile(r"\b(?:by|on) \(([^)]*)\)")
_SELECTED = re.compile(r"(bashgah_[a-z_]+)\{([^}]*)\}")

DECLARED = {series: metric for metric in METRICS for series in series_of(metric)}
FROM_PROMETHEUS = {"instance", "job", "le"}


def _yaml(name: str) -> Any:
    return YAML(typ="safe").load((FOLDER / name).read_text(encoding="utf-8"))


def _alerts() -> list[dict[str, Any]]:
    return [rule for group in _yaml("rules.yml")["groups"] for rule in group["rules"]]


def _panels() -> list[dict[str, Any]]:
    dashboard = json.loads((ROOT / "deploy/grafana/dashboards/bashgah.json").read_text(encoding="utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def _expressions() -> Iterator[tuple[str, str]]:
    for rule in _alerts():
        yield rule["alert"], rule["expr"]
    for panel in _panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("name", "expression"), list(_expressions()))
def test_an_expression_uses_only_what_is_declared(name: str, expression: str) -> None:
    series = set(_SERIES.findall(expression))
    assert series <= DECLARED.keys(), f"{name}: nobody declares {series - DECLARED.keys()}"
    labels = {label for each in series for label in DECLARED[each].labels} | FROM_PROMETHEUS
    for grouped in _GROUPING.findall(expression):
        assert {label.strip() for label in grouped.split(",")} <= labels, f"{name}: {grouped}"
    for each, selector in _SELECTED.findall(expression):
        assert set(re.findall(r"(\w+)[!=]", selector)) <= {*DECLARED[each].labels, "job"}, f"{name}: {selector}"


def test_every_metric_is_looked_at_somewhere() -> None:
    shown = {DECLARED[series].name for _, expression in _expressions() for series in _SERIES.findall(expression)}
    unseen = {metric.name for metric in METRICS} - shown
    assert unseen == {"bashgah_build_info", "bashgah_assignment_errors_total", "bashgah_programme_offset"}


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("rule", _alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_means_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "action"}
    assert re.search(r"docs/RUNBOOK\.md|bashgah ", rule["annotations"]["action"])


def test_every_alert_is_shown_firing_and_silent() -> None:
    tested: dict[str, set[bool]] = {}
    for case in _yaml("rules.test.yml")["tests"]:
        for each in case["alert_rule_test"]:
            tested.setdefault(each["alertname"], set()).add(bool(each["exp_alerts"]))
    assert tested == {rule["alert"]: {True, False} for rule in _alerts()}


@pytest.mark.promtool
@pytest.mark.parametrize(
    "command", ["check rules rules.yml", "check config prometheus.yml", "test rules rules.test.yml"]
)
def test_promtool_agrees(command: str) -> None:
    if which("promtool") is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    done = subprocess.run(["promtool", *command.split()], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
