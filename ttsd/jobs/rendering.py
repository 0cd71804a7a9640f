"""One output file under way: audio appended segment by segment, and the timeline for its receipt."""

from pathlib import Path
from typing import Final, NamedTuple

from ttsd.audio.files import WavWriter
from ttsd.protocol.jobs import SegmentReceipt
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, Segment
from ttsd.storage.spool import storage_errors

LATE_PAUSE_S: Final = 0.08
"""Between a subtitle that has overrun and the next one, which is late already."""


class Sound(NamedTuple):
    """One segment's sound."""

    pcm: bytes
    key: str
    seed: int
    reused: bool
    cut_off: bool = False
    work_s: float = 0.0
    """What making it took; 0 when it was found."""


class Rendering:
    """Owns the scratch file of one output's audio. Blocking: call it from a thread, one call at a time."""

    def __init__(self, path: Path, *, header: bool = True, info: bytes = b"") -> None:
        """`info`: see `WavWriter`."""
        self.path = path
        self.samples = 0
        self.timeline: list[SegmentReceipt] = []
        self._pause_ms = 0
        self._header = header
        self._info = info
        self._file: WavWriter | None = None

    @property
    def duration_s(self) -> float:
        """Of the audio so far."""
        return self.samples / SAMPLE_RATE_HZ

    def append(self, index: int, segment: Segment, sound: Sound, slot_start_s: float | None = None) -> None:
        """Add segment `index` after the pause that the one before it asked for, or when its slot begins.

        Raises StorageFull.
        """
        start = self._start(slot_start_s) + segment.pause_before_ms * SAMPLE_RATE_HZ // 1000
        with storage_errors(str(self.path.parent)):
            self._opened().silence(start - self.samples)
            self._opened().write(sound.pcm)
        self.samples = start + len(sound.pcm) // BYTES_PER_SAMPLE
        self._pause_ms = segment.pause_after_ms
        self.timeline.append(
            SegmentReceipt(
                index=index,
                text=segment.text,
                language=main_language(segment),
                start_s=round(start / SAMPLE_RATE_HZ, 6),
                end_s=round(self.samples / SAMPLE_RATE_HZ, 6),
                reused=sound.reused,
                key=sound.key,
                cut_off=sound.cut_off,
                seed=sound.seed,
                spoken="" if segment.spoken == segment.text else segment.spoken,
                readings=tuple(f"{span.text}={span.reading}" for span in segment.spans if span.reading),
                lexicon=segment.lexicon,
            )
        )

    def _start(self, slot_start_s: float | None) -> int:
        """The sample with which the next segment begins."""
        if slot_start_s is None:
            return self.samples + self._pause_ms * SAMPLE_RATE_HZ // 1000
        soonest = self.samples + round(LATE_PAUSE_S * SAMPLE_RATE_HZ) if self.timeline else 0
        return max(soonest, round(slot_start_s * SAMPLE_RATE_HZ))

    def close(self) -> None:
        """Complete the file and put it on the disk. Raises StorageFull."""
        with storage_errors(str(self.path.parent)):
            self._opened().close()

    def _opened(self) -> WavWriter:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = WavWriter(self.path, header=self._header, info=self._info)
        return self._file

    def discard(self) -> None:
        """Give up: the scratch file goes."""
        if self._file is not None:
            self._file.discard()


def main_language(segment: Segment) -> str:
    """The language that most of the segment's text is in."""
    return max(segment.spans, key=lambda span: len(span.text)).language
