"""Which text is a name, by the rule of docs/DOMAIN.md, and how it is written."""

import re
import unicodedata

UNICODE = unicodedata.ucd_3_2_0
ARABIC = "[\u0621-\u06ff\ufb50-\ufdff\ufe70-\ufefc]"
STRAY_JOINER = re.compile(f"(?<!{ARABIC})[\u200c\u200d]|[\u200c\u200d](?!{ARABIC})")
BLANK_LETTERS = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u200b\u2800\u3164\ufe00-\ufe0d\uffa0]")
EMOJI = re.compile("[\U0001f000-\U0001faff]")


def as_name(text: str) -> str | None:
    """The name as the club keeps it, or None for what is no name."""
    text = text.replace("\ufe0e", "").replace("\ufe0f", "")
    kinds = {each: UNICODE.category(each) for each in EMOJI.sub("", text).replace("\u200c", "").replace("\u200d", "")}
    if BLANK_LETTERS.search(text) or any(_refused(each, kind) for each, kind in kinds.items()):
        return None
    blanks = {ord(each): " " for each, kind in kinds.items() if kind == "Zs"}
    name = UNICODE.normalize("NFC", text.translate(blanks)).strip(" \u200c\u200d")
    shape = "".join("S" if EMOJI.match(each) else UNICODE.category(each)[0] for each in name)
    if not re.search("[LN]", shape) or re.search("^M|MMMM", shape) or STRAY_JOINER.search(name):
        return None
    return name if len(name) <= 128 and len(name.encode("utf-8")) <= 256 else None


def _refused(character: str, kind: str) -> bool:
    return kind.startswith("C") or kind in ("Zl", "Zp", "Me") or (ord(character) > 0xFFFF and not kind.startswith("L"))
