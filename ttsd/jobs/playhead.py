"""Where a listener would be who began with the first sound, and is always ready to take more."""

from typing import Final

LEAST_GAP_S: Final = 0.02
"""What every sound device holds: shorter ones nobody hears."""


class Playhead:
    """Owns the time at which all that was made so far is played. Sound that comes later leaves a gap: our fault."""

    def __init__(self) -> None:
        self._dry_at: float | None = None

    def rest(self) -> None:
        """What comes next is not due at any time."""
        self._dry_at = None

    def hear(self, now: float, audio_s: float) -> float:
        """More sound is there; returns the gap before it, in seconds."""
        dry_at = now if self._dry_at is None else self._dry_at
        gap_s = max(0.0, now - dry_at)
        self._dry_at = max(now, dry_at) + audio_s
        return gap_s if gap_s >= LEAST_GAP_S else 0.0
