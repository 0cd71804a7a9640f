"""The typed client of the daemon: what the commands and the terminal app use, and nothing else."""

from ttsd.client.client import TtsdClient
from ttsd.client.live import LiveSession

__all__ = ["LiveSession", "TtsdClient"]
