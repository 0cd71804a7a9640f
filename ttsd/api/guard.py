"""At the door: who asks, and whether they are served; owns what `[http]` and `[access]` say of that."""

import asyncio
import grp
import math
import os
import time
from pathlib import Path
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import Scope

from ttsd.api.access import ALIVE, Caller, behind_proxy, is_known, load_rules, refusal, token_refusal
from ttsd.api.peer import Peer, asker, peer_of
from ttsd.api.rates import MOST, Buckets, Rate
from ttsd.api.token_uses import TokenUses
from ttsd.api.tokens import LOOK_S, TokenShelf
from ttsd.asker import TOKEN, Asker, account, name_of, token
from ttsd.clock import wall
from ttsd.config import Config
from ttsd.protocol.errors import Throttled, Unauthorized
from ttsd.storage.token_file import Token

FORWARDS: Final = frozenset({b"x-forwarded-for", b"forwarded", b"x-real-ip"})
"""What proxies say of whom they speak for."""
WRONG_TOKENS: Final = Rate(per_s=0.5, burst=10)
"""How many of one address are looked at."""


class Guard:
    """Owns the rules in force, the tokens, and how often each asks. Raises ConfigError for a bad `[http]`."""

    def __init__(self, config: Config, uses: Path) -> None:
        """`uses`: the file of when tokens were used."""
        self.uses = TokenUses(uses, wall)
        self._asked = Buckets()
        self._failed = Buckets()
        self._welcome: set[tuple[str, str]] = set()
        """Addresses and names of tokens that came from there: who guesses does not lock them out."""
        self._rules = load_rules(config.http)
        self.tokens = TokenShelf(config.http.tokens_path, wall)
        self._config = config
        self._admins = group_numbers(config.access.admin_group)

    def reload(self, config: Config) -> None:
        """Take over rules that were changed. Raises ConfigError for what cannot be read: rules stay as they were."""
        rules, tokens = load_rules(config.http), TokenShelf(config.http.tokens_path, wall)
        self._rules, self.tokens, self._config = rules, tokens, config
        self._admins = group_numbers(config.access.admin_group)

    def admit(self, scope: Scope) -> Asker:
        """Who asks. Raises Forbidden or Unauthorized for those who are not served, Throttled for too many at once."""
        peer = peer_of(scope)
        caller = behind_proxy(caller_of(scope), name_of(account(peer.uid)) if peer else "", self._rules)
        if refused := refusal(caller, self._rules):
            raise refused
        found = self._asker(caller, peer)
        limits = self._config.limits
        if limits.requests_per_s and caller.path != ALIVE:
            self._check_pace(found, Rate(limits.requests_per_s, limits.requests_burst))
        return found

    async def until_revoked(self, session: HTTPConnection) -> None:
        """For sessions of any length: never returns. Raises Unauthorized soon after the token that let them in is void.

        Those whom no token let in stay.
        """
        if not asker(session).user.startswith(TOKEN):
            await asyncio.Event().wait()
        given = caller_of(session.scope).token
        while True:
            found = self.tokens.find(given)
            if found is None or found.has_expired(wall()):
                raise Unauthorized(
                    "the token of this session was revoked or has expired; `ttsd token add` makes a new one",
                    param="Authorization",
                )
            await asyncio.sleep(LOOK_S)

    def _asker(self, caller: Caller, peer: Peer | None) -> Asker:
        if caller.path == ALIVE:
            return Asker(caller.address or "")
        if (found := self.tokens.find(caller.token)) is not None and self._is_good(found, caller):
            groups, pid = (peer.groups, peer.pid) if peer else (frozenset[int](), None)
            return Asker(token(found.name), groups, found.admin, pid)
        if not is_known(caller, self._rules):
            self._turn_away(caller)
        if caller.address is not None:
            return Asker(caller.address)
        return Asker() if peer is None else asker_of(peer, self._admins)

    def _turn_away(self, caller: Caller) -> None:
        """Raises Forbidden, Unauthorized or Throttled."""
        address = caller.address or ""
        if caller.token:
            self._check_guesses(address)
            self._failed.take(address, WRONG_TOKENS, time.monotonic())
        raise token_refusal(caller, there_are_tokens=bool(self.tokens.all))

    def _is_good(self, found: Token, caller: Caller) -> bool:
        """Whether a token that is known counts; who is known without one may send an old one. Raises Unauthorized."""
        address = caller.address or ""
        if (address, found.name) not in self._welcome:
            self._check_guesses(address)
        if found.has_expired(wall()):
            if is_known(caller, self._rules):
                return False
            raise Unauthorized(
                f"the token {found.name!r} has expired on {found.expires}; `ttsd token add` makes a new one",
                param="Authorization",
            )
        if len(self._welcome) >= MOST:
            self._welcome.clear()
        self._welcome.add((address, found.name))
        self.uses.note(found, self.tokens.all)
        return True

    def _check_guesses(self, address: str) -> None:
        """Raises Throttled for an address from which too many wrong tokens came."""
        if wait_s := self._failed.wait_s(address, WRONG_TOKENS, time.monotonic()):
            raise Throttled(
                f"too many wrong tokens came from {address or 'this client'}; try again in a moment",
                param="Authorization",
                retry_after_s=math.ceil(wait_s),
            )

    def _check_pace(self, who: Asker, rate: Rate) -> None:
        if wait_s := self._asked.take(who.user, rate, time.monotonic()):
            raise Throttled(
                f"{who.name or 'this client'} asks more than {rate.per_s:g} times a second "
                f"([limits] requests_per_s, with {rate.burst:g} at once); slow down",
                retry_after_s=math.ceil(wait_s),
            )


def caller_of(scope: Scope) -> Caller:
    """What the request tells. Over the Unix socket there is no address."""
    client = scope.get("client")
    headers: dict[bytes, str] = {}
    listed: list[str] = []
    for name, value in scope["headers"]:
        if name == b"x-forwarded-for":
            listed += value.decode("latin-1").split(",")
        headers.setdefault(name, value.decode("latin-1"))
    return Caller(
        address=client[0] if client else None,
        host=headers.get(b"host", ""),
        origin=headers.get(b"origin"),
        authorization=headers.get(b"authorization", ""),
        path=scope["path"],
        forwarded=tuple(part.strip() for part in listed if part.strip()),
        by_proxy=not FORWARDS.isdisjoint(headers),
    )


def asker_of(peer: Peer, admins: frozenset[int]) -> Asker:
    """The one who connected; `admins` are the numbers of groups."""
    admin = peer.uid in (0, os.geteuid()) or not admins.isdisjoint(peer.groups)
    return Asker(account(peer.uid), peer.groups, admin, peer.pid)


def group_numbers(name: str) -> frozenset[int]:
    """The number of a group, or of one that is named by it; nothing for one that this system does not have."""
    if name.isdecimal():
        return frozenset({int(name)})
    try:
        return frozenset({grp.getgrnam(name).gr_gid}) if name else frozenset()
    except KeyError:
        return frozenset()
