"""What is wrong with a programme file, told in English and Persian: where it is, what was found and what would do."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from engine.words import Words
from schemas.programme_file.messages import MESSAGES, Code, Parameter, Severity

COMPARED_MAX = 10_000
"""Names that are compared to guess what was meant, in one file: a second's work. More is found in no file that somebody
wrote; one that is made for it has the square of what it holds."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One finding. `line` and `column` count from 1; `path` counts list items from 0 (`rules[2].caps.day`).

    `id` is the id of the item around it (`festival/indicator` where one holds the other), None outside of items.
    """

    file: str
    line: int
    column: int
    path: str
    id: str | None
    code: Code
    wrong: Words
    remedy: Words

    @property
    def severity(self) -> Severity:
        """Whether the file is refused for it."""
        return MESSAGES[self.code].severity

    @property
    def where(self) -> str:
        """`file:line:column`, as editors and terminals understand it."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def subject(self) -> str:
        """The field path with the id where there is one."""
        return f"{self.path} ({self.id})" if self.path and self.id else self.path

    def text(self, language: str = "en") -> str:
        """The whole finding on one line, in "en" or "fa"."""
        subject = f" {self.subject}:" if self.subject else ""
        remedy = self.remedy.in_(language)
        separator = "; " if language == "en" else "؛ "
        return f"{self.where}:{subject} {self.wrong.in_(language)}{separator + remedy if remedy else ''}"

    def __str__(self) -> str:
        return self.text()


class ProgrammeErrors(Exception):
    """A programme file that cannot be used. `problems` holds all its errors and warnings, in the file's order."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(problems)
        self.errors = tuple(p for p in self.problems if p.severity is Severity.ERROR)
        super().__init__("\n".join(str(problem) for problem in self.errors))


class FilePlace(NamedTuple):
    """A position in the file with the field that stands there."""

    line: int
    column: int
    path: str = ""
    id: str | None = None


@dataclass(slots=True)
class Report:
    """Collects the problems of one file while it is read, and remembers where each field stands."""

    file: str
    problems: list[FileProblem] = field(default_factory=list)
    places: dict[str, FilePlace] = field(default_factory=dict)
    compared: int = 0

    def closest(self, found: str, known: Collection[str]) -> str | None:
        """The known name that one which is not known resembles; None too once `COMPARED_MAX` were looked at."""
        if self.compared + len(known) > COMPARED_MAX:
            return None
        self.compared += len(known)
        close = get_close_matches(found, known, n=1, cutoff=0.78)
        return close[0] if close else None

    def add(self, code: Code, place: FilePlace, **parameters: Parameter) -> None:
        """Notes a problem; `parameters` fill the code's message."""
        message = MESSAGES[code]
        wrong, remedy = message.wrong.filled(**parameters), message.remedy.filled(**parameters)
        self.problems.append(FileProblem(self.file, *place, code, wrong, remedy))

    def place(self, path: str) -> FilePlace:
        """Where a field stands, or the nearest one around it where the file leaves it out."""
        around = path
        while around and around not in self.places:
            around = around[: max(around.rfind("."), around.rfind("["), 0)]
        found = self.places.get(around, FilePlace(1, 1))
        return found._replace(path=path)

    def ordered(self) -> tuple[FileProblem, ...]:
        """All problems in the order of the file."""
        return tuple(sorted(self.problems, key=lambda p: (p.line, p.column, p.path, p.code)))

    @property
    def failed(self) -> bool:
        """Whether anything was found for which the file is refused."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)
