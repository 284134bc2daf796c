"""Small programme files for tests; `§` stands right before the place where a problem is expected."""

from typing import NamedTuple

from schemas.programme_file import FileProblem, ProgrammeErrors, read_text

HEAD = "programme: club\nversion: 1\neffective: 1405-01-01\ntitle: {fa: باشگاه}\n"
RULES = "rules:\n  - {id: card, event: card.purchase.settled, earn: {points: 1}}\n"
BASE = HEAD + RULES


def rule(lines: str) -> str:
    """A file with one rule `card`; `lines` are its keys after the id."""
    return HEAD + "rules:\n  - id: card\n" + "".join(f"    {line}\n" for line in lines.splitlines())


def purchase(lines: str) -> str:
    """A file with one rule on card purchases."""
    text = "event: card.purchase.settled\n" + lines
    return rule(text if "earn:" in text else text + "\nearn: {points: 1}")


def festival(lines: str, awards: str = "") -> str:
    """A file with a festival; `lines` replace or add keys."""
    keys = {
        "title": "title: {fa: جشنواره}",
        "opens": "opens: 1405-07-01",
        "closes": "closes: 1405-10-01",
        "indicators": "indicators: [{id: buy, title: {fa: خرید}, event: card.purchase.settled, earn: {points: 1}}]",
        "categories": "categories: [{id: all, title: {fa: کل}, weigh: {buy: 1}}]",
    }
    for line in lines.splitlines():
        keys[line.replace("§", "").split(":")[0]] = line
    if awards:
        keys["awards"] = f"awards: [{awards}]"
    body = "".join(f"    {line}\n" for line in keys.values() if line.split(":", 1)[1].strip() != "-")
    return BASE + "festivals:\n  - id: autumn\n" + body + "rewards:\n  - {id: coin, title: {fa: سکه}, kind: goods}\n"


def message(fields: str) -> str:
    """A file with one notification of a reward."""
    return BASE + 'quiet_hours: {from: "22:00", until: "08:00"}\n' + f"notifications:\n  - {{id: told, {fields}}}\n"


class Marked(NamedTuple):
    """A text without its mark, and where the mark stood."""

    text: str
    line: int
    column: int


def marked(text: str) -> Marked:
    before, mark, after = text.partition("§")
    assert mark
    assert "§" not in after
    return Marked(before + after, before.count("\n") + 1, len(before) - before.rfind("\n"))


def problems(text: str) -> tuple[FileProblem, ...]:
    """Everything that is found in a text, whether or not it can be used."""
    try:
        return read_text(text, "club.yaml").warnings
    except ProgrammeErrors as refused:
        return refused.problems
