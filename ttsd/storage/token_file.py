"""The token file: a line for each token that TCP clients may show, hashed.

    laptop:sha256:6b86b273…:expires=2027-03-01:admin

Tokens are 256 random bits, which nobody can guess however fast a guess is checked: a fast hash keeps them as safe as a
slow one would, and a request costs no 100 ms. Who reads the file cannot speak to the daemon by what they read.
"""

import fcntl
import grp
import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from ttsd.durable import Access, replace_synced
from ttsd.protocol.errors import BadRequest, ConfigError, NotFound

PREFIX: Final = "ttsd_"
"""Of new tokens, so that they are known when somebody finds one where it should not be."""
RANDOM_BYTES: Final = 32
MODE: Final = 0o640
TOO_OPEN: Final = 0o037
"""Nobody but the owner may write, nobody outside the group may read."""
OLD_NAME: Final = "old"
"""What the one token of a file of the old kind, which held it as it is, is called."""
MOST_BYTES: Final = 2**20

_HASHED: Final = ":sha256:"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LINE: Final = re.compile(
    rf"(?P<name>{_NAME.pattern}){_HASHED}(?P<sha256>[0-9a-f]{{64}})"
    r"(?::expires=(?P<expires>\d{4}-\d{2}-\d{2}))?(?P<admin>:admin)?"
)


class Token(msgspec.Struct, frozen=True):
    """One that may be shown, known by its hash."""

    name: str
    sha256: str
    expires: str = ""
    """The first day (in UTC, `2027-03-01`) on which it is not good any more; empty: none is."""
    admin: bool = False

    def line(self) -> str:
        """As it stands in the file."""
        expires = f":expires={self.expires}" if self.expires else ""
        return f"{self.name}:sha256:{self.sha256}{expires}" + (":admin" if self.admin else "")

    def has_expired(self, now_s: float) -> bool:
        return bool(self.expires) and day(now_s) >= self.expires


class Tokens(msgspec.Struct, frozen=True):
    """What a file holds."""

    tokens: tuple[Token, ...] = ()
    plain: bool = False
    """The file is of the old kind: it holds one token as it is."""

    def find(self, given: str) -> Token | None:
        """The one that was given. It takes as long whichever it is, and however much of it was right."""
        digest, found = digest_of(given), None
        for token in self.tokens:
            if hmac.compare_digest(token.sha256, digest):
                found = token
        return found


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def day(at_s: float) -> str:
    """The day in UTC."""
    return datetime.fromtimestamp(at_s, UTC).date().isoformat()


def read(path: Path) -> Tokens:
    """What is in the file. Raises ConfigError, which names the way out."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(MOST_BYTES)
    except OSError as error:
        raise _bad(path, f"cannot be read ({error.strerror})") from error
    if status.st_mode & TOO_OPEN:
        mode = stat.S_IMODE(status.st_mode)
        raise _bad(path, f"others could read or change it (mode {mode:04o}): chmod 0640 {path}")
    try:
        return parse(data.decode(), path)
    except UnicodeDecodeError as error:
        raise _bad(path, "is not text") from error


def parse(text: str, path: Path) -> Tokens:
    """The same of what is in it. Raises ConfigError."""
    numbered = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    lines = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    if len(lines) == 1 and _HASHED not in lines[0][1]:
        return Tokens((Token(OLD_NAME, digest_of(lines[0][1]), admin=False),), plain=True)
    tokens: list[Token] = []
    for number, line in lines:
        token = _token(line)
        if token is None:
            # Without the line itself: it may be a token.
            raise _bad(path, f"its line {number} is no hashed token; `ttsd token add NAME` writes such")
        tokens.append(token)
    return Tokens(tuple(tokens))


def _token(line: str) -> Token | None:
    """What the line says, if it is a hashed token with, where it expires, a day that there is."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    try:
        expires = match["expires"] and date.fromisoformat(match["expires"])
    except ValueError:
        return None
    return Token(match["name"], match["sha256"], str(expires or ""), bool(match["admin"]))


def _bad(path: Path, reason: str) -> ConfigError:
    return ConfigError(f"[http] token_file: {path}: {reason}", param="http.token_file")


def add(path: Path, name: str, now_s: float, days: int | None, *, admin: bool) -> str:
    """Put a new token into the file, which is made when there is none; returns the token, kept nowhere.

    Raises BadRequest for a name that is taken or cannot be one, ConfigError for a file that cannot be read.
    """
    if not _NAME.fullmatch(name):
        raise BadRequest(f"no token can be called {name[:64]!r}: letters, digits, . _ - and at most 64 of them")
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    expires = "" if days is None else (datetime.fromtimestamp(now_s, UTC).date() + timedelta(days)).isoformat()
    with _changing(path, make=True) as file:
        known = read(file).tokens if file.exists() else ()
        if any(token.name == name for token in known):
            raise BadRequest(f"there is a token {name!r} already; revoke it, or choose another name")
        _write(file, [*known, Token(name, digest_of(secret), expires, admin)])
    return secret


def revoke(path: Path, name: str) -> None:
    """Take a token out. Raises NotFound, ConfigError."""
    with _changing(path) as file:
        known = read(file).tokens
        if all(token.name != name for token in known):
            raise NotFound(f"there is no token {name!r} in {path}; `ttsd token list` shows them")
        _write(file, [token for token in known if token.name != name])


def migrate(path: Path) -> bool:
    """Hash what a file of the old kind holds; whether there was anything to do. Raises ConfigError."""
    with _changing(path) as file:
        tokens = read(file)
        if tokens.plain:
            _write(file, tokens.tokens)
        return tokens.plain


@contextmanager
def _changing(path: Path, *, make: bool = False) -> Generator[Path]:
    """Read and write what is yielded, the file that `path` may be a link to: nobody else changes it meanwhile.

    `.NAME.lock` beside it is what they wait for: a lock on the file would go with it when it is replaced, and one on
    its folder could be held by whoever may look into that. Raises ConfigError.
    """
    file = Path(os.path.realpath(path))
    try:
        if make:
            file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError as error:
        raise _bad(path, f"cannot be read ({error.strerror})") from error
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(lock)


def _write(path: Path, tokens: Iterable[Token]) -> None:
    """Whole or not at all; who owned the file and who could read it still does, at every moment."""
    lines = ["# Tokens of TCP clients, hashed. Change with: ttsd token add | revoke", *(t.line() for t in tokens)]
    try:
        replace_synced(path, "\n".join([*lines, ""]).encode(), mode=0o600, access=_access(path))
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> ConfigError:
    way_out = "; who may: its owner, or sudo" if isinstance(error, PermissionError) else ""
    return _bad(path, f"cannot be written ({error.strerror}){way_out}")


def _access(path: Path) -> Access:
    """As the file has it; a new one of root's is for the group `ttsd` to read."""
    try:
        status = path.stat()
    except FileNotFoundError:
        group = _group() if os.geteuid() == 0 else -1
        return Access(-1, group, 0o600 if group == -1 else MODE)
    return Access(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))


def _group() -> int:
    try:
        return grp.getgrnam("ttsd").gr_gid
    except KeyError:
        return -1
