"""The samples on their way to the sound device: a thread-safe queue with positions."""

from collections import deque
from threading import Lock

from ttsd.protocol.speech import BYTES_PER_SAMPLE


class Reel:
    """Owns PCM that is not played yet. Positions are samples of the stream; no call ever waits for a device."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._chunks: deque[memoryview] = deque()
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
    def waiting(self) -> int:
        """Samples fed and not handed out yet."""
        return self._end - self._position

    def feed(self, pcm: bytes) -> None:
        with self._lock:
            self._chunks.append(memoryview(pcm))
            self._end += len(pcm) // BYTES_PER_SAMPLE

    def take(self, out: memoryview) -> int:
        """Fill `out` from the front; returns how many bytes were written, fewer when the reel ran empty."""
        filled = 0
        with self._lock:
            while self._chunks and filled < len(out):
                chunk = self._chunks.popleft()
                part = chunk[: len(out) - filled]
                out[filled : filled + len(part)] = part
                filled += len(part)
                if len(part) < len(chunk):
                    self._chunks.appendleft(chunk[len(part) :])
            self._position += filled // BYTES_PER_SAMPLE
        return filled

    def truncate(self, at: int) -> None:
        """Forget everything from sample `at` on; the next feed stands there, already played or not."""
        with self._lock:
            surplus = (self._end - max(at, self._position)) * BYTES_PER_SAMPLE
            while surplus > 0 and self._chunks:
                last = self._chunks.pop()
                if len(last) > surplus:
                    self._chunks.append(last[: len(last) - surplus])
                surplus -= len(last)
            self._end = min(at, self._end)
            self._position = min(self._position, self._end)

    def clear(self) -> int:
        """Forget what waits; returns the position where it was cut."""
        with self._lock:
            self._chunks.clear()
            self._end = self._position
            return self._position

    def skip(self) -> None:
        """Count what waits as played: there is no device to play it."""
        with self._lock:
            self._chunks.clear()
            self._position = self._end

    def rewind(self) -> None:
        """Empty, and at sample 0 of another stream."""
        with self._lock:
            self._chunks.clear()
            self._position = self._end = 0
