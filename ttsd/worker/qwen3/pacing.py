"""One stream's course, frame by frame, without a tensor: what text comes next, when to decode, and when to stop."""

from typing import Final

from ttsd.protocol.engine import Reason

RAMP_FRAMES: Final = (1, 2, 4, 8, 12)
"""Sizes of the chunks that are decoded: the first sound early, later ones cheaply (each 80 ms a frame)."""
RUNAWAY_FRAMES: Final = 75
"""Six seconds: speech that goes on for longer than this after its text is used up, and …"""
RUNAWAY_PER_TOKEN: Final = 6
"""… for longer than so many frames for each token of its text, has lost its end. A token is 2 to 4 frames of speech."""


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
    def next_row(self) -> int | None:
        """Which trailing text row the next frame takes; None: a pad row."""
        return self.frames if self.frames < self._text_rows else None

    @property
    def waiting(self) -> bool:
        """Whether the next frame's text is still to come: the stream is held, never padded."""
        return not self._ended and self.next_row is None

    @property
    def may_end(self) -> bool:
        """Whether the model may say that it is done: not before its text has ended and is used up."""
        return self._ended

    def made(self, *, end: bool) -> None:
        """A frame was drawn; `end`: it was the end, no sound."""
        if end:
            self.reason = "stop"
            return
        self.frames += 1
        self._undecoded += 1
        if self.frames >= self._limit():
            self.reason = "length"

    def _limit(self) -> int:
        if not self._guarded or not self._ended:
            return self.most_frames
        allowance = max(RUNAWAY_FRAMES, RUNAWAY_PER_TOKEN * self._text_tokens)
        return min(self.most_frames, self._text_rows + allowance)

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
