"""What the facts of a clip mean: findings with stable codes, a plain sentence and a remedy each, the worst first."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ttsd.audio.reference.findings_sound import broadcast, clipped, echo, hum, noisy, offset, quiet
from ttsd.audio.reference.findings_words import transcript
from ttsd.protocol.hearing import LONGEST_REFERENCE_S, ClipFacts, Finding, Level

SHORTEST_S: Final = 1.0
SHORT_S: Final = 2.8
ADVISED_S: Final = 3
STEADY_S: Final = 15
LEAST_VOICED_PERCENT: Final = 8.0
HELD_PERCENT: Final = 45.0
LONG_SILENCE_S: Final = 1.0

_ORDER: Final[dict[Level, int]] = {"fault": 0, "warning": 1, "note": 2}
_RECORD: Final = "Record 3 to 15 s of speech."
_CUT: Final = "Cut it to 3 to 15 s, and its transcript too."


def findings(facts: ClipFacts) -> tuple[Finding, ...]:
    """All that is worth saying, the worst first; of a clip without speech, that alone."""
    if not heard(facts):
        message = "No speech was found in the clip." if not facts.truncated else "The file ends before any speech."
        return (Finding("no_speech", "fault", message, _RECORD, facts.voiced_percent, "%"),)
    found = [finding for check in _CHECKS for finding in check(facts)]
    return worst_first(found)


def worst_first(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order in which they are told."""
    return tuple(sorted(found, key=lambda finding: _ORDER[finding.level]))


def heard(facts: ClipFacts) -> bool:
    """Whether there is speech at all."""
    return facts.level_dbfs is not None and facts.voiced_percent >= LEAST_VOICED_PERCENT


def _duration(facts: ClipFacts) -> Iterator[Finding]:
    speech_s = facts.speech_s
    if facts.duration_s > LONGEST_REFERENCE_S:
        message = f"The clip lasts {facts.duration_s:.0f} s, and a voice can use {LONGEST_REFERENCE_S} s."
        yield Finding("too_long", "fault", message, _CUT, facts.duration_s, "s")
    elif speech_s > STEADY_S:
        message = f"There are {speech_s:.1f} s of speech; more than {STEADY_S} s make speaking slower, and no better."
        yield Finding("long", "note", message, _CUT, speech_s, "s")
    elif speech_s < SHORTEST_S:
        message = f"There are only {speech_s:.1f} s of speech; a voice needs {ADVISED_S} s."
        yield Finding("too_short", "fault", message, _RECORD, speech_s, "s")
    elif facts.duration_s < SHORT_S or speech_s < SHORT_S * 0.75:
        message = f"There are only {speech_s:.1f} s of speech; a voice is steady from {ADVISED_S} s on."
        yield Finding("short", "warning", message, _RECORD, speech_s, "s")


def _ends(facts: ClipFacts) -> Iterator[Finding]:
    if facts.truncated:
        message = "The file ends before the sound that its header promises."
        yield Finding("truncated", "warning", message, "Copy or download it again, or save it anew.")
    silence_s = max(facts.leading_silence_s, facts.trailing_silence_s)
    if silence_s > LONG_SILENCE_S:
        message = f"There are {silence_s:.1f} s of silence at an end; the mended copy is without them."
        yield Finding("silence", "note", message, "", silence_s, "s")
    where = [name for name, cut in (("begins", facts.starts_in_speech), ("ends", facts.ends_in_speech)) if cut]
    if where:
        message = f"The clip {' and '.join(where)} within a sound; a word may be cut."
        yield Finding("cut_word", "note", message, "Leave a moment of silence at both ends.")


def _who(facts: ClipFacts) -> Iterator[Finding]:
    if facts.held_percent > HELD_PERCENT:
        message = "This sounds like music or singing: its notes are held as in no speech."
        yield Finding("music", "warning", message, "Record the voice alone.", facts.held_percent, "%")
    elif (facts.speakers_apart or 0.0) > 1.0:
        message = "There may be more than one speaker: the pitch moves between two ranges."
        yield Finding("speakers", "warning", message, "Cut out one speaker.", facts.speakers_apart)


_CHECKS: Final[tuple[Callable[[ClipFacts], Iterator[Finding]], ...]] = (
    _duration,
    transcript,
    _ends,
    noisy,
    clipped,
    hum,
    echo,
    broadcast,
    _who,
    quiet,
    offset,
)
