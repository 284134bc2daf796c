"""`make install` and `make setup`, with a Python that fetches nothing: what is there stays until the new is whole."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from signal import SIG_DFL, SIGHUP, SIGINT, SIGTERM
from signal import signal as set_handler

import pytest

from tests.architecture.sources import ROOT

PYTHON = f"""#!/bin/sh
# Plays `-m venv FOLDER` and, as FOLDER/bin/python, `-m pip …`; whatever is installed says with what it was.
case "$*" in
-c*) exec {sys.executable} "$@" ;;
--version) echo Python 3.12.0 ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
*pip*runtime.txt | *pip*dev.txt)
    case "$PIP" in
    offline) echo no network; exit 1 ;;
    killed) kill -"$SIGNAL" 0; sleep 60 ;;
    esac
    case "$*" in *dev.txt) cp "$0" "$(dirname "$0")/pytest" ;; esac ;;
*pip*" .") printf '#!/bin/sh\\necho %s\\n' "$PIP" >"$(dirname "$0")/bashgah"; chmod +x "$(dirname "$0")/bashgah" ;;
esac
"""


class Place:
    """A folder with what the set-up needs, and a Python for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "club"
        shutil.copytree(ROOT / "requirements", self.folder / "requirements")
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy2(ROOT / name, self.folder / name)
        self.python = folder / "python"
        self.python.write_text(PYTHON)
        self.python.chmod(0o755)

    def make(self, target: str, pip: str, signal: str = "TERM", umask: int = 0o077) -> subprocess.CompletedProcess[str]:
        """A target of the Makefile, as root would whose umask is this."""
        environment = {**os.environ, "PYTHON": str(self.python), "PIP": pip, "SIGNAL": signal, "MAKEFLAGS": ""}
        return subprocess.run(
            ["make", target], cwd=self.folder, env=environment, umask=umask, start_new_session=True, check=False,
            capture_output=True, text=True, timeout=60, preexec_fn=_interruptible,
        )  # fmt: skip

    def installed(self) -> str:
        """What the program says that is in service."""
        return subprocess.run(
            [self.folder / ".venv" / "bin" / "bashgah"], check=True, capture_output=True, text=True
        ).stdout.strip()

    def environments(self) -> list[str]:
        """Those that take room."""
        return [each.name for each in (self.folder / ".venvs").iterdir()]


def _interruptible() -> None:
    """Whatever runs the tests may ignore signals, as a shell does for its background, and children inherit that."""
    for number in (SIGHUP, SIGINT, SIGTERM):
        set_handler(number, SIG_DFL)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_installation_replaces_the_one_before_and_the_services_user_can_read_it(place: Place) -> None:
    for release in ("first", "second"):
        done = place.make("install", release)
        assert done.returncode == 0, done.stderr
        assert place.installed() == release
    assert place.environments() == [Path(os.readlink(place.folder / ".venv")).name]
    for path in (place.folder / ".venvs", *(place.folder / ".venvs").rglob("*")):
        assert path.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH), f"{path} is root's alone"


def test_a_folder_that_others_cannot_enter_is_told(place: Place) -> None:
    place.folder.chmod(0o700)
    assert f"other users cannot enter {place.folder.resolve()}" in place.make("install", "first").stderr


@pytest.mark.parametrize(("pip", "signal"), [("offline", ""), ("killed", "TERM"), ("killed", "INT"), ("killed", "HUP")])
def test_one_that_breaks_off_leaves_the_program_that_was_there(place: Place, pip: str, signal: str) -> None:
    assert place.make("install", "first").returncode == 0
    before = place.environments()
    assert place.make("install", pip, signal).returncode != 0
    assert place.installed() == "first"
    assert place.environments() == before


def test_a_folder_that_a_release_before_made_in_place_is_replaced(place: Place) -> None:
    (place.folder / ".venv" / "bin").mkdir(parents=True)
    (place.folder / ".venv" / "bin" / "bashgah").touch(0o755)
    assert place.make("install", "offline").returncode != 0
    assert not (place.folder / ".venv").is_symlink()
    assert place.make("install", "first").returncode == 0
    assert place.installed() == "first"
    assert len(place.environments()) == 1


@pytest.mark.parametrize("target", ["setup", "demo", "test"])
def test_work_in_the_folder_of_an_installation_is_refused(place: Place, target: str) -> None:
    assert place.make("install", "first").returncode == 0
    done = place.make(target, "second")
    assert done.returncode != 0
    assert "in a clone of their own" in done.stderr
    assert place.installed() == "first"


def test_the_environment_of_work_is_made_anew_and_may_become_an_installation(place: Place) -> None:
    assert place.make("setup", "first").returncode == 0
    assert place.installed() == "first"
    assert "nothing" not in place.make("setup", "again").stderr
    assert place.installed() == "first", "it was ready"
    (place.folder / "requirements" / "dev.txt").touch()
    assert place.make("install", "second").returncode == 0
    assert place.installed() == "second"
