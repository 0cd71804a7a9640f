"""Findings of listening: whether the clip is heard to say its transcript, and in the voice of the neutral one."""

from typing import Final

from ttsd.protocol.ears import Recognised
from ttsd.protocol.hearing import Finding

DIFFERS_PERCENT: Final = 30.0
UNLIKE: Final = 0.36
"""Cosines of clips of one speaker are above, those of two speakers below."""
QUOTED: Final = 200
"""Characters of a text, in a sentence."""


def words(transcript: str, heard: Recognised) -> Finding:
    """What was heard against what is written."""
    if not heard.of:
        remedy = "Correct that, and give it: ttsd voices set NAME --transcript TEXT."
        return Finding("heard", "note", f"What is heard is “{_quoted(heard.text)}”.", remedy)
    percent = round(100 * heard.wrong / heard.of, 1)
    if percent <= DIFFERS_PERCENT:
        message = f"A recogniser hears what the transcript says; {percent:.0f} % differs."
        return Finding("heard", "note", message, "", percent, "%")
    says, hears = _quoted(transcript), _quoted(heard.text)
    message = f"The transcript says “{says}”, what is heard is “{hears}”: {percent:.0f} % differs."
    remedy = "Write down word for word what is said in the clip, all of it; if you did, the recogniser errs."
    return Finding("heard_differs", "warning", message, remedy, percent, "%")


def likeness(neutral: Recognised, other: Recognised) -> Finding:
    """Of a variant's voice to that of the neutral one."""
    cosine = round(sum(one * two for one, two in zip(neutral.timbre, other.timbre, strict=True)), 2)
    if cosine >= UNLIKE:
        message = f"It sounds like the speaker of the neutral clip: {cosine:.2f} of 1."
        return Finding("alike", "note", message, "", cosine)
    message = (
        f"It sounds like another speaker than the neutral clip: {cosine:.2f}, and one speaker has {UNLIKE} or more."
    )
    return Finding("unlike", "warning", message, "Make the variant of a clip of the same speaker.", cosine)


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"
