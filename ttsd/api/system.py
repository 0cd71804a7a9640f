"""The daemon's own condition: alive, ready, in figures, in full."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ttsd.api.services import Services
from ttsd.metrics import CONTENT_TYPE
from ttsd.protocol.errors import EngineNotReady

JSON: Final = "application/json"
ALIVE: Final = b'{"status":"ok"}'


class SystemDoor:
    """Answers from what is in memory, so that it answers while everything else is busy."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
            Route("/v1/status", self.status),
        ]

    async def alive(self, _request: Request) -> Response:
        """The daemon lives; nothing is said of the engine."""
        return Response(ALIVE, media_type=JSON)

    async def ready(self, _request: Request) -> Response:
        """Whether speech can be had now; when not, the reason, as a readiness and as an error."""
        readiness = self._services.condition.readiness()
        body = msgspec.to_builtins(readiness)
        if readiness.ready:
            return Response(msgspec.json.encode(body), media_type=JSON)
        body["error"] = EngineNotReady(readiness.reason).body()
        headers = {"Retry-After": str(max(1, readiness.retry_after_s))}
        return Response(msgspec.json.encode(body), 503, headers, JSON)

    async def metrics(self, _request: Request) -> Response:
        self._services.metrics.observe(await self._services.condition.status())
        return Response(self._services.metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    async def status(self, _request: Request) -> Response:
        return Response(msgspec.json.encode(await self._services.condition.status()), media_type=JSON)
