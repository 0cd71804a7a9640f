"""One stream's course, frame by frame, without a tensor: what text comes next, when to decode, and when to stop."""

from typing import Final

from ttsd.protocol.engine import Reason

RAMP_FRAMES: Final = (1, 2, 4, 8, 12)
"""Sizes of the chunks that are decoded: the first sound early, later ones cheaply (each 80 ms a frame)."""
RUNAWAY_FRAMES: Final = 75
"""Six seconds: speech that goes on for longer than this after its text is used up, and …"""
RUNAWAY_PER_TOKEN: Final = 6
"""… for longer than so many frames for each token of its text, has lost its end. A token is 2 to 4 frames of speech."""
HURRY_FRAMES: Final = 25
"""Speech that has lost its end is led to it for two seconds before it is cut off."""
HURRY: Final = 0.5
"""So much more, with each of these frames, is added to the score of the end."""
NEVER: Final = -float("inf")
"""The end may not be drawn, whatever its score is."""


class Pacing:
    """Owns the counts of one stream. `text_rows` are what trails the prompt; `text_tokens` what the whole text has."""

    def __init__(self, text_rows: int, text_tokens: int, max_frames: int, *, guarded: bool = True) -> None:
        self.frames = 0
        self.reason: Reason | None = None
        """Set at the end."""
        self._text_rows = text_rows
        self._text_tokens = text_tokens
        self.most_frames = max_frames
        self._guarded = guarded
        self._ended = True
        self._chunk = 0
        self._undecoded = 0

    def hold(self) -> None:
        """More text will come: the stream waits for it and does not end, until `extend` says that this was the last."""
        self._ended = False

    def extend(self, rows: int, tokens: int, *, last: bool) -> None:
        """More text rows are there."""
        self._text_rows += rows
        self._text_tokens += tokens
        self._ended = last

    @property
    def waiting(self) -> bool:
        """Whether the next frame's text is still to come: the stream is held, never padded."""
        return not self._ended and self.frames >= self._text_rows

    @property
    def push(self) -> float:
        """What is added to the score of the end of speech: `NEVER` before its text is used up, more than 0 to hurry."""
        if not self._guarded:
            return 0.0
        if not self._ended or self.frames < self._text_rows:
            return NEVER
        return HURRY * max(0, self.frames - self._allowed + 1)

    def made(self, *, end: bool) -> None:
        """A frame was drawn; `end`: it was the end, no sound."""
        if end:
            self.reason = "length" if self.push > 0 else "stop"
            return
        self.frames += 1
        self._undecoded += 1
        if self.frames >= self._limit():
            self.reason = "length"

    @property
    def _allowed(self) -> int:
        """Frames that a text of this length may take."""
        return self._text_rows + max(RUNAWAY_FRAMES, RUNAWAY_PER_TOKEN * self._text_tokens)

    def _limit(self) -> int:
        if not self._guarded or not self._ended:
            return self.most_frames
        return min(self.most_frames, self._allowed + HURRY_FRAMES)

    def due(self) -> int:
        """How many frames to decode now; 0: wait for more."""
        size = RAMP_FRAMES[min(self._chunk, len(RAMP_FRAMES) - 1)]
        if self._undecoded < size and self.reason is None:
            return 0
        return min(size, self._undecoded)

    def decoded(self, frames: int) -> None:
        """So many of them were."""
        self._undecoded -= frames
        self._chunk += 1
