"""Job ids: 16 characters that sort by time of acceptance and can be read aloud."""

import secrets
from typing import Final

from ttsd.clock import Clock

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_TIME_CHARACTERS: Final = 9
_RANDOM_CHARACTERS: Final = 7


def new_job_id(clock: Clock) -> str:
    """Nine characters of milliseconds since 1970 and seven of chance (35 bits)."""
    return _base32(int(clock() * 1000), _TIME_CHARACTERS) + _base32(secrets.randbits(35), _RANDOM_CHARACTERS)


def _base32(number: int, characters: int) -> str:
    return "".join(_ALPHABET[number >> (5 * i) & 31] for i in reversed(range(characters)))
