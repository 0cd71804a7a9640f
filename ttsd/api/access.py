"""Who may speak to the daemon: a pure decision over a caller's address, `Host`, `Origin` and token."""

import hmac
import ipaddress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ttsd.config import Http
from ttsd.protocol.errors import ConfigError, Forbidden, TtsdError, Unauthorized

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_BEARER: Final = "bearer "


class Rules(msgspec.Struct, frozen=True):
    """What `[http]` allows, read once."""

    trusted: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    token: str = ""


class Caller(msgspec.Struct, frozen=True):
    """What a request tells of its sender; `address` is `None` on the Unix socket, whose mode decides who connects."""

    address: str | None
    host: str = ""
    origin: str | None = None
    authorization: str = ""


def load_rules(http: Http) -> Rules:
    """Raises ConfigError that names the key."""
    return Rules(
        trusted=tuple(_network(text) for text in http.trusted_networks),
        hosts=frozenset(host.lower() for host in http.allowed_hosts),
        token=_read_token(http.token_file) if http.token_file else "",
    )


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ConfigError(f"[http] trusted_networks: {error}", param="http.trusted_networks") from error


def _read_token(file: str) -> str:
    try:
        token = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"[http] token_file: {file} cannot be read: {error}", param="http.token_file") from error
    if not token:
        raise ConfigError(f"[http] token_file: {file} is empty", param="http.token_file")
    return token


def refusal(caller: Caller, rules: Rules) -> TtsdError | None:
    """Why `caller` is not served, or `None` when it is."""
    if caller.origin is not None and _origin_host(caller.origin) not in rules.hosts:
        return Forbidden(
            f"a web page of {caller.origin} may not use this daemon; its host can be added to [http] allowed_hosts",
            param="Origin",
        )
    if caller.address is None:
        return None
    if host_name(caller.host) not in rules.hosts:
        return Forbidden(
            f"host {caller.host!r} is not answered here; it can be added to [http] allowed_hosts", param="Host"
        )
    return None if _is_trusted(caller.address, rules.trusted) else _token_refusal(caller.authorization, rules.token)


def _token_refusal(authorization: str, token: str) -> TtsdError | None:
    if not token:
        return Forbidden("clients outside [http] trusted_networks need a token, and [http] token_file names none")
    given = authorization[len(_BEARER) :].strip() if authorization.lower().startswith(_BEARER) else ""
    if hmac.compare_digest(given.encode(), token.encode()):
        return None
    return Unauthorized("send the daemon's token as `Authorization: Bearer TOKEN`", param="Authorization")


def _is_trusted(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return any((mapped or parsed) in network for network in networks)


def host_name(host: str) -> str:
    """`Host` without its port, in lower case; IPv6 addresses keep their brackets."""
    host = host.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _origin_host(origin: str) -> str:
    """The host of an `Origin`; empty for `null` and for what is no origin, which no rule allows."""
    try:
        return host_name(urlsplit(origin).netloc)
    except ValueError:
        return ""
