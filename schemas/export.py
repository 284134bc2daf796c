"""Writes the JSON Schemas of the contract, one a topic, from the models: `python -m schemas.export [--check]`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from schemas.contract import MODELS, models_of
from schemas.topics import BY_NAME

FOLDER = Path(__file__).parent / "json"


def schema(topic: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the values of a topic's records."""
    models = models_of(topic)
    references, definitions = msgspec.json.schema_components(models, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": topic,
        "description": BY_NAME[topic].description,
        "oneOf": list(references),
        "$defs": {name: _standard(definition) for name, definition in sorted(definitions.items())},
    }


def _standard(part: Any) -> Any:
    r"""What msgspec writes, with `\Z` of Python's patterns as the `$` of JSON Schema's."""
    if isinstance(part, dict):
        return {
            name: value.removesuffix(r"\Z") + "$" if _is_pattern(name, value) else _standard(value)
            for name, value in part.items()
        }
    return [_standard(item) for item in part] if isinstance(part, list | tuple) else part


def _is_pattern(name: str, value: Any) -> bool:
    return name == "pattern" and isinstance(value, str) and value.endswith(r"\Z")


def files() -> dict[Path, str]:
    """Every schema file and what it must hold."""
    return {
        FOLDER / f"{topic}.json": json.dumps(schema(topic), ensure_ascii=False, indent=2) + "\n" for topic in MODELS
    }


def stale(expected: dict[Path, str]) -> list[Path]:
    """The files that differ from what they must hold, and schemas that no topic has."""
    differing = [path for path, text in expected.items() if not path.exists() or path.read_text("utf-8") != text]
    return differing + [path for path in sorted(FOLDER.glob("*.json")) if path not in expected]


def main(arguments: list[str]) -> int:
    """Writes the files; with `--check` only says which are out of date, and returns 1 if any is."""
    parser = argparse.ArgumentParser(prog="python -m schemas.export", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    check = parser.parse_args(arguments).check
    expected = files()
    if check:
        outdated = stale(expected)
        for path in outdated:
            print(f"{path}: out of date; run: python -m schemas.export", file=sys.stderr)
        return 1 if outdated else 0
    FOLDER.mkdir(exist_ok=True)
    for path in stale(expected):
        if path in expected:
            path.write_text(expected[path], "utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
