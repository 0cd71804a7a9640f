"""Findings on the quality of the sound."""

from collections.abc import Iterator
from typing import Final

from ttsd.protocol.hearing import ClipFacts, Finding, Level

NOISE_DB: Final[tuple[tuple[float, Level], ...]] = ((-10.0, "fault"), (-20.0, "warning"), (-30.0, "note"))
"""Above so much noise against the speech; the first that holds."""
CLIPPED_PERCENT: Final[tuple[tuple[float, Level], ...]] = ((3.0, "fault"), (0.1, "warning"), (0.0, "note"))
"""Above so much of the speech."""
HUM_DB: Final[tuple[tuple[float, Level], ...]] = ((-25.0, "warning"), (-40.0, "note"))
ECHO_S: Final[tuple[tuple[float, Level], ...]] = ((0.7, "warning"), (0.55, "note"))
TELEPHONE_HZ: Final = 4_500
NARROW_HZ: Final = 8_000
QUIET_DBFS: Final = -40.0
OFFSET_PERCENT: Final = 1.0


def noisy(facts: ClipFacts) -> Iterator[Finding]:
    """Noise under the voice, which is heard in what the voice says."""
    level = None if facts.snr_db is None else _above(-facts.snr_db, NOISE_DB)
    if level is not None:
        message = f"The noise is only {facts.snr_db:.0f} dB below the speech, and will be heard in what the voice says."
        remedy = "Record in a quiet room, close to the microphone, or have the clip denoised."
        yield Finding("noisy", level, message, remedy, facts.snr_db, "dB")


def clipped(facts: ClipFacts) -> Iterator[Finding]:
    """Waves cut off flat: that cannot be mended."""
    level = _above(facts.clipped_percent, CLIPPED_PERCENT)
    if level is not None:
        message = f"The recording is overdriven: {facts.clipped_ms:.0f} ms are cut off flat."
        yield Finding(
            "clipped", level, message, "Record again with less gain; peaks at -6 dB are good.", facts.clipped_ms, "ms"
        )


def hum(facts: ClipFacts) -> Iterator[Finding]:
    """Mains hum."""
    level = None if facts.hum_db is None else _above(facts.hum_db, HUM_DB)
    if level is not None:
        message = f"There is a hum of {facts.hum_hz} Hz, {-(facts.hum_db or 0):.0f} dB below the speech."
        remedy = (
            "Its lowest tone is filtered out of the mended copy; for the rest, keep cables and power supplies apart."
        )
        yield Finding("hum", level, message, remedy, facts.hum_db, "dB")


def echo(facts: ClipFacts) -> Iterator[Finding]:
    """The sound of a room."""
    level = None if facts.decay_s is None else _above(facts.decay_s, ECHO_S)
    if level is not None:
        message = "The room seems to echo: the sound dies away slowly after words."
        remedy = "Record closer to the microphone, in a room with curtains, carpets or clothes."
        yield Finding("echo", level, message, remedy, facts.decay_s, "s")


def broadcast(facts: ClipFacts) -> Iterator[Finding]:
    """High tones that are missing."""
    highest = facts.bandwidth_hz
    if highest is None or highest >= NARROW_HZ * 0.9:
        return
    telephone = highest < TELEPHONE_HZ
    likely = "on a telephone" if telephone else "after a low-bitrate codec"
    message = f"Nothing is to be heard above {highest / 1000:.1f} kHz, as {likely}."
    remedy = "Use the original recording, at 24 kHz or more."
    yield Finding("narrow", "warning" if telephone else "note", message, remedy, highest, "Hz")


def quiet(facts: ClipFacts) -> Iterator[Finding]:
    """Speech that is hardly there."""
    if facts.level_dbfs is not None and facts.level_dbfs < QUIET_DBFS:
        message = f"The speech is very quiet, {facts.level_dbfs:.0f} dB below full scale; the mended copy is louder."
        yield Finding("quiet", "note", message, "Record with more gain.", facts.level_dbfs, "dB")


def offset(facts: ClipFacts) -> Iterator[Finding]:
    """A constant voltage under the sound."""
    if abs(facts.offset_percent) > OFFSET_PERCENT:
        message = (
            f"The wave is off its middle by {abs(facts.offset_percent):.1f} % of full scale; the mended copy is not."
        )
        yield Finding("offset", "note", message, "", facts.offset_percent, "%")


def _above(value: float, bounds: tuple[tuple[float, Level], ...]) -> Level | None:
    return next((level for bound, level in bounds if value > bound), None)
