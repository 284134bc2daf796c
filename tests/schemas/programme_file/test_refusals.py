"""Files that are read as ever, and should not be published: what nobody would ever get, and names with no address."""

from pathlib import Path

import pytest

from schemas.programme_file import read_file, read_text, refusals
from schemas.programme_file.messages import Code
from tests.schemas.programme_file.files import BASE, HEAD, festival, marked, purchase

PROGRAMMES = Path(__file__).parents[3] / "programmes"
LEVELS = "tiers: {window: year, levels: [{id: blue, from: 0}, {id: gold, from: 9}]}\n"
MONTH = "rules:\n  - {id: month, event: §deposit.month.closed, earn: {points: 1, per: 10_000, of: average_balance}}\n"


@pytest.mark.parametrize(
    ("text", "code", "subject"),
    [
        (HEAD + MONTH, Code.NOT_EXECUTED, "rules[0].event (month)"),
        (
            HEAD + "rules:\n  - id: both\n    event: §[deposit.account.opened, deposit.month.closed]\n"
            "    earn: {points: 1}\n",
            Code.NOT_EXECUTED, "rules[0].event (both)",
        ),
        (purchase("when: {tier: §gold}") + LEVELS, Code.NOT_EXECUTED, "rules[0].when.tier (card)"),
        (
            festival("indicators: [{id: buy, event: card.purchase.settled, when: {tier: §[gold]}, earn: {points: 1}}]")
            + LEVELS,
            Code.NOT_EXECUTED, "festivals[0].indicators[0].when.tier (autumn/buy)",
        ),
        (
            festival("", "{id: a, category: all, at: close, draw: §{per: 5, winners: 1}, reward: coin}"),
            Code.NOT_EXECUTED, "festivals[0].awards[0].draw (autumn/a)",
        ),
        (BASE.replace("id: card", "id: §."), Code.DOTS_AS_ID, "rules[0].id (.)"),
        (BASE.replace("programme: club", "programme: §.."), Code.DOTS_AS_ID, "programme"),
        (
            festival("categories: [{id: §.., title: {fa: کل}, weigh: {buy: 1}}]"),
            Code.DOTS_AS_ID, "festivals[0].categories[0].id (autumn/..)",
        ),
    ],
)  # fmt: skip
def test_a_file_is_read_and_refused_where_it_would_do_nothing(text: str, code: Code, subject: str) -> None:
    text, line, column = marked(text)
    found = refusals(read_text(text, "club.yaml"))
    assert [(p.code, p.line, p.column, p.subject) for p in found] == [(code, line, column, subject)]
    waits = refusals(read_text(text, "club.yaml"), allow_waiting=True)
    assert [p.code for p in waits] == ([] if code is Code.NOT_EXECUTED else [code])


def test_what_every_member_gets_is_not_refused() -> None:
    text = purchase("when: {tier: [blue, gold]}") + LEVELS + "multipliers: [{id: m, by: 2, when: {tier: gold}}]\n"
    assert refusals(read_text(text, "club.yaml")) == ()
    assert (
        refusals(read_text(BASE.replace("id: card", "id: ...").replace("programme: club", "programme: .a"), "f")) == ()
    )


@pytest.mark.parametrize("path", sorted(PROGRAMMES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_files_may_be_published_where_their_parts_may_wait(path: Path) -> None:
    reading = read_file(path)
    assert refusals(reading, allow_waiting=True) == ()
    assert bool(refusals(reading)) is (path.stem in ("club", "demo"))
