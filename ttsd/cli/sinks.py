"""Where `ttsd say` puts its sound: a file that appears when it is complete, or a stream."""

import os
import struct
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Protocol, Self

import click

from ttsd.cli.pipes import write_all
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, AudioFormat

UNKNOWN_SIZE: Final = 0xFFFFFFFF
"""In a WAV that is written as it is made: players read on until the end."""

_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")


class Sink(Protocol):
    """Takes PCM; leaving the block without an error completes the output, with an error it leaves none behind."""

    async def write(self, pcm: bytes) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def wav_header(data_bytes: int = UNKNOWN_SIZE) -> bytes:
    """The 44 bytes before `data_bytes` of our PCM."""
    data = min(data_bytes, UNKNOWN_SIZE)
    riff = min(data + _HEADER.size - 8, UNKNOWN_SIZE)
    byte_rate = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE
    return _HEADER.pack(
        b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, 1, SAMPLE_RATE_HZ, byte_rate, BYTES_PER_SAMPLE, 16, b"data", data
    )


class Stream:
    """Sound as it is made, to a file descriptor."""

    def __init__(self, fd: int, form: AudioFormat) -> None:
        self._fd = fd
        self._header = wav_header() if form == "wav" else b""

    async def write(self, pcm: bytes) -> None:
        await write_all(self._fd, self._header + pcm)
        self._header = b""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class File:
    """Sound under a temporary name beside `path`, which it takes when it is complete."""

    def __init__(self, path: Path, form: AudioFormat) -> None:
        self._path = path.resolve()
        self._part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        self._wav = form == "wav"
        self._bytes = 0
        self._file: IO[bytes] | None = None

    async def __aenter__(self) -> Self:
        try:
            self._file = self._part.open("xb")
            self._file.write(wav_header() if self._wav else b"")
        except OSError as error:
            raise self._cannot(error) from error
        return self

    async def write(self, pcm: bytes) -> None:
        assert self._file is not None
        try:
            self._file.write(pcm)
        except OSError as error:
            raise self._cannot(error) from error
        self._bytes += len(pcm)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._file is not None
        try:
            with self._file as file:
                if error is None:
                    self._complete(file)
        except OSError as failure:
            raise self._cannot(failure) from failure
        finally:
            self._part.unlink(missing_ok=True)

    def _complete(self, file: IO[bytes]) -> None:
        if self._wav:
            file.seek(0)
            file.write(wav_header(self._bytes))
        file.flush()
        os.fsync(file.fileno())
        self._part.replace(self._path)

    def _cannot(self, error: OSError) -> TtsdError:
        return TtsdError(f"{self._path}: cannot be written: {error.strerror}")


def format_of(output: str, wanted: AudioFormat | None) -> AudioFormat:
    """The format that `-o` and `--format` ask for together. Raises click.UsageError when they disagree."""
    if output == "-":
        return wanted or "pcm"
    suffix = Path(output).suffix.lower()
    named: AudioFormat | None = "wav" if suffix == ".wav" else "pcm" if suffix in (".pcm", ".raw") else None
    if named and wanted and named != wanted:
        raise click.UsageError(f"{output} is to hold {named}, and --format says {wanted}")
    if not (named or wanted):
        raise click.UsageError(f"cannot tell the format of {output}: name it *.wav or *.pcm, or say --format")
    return wanted or named or "wav"


def output_sink(output: str, wanted: AudioFormat | None) -> Sink:
    """The sink for `-o OUTPUT`. Raises click.UsageError for what cannot be meant."""
    if output == "-":
        if sys.stdout.isatty():
            raise click.UsageError(
                "sound on a terminal is noise: pipe it on (… -o - | aplay …) or save it (-o FILE.wav)"
            )
        return Stream(sys.stdout.fileno(), format_of(output, wanted))
    path = Path(output)
    if path.is_dir():
        raise click.UsageError(f"{output} is a directory")
    if path.exists() and not path.is_file():
        return _device(path, wanted or "pcm")
    return File(path, format_of(output, wanted))


def _device(path: Path, form: AudioFormat) -> Stream:
    """A pipe or a device with a name: written to, never replaced."""
    try:
        return Stream(os.open(path, os.O_WRONLY), form)
    except OSError as error:
        raise TtsdError(f"{path}: cannot be written: {error.strerror}") from error
