"""Who asks, and what that lets them do with other people's work. Pure, but for the names that accounts have."""

import pwd
from functools import lru_cache
from typing import Final

import msgspec

ACCOUNT: Final = "uid "
TOKEN: Final = "token "  # noqa: S105 — how a name begins, no secret
"""How the names of users begin whose kind could be mistaken: a file's owner or a local client, and a token."""


class Asker(msgspec.Struct, frozen=True):
    """Somebody who asks for something."""

    user: str = ""
    """As the queue knows users: `uid 1000`, `token laptop`, an address; empty: nobody knows, they hung up."""
    groups: frozenset[int] = frozenset()
    """Of a local client: the numbers of all groups its process is in."""
    admin: bool = False
    """They may see and change everything: root, the daemon's own user, `[access] admin_group`, an admin's token."""
    pid: int | None = None

    @property
    def name(self) -> str:
        """For logs and people."""
        return name_of(self.user)

    def owns(self, user: str) -> bool:
        """Whether what belongs to `user` is theirs; what belongs to nobody is nobody's."""
        return bool(user) and user == self.user


def account(uid: int) -> str:
    """A local user, as the queue knows users."""
    return f"{ACCOUNT}{uid}"


def token(name: str) -> str:
    """Whoever has that token, as the queue knows users."""
    return f"{TOKEN}{name}"


def name_of(user: str) -> str:
    """A user as people know them: the account's name when it has one, else as the queue does."""
    number = user.removeprefix(ACCOUNT)
    if number == user or not number.isdecimal():
        return user
    try:
        return _account_name(int(number))
    except (KeyError, OverflowError):
        return user


@lru_cache(maxsize=1024)
def _account_name(uid: int) -> str:
    """Raises KeyError for a number without an account, which is looked for again the next time."""
    return pwd.getpwuid(uid).pw_name
