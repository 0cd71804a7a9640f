"""Answers as JSON."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response


def as_json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` is a struct, or anything else that msgspec encodes."""
    return Response(msgspec.json.encode(body), status, headers, "application/json")
