"""What must not be in the repository: addresses of registries, paths of somebody's machine, fetched code or data."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, tracked

REGISTRY = re.compile(
    r"pypi[.]org|files[.]pythonhosted|repo1?[.]maven|maven[.]org|registry[.]npmjs|proxy[.]golang|deb[.]debian"
    r"|<reposi[t]ory>|--(extra-)?index[-]url|--find[-]links|https?://[^ ]*/simple\b"
)
MACHINE = re.compile(r"(?<![\w.$}/-])/(root|work|home|Users|tmp|opt)/[\w.]")
BYTES_MAX = 600_000
FETCHED = {".jar", ".war", ".whl", ".gz", ".xz", ".zip", ".bz2", ".zst", ".parquet", ".so", ".class", ".sqlite"}
OUTSIDE = frozenset(
    {
        "deploy/Dockerfile",
        "docker-compose.yml",
        "deploy/systemd/bashgah-worker@.service",
        "deploy/systemd/bashgah-web.service",
    }
)
"""Files with paths inside an image or on a server that is set up by them."""


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def _found(pattern: re.Pattern[str], exempt: frozenset[str] = frozenset()) -> list[str]:
    hits: list[str] = []
    for path in tracked():
        name = str(path.relative_to(ROOT))
        if path == Path(__file__) or name in exempt or (text := _text(path)) is None:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if match := pattern.search(line):
                hits.append(f"{name}:{number}: {match.group()}")
    return hits


def test_no_address_of_a_registry() -> None:
    assert _found(REGISTRY) == []


def test_no_path_of_a_machine() -> None:
    assert _found(MACHINE, OUTSIDE) == []


@pytest.mark.parametrize(
    ("line", "hit"),
    [("cd /work/x", True), ("'/home/me'", True), ("https://host/work/x", False), ("../shared/data", False),
     ("pip install --index" + "-url x", True), ("a/tmp/b", False), ("--no-emit-index-url", False)],
)  # fmt: skip
def test_the_patterns_find_what_they_are_for(line: str, hit: bool) -> None:
    assert bool(REGISTRY.search(line) or MACHINE.search(line)) is hit


def test_nothing_fetched_and_nothing_huge() -> None:
    for path in tracked():
        name = path.relative_to(ROOT)
        assert path.suffix not in FETCHED, f"{name} looks fetched or built"
        assert path.stat().st_size <= BYTES_MAX, f"{name} has {path.stat().st_size} bytes, {BYTES_MAX} at most"
