"""Audio files written as they grow, complete and on the disk once closed; and read block by block."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ttsd.audio.pcm import HEADER_BYTES, wav_header
from ttsd.protocol.speech import BYTES_PER_SAMPLE

_BLOCK_BYTES: Final = 1 << 16


class WavWriter:
    """Owns a file under way: s16le mono PCM behind a WAV header, or bare with `header=False`.

    The header gets its sizes in `close`, which also puts everything on the disk. Raises OSError as files do.
    """

    def __init__(self, path: Path, *, header: bool = True, info: bytes = b"") -> None:
        """`info`: chunks that stand behind the samples of a WAV."""
        self._path = path
        self._info = info
        self._header = header
        self._file = path.open("wb")
        if header:
            self._file.write(wav_header(None))

    def write(self, pcm: bytes) -> None:
        """Append PCM."""
        self._file.write(pcm)

    def silence(self, samples: int) -> None:
        """Append nothing, for so long; PCM must follow. Long silence takes neither memory nor time nor disk: a hole."""
        size_bytes = samples * BYTES_PER_SAMPLE
        if size_bytes > _BLOCK_BYTES:
            self._file.seek(size_bytes, os.SEEK_CUR)
        else:
            self._file.write(bytes(size_bytes))

    def close(self) -> None:
        """Put the right sizes into the header and the file on the disk. A second call does nothing."""
        if self._file.closed:
            return
        try:
            if self._header:
                pcm_bytes = self._file.tell() - HEADER_BYTES
                self._file.write(self._info)
                self._file.seek(0)
                self._file.write(wav_header(pcm_bytes, len(self._info)))
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


class WavSource:
    """A finished file of `WavWriter`. Raises OSError as files do, ValueError when it is none or not whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
            pcm_bytes = os.fstat(file.fileno()).st_size - HEADER_BYTES
        if pcm_bytes <= 0 or pcm_bytes % BYTES_PER_SAMPLE or header != wav_header(pcm_bytes):
            raise ValueError(f"{path.name} is not a finished WAV with sound in it")
        self.samples = pcm_bytes // BYTES_PER_SAMPLE

    def blocks(self) -> Iterator[bytes]:
        """All PCM, from the beginning, in blocks of a second or so."""
        left = self.samples * BYTES_PER_SAMPLE
        with self._path.open("rb") as file:
            file.seek(HEADER_BYTES)
            while left and (block := file.read(min(left, _BLOCK_BYTES))):
                left -= len(block)
                yield block
