"""The tokens in force: read again when their file changes."""

from pathlib import Path
from typing import Final

from ttsd.clock import Clock
from ttsd.log import get_logger
from ttsd.protocol.errors import ConfigError
from ttsd.storage.token_file import Token, Tokens, read

LOOK_S: Final = 1.0
"""How soon a change of the file counts."""

_Signature = tuple[int, int, int] | None
"""Time of change, size and inode. That of the content alone would not tell of an owner or mode that was mended."""

log = get_logger(__name__)


class TokenShelf:
    """Owns what is known of one token file; one that cannot be read any more lets nobody in. Loop thread only."""

    def __init__(self, file: Path | None, clock: Clock) -> None:
        """Raises ConfigError for a file that cannot be read."""
        self._file = file
        self._clock = clock
        self._signature: _Signature = None
        self._looked_s = clock()
        self._tokens = Tokens()
        if self._file is not None:
            self._signature = _signature(self._file)
            self._take(read(self._file))

    @property
    def all(self) -> tuple[Token, ...]:
        self._look()
        return self._tokens.tokens

    def find(self, given: str) -> Token | None:
        """The token that was given, when it is one; expired ones too."""
        if not given:
            return None
        self._look()
        found = self._tokens.find(given)
        if found is None:  # it may be new
            self._look(now=True)
            found = self._tokens.find(given)
        return found

    def _look(self, *, now: bool = False) -> None:
        now_s = self._clock()
        if self._file is None or (not now and 0 <= now_s - self._looked_s < LOOK_S):
            return
        self._looked_s = now_s
        signature = _signature(self._file)
        if signature == self._signature:
            return
        self._signature = signature
        try:
            self._take(read(self._file))
        except ConfigError as error:
            self._tokens = Tokens()
            log.error("tokens.refused", reason=error.message)  # noqa: TRY400 — the message says it all
        else:
            log.info("tokens.read", names=", ".join(token.name for token in self._tokens.tokens))

    def _take(self, tokens: Tokens) -> None:
        self._tokens = tokens
        if tokens.plain:
            log.warning("tokens.plain", file=str(self._file), way_out="`ttsd token migrate` keeps its hash instead")


def _signature(file: Path) -> _Signature:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ctime_ns, status.st_size, status.st_ino
