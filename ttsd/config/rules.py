"""The few rules for settings that their types do not express."""

import grp
import re
from collections.abc import Callable
from typing import Any, Final

from ttsd.config.durations import duration_s

MAX_SOCKET_BYTES: Final = 107
"""The kernel's limit for the path of a Unix socket."""
MAX_GROUP: Final = 2**32 - 1
"""The last number means no group to the kernel."""


def objection(key: str, value: Any) -> str | None:
    """What `key` (as `section.key`) takes, when `value`, though of the right type, is not that."""
    if isinstance(value, float) and abs(value) == float("inf"):
        return "a finite number"
    holds, wanted = _RULES.get(of_any_spool(key), (_anything, ""))
    return None if holds(value) else wanted


def of_any_spool(key: str) -> str:
    """The key of `[spool]` that `key` of a further spool is; any other key as it is."""
    return _SPOOL.sub("spool.", key)


def _anything(_: Any) -> bool:
    return True


def _is_endpoint(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return not text or (bool(host) and port.isdecimal() and 1 <= int(port) <= 65535)


def _are_networks(texts: tuple[str, ...]) -> bool:
    from ipaddress import ip_network

    try:
        return all(ip_network(text) for text in texts)
    except ValueError:
        return False


def _are_proxies(texts: tuple[str, ...]) -> bool:
    return _are_networks(tuple(text for text in texts if not USER_NAME.fullmatch(text)))


def _fits_a_socket(path: str) -> bool:
    return len(path.encode()) <= MAX_SOCKET_BYTES


def _is_mode(text: str) -> bool:
    return not text or re.fullmatch("0?6[046]{2}", text) is not None


def _is_group(text: str) -> bool:
    if not text:
        return True
    try:
        return text.isascii() and int(text) < MAX_GROUP if text.isdecimal() else bool(grp.getgrnam(text))
    except KeyError:
        return False


def _is_duration(value: str | float) -> bool:
    try:
        duration_s(value)
    except ValueError:
        return False
    return True


USER_NAME: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}\$?")
_SPOOL: Final = re.compile(r"^spools\.[^.]*\.")
_RULES: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "daemon.socket": (_fits_a_socket, f"a path of at most {MAX_SOCKET_BYTES} bytes"),
    "engine.keep_alive": (_is_duration, 'a duration such as "5m", a number of seconds, or "forever"'),
    "http.listen": (_is_endpoint, '"HOST:PORT" with a port from 1 to 65535, or ""'),
    "spool.file_mode": (_is_mode, 'a mode such as "0640" (the owner has 6; group and others have 0, 4 or 6), or ""'),
    "spool.group": (_is_group, 'a group of this system (`getent group` lists them), the number of one, or ""'),
    "http.trusted_networks": (_are_networks, 'a list of networks, such as ["127.0.0.0/8", "::1/128"]'),
    "http.trusted_proxies": (_are_proxies, 'a list of networks and users, such as ["10.0.0.5/32", "www-data"]'),
}
