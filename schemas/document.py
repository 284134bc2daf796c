"""Renews the generated parts of docs/EVENTS.md from the models: `python -m schemas.document [--check]`.

The page is written by hand but for the blocks between `<!-- begin NAME … -->` and `<!-- end NAME -->`.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec import inspect

from schemas.contract import MODELS, models_of
from schemas.dead_letter import CODES
from schemas.envelope import Event, Result
from schemas.fields import Digest, Mcc, Name
from schemas.fields import Path as JoinedNames
from schemas.topics import TOPICS, Topic

PAGE = Path(__file__).parents[1] / "docs" / "EVENTS.md"

_OR_NULL = " or null"
_BLOCK = re.compile(r"(<!-- begin (?P<name>\S+)[^>]*-->\n).*?(<!-- end (?P=name) -->)", re.DOTALL)
_FORMATS = {"date-time": "instant", "date": "date"}
_PARTITIONS = {"club": "the club's", "one": "one", "club_and_one": "the club's and one more"}


def blocks() -> dict[str, str]:
    """The text of every generated block by its name."""
    texts = {
        "topics": _topics(),
        "envelope": _table(_rows(_struct(Event))),
        "result": _table(_rows(_struct(Result))),
        "dead-letter-codes": _codes(),
    }
    return texts | {topic: _types(topic) for topic in MODELS}


def renewed(page: str, texts: Mapping[str, str]) -> str:
    """The page with its blocks renewed. ValueError where the page lacks a block or has one that nothing fills."""
    present = {match["name"] for match in _BLOCK.finditer(page)}
    if present != set(texts):
        raise ValueError(f"blocks that differ between page and models: {sorted(present ^ set(texts))}")
    return _BLOCK.sub(lambda match: f"{match[1]}{texts[match['name']]}\n{match[3]}", page)


def _topics() -> str:
    lines = ["| topic | key | partitions | kept | what it holds |", "|---|---|---|---|---|"]
    for topic in TOPICS:
        note = " Internal." if topic.internal else ""
        lines.append(
            f"| `{topic.name}` | {topic.key} | {_PARTITIONS[topic.partitions]} | {_kept(topic)} "
            f"| {topic.description}{note} |"
        )
    return "\n".join(lines)


def _kept(topic: Topic) -> str:
    if topic.compacted:
        return "compacted"
    return "1 day" if topic.retention_days == 1 else f"{topic.retention_days} days"


def _codes() -> str:
    lines = ["| `error` | the record is |", "|---|---|"]
    return "\n".join(lines + [f"| `{code}` | {meaning} |" for code, meaning in CODES.items()])


def _types(topic: str) -> str:
    """The types of a topic; those with the same data stand together above one table."""
    parts = []
    for _, group in groupby(models_of(topic), key=lambda model: _data(model).cls):
        models = list(group)
        lines = [f"- **`{_struct(model).tag}`**: {model.__doc__}" for model in models]
        data = _data(models[0])
        rows = [row for field in _own(data) for row in _field(field, "")]
        parts.append("\n".join(lines) + "\n\n" + (_table(rows) if rows else "`data` is empty, or absent."))
    return "\n\n".join(parts)


def _own(data: inspect.StructType) -> tuple[inspect.Field, ...]:
    """The fields of a `data`, but for those that every output has."""
    common = Result.__struct_fields__ if issubclass(data.cls, Result) else ()
    return tuple(field for field in data.fields if field.name not in common)


def _struct(model: Any) -> inspect.StructType:
    info = inspect.type_info(model)
    assert isinstance(info, inspect.StructType)
    return info


def _data(model: Any) -> inspect.StructType:
    data = next(field.type for field in _struct(model).fields if field.name == "data")
    assert isinstance(data, inspect.StructType)
    return data


Row = tuple[str, str, str]


def _table(rows: Any) -> str:
    lines = ["| field | form | meaning |", "|---|---|---|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def _rows(struct: inspect.StructType, prefix: str = "") -> Iterator[Row]:
    for field in struct.fields:
        yield from _field(field, prefix)


def _field(field: inspect.Field, prefix: str) -> Iterator[Row]:
    """The row of a field, and below it those of the objects that it holds."""
    name = f"{prefix}{field.encode_name}"
    form = _form(field.type) if field.required else f"optional {_form(field.type).removesuffix(_OR_NULL)}"
    yield f"`{name}`", form, _meaning(field.type)
    for struct, path in _inner(field.type, name):
        yield from _rows(struct, f"{path}.")


def _inner(kind: inspect.Type, name: str) -> Iterator[tuple[inspect.StructType, str]]:
    if isinstance(kind, inspect.Metadata):
        yield from _inner(kind.type, name)
    elif isinstance(kind, inspect.UnionType):
        for part in kind.types:
            yield from _inner(part, name)
    elif isinstance(kind, inspect.VarTupleType):
        yield from _inner(kind.item_type, f"{name}[]")
    elif isinstance(kind, inspect.StructType):
        yield kind, name


def _meaning(kind: inspect.Type) -> str:
    """The outermost description: a field's own, or else that of its kind."""
    if isinstance(kind, inspect.Metadata):
        return (kind.extra_json_schema or {}).get("description") or _meaning(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next(filter(None, map(_meaning, kind.types)), "")
    return ""


def _form(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.Metadata):
        schema = kind.extra_json_schema or {}
        if schema.get("format") == "uri-reference":
            return _form(kind.type).replace("text", "URI reference")
        return _FORMATS.get(schema.get("format", "")) or _form(kind.type)
    if isinstance(kind, inspect.UnionType):
        nullable = _OR_NULL if any(isinstance(part, inspect.NoneType) for part in kind.types) else ""
        return " or ".join(_form(part) for part in kind.types if not isinstance(part, inspect.NoneType)) + nullable
    if isinstance(kind, inspect.IntType):
        return f"integer{_range(kind.ge, kind.le)}"
    if isinstance(kind, inspect.StrType):
        length = _range(kind.min_length, kind.max_length, " characters")
        return _PATTERNS.get(kind.pattern, "") or f"text{length}"
    if isinstance(kind, inspect.LiteralType):
        return " ".join(f"`{value}`" for value in kind.values)
    if isinstance(kind, inspect.VarTupleType):
        limit = "" if kind.max_length is None else f"at most {_number(kind.max_length)}, each "
        return f"list: {limit}{_form(kind.item_type)}"
    return _FORMS[type(kind)]


_FORMS: Mapping[type[inspect.Type], str] = {
    inspect.BoolType: "`true` or `false`",
    inspect.DateType: "date",
    inspect.DateTimeType: "instant",
    inspect.DictType: "object",
    inspect.StructType: "object",
}


def _pattern(kind: Any) -> str | None:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.Metadata)
    assert isinstance(info.type, inspect.StrType)
    return info.type.pattern


_PATTERNS: Mapping[str | None, str] = {
    _pattern(Name): "name",
    _pattern(JoinedNames): "names joined by `/`",
    _pattern(Mcc): "4 digits",
    _pattern(Digest): "64 hexadecimal digits",
}


def _range(least: int | None, most: int | None, unit: str = "") -> str:
    if least is None and most is None:
        return ""
    if least == most:
        return f", {_number(most)}{unit}"
    if most is None:
        return f" from {_number(least)}"
    if least is None:
        return f", at most {_number(most)}{unit}"
    return f", {_number(least)} to {_number(most)}{unit}"


def _number(value: int | None) -> str:
    return f"{value:,}".replace("1,000,000,000,000,000", "10^15").replace("-", "−")


def main(arguments: list[str]) -> int:
    """Renews the page; with `--check` only says whether it is out of date, and returns 1 if so."""
    parser = argparse.ArgumentParser(prog="python -m schemas.document", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is out of date")
    check = parser.parse_args(arguments).check
    page = PAGE.read_text("utf-8")
    text = renewed(page, blocks())
    if check and text != page:
        print(f"{PAGE}: out of date; run: python -m schemas.document", file=sys.stderr)
        return 1
    if not check:
        PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
