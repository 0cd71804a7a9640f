"""Who may speak to the daemon: pure decisions over a caller's address, `Host`, `Origin`, proxies and token."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ttsd.config import Http
from ttsd.config.rules import USER_NAME
from ttsd.protocol.errors import ConfigError, Forbidden, TtsdError, Unauthorized

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ALIVE: Final = "/healthz"
"""The one path that needs no token: it tells nothing but that the daemon lives."""
UNKNOWN: Final = "unknown"
"""The address of somebody whose proxy does not say it: no network has it."""
_BEARER: Final = "bearer "
_HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.%]+\]|[^:\[\]]*)(?::\d*)?")


class Rules(msgspec.Struct, frozen=True):
    """What `[http]` allows, read once."""

    trusted: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    proxies: tuple[Network, ...] = ()
    proxy_users: frozenset[str] = frozenset()
    """Names of accounts."""


class Caller(msgspec.Struct, frozen=True):
    """What a request tells of its sender; `address` is `None` on the Unix socket, whose mode decides who connects."""

    address: str | None
    host: str = ""
    origin: str | None = None
    authorization: str = ""
    path: str = ""
    forwarded: tuple[str, ...] = ()
    """The addresses of `X-Forwarded-For`, the nearest last."""
    by_proxy: bool = False
    """A proxy has passed it on, as its headers tell."""

    @property
    def token(self) -> str:
        """The bearer's, or nothing."""
        given = self.authorization
        return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else ""


def load_rules(http: Http) -> Rules:
    """Raises ConfigError that names the key."""
    users = [text for text in http.trusted_proxies if USER_NAME.fullmatch(text)]
    networks = [text for text in http.trusted_proxies if text not in users]
    return Rules(
        trusted=tuple(_network(text, "trusted_networks") for text in http.trusted_networks),
        hosts=frozenset(host.lower() for host in http.allowed_hosts),
        proxies=tuple(_network(text, "trusted_proxies") for text in networks),
        proxy_users=frozenset(users),
    )


def _network(text: str, key: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ConfigError(f"[http] {key}: {error}", param=f"http.{key}") from error


def behind_proxy(caller: Caller, account: str, rules: Rules) -> Caller:
    """Who really asks: of a proxy that is trusted, the nearest address that it or another trusted one has seen.

    `account` is the name of the Unix socket's client, who has no address.
    """
    if not (rules.proxies or rules.proxy_users):
        return caller
    trusted = account in rules.proxy_users if caller.address is None else _is_in(caller.address, rules.proxies)
    if not trusted:
        return caller
    beyond = (address for address in reversed(caller.forwarded) if not _is_in(address, rules.proxies))
    address = next(beyond, UNKNOWN)
    return msgspec.structs.replace(caller, address=address if _parsed(address) else UNKNOWN, by_proxy=False)


def refusal(caller: Caller, rules: Rules) -> TtsdError | None:
    """Why nobody is served who asks like this, token or not; `None` when there is no reason."""
    if caller.origin is not None and _origin_host(caller.origin) not in rules.hosts:
        return Forbidden(
            f"a web page of {caller.origin} may not use this daemon; its host can be added to [http] allowed_hosts",
            param="Origin",
        )
    if caller.address is not None and host_name(caller.host) not in rules.hosts:
        return Forbidden(
            f"host {caller.host!r} is not answered here; it can be added to [http] allowed_hosts", param="Host"
        )
    return None


def is_known(caller: Caller, rules: Rules) -> bool:
    """Whether they need no token. Raises Forbidden where only a proxy that nobody named is known."""
    known = caller.address is None or _is_in(caller.address, rules.trusted)
    if known and caller.by_proxy:
        raise Forbidden(
            "this came through a proxy that [http] trusted_proxies does not name: all who use it would count as "
            "local; name it there (docs/reverse-proxy.md)",
            param="X-Forwarded-For",
        )
    return known


def token_refusal(caller: Caller, *, there_are_tokens: bool) -> TtsdError:
    """Why somebody who needs a token, and has shown none that is good, is not served."""
    if not there_are_tokens:
        return Forbidden(
            "clients outside [http] trusted_networks need a token, and there is none: `ttsd token add` makes one in "
            "[http] token_file"
        )
    if caller.token:
        return Unauthorized("this token is unknown: it was revoked, or is not whole", param="Authorization")
    return Unauthorized("send a token of the daemon's as `Authorization: Bearer TOKEN`", param="Authorization")


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    parsed = _parsed(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return parsed is not None and any((mapped or parsed) in network for network in networks)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None


def host_name(host: str) -> str:
    """`Host` without its port, in lower case; IPv6 addresses keep their brackets. What is neither stays as it is."""
    host = host.strip().lower()
    found = _HOST.fullmatch(host)
    return found["name"] if found else host


def _origin_host(origin: str) -> str:
    """The host of an `Origin`; empty for `null` and for what is no origin, which no rule allows."""
    try:
        return host_name(urlsplit(origin).netloc)
    except ValueError:
        return ""
