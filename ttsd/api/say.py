"""Whose say it is: what belongs to everybody, and who may change it."""

from starlette.requests import HTTPConnection

from ttsd.api.peer import asker
from ttsd.config import Config
from ttsd.protocol.errors import Forbidden


def check_manages(connection: HTTPConnection, config: Config, what: str) -> None:
    """Raises Forbidden for who may not do `what` to what belongs to everybody: `[access] manage`."""
    if config.access.manage == "admins" and not asker(connection).admin:
        raise Forbidden(f"to {what} is for admins here ([access] manage); {whose_say(config)}")


def whose_say(config: Config) -> str:
    """Who could do it."""
    group = config.access.admin_group
    return (
        f"root, the daemon's user and members of the group {group} may do that"
        if group
        else ("root and the daemon's user may do that")
    )
