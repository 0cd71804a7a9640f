"""What admins are told of the tokens of TCP clients."""

import msgspec


class TokenUse(msgspec.Struct, frozen=True):
    """One of them; the token itself is known to nobody but who has it."""

    name: str
    expires: str = ""
    """The first day (in UTC, `2027-03-01`) on which it is not good any more; empty: none is."""
    admin: bool = False
    used_s: float | None = None
    """When it was used last, to the minute, in Unix seconds; `None`: never, or nobody knows."""


class TokenList(msgspec.Struct, frozen=True):
    """Answer of `GET /v1/tokens`."""

    tokens: tuple[TokenUse, ...]
