"""The stores beside the queue and the spools."""

import msgspec

from ttsd.storage.clips import Clips
from ttsd.storage.results import Results
from ttsd.storage.voices import Voices


class Stores(msgspec.Struct, frozen=True):
    """Where audio goes to, and where voices come from."""

    results: Results
    clips: Clips
    voices: Voices
