"""What is installed: a wheel, built out of nothing but the files that the image names, runs away from the checkout."""

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, tracked

IMAGE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
BUILD_STAGE = IMAGE.split("\nFROM ")[1]


def copied(folder: Path) -> Path:
    """The files that the image's first stage is built of, in a folder of their own."""
    for line in re.findall(r"^COPY (.+)$", BUILD_STAGE, re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            for path in tracked():
                if path == ROOT / source or ROOT / source in path.parents:
                    inside = path.relative_to(ROOT / source) if path != ROOT / source else Path(path.name)
                    place = folder / target / inside
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, place)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as the image builds it."""
    source, out = copied(tmp_path_factory.mktemp("source")), tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(out), "."]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=110)
    (found,) = out.iterdir()
    return found


def test_it_holds_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = {str(path.relative_to(ROOT)) for path in tracked() if path.relative_to(ROOT).parts[0] in PACKAGES}
    assert packed == {name for name in files if "/json/" not in name and not name.endswith(("ruff.toml", "README.md"))}


@pytest.mark.share
@pytest.mark.timeout(600)
def test_with_what_running_it_needs_and_no_more_the_demonstration_runs(wheel: Path, tmp_path: Path) -> None:
    """In an environment that holds the runtime requirements alone, from a folder that holds nothing."""
    place, empty = tmp_path / "venv", tmp_path / "empty"
    venv.create(place, with_pip=True)
    empty.mkdir()
    pip = [str(place / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    requirements = ROOT / "requirements" / "runtime.txt"
    subprocess.run([*pip, "--require-hashes", "-r", str(requirements)], check=True, timeout=400)
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, timeout=100)
    bashgah = str(place / "bin" / "bashgah")
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    said = subprocess.run([bashgah, "--help"], cwd=empty, env=clean, check=True, capture_output=True, text=True)
    assert "demo" in said.stdout
    demonstrated = subprocess.run(
        [bashgah, "demo", "--events", "500"],
        check=False,
        cwd=empty,
        env=clean,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert demonstrated.returncode == 0, demonstrated.stderr[-2_000:]
    assert not list(empty.iterdir())
