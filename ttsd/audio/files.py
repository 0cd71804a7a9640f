"""Audio files written as they grow, complete and on the disk once closed."""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from ttsd.audio.pcm import HEADER_BYTES, wav_header


class WavWriter:
    """Owns a file under way: s16le mono PCM behind a WAV header, or bare with `header=False`.

    The header gets its sizes in `close`, which also puts everything on the disk. Raises OSError as files do.
    """

    def __init__(self, path: Path, *, header: bool = True) -> None:
        self._path = path
        self._header = header
        self._file = path.open("wb")
        if header:
            self._file.write(wav_header(None))

    def write(self, pcm: bytes) -> None:
        """Append PCM."""
        self._file.write(pcm)

    def close(self) -> None:
        """Put the right sizes into the header and the file on the disk. A second call does nothing."""
        if self._file.closed:
            return
        try:
            if self._header:
                pcm_bytes = self._file.tell() - HEADER_BYTES
                self._file.seek(0)
                self._file.write(wav_header(pcm_bytes))
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def discard(self) -> None:
        """Give the file up: it is closed and removed."""
        with contextlib.suppress(OSError):  # a full disk complains again about what it could not take
            self._file.close()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()
