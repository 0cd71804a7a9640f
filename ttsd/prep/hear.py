"""The examining program, started by the daemon: `python -m ttsd.prep.hear`. It reads untrusted audio, writes FLAC."""

import contextlib
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Final, assert_never

from ttsd.prep.serving import serve
from ttsd.protocol.errors import BadRequest, TtsdError
from ttsd.protocol.hearing import (
    Decode,
    Decoded,
    Examine,
    Examined,
    FromListener,
    ReadReference,
    ReferenceRead,
    ToListener,
)
from ttsd.protocol.prep import PrepFailed, PrepPing, PrepPong
from ttsd.storage.placing import storage_errors

_LARGEST_FILE_BYTES: Final = 1 << 26
"""Ten minutes of 24 kHz mono in 16 bits are 29 MB before they are packed."""


def main() -> int:
    """Serve the inherited channel; exit status 0 when the daemon closes it."""
    # One core is enough for a clip, and threads of BLAS only take address space.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    return serve(ToListener, answer, may_write_bytes=_LARGEST_FILE_BYTES)


def answer(message: ToListener) -> FromListener:
    """What `message` is answered with; failures of the request are answers too."""
    match message:
        case PrepPing():
            return PrepPong(message.id)
        case Examine() | Decode() | ReadReference():
            try:
                with storage_errors(str(Path(message.target).parent)), _silenced():
                    return _made(message)
            except TtsdError as error:
                return PrepFailed(message.id, error.body())
            except MemoryError:
                failure = BadRequest("the clip needs more memory than one may use; cut it shorter", param="audio")
                return PrepFailed(message.id, failure.body())
        case _:
            assert_never(message)


def _made(message: Examine | Decode | ReadReference) -> Examined | Decoded | ReferenceRead:
    from ttsd.prep.examination import decode, examine, read_reference

    source, target = Path(message.source), Path(message.target)
    match message:
        case Examine():
            found = examine(
                source, target, message.transcript, message.language, denoise=message.denoise, mend=message.mend
            )
            return Examined(message.id, found.report, found.samples, found.sha256)
        case Decode():
            return Decoded(message.id, decode(source, target))
        case ReadReference():
            return ReferenceRead(message.id, *read_reference(source, target))
        case _:
            assert_never(message)


@contextlib.contextmanager
def _silenced() -> Generator[None]:
    """Without what decoders write to stderr about each broken frame: a hostile clip would fill the log."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


if __name__ == "__main__":
    sys.exit(main())
