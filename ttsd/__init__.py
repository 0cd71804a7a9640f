"""ttsd: a speech daemon that owns a voice model and never loses a job."""

from typing import Final

__version__: Final = "0.1.0"
