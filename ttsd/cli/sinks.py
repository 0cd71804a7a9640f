"""Where `ttsd say` puts its sound: a file that appears when it is complete, or a stream."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import click

from ttsd.audio.files import WavWriter
from ttsd.audio.pcm import wav_header
from ttsd.cli.pipes import write_all
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.speech import AudioFormat


class Sink(Protocol):
    """Takes PCM; leaving the block without an error completes the output, with an error it leaves none behind."""

    async def write(self, pcm: bytes) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Stream:
    """Sound as it is made, to a file descriptor."""

    def __init__(self, fd: int, form: AudioFormat, name: str = "standard output") -> None:
        self._fd = fd
        self._name = name
        self._header = wav_header(None) if form == "wav" else b""

    async def write(self, pcm: bytes) -> None:
        try:
            await write_all(self._fd, self._header + pcm)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _cannot(self._name, error) from error
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
        self._header = form == "wav"
        self._writer: WavWriter | None = None

    async def __aenter__(self) -> Self:
        try:
            self._writer = WavWriter(self._part, header=self._header)
        except OSError as error:
            raise _cannot(self._path, error) from error
        return self

    async def write(self, pcm: bytes) -> None:
        assert self._writer is not None
        try:
            self._writer.write(pcm)
        except OSError as error:
            raise _cannot(self._path, error) from error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._writer is not None
        try:
            if error is None:
                self._writer.close()
                self._part.replace(self._path)
        except OSError as failure:
            raise _cannot(self._path, failure) from failure
        finally:
            self._writer.discard()


def _cannot(path: Path | str, error: OSError) -> TtsdError:
    return TtsdError(f"{path}: cannot be written: {error.strerror}")


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
    try:
        if path.is_dir():
            raise click.UsageError(f"{output} is a directory")
        if path.exists() and not path.is_file():
            # A pipe or a device with a name: written to, never replaced.
            return Stream(os.open(path, os.O_WRONLY), wanted or "pcm", output)
    except OSError as error:
        raise _cannot(path, error) from error
    return File(path, format_of(output, wanted))
