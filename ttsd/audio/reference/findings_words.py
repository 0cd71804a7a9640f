"""Findings on the transcript: whether it says what the clip says."""

from collections.abc import Iterator
from typing import Final

from ttsd.protocol.hearing import ClipFacts, Finding
from ttsd.protocol.speech import LANGUAGES

SHORT: Final = 0.68
"""Whole transcripts cover 0.75 and more of what is usual, those of half a clip 0.65 and less."""
FAR_TOO_SHORT: Final = 0.33
"""Single words, said slowly and clearly, come to 0.44."""
LONG: Final = 1.45
FAR_TOO_LONG: Final = 2.2
_REMEDY: Final = "Write down each word of the whole clip, fillers too, or cut the clip to what is written."


def transcript(facts: ClipFacts) -> Iterator[Finding]:
    """A transcript that does not cover the clip is the usual cause of speech that never ends."""
    if not facts.script_fits:
        name = LANGUAGES.get(facts.language, "a language known here").capitalize()
        message = f"The transcript is not written in {name}." if facts.language else "The transcript has no words."
        remedy = "Write down what is said, in the script of its language; or give the right language."
        yield Finding("transcript_script", "fault", message, remedy)
    elif not facts.syllables:
        message = "There is no transcript: the voice will be less like its speaker."
        yield Finding("transcript_missing", "warning", message, "Write down word for word what is said.")
    elif facts.covered is not None:
        yield from _coverage(facts, facts.covered)


def _coverage(facts: ClipFacts, covered: float) -> Iterator[Finding]:
    figures = f"{facts.syllables} syllables for {facts.speech_s:.1f} s of speech"
    if covered < SHORT:
        level = "fault" if covered < FAR_TOO_SHORT else "warning"
        message = f"The transcript seems to leave out some of what is said: {figures}."
        yield Finding("transcript_short", level, message, _REMEDY, covered)
    elif covered > LONG:
        level = "fault" if covered > FAR_TOO_LONG else "warning"
        message = f"The transcript seems to say more than the clip: {figures}."
        yield Finding("transcript_long", level, message, _REMEDY, covered)
