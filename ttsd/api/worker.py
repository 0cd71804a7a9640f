"""Orders to the worker over HTTP: replace it, unload the model, load it again; each is logged with who asked."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ttsd.api.body import decode_json, read_body
from ttsd.api.jobs import by_method
from ttsd.api.peer import asker
from ttsd.api.say import check_manages
from ttsd.api.services import Services
from ttsd.log import get_logger
from ttsd.protocol.errors import Conflict
from ttsd.protocol.health import Unload, WorkerAct

_unload: Final = msgspec.json.Decoder(Unload)

log = get_logger(__name__)


class WorkerDoor:
    """Translates between HTTP and the supervisor; each answer is the worker's status after the deed."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [
            by_method("/v1/worker/recycle", POST=self.recycle),
            by_method("/v1/worker/unload", POST=self.unload),
            by_method("/v1/worker/load", POST=self.load),
        ]

    async def recycle(self, request: Request) -> Response:
        """Replace the worker without loss: both at once where there is room for two, else one after the other."""
        await self._services.supervisor.recycle(self._asked(request, "recycle"))
        return self._status()

    async def unload(self, request: Request) -> Response:
        """Free the memory of the model; background work waits, speech is refused, until it is loaded again."""
        body = await read_body(request, self._services.config.limits.max_body_bytes)
        wanted = decode_json(body, _unload) if body else Unload()
        speaking = self._services.speaker.slots.in_front
        if speaking and not wanted.force:
            raise Conflict(
                f"{speaking} live sessions or streams are being spoken to, and would break off: unload when they are "
                "done, or by force"
            )
        await self._services.supervisor.unload(self._asked(request, "unload"))
        return self._status()

    async def load(self, request: Request) -> Response:
        self._asked(request, "load")
        await self._services.supervisor.load()
        return self._status()

    def _asked(self, request: Request, act: WorkerAct) -> str:
        """The reason for the deed. Raises Stopping."""
        self._services.check_open()
        check_manages(request, self._services.config, f"{act} the model")
        who = asker(request).name or "somebody"
        log.info("worker.order", act=act)
        return f"{who} asked for it"

    def _status(self) -> Response:
        return Response(msgspec.json.encode(self._services.supervisor.status), media_type="application/json")
