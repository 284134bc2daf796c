"""The description of the API in OpenAPI 3.1, written from `routes` and `answers`: `python -m bashgah.web.openapi`.

It is checked in as `openapi.json`; a test fails when that is out of date.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from bashgah.serving.problems import CONTENT_TYPE, KINDS, RefusalCode
from bashgah.web.routes import ROUTES, SCOPES, Access, Parameter, Route
from schemas import answers

FILE = Path(__file__).parent / "openapi.json"
_VERSION = "1.0.0"
_COMMON = (RefusalCode.BAD_REQUEST, RefusalCode.WRONG_METHOD, RefusalCode.FAULT, RefusalCode.TOO_BUSY)
_GUARDED = (RefusalCode.KEY_UNKNOWN, RefusalCode.TOO_MANY_REQUESTS)
_BY_ACCESS = {
    Access.BOARDS: (
        RefusalCode.KEY_MISSING,
        RefusalCode.SCOPE_MISSING,
        RefusalCode.TOKEN_INVALID,
        RefusalCode.TOKEN_EXPIRED,
        RefusalCode.TOKENS_OFF,
    ),
    Access.MEMBERS: (
        RefusalCode.KEY_MISSING,
        RefusalCode.SCOPE_MISSING,
        RefusalCode.TOKEN_INVALID,
        RefusalCode.TOKEN_EXPIRED,
        RefusalCode.TOKENS_OFF,
    ),
    Access.ISSUE: (
        RefusalCode.KEY_MISSING,
        RefusalCode.SCOPE_MISSING,
        RefusalCode.TOKEN_INVALID,
        RefusalCode.TOKEN_EXPIRED,
        RefusalCode.TOKENS_OFF,
    ),
}
_REFERENCE = "#/components/schemas/{name}"
_EVENTS = (answers.Hello, answers.States, answers.Activity, answers.Board)
"""Models of the stream's events; no answer has them alone."""


def document() -> dict[str, Any]:
    """The whole description."""
    models = {route.answer for route in ROUTES} | {route.body for route in ROUTES} | {answers.Problem, *_EVENTS}
    named = sorted((model for model in models if isinstance(model, type)), key=lambda model: model.__name__)
    _, schemas = msgspec.json.schema_components(named, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "bashgah",
            "version": _VERSION,
            "description": "Festivals, live and final boards, and members' exact ranks. "
            "`HEAD` works wherever `GET` does. See docs/WEB.md.",
        },
        "paths": paths,
        "components": {
            "schemas": {name: _standard(schema) for name, schema in sorted(schemas.items())},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A key of `bashgah web key`: bgk_…"},
                "token": {"type": "http", "scheme": "bearer", "description": "A token of a member's page: bgt_…"},
            },
        },
    }


@cache
def written() -> bytes:
    """The file's content."""
    return (json.dumps(document(), ensure_ascii=False, indent=2) + "\n").encode()


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.name, "summary": route.summary}
    security = _security(route.access)
    if security:
        operation["security"] = security
    if route.parameters:
        operation["parameters"] = [_parameter(each) for each in route.parameters]
    if route.body is not None:
        content = {"application/json": {"schema": _reference(route.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"] = _responses(route)
    return operation


def _security(access: Access) -> list[dict[str, list[str]]]:
    if access is Access.ANYBODY:
        return []
    if access is Access.OWN:
        return [{"token": []}]
    needed = {"key": [SCOPES[access].value]}
    return [{}, needed] if access is Access.BOARDS else [needed]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.where == "path",
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _responses(route: Route) -> dict[str, Any]:
    done: dict[str, Any] = {"description": route.summary}
    if route.media == "application/json":
        done["content"] = {route.media: {"schema": _reference(route.answer)}}
    else:
        done["content"] = {route.media: {"schema": {"type": "string"}}}
    responses = {str(route.status): done}
    if route.cached:
        done["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "Send it back as If-None-Match."}}
        responses["304"] = {"description": "What the client has is still so."}
    if route.name in ("live", "ready"):
        responses["503"] = {**done, "description": "It does not."}
        return responses
    guarded = () if route.access is Access.ANYBODY else (*_GUARDED, *_BY_ACCESS.get(route.access, ()))
    by_status: dict[int, list[RefusalCode]] = {}
    for code in dict.fromkeys((*route.refusals, *guarded, *_COMMON)):
        by_status.setdefault(KINDS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = _refused(codes)
    return responses


def _refused(codes: list[RefusalCode]) -> dict[str, Any]:
    said = "; ".join(f"`{code.value}`: {KINDS[code].reason.en}" for code in codes)
    return {"description": said, "content": {CONTENT_TYPE: {"schema": _reference(answers.Problem)}}}


def _reference(model: Any) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(name=model.__name__)} if isinstance(model, type) else {"type": "object"}


def _standard(part: Any) -> Any:
    r"""What msgspec writes, with `\Z` of Python's patterns as the `$` of JSON Schema's."""
    if isinstance(part, dict):
        return {name: _dollar(value) if name == "pattern" else _standard(value) for name, value in part.items()}
    return [_standard(item) for item in part] if isinstance(part, list | tuple) else part


def _dollar(pattern: Any) -> Any:
    return pattern.removesuffix(r"\Z") + "$" if isinstance(pattern, str) and pattern.endswith(r"\Z") else pattern


if __name__ == "__main__":
    FILE.write_bytes(written())
    print(f"{FILE.name}: {len(ROUTES)} requests", file=sys.stderr)
