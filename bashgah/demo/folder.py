"""Where a demonstration lives: a folder of its own that vanishes with it, or one that is kept and gone on with."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from agents.process.exit_codes import ClubError, ExitCode
from tables import files

MEMBERS_DEFAULT = 2_000
SEED_DEFAULT = 1


class Story(msgspec.Struct, frozen=True):
    """What the simulated bank is made of; with the number of records published it says what comes next."""

    members: int
    seed: int
    start: int
    """The first simulated instant, ms since 1970 UTC."""


class Folder:
    """The broker's directory, the lanes' rows, the log and the story."""

    def __init__(self, kept: Path | None) -> None:
        """`kept` None: a fresh folder, removed by `close`. Raises `ClubError` for one that is not a demonstration's."""
        self.kept = kept is not None
        self.path = Path(tempfile.mkdtemp(prefix="bashgah-demo-")) if kept is None else kept
        files.folder(self.path)
        self.broker = self.path / "broker"
        self.rows = self.path / "worker"
        self.log = self.path / "demo.log"
        self._story = self.path / "demo.json"
        if not self._story.exists() and any(each != self.log for each in self.path.iterdir()):
            remedy = "name an empty or a new folder"
            raise ClubError("--data", f"{self.path} holds something else than a demonstration", remedy, ExitCode.USAGE)

    def story(self, members: int | None, seed: int | None, start: Callable[[], int]) -> Story:
        """The story that this folder holds, or a new one of what was asked for.

        Raises `ClubError` when the folder holds another story than asked for.
        """
        if self._story.exists():
            return self._same(members, seed)
        story = Story(members or MEMBERS_DEFAULT, SEED_DEFAULT if seed is None else seed, start())
        with files.replaced(self._story, None) as written:
            written.write(msgspec.json.encode(story))
        return story

    def close(self) -> None:
        """Remove the folder unless it is kept."""
        if not self.kept:
            shutil.rmtree(self.path, ignore_errors=True)

    def _same(self, members: int | None, seed: int | None) -> Story:
        try:
            story = msgspec.json.decode(self._story.read_bytes(), type=Story)
        except msgspec.MsgspecError as error:
            raise ClubError(str(self._story), str(error), "name a new folder", ExitCode.BAD_FILE) from None
        for option, asked, found in (("--members", members, story.members), ("--seed", seed, story.seed)):
            if asked is not None and asked != found:
                reason = f"{asked}, but {self.path} was begun with {found}"
                raise ClubError(option, reason, f"leave {option} out, or name a new folder", ExitCode.USAGE)
        return story
