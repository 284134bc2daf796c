"""Programme files: the club's rules as people write, sign and publish them, as `engine.programme.terms`.

    load(text, file) -> Programme          raises ProgrammeErrors, which holds every problem at once
    read_file(path) -> Reading             the programme with its warnings and the place of each field
    compare(old, new, now)                 what may not change between two versions
    not_executed(programme)                what is checked and kept, and not executed yet
    refusals(reading, allow_waiting)       why a file that can be read should not be published all the same

`document` puts a file together from its sections; `nodes` and `scalars` say what YAML means here, `values` and
`cursor` read fields, and every message stands in `messages`.
"""

from schemas.programme_file.comparison import compare
from schemas.programme_file.document import Reading, load, load_file, read_file, read_text
from schemas.programme_file.messages import Severity
from schemas.programme_file.not_executed import not_executed, refusals
from schemas.programme_file.problems import FileProblem, ProgrammeErrors

__all__ = [
    "FileProblem",
    "ProgrammeErrors",
    "Reading",
    "Severity",
    "compare",
    "load",
    "load_file",
    "not_executed",
    "read_file",
    "read_text",
    "refusals",
]
