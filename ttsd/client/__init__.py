"""The typed client of the daemon: what the commands and the terminal app use, and nothing else."""

from typing import Final

from ttsd import __version__
from ttsd.client.client import TtsdClient
from ttsd.client.live import LiveSession

VERSION: Final = __version__
"""Of this client."""

__all__ = ["VERSION", "LiveSession", "TtsdClient"]
