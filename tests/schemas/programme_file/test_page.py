"""docs/PROGRAMME.md: its examples are read, its messages are compared, its limits are those of the code."""

import re
from pathlib import Path

import pytest

from engine.units import RIAL_MAX
from schemas.fields import DOCUMENT_BYTES_MAX
from schemas.programme_file import conditions, earning, festivals, nodes, notifications, sections
from schemas.programme_file.fields import EARNING
from schemas.programme_file.messages import Code, Severity
from schemas.programme_file.notifications import PLACEHOLDERS
from tests.schemas.programme_file.files import HEAD, problems

PAGE = (Path(__file__).parents[3] / "docs" / "PROGRAMME.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
BAD = re.findall(r"^```yaml bad\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
PRINTED = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)

AROUND = {
    "programme": HEAD,
    "points": "points: {expiry: {months: 24}}\n",
    "rules": "rules:\n  - {id: card-purchase, event: card.purchase.settled, earn: {points: 1}}\n"
    "  - {id: bill, event: ebanking.bill.paid, earn: {points: 1}}\n",
    "tiers": "tiers: {window: year, levels: [{id: blue, from: 0}, {id: gold, from: 9}]}\n",
    "rewards": "rewards:\n  - {id: gold-coin, title: {fa: سکه}, kind: goods}\n"
    "  - {id: gift-card, title: {fa: کارت}, kind: goods}\n",
}
"""Sections that an example may lean on, unless it has them itself."""


def completed(example: str) -> str:
    keys = re.findall(r"^([a-z_]+):", example, re.MULTILINE)
    return "".join(text for key, text in AROUND.items() if key not in keys) + example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split(":")[0])
def test_an_example_can_be_used_and_has_nothing_doubtful(example: str) -> None:
    doubtful = [problem for problem in problems(completed(example)) if problem.code is not Code.REWARD_UNUSED]
    assert [str(problem) for problem in doubtful] == []  # what gives an example's rewards stands in other examples


def test_every_section_has_an_example() -> None:
    keys = {key for example in EXAMPLES for key in re.findall(r"^([a-z_]+):", example, re.MULTILINE)}
    assert keys == {
        "programme", "version", "effective", "title", "points", "excluded_mcc", "tiers", "rules", "multipliers",
        "festivals", "rewards", "thresholds", "notifications", "quiet_hours",
    }  # fmt: skip
    assert "```yml" not in PAGE
    assert len(EXAMPLES) + len(BAD) == PAGE.count("```yaml")


def test_the_errors_are_those_of_the_page() -> None:
    (bad,) = BAD
    found = [problem for problem in problems(bad) if problem.severity is Severity.ERROR]
    printed = []
    for each in found:
        printed.append(f"{each.where}: error:{each.text('en').removeprefix(each.where + ':')}")
        printed.append(f"    {each.text('fa').removeprefix(each.where + ': ')}")
    (page,) = PRINTED
    assert page.splitlines()[:-2] == printed  # and the verdict, which tests/bashgah/cli has


def test_the_limits_are_those_of_the_code() -> None:
    table = PAGE.split("## Limits")[1].split("\n\n")[0]
    written = dict(re.findall(r"^\| (.+?) \| ([\d,]+)", table, re.MULTILINE))
    assert {what: int(figure.replace(",", "")) for what, figure in written.items()} == {
        "file": DOCUMENT_BYTES_MAX,
        "nesting": nodes.DEPTH_MAX,
        "rules": earning.RULES_MAX,
        "multipliers": earning.MULTIPLIERS_MAX,
        "values in a condition": conditions.LIST_MAX,
        "excluded merchant categories": sections.MCCS_MAX,
        "levels": sections.LEVELS_MAX,
        "rewards": sections.REWARDS_MAX,
        "thresholds": sections.THRESHOLDS_MAX,
        "notifications": notifications.NOTIFICATIONS_MAX,
        "characters of a template": notifications.TEMPLATE_MAX,
        "festivals": festivals.FESTIVALS_MAX,
        "indicators of a festival": festivals.INDICATORS_MAX,
        "categories of a festival": festivals.CATEGORIES_MAX,
        "awards of a festival": festivals.AWARDS_MAX,
        "weight of an indicator": festivals.WEIGHT_MAX,
        "rank of an award": festivals.RANK_MAX,
        "winners of a draw": festivals.WINNERS_MAX,
        "lateness in days": festivals.LATENESS_DAYS_MAX,
        "points of one earning": earning.POINTS_MAX,
        "a cap": earning.CAP_MAX,
        "amounts in Rial": RIAL_MAX,
        "a multiplier": earning.BY_MAX,
        "days of `pending`": sections.PENDING_DAYS_MAX,
        "months of `expiry`": sections.EXPIRY_MONTHS_MAX,
        "days of `grace`": sections.GRACE_DAYS_MAX,
        "`days_before`": notifications.DAYS_BEFORE_MAX,
    }


def test_the_page_names_every_event() -> None:
    for event in (*EARNING, *(event for event in PLACEHOLDERS if not event.startswith("points."))):
        assert f"`{event}`" in PAGE
