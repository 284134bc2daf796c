"""One spelling for names that are typed in files and sent in events, which look alike and are not: Arabic and Persian
letters and digits, half spaces, marks that nobody sees. Names are compared by it; rows and records keep what came."""

import unicodedata
from functools import lru_cache

_ALIKE = str.maketrans("كيىە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "کییه01234567890123456789", "ـ")


@lru_cache(maxsize=65_536)
def alike(name: str) -> str:
    """The spelling by which a name is compared; the same for all that look the same."""
    if name.isascii():
        return name
    composed = unicodedata.normalize("NFC", name).translate(_ALIKE)
    return "".join(each for each in composed if unicodedata.category(each) != "Cf")


@lru_cache(maxsize=65_536)
def all_alike(names: tuple[str, ...]) -> tuple[str, ...]:
    """`alike` of each, in their order."""
    return tuple(map(alike, names))
