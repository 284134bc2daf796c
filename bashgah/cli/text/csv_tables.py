"""The one writer of CSV. A spreadsheet runs what begins like a formula, so such a text gets an apostrophe before it, as
does what would begin a cell where `;`, a tab or `|` separates, whatever quotes and blanks stand before the sign; and no
text breaks a line or carries what a screen obeys.

Numbers are numbers: a negative one stays as it is. With `excel` the file begins with a byte order mark, without which
Excel reads Persian as Latin.
"""

import csv
import re
from collections.abc import Iterable
from typing import IO

from monitoring.safe_text import plain

UTF_8, EXCEL = "utf-8", "utf-8-sig"
Cell = str | int

_SIGNS = "=+\\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
_FORMULA = re.compile(rf"""(^|[;,|\t])([\s"'\u200c\u200d]*)(?=[{_SIGNS}])""")
"""Where a formula would begin. `＝＋－＠` are taken for ASCII's by spreadsheets in East Asia. A quote behind a
separator opens a quoted cell for whoever separates there, and blanks at the beginning of a cell are left out."""


def encoding_of(excel: bool) -> str:
    """The encoding to open the file with."""
    return EXCEL if excel else UTF_8


def write_table(file: IO[str], columns: Iterable[str], rows: Iterable[Iterable[Cell]]) -> int:
    """Write the heading and the rows; how many rows. The file is open without translation of line ends."""
    table = csv.writer(file, lineterminator="\n")
    table.writerow(columns)
    count = 0
    for row in rows:
        table.writerow([_safe(each) if isinstance(each, str) else each for each in row])
        count += 1
    return count


def _safe(text: str) -> str:
    return _FORMULA.sub(r"\1\2'", plain(text))
