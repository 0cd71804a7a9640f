"""`GET /v1/usage`: what was spoken for whom, and what it cost."""

import math
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ttsd.api.answers import as_json
from ttsd.api.peer import asker
from ttsd.api.services import Services
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.usage import By

BY: Final = ("voice", "door", "user", "day")


class UsageDoor:
    """Reads the ledger."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [Route("/v1/usage", self.usage)]

    async def usage(self, request: Request) -> Response:
        """Since `?since_s=` (Unix seconds; all that is kept without it), told apart `?by=` voice, door, user or day.

        Who is no administrator is told of their own use.
        """
        who = asker(request)
        report = await self._services.billing.report(_by(request), _since(request), None if who.admin else who.user)
        return as_json(report)


def _by(request: Request) -> By:
    try:
        return msgspec.convert(request.query_params.get("by", "voice"), By)
    except msgspec.ValidationError:
        raise BadRequest(f"by is one of {', '.join(BY)}", param="by") from None


def _since(request: Request) -> float:
    text = request.query_params.get("since_s", "0")
    try:
        since_s = float(text)
    except ValueError:
        since_s = math.nan
    if not 0 <= since_s < 2**40:
        raise BadRequest("since_s is a time in Unix seconds", param="since_s")
    return since_s
