"""`GET /v1/logs`: the daemon's log files, searched from the newest line back."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ttsd.api.body import whole
from ttsd.api.peer import asker
from ttsd.api.services import Services
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.log import LEVELS, Level, LogQuery

MOST: Final = 1000
LONGEST: Final = 1000
"""Letters of a parameter."""


OWN_ONLY: Final = "these are the lines of what you asked for yourself; an admin sees all ([access] admin_group)"


class LogsDoor:
    """Shows to everybody what `WS /v1/events` tells them as it happens: admins all, others what is about them."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [Route("/v1/logs", self.search)]

    async def search(self, request: Request) -> Response:
        """`?level=&q=&job=&request=&before=&limit=`: a page of lines, and where the next one begins."""
        limit = whole(request, "limit", 200, MOST)
        query = LogQuery(_level(request), _text(request, "q"), _text(request, "job"), _text(request, "request"))
        who = asker(request)
        user = _text(request, "user") if who.admin else who.name or "nobody"
        query = msgspec.structs.replace(query, user=user)
        page = await self._services.log_search.read(query, _text(request, "before"), limit)
        if not who.admin:
            page = msgspec.structs.replace(page, notes=(*page.notes, OWN_ONLY))
        return Response(msgspec.json.encode(page), media_type="application/json")


def _level(request: Request) -> Level:
    level = request.query_params.get("level") or "debug"
    if level not in LEVELS:
        raise BadRequest(f"level is one of {', '.join(LEVELS)}", param="level")
    return level


def _text(request: Request, name: str) -> str:
    text = request.query_params.get(name, "")
    if len(text) > LONGEST:
        raise BadRequest(f"{name} has at most {LONGEST} letters", param=name)
    return text
