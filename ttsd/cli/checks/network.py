"""Who could use the daemon over TCP?"""

import ipaddress
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ttsd.cli.checks import Finding, fail, ok, warn
from ttsd.config import Config
from ttsd.protocol.errors import ConfigError
from ttsd.storage.token_file import TOO_OPEN, read


def network(config: Config) -> Iterator[Finding]:
    """The TCP door, and its token."""
    http = config.http
    if http.tokens_path is not None:
        yield token_file(http.tokens_path)
    if not http.listen:
        return
    host = http.listen.rpartition(":")[0].strip("[]")
    wide = [network for network in http.trusted_networks if not ipaddress.ip_network(network, strict=False).is_loopback]
    if wide:
        found = f"clients from {', '.join(wide)} need no token"
        yield warn("network", "listen-open", found, "narrow [http] trusted_networks, and set [http] token_file")
    elif not _is_local(host) and not http.token_file:
        found = f"[http] listen = {http.listen!r} is open to other machines, and there is no token: all are refused"
        yield warn("network", "listen-no-token", found, "set [http] token_file, or listen on 127.0.0.1")
    else:
        yield ok("network", f"listens on {http.listen}")


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def token_file(file: Path) -> Finding:
    """Would the daemon take it? One that is closed to who asks here is judged by its mode alone."""
    try:
        mode = file.stat().st_mode
        if mode & TOO_OPEN:
            found = f"[http] token_file {file} can be read or changed by others ({stat.filemode(mode)})"
            mend = f"chmod 0640 {file}; if a token stands in it as it is, put others in its place: ttsd token add NAME"
            return fail("token", "token-open", found, mend)
        if os.access(file, os.R_OK) and not read(file).tokens:
            return fail("token", "token-unreadable", f"[http] token_file {file} holds no token", "ttsd token add NAME")
    except OSError as error:
        found = f"[http] token_file {file} cannot be read: {error.strerror}"
        return fail("token", "token-unreadable", found, "make it: ttsd token add NAME")
    except ConfigError as error:
        mend = "mend what it names, or move the file away and make another: ttsd token add NAME"
        return fail("token", "token-unreadable", error.message, mend)
    return ok("token", f"{file} ({stat.filemode(mode)})")
