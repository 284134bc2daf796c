"""Hypothesis strategies for the `data` of any input model, drawn from the limits that the model declares."""

import datetime as dt
import re
from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

from schemas.fields import FIRST_YEAR, LAST_YEAR


def data_of(model: Any) -> st.SearchStrategy[dict[str, Any]]:
    """JSON values of what the model allows in `data`; optional fields present or not."""
    info = inspect.type_info(model)
    assert isinstance(info, inspect.StructType)
    return _values(next(field.type for field in info.fields if field.name == "data"))


def _values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    if isinstance(kind, inspect.Metadata):
        return _values(kind.type).filter(lambda value: value != 0 or "not" not in (kind.extra_json_schema or {}))
    if isinstance(kind, inspect.StructType):
        required = {field.name: _values(field.type) for field in kind.fields if field.required}
        optional = {field.name: _values(field.type) for field in kind.fields if not field.required}
        return st.fixed_dictionaries(required, optional=optional)
    if isinstance(kind, inspect.UnionType):
        return st.one_of(*map(_values, kind.types))
    if isinstance(kind, inspect.StrType):
        return _texts(kind)
    if isinstance(kind, inspect.IntType):
        return st.integers(kind.ge, kind.le) | st.sampled_from([kind.ge, kind.le])
    if isinstance(kind, inspect.LiteralType):
        return st.sampled_from(kind.values)
    if isinstance(kind, inspect.VarTupleType):
        return st.lists(_values(kind.item_type), max_size=kind.max_length)
    return _PLAIN[type(kind)]


def _texts(kind: inspect.StrType) -> st.SearchStrategy[str]:
    if kind.pattern is not None:
        limit = kind.max_length or 128
        texts = st.from_regex(re.compile(kind.pattern, re.ASCII), fullmatch=True)
        return texts.filter(lambda text: len(text) <= limit)
    return st.text(
        st.characters(codec="utf-8"),
        min_size=kind.min_length or 0,
        max_size=128 if kind.max_length is None else kind.max_length,
    )


_PLAIN: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.BoolType: st.booleans(),
    inspect.DateType: st.dates(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)).map(dt.date.isoformat),
    inspect.NoneType: st.none(),
}
