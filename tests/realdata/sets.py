"""Three sets of real events: purchase cards of the city of Birmingham, accounts of the Berka bank, one TabFormer card.

They are not part of the repository: a folder beside it holds them with the script that turns them into events.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT.parent / "shared" / "data"
SETS = ("birmingham", "berka", "tabformer")
REPEATED_MONTH = DATA / "birmingham_purchase_cards_may2014_repeat.csv.xz"
EVENTS_MAX = int(os.environ.get("TEST_REAL_EVENTS", "6000"))
"""So many events of a set, its first, go through the auditor, which is slow; TabFormer goes whole."""


def missing() -> str | None:
    """Why the sets cannot be used here, or None."""
    return None if (DATA / "to_events.py").is_file() else "the real data is not beside the repository (../shared/data)"


def write_events(name: str, folder: Path, *also: Path) -> Path:
    """The events of a set as recorded files in the folder, which is returned."""
    more = [word for path in also for word in ("--also", str(path))]
    command = [sys.executable, str(DATA / "to_events.py"), name, str(folder), *more]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def write_programme(folder: Path) -> Path:
    """The full programme, in force before the oldest of these events."""
    text = (ROOT / "programmes" / "club.yaml").read_text(encoding="utf-8")
    earlier = text.replace("effective: 1405-01-01", "effective: 1370-01-01")
    assert earlier != text, "programmes/club.yaml begins on another day now"
    path = folder / "club-1370.yaml"
    path.write_text(earlier, encoding="utf-8")
    return path


def score(programme: Path, events: Path, out: Path, hash_seed: int) -> dict[str, bytes]:
    """`bashgah score` in a process of its own; the bytes of every file that it wrote."""
    command = [
        sys.executable, "-c", "from bashgah.cli.main import main; main()", "score", "--programme",
        str(programme), "--events", str(events), "--out", str(out),
    ]  # fmt: skip
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}
