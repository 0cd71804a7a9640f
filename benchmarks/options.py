"""What the command line sets for all benchmarks."""

from pathlib import Path

import msgspec


class Options(msgspec.Struct, frozen=True):
    quick: bool = False
    """A tenth of the samples: to see that everything works, not for figures."""
    profile: Path | None = None
    """Where `files` leaves a profile of the daemon."""
    disk: Path = Path("/var/tmp")
    """A folder on the disk that `files` is to measure."""
    ears: Path | None = None
    """The Python of the virtual environment that can listen."""
    languages: str = ""
    """What `listening` is to listen to: codes and `mixed`, separated by commas; empty: everything."""

    minutes: float = 0.0
    """How long `load` goes on; 0: as usual."""

    def count(self, usual: int) -> int:
        return max(3, usual // 10) if self.quick else usual
