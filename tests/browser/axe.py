"""axe-core, which knows the rules of WCAG; fetched once by npm into the cache, and never part of the repository."""

import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chrome import Chrome, installed

VERSION = "4.14.1"
DIGEST = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
"""SHA-256 of the file: what is run in the browser is what was looked at."""

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "axe"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Axe:
    """Looks at pages."""

    def __init__(self, source: str) -> None:
        self._source = source

    async def findings(self, browser: Chrome) -> list[str]:
        """What is wrong with the page that is open: rule, element, and what is to be mended."""
        await browser.run(self._source)
        script = """
            const done = arguments[arguments.length - 1];
            axe.run(document, {runOnly: arguments[0]})
                .then(found => done(found.violations), error => done(String(error)));
        """
        found: Any = await browser.run_async(script, RULES)
        assert isinstance(found, list), found
        return [f"{each['id']}: {node['html']}: {node['failureSummary']}" for each in found for node in each["nodes"]]


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Fetches axe-core where it is not there yet."""
    file = FOLDER / VERSION / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        command = [installed("npm"), "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([*command, "--prefix", str(FOLDER / VERSION), f"axe-core@{VERSION}"], check=True, timeout=120)
    assert sha256(file.read_bytes()).hexdigest() == DIGEST, f"{file} is not what it was"
    return Axe(file.read_text(encoding="utf-8"))
