"""The ids that a file defines, gathered before anything else is read, so that references can be checked anywhere."""

from dataclasses import dataclass

from engine.words import Words
from schemas.programme_file.cursor import Section, Value
from schemas.programme_file.messages import Code
from schemas.programme_file.nodes import Node, Scalar, entry, shown, written_ids
from schemas.programme_file.values import AN_ID, identifier

LEVEL = Words("there is no level", "سطحی")
RULE = Words("there is no rule", "قاعده‌ای")
REWARD = Words("there is no reward", "پاداشی")
INDICATOR = Words("this festival has no indicator", "در این جشنواره شاخصی")
CATEGORY = Words("this festival has no category", "در این جشنواره رشته‌ای")
"""How it is said that there is none with an id."""


@dataclass(frozen=True, slots=True)
class Names:
    """What references anywhere in the file may name; `tiered` is whether it has tiers at all."""

    rules: frozenset[str]
    rewards: frozenset[str]
    levels: frozenset[str]
    tiered: bool


def gather(root: Node) -> Names:
    """The names of a whole file."""
    tiers = entry(root, "tiers")
    return Names(
        rules=written_ids(entry(root, "rules")),
        rewards=written_ids(entry(root, "rewards")),
        levels=written_ids(entry(tiers, "levels")),
        tiered=tiers is not None,
    )


def item(value: Value, taken: dict[str, int], *known: str) -> tuple[str | None, Section | None]:
    """One item of a list as (id, section): the id must be new, and what is said of the item carries it.

    `taken` maps the ids of the list so far to their lines. The id is None where it is missing or bad.
    """
    written = entry(value.node, "id")
    named = value.named(shown(written.text, 64)) if isinstance(written, Scalar) and written.text else value
    section = named.section("id", *known)
    if section is None:
        return None, None
    where = section.need("id", AN_ID)
    found = identifier(where)
    if found is not None and where is not None:
        if found in taken:
            where.refuse(Code.DUPLICATE_ID, found=found, first=taken[found])
        taken.setdefault(found, where.node.line)
    return found, section
