"""How each format of a file is made: container, codec, and the quality that suits one voice at 24 kHz."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ttsd.protocol.speech import FileFormat

_LAME_QUALITY: Final = 4 * 118
"""V4, in units of FFmpeg's lambda (118 to the step)."""


class Recipe(NamedTuple):
    """What FFmpeg is asked for, in its own words."""

    muxer: str
    codec: str
    quality: Mapping[str, str] = {}
    layout: Mapping[str, str] = {}
    """Options of the container."""
    encoder_key: str = ""
    """The field for the program that made the file; empty where the format has none that can be set."""


_M4A: Final = Recipe("ipod", "aac", {"b": "64k"}, {"movflags": "+faststart"})
"""FFmpeg's own AAC knows no good VBR; at 64 kb/s nothing of a voice is missed. The index comes first, for streaming."""

RECIPES: Final[Mapping[FileFormat, Recipe]] = {
    # Beyond 4 GB (25 hours) a WAV has no room for its size: it becomes RF64 then.
    "wav": Recipe("wav", "pcm_s16le", layout={"rf64": "auto"}, encoder_key="ISFT"),
    "pcm": Recipe("s16le", "pcm_s16le"),
    "flac": Recipe("flac", "flac", encoder_key="encoded_by"),
    # VBR, some 60 kb/s for speech; the Xing header tells players what to cut at both ends.
    "mp3": Recipe("mp3", "libmp3lame", {"flags": "+qscale", "global_quality": str(_LAME_QUALITY)}, {}, "TSSE"),
    # VBR around 40 kb/s. Not the `voip` mode, which filters the voice to be understood over noise.
    "opus": Recipe("ogg", "libopus", {"b": "40k", "vbr": "on", "application": "audio"}, {}, "encoder"),
    "m4a": _M4A,
    "m4b": _M4A,
}
