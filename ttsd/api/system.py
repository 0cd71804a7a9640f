"""The daemon's own condition: alive, ready, in figures, in full."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ttsd.api.body import whole
from ttsd.api.services import Services
from ttsd.protocol.errors import EngineNotReady, ErrorBody, raised_from

JSON: Final = "application/json"
DAY_S: Final = 86_400
MOST_POINTS: Final = 2000
ALIVE: Final = Response(b'{"status":"ok"}', media_type=JSON)
"""The daemon lives; nothing is said of the engine."""


class SystemDoor:
    """Answers from what is in memory, so that it answers while everything else is busy."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/healthz", ALIVE, methods=["GET"]),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
            Route("/v1/status", self.status),
            Route("/v1/health/history", self.history),
        ]

    async def ready(self, _request: Request) -> Response:
        """Whether speech can be had now; when not, the reason, as a readiness and as an error."""
        readiness = self._services.condition.readiness()
        body = msgspec.to_builtins(readiness)
        if readiness.ready:
            return Response(msgspec.json.encode(body), media_type=JSON)
        body["error"] = raised_from(ErrorBody(readiness.code or EngineNotReady.code, readiness.reason)).body()
        headers = {"Retry-After": str(max(1, readiness.retry_after_s))}
        return Response(msgspec.json.encode(body), 503, headers, JSON)

    async def metrics(self, request: Request) -> Response:
        accept = request.headers.get("accept", "")
        text, content_type = await self._services.metrics.render(self._services.condition.status, accept)
        return Response(text, headers={"Content-Type": content_type})

    async def status(self, _request: Request) -> Response:
        return Response(msgspec.json.encode(await self._services.condition.status()), media_type=JSON)

    async def history(self, request: Request) -> Response:
        """The last `?since_s=` seconds, at most a day, in `?points=` stretches of time."""
        since_s = whole(request, "since_s", 3600, DAY_S)
        points = whole(request, "points", 120, MOST_POINTS)
        history = await self._services.chronicle.read(since_s, points)
        return Response(msgspec.json.encode(history), media_type=JSON)
