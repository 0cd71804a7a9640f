"""One job's output under way: audio appended segment by segment, and the timeline for its receipt."""

from pathlib import Path

from ttsd.audio.files import WavWriter
from ttsd.audio.pcm import silence
from ttsd.protocol.jobs import SegmentReceipt
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, Segment
from ttsd.storage.spool import storage_errors


class Rendering:
    """Owns the scratch file of one job's audio. Blocking: call it from a thread, one call at a time."""

    def __init__(self, path: Path, audio_format: str) -> None:
        self.path = path
        self.samples = 0
        self.timeline: list[SegmentReceipt] = []
        self._pause_ms = 0
        self._audio_format = audio_format
        self._file: WavWriter | None = None

    def append(self, segment: Segment, key: str, pcm: bytes, *, reused: bool, cut_off: bool) -> None:
        """Add a segment after the pause that the one before it asked for. Raises StorageFull."""
        pause = silence(self._pause_ms)
        with storage_errors(str(self.path.parent)):
            self._opened().write(pause + pcm)
        start = self.samples + len(pause) // BYTES_PER_SAMPLE
        self.samples = start + len(pcm) // BYTES_PER_SAMPLE
        self._pause_ms = segment.pause_after_ms
        self.timeline.append(
            SegmentReceipt(
                index=len(self.timeline),
                text=segment.text,
                language=main_language(segment),
                start_s=round(start / SAMPLE_RATE_HZ, 6),
                end_s=round(self.samples / SAMPLE_RATE_HZ, 6),
                reused=reused,
                key=key,
                cut_off=cut_off,
            )
        )

    def close(self) -> None:
        """Complete the file and put it on the disk. Raises StorageFull."""
        with storage_errors(str(self.path.parent)):
            self._opened().close()

    def _opened(self) -> WavWriter:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = WavWriter(self.path, header=self._audio_format == "wav")
        return self._file

    def discard(self) -> None:
        """Give up: the scratch file goes."""
        if self._file is not None:
            self._file.discard()


def main_language(segment: Segment) -> str:
    """The language that most of the segment's text is in."""
    return max(segment.spans, key=lambda span: len(span.text)).language
