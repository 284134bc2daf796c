"""Names that members gave themselves, for a person to read."""

from schemas.member_names import name_of

HIDDEN_NAME = "‹نام پنهان · name hidden›"
"""In place of a name, kept by an earlier release, that is none by the rule of `schemas.member_names`."""


def shown_name(alias: str | None) -> str:
    """A member's name for a person to read: empty where there is none, hidden where it is none by the rule."""
    return (name_of(alias) or HIDDEN_NAME) if alias else ""
