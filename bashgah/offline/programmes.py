"""Programme files as the core takes them: read, checked against one another, compiled."""

from collections.abc import Sequence
from pathlib import Path

from agents.process.exit_codes import ClubError, ExitCode
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas.programme_file import load_file


def versions_of_files(paths: Sequence[Path]) -> ProgrammeVersions:
    """The versions in these files. Raises `ClubError` where they are of two programmes, or one version comes twice."""
    programmes = [load_file(path) for path in paths]
    first = programmes[0]
    seen: dict[int, Path] = {}
    for path, programme in zip(paths, programmes, strict=True):
        if programme.id != first.id:
            raise ClubError(
                f"{path}: programme", f"is {programme.id!r}, but {paths[0]} is of {first.id!r}",
                "a club has one programme id; score the clubs one by one", ExitCode.BAD_FILE,
            )  # fmt: skip
        if programme.version in seen:
            raise ClubError(
                f"{path}: version", f"{programme.version} is already in {seen[programme.version]}",
                "give each file a version of its own", ExitCode.BAD_FILE,
            )  # fmt: skip
        seen[programme.version] = path
    return ProgrammeVersions(map(CompiledProgramme, programmes))
