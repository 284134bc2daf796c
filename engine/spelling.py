"""The spelling by which names are compared. Names in files and in events may look alike and differ: in Arabic and
Persian letters and digits, half spaces, marks that nobody sees. Rows and records keep what came."""

from functools import lru_cache
from unicodedata import ucd_3_2_0 as unicode

_ALIKE = str.maketrans("كيىە\u00a0٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "کییه 01234567890123456789", "ـ")


@lru_cache(maxsize=65_536)
def alike(name: str) -> str:
    """The spelling by which a name is compared; the same for all that look the same. Letters are taken apart from their
    marks, since one keyboard sends both as one character; all by Unicode 3.2, which every Python carries unchanged."""
    if name.isascii():
        return name
    apart = unicode.normalize("NFD", name).translate(_ALIKE)
    return "".join(each for each in apart if unicode.category(each) != "Cf")


@lru_cache(maxsize=65_536)
def all_alike(names: tuple[str, ...]) -> tuple[str, ...]:
    """`alike` of each, in their order."""
    return tuple(map(alike, names))
