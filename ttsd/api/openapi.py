"""The API described for programs, OpenAPI 3.1: `GET /v1/openapi.json`, and docs/openapi.json."""

import inspect
from functools import cache
from typing import Any, Final, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ttsd import __version__
from ttsd.api.operations import OPERATIONS, Answer, Operation, Parameter
from ttsd.protocol.errors import ErrorBody

JSON: Final = "application/json"
REFERENCE: Final = "#/components/schemas/{name}"
ALL_HAVE: Final = (401, 403, 429, 503)
"""The token, the origin, what one client may ask for, and what passes by itself."""
MEANING: Final = {
    400: "The request cannot work as it was sent.",
    401: "The token is missing or wrong.",
    403: "Config does not allow it, or it is somebody else's.",
    404: "There is no such thing.",
    409: "The state of things does not allow it.",
    413: "It is over a limit of config.",
    422: "It is understood, and cannot be spoken or read.",
    429: "Too much at once: `Retry-After` says when to come back.",
    500: "The engine ran and could not speak this text.",
    503: "It passes by itself: `Retry-After` says when to come back.",
}
RETRY: Final = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}}
REQUEST_ID: Final = {"X-Request-Id": {"description": "As in the log.", "schema": {"type": "string"}}}
DESCRIPTION: Final = """\
Over the Unix socket, and over TCP where `[http] listen` says so (with a token, unless the client's network is trusted).
Errors are `{"error": {code, message, param, retryable}}`. Live sessions and events are WebSockets: `/v1/speak`
(`ttsd.speak.v1`) and `/v1/events` (`ttsd.events.v1`)."""


class Failure(msgspec.Struct, frozen=True):
    """Every error."""

    error: ErrorBody


class OpenApiDoor:
    """Answers with the description."""

    def routes(self) -> list[BaseRoute]:
        return [Route("/v1/openapi.json", self.show)]

    async def show(self, _request: Request) -> Response:
        return Response(encoded(), media_type=JSON)


@cache
def encoded() -> bytes:
    """The description, readable for people too."""
    return msgspec.json.format(msgspec.json.encode(described()), indent=1) + b"\n"


def described() -> dict[str, Any]:
    """The description."""
    schemas, components = msgspec.json.schema_components(_kinds(), ref_template=REFERENCE)
    by_kind = dict(zip(map(repr, _kinds()), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each, by_kind)
    info = {"title": "ttsd", "version": __version__, "description": DESCRIPTION, "license": {"name": "Apache-2.0"}}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": _portable(components)}}


def _kinds() -> list[Any]:
    """Everything that is a body, once."""
    found: dict[str, Any] = {repr(Failure): Failure}
    for each in OPERATIONS:
        for kind in (each.body, each.form, each.answer.kind, each.not_ready):
            if kind is not None:
                found[repr(kind)] = kind
    return list(found.values())


def _portable(value: Any) -> Any:
    r"""Patterns as every dialect of regular expressions has them: `\Z` is Python's. Docstrings without their indent."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {name: _words(name, each) if isinstance(each, str) else _portable(each) for name, each in items}
    if isinstance(value, (list, tuple)):
        return [_portable(each) for each in cast("list[Any]", value)]
    return value


def _words(name: str, text: str) -> str:
    if name == "pattern":
        return text.replace(r"\Z", "$")
    return inspect.cleandoc(text) if name == "description" else text


def _operation(each: Operation, by_kind: dict[str, Any]) -> dict[str, Any]:
    answers = {str(each.answer.status): _answer(each.answer, by_kind)}
    if each.answer.status == 201:
        answers["200"] = _answer(each.answer, by_kind)
    if each.method == "delete" and each.path.startswith("/v1/voices"):
        answers["204"] = {"description": "The voice is gone.", "headers": REQUEST_ID}
    for status in sorted({*each.errors, *ALL_HAVE}):
        answers[str(status)] = _failure(status, by_kind)
    if each.not_ready is not None:
        answers["503"] = _not_ready(by_kind[repr(each.not_ready)], by_kind)
    parameters = [*_in_path(each.path), *map(_in_query, each.query)]
    body = _body(each, by_kind)
    return {
        "summary": each.summary,
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": answers,
    }


def _answer(answer: Answer, by_kind: dict[str, Any]) -> dict[str, Any]:
    if answer.kind is not None:
        content = {JSON: {"schema": by_kind[repr(answer.kind)]}}
    else:
        content: dict[str, Any] = {media: {} for media in answer.media}
    return {"description": answer.description, "headers": REQUEST_ID, "content": content}


def _failure(status: int, by_kind: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": MEANING[status],
        "headers": REQUEST_ID | (RETRY if status in (429, 503) else {}),
        "content": {JSON: {"schema": by_kind[repr(Failure)]}},
    }


def _not_ready(schema: dict[str, Any], by_kind: dict[str, Any]) -> dict[str, Any]:
    both = {"allOf": [schema, by_kind[repr(Failure)]]}
    return {"description": "Not now: the reason.", "headers": REQUEST_ID | RETRY, "content": {JSON: {"schema": both}}}


def _in_path(path: str) -> list[dict[str, Any]]:
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _in_query(each: Parameter) -> dict[str, Any]:
    return {
        "name": each.name,
        "in": "query",
        "description": each.description,
        "required": each.required,
        "schema": each.schema,
    }


def _body(each: Operation, by_kind: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {media: {"schema": {}} for media in each.media}
    if each.form is not None:
        content["multipart/form-data"] = {"schema": _form(each.form)}
    if each.body is not None:
        content[JSON] = {"schema": by_kind[repr(each.body)]}
    return {"required": each.body_required, "content": content} if content else {}


def _form(kind: Any) -> dict[str, Any]:
    """The fields of `kind` beside the file; a name in the path need not be said again."""
    fields = _portable(msgspec.json.schema_components([kind], ref_template=REFERENCE)[1][kind.__name__])
    clip = {"type": "string", "format": "binary", "description": "The clip."}
    return {**fields, "properties": {"audio": clip, **fields["properties"]}, "required": ["audio"]}
