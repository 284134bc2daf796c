"""What gets installed: our five packages, each ours alone, and never the tests."""

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

import pytest

from tests.architecture.sources import PACKAGES, ROOT, imported, modules, where

LATER = {"compression"}
"""In the standard library of later Pythons only (3.14), and imported there alone."""


@pytest.fixture(scope="module")
def owners() -> dict[str, set[str]]:
    """Which distributions provide each importable name here."""
    try:
        distribution("bashgah")
    except PackageNotFoundError:
        pytest.skip("bashgah is not installed in this environment; `make setup` installs it")
    return {name: set(found) for name, found in packages_distributions().items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_belongs_to_this_distribution_alone(package: str, owners: dict[str, set[str]]) -> None:
    assert owners.get(package) == {"bashgah"}


def test_nothing_else_is_installed(owners: dict[str, set[str]]) -> None:
    ours = {name for name, found in owners.items() if "bashgah" in found and not name.startswith("__editable__")}
    assert ours == set(PACKAGES)


def test_every_dependency_is_pinned_with_its_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [_name(each) for each in project["dependencies"]]
    pinned = _pinned("runtime.txt")
    assert set(names) <= set(pinned)
    development = _pinned("dev.txt")
    assert {_name(each) for each in project["optional-dependencies"]["dev"]} <= set(development)
    assert pinned.items() <= development.items(), "runtime.txt and dev.txt pin different versions: make requirements"


@pytest.mark.parametrize("top", [*PACKAGES, "tests"])
def test_whatever_is_imported_is_declared(top: str, owners: dict[str, set[str]]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_name(each) for each in project["dependencies"]}
    if top == "tests":
        declared |= {_name(each) for each in project["optional-dependencies"]["dev"]}
    for path in modules(top):
        if "peers" in path.parts:
            continue  # programs that we are measured beside: they run in an environment of their own
        names = {full.split(".")[0] for full in imported(path)} - sys.stdlib_module_names - LATER
        for name in names - {*PACKAGES, "tests"}:
            providers = {_name(each) for each in owners.get(name, set())}
            assert providers & declared, f"{where(path)} imports {name}, which pyproject.toml does not declare"


def test_it_is_not_for_a_package_index() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]


def _name(requirement: str) -> str:
    for end, character in enumerate(requirement):
        if not (character.isalnum() or character in "-_."):
            return requirement[:end].lower().replace("_", "-").replace(".", "-")
    return requirement.lower().replace("_", "-").replace(".", "-")


def _pinned(file: str) -> dict[str, str]:
    entries = (ROOT / "requirements" / file).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found: dict[str, str] = {}
    for entry in entries:
        name, _, rest = entry.partition("==")
        assert "--hash=sha256:" in rest, f"requirements/{file}: {name} has no hash"
        found[name] = rest.split()[0]
    return found
