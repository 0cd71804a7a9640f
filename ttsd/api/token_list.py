"""`GET /v1/tokens`: which there are, and when each was used last; for admins."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ttsd.api.answers import as_json
from ttsd.api.guard import Guard
from ttsd.api.peer import asker
from ttsd.protocol.errors import Forbidden
from ttsd.protocol.tokens import TokenList, TokenUse


class TokensDoor:
    """Tells what the guard knows; tokens are made and revoked in their file."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def routes(self) -> list[BaseRoute]:
        return [Route("/v1/tokens", self.list)]

    async def list(self, request: Request) -> Response:
        if not asker(request).admin:
            raise Forbidden("who has tokens is for admins to see: root, the daemon's user, [access] admin_group")
        tokens, used_s = self._guard.tokens.all, self._guard.uses.used_s
        uses = (TokenUse(token.name, token.expires, token.admin, used_s(token.name)) for token in tokens)
        return as_json(TokenList(tuple(uses)))
