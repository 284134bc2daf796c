"""Which text is a name, by the rule of docs/DOMAIN.md, and how it is written."""

import re
import unicodedata

UNICODE = unicodedata.ucd_3_2_0
ARABIC = "[\u0621-\u06ff\ufb50-\ufdff\ufe70-\ufefc]"
JOINED = re.compile("[LN]M*J(?=[LN])")
BLANK_LETTERS = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u200b\u2800\u3164\ufe00-\ufe0d\uffa0]")
EMOJI = re.compile("[\U0001f000-\U0001faff]")


def as_name(text: str) -> str | None:
    """The name as the club keeps it, or None for what is no name."""
    text = text.replace("\ufe0e", "").replace("\ufe0f", "")
    kinds = {each: UNICODE.category(each) for each in EMOJI.sub("", text).replace("\u200c", "").replace("\u200d", "")}
    if BLANK_LETTERS.search(text) or any(_refused(each, kind) for each, kind in kinds.items()):
        return None
    blanks = {ord(each): " " for each, kind in kinds.items() if kind == "Zs"}
    name = re.sub(" +", " ", UNICODE.normalize("NFC", text.translate(blanks))).strip(" \u200c\u200d")
    shape = "".join(map(_shape, name))
    if not re.search("[LNln]", shape) or re.search("^M|MMMM", shape):
        return None
    if len(JOINED.findall(shape)) < shape.count("J"):
        return None
    return name if len(name) <= 128 and len(name.encode("utf-8")) <= 256 else None


def _shape(character: str) -> str:
    """The first letter of its category; small for letters and digits of other scripts, J for a joiner."""
    if character in "\u200c\u200d":
        return "J"
    kind = "S" if EMOJI.match(character) else UNICODE.category(character)[0]
    return kind if kind not in "LN" or re.match(ARABIC, character) else kind.lower()


def _refused(character: str, kind: str) -> bool:
    return kind.startswith("C") or kind in ("Zl", "Zp", "Me") or (ord(character) > 0xFFFF and not kind.startswith("L"))
