"""What the facts of a clip mean: findings with stable codes, a plain sentence and a remedy each."""

from collections.abc import Callable, Iterator
from typing import Final

from ttsd.protocol.hearing import ClipFacts, Finding, Level

SHORTEST_S: Final = 1.0
ADVISED_S: Final = 3.0
STEADY_S: Final = 15.0
LONGEST_S: Final = 60.0
"""What the engine takes: see `ttsd.worker.qwen3.clip`."""

_ORDER: Final[dict[Level, int]] = {"fault": 0, "warning": 1, "note": 2}


def findings(facts: ClipFacts) -> tuple[Finding, ...]:
    """All that is worth saying, the worst first."""
    found = [finding for check in _CHECKS for finding in check(facts)]
    return tuple(sorted(found, key=lambda finding: _ORDER[finding.level]))


def _duration(facts: ClipFacts) -> Iterator[Finding]:
    length_s = facts.speech_s
    if facts.duration_s > LONGEST_S:
        message = f"The clip lasts {facts.duration_s:.0f} s; the engine takes {LONGEST_S:.0f} s at most."
        yield Finding("too_long", "fault", message, "Cut it, and its transcript, to 3 to 15 s.", facts.duration_s, "s")
    elif length_s > STEADY_S:
        message = f"There are {length_s:.1f} s of speech; more than {STEADY_S:g} s make speaking slower, and no better."
        yield Finding("long", "note", message, "Cut it, and its transcript, to 3 to 15 s.", length_s, "s")
    if facts.level_dbfs is None:
        return
    if length_s < SHORTEST_S:
        message = f"There are only {length_s:.1f} s of speech; a voice needs {ADVISED_S:g} s."
        yield Finding("too_short", "fault", message, "Record 3 to 15 s of speech.", length_s, "s")
    elif length_s < ADVISED_S * 0.93:
        message = f"There are {length_s:.1f} s of speech; a voice is steady from {ADVISED_S:g} s on."
        yield Finding("short", "warning", message, "Record 3 to 15 s of speech.", length_s, "s")


def _no_speech(facts: ClipFacts) -> Iterator[Finding]:
    if facts.level_dbfs is None:
        yield Finding("no_speech", "fault", "No speech was found in the clip.", "Record the voice again.")


_CHECKS: Final[tuple[Callable[[ClipFacts], Iterator[Finding]], ...]] = (_no_speech, _duration)
