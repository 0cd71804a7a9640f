"""A quick look at a line's bytes: most lines of a search are put aside without being read as JSON."""

import re
from collections.abc import Callable
from typing import Final

from ttsd.protocol.log import LEVELS, LogQuery, rank, words_of

_LETTERS: Final = re.compile(r"[a-z_.]{2,}")
"""What stands in JSON as it stands in what a line says: no figures, nothing that is escaped."""
_ID: Final = re.compile(r"[A-Za-z0-9._:/+=-]+")


def sieve(query: LogQuery) -> Callable[[bytes], bool]:
    """Says of a line of a log file whether `query` may mean it; it never says no to one that is meant."""
    levels = b"|".join(level.encode() for level in (*LEVELS[rank(query.level) :], "critical"))
    level = re.compile(b'"level":"(?:' + levels + b')"') if rank(query.level) > rank("info") else None
    ids = [name.encode() for name in (query.job, query.request) if _ID.fullmatch(name)]
    letters = [part.encode() for word in words_of(query.q) for part in _LETTERS.findall(word)]

    def may_match(raw: bytes) -> bool:
        if level is not None and level.search(raw) is None:
            return False
        if not all(name in raw for name in ids):
            return False
        # Some letters beyond ASCII have a small form within it: such lines are read.
        return not letters or not raw.isascii() or _has_all(raw.lower(), letters)

    return may_match


def _has_all(raw: bytes, parts: list[bytes]) -> bool:
    return all(part in raw for part in parts)
