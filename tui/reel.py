"""The samples of one sound, on their way to the sound device: a thread-safe tape with a playing head."""

from bisect import bisect_right
from threading import Lock

from ttsd.protocol.speech import BYTES_PER_SAMPLE


class Reel:
    """Owns PCM (s16le mono), played or not. Positions are samples of the stream; no call ever waits for a device."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._chunks: list[bytes] = []
        self._starts: list[int] = []
        self._position = 0
        self._end = 0

    @property
    def position(self) -> int:
        """The next sample that will be handed to the device."""
        return self._position

    @property
    def end(self) -> int:
        """The sample after the last one that was fed."""
        return self._end

    @property
    def start(self) -> int:
        """The first sample that is still here."""
        return self._starts[0] if self._starts else self._end

    @property
    def waiting(self) -> int:
        """Samples fed and not handed out yet."""
        return self._end - self._position

    def feed(self, pcm: bytes) -> None:
        with self._lock:
            self._chunks.append(pcm)
            self._starts.append(self._end)
            self._end += len(pcm) // BYTES_PER_SAMPLE

    def take(self, out: memoryview) -> int:
        """Fill `out` from the head on; returns how many bytes were written, fewer when the reel ran empty."""
        with self._lock:
            filled = self._copy(self._position, out)
            self._position += filled // BYTES_PER_SAMPLE
        return filled

    def read(self, start: int, end: int) -> bytes:
        """PCM from sample `start` to `end`, as far as it is here; the head stays."""
        out = bytearray(max(0, end - start) * BYTES_PER_SAMPLE)
        with self._lock:
            filled = self._copy(start, memoryview(out))
        return bytes(out[:filled])

    def _copy(self, start: int, out: memoryview) -> int:
        filled = 0
        place = max(0, bisect_right(self._starts, start) - 1)
        while place < len(self._chunks) and filled < len(out):
            chunk = memoryview(self._chunks[place])
            # Only the first chunk can be entered in its middle.
            part = chunk[max(0, start - self._starts[place]) * BYTES_PER_SAMPLE :][: len(out) - filled]
            out[filled : filled + len(part)] = part
            filled += len(part)
            place += 1
        return filled

    def seek(self, at: int) -> None:
        """Put the head to sample `at`, or as near as there is sound."""
        with self._lock:
            self._position = max(self.start, min(at, self._end))

    def truncate(self, at: int) -> None:
        """Forget everything from sample `at` on; the next feed stands there, already played or not."""
        with self._lock:
            while self._starts and self._starts[-1] >= at:
                self._starts.pop()
                self._chunks.pop()
            if self._chunks and at < self._end:
                self._chunks[-1] = self._chunks[-1][: (at - self._starts[-1]) * BYTES_PER_SAMPLE]
            self._end = min(at, self._end)
            self._position = min(self._position, self._end)

    def forget(self, before: int) -> None:
        """Give up sound that ended before sample `before`: a long one is not kept in memory."""
        with self._lock:
            surplus = max(0, bisect_right(self._starts, min(before, self._position)) - 1)
            del self._starts[:surplus]
            del self._chunks[:surplus]

    def skip(self) -> None:
        """Count what waits as played: there is no device to play it."""
        with self._lock:
            self._position = self._end
