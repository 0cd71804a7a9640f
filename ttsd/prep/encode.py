"""The encoding program, started by the daemon: `python -m ttsd.prep.encode`. It reads our own files, and writes."""

import os
import sys
from pathlib import Path
from typing import Final, assert_never

from ttsd.prep.serving import serve
from ttsd.protocol.errors import BadRequest, EngineFailed, TtsdError, Unavailable
from ttsd.protocol.prep import Encode, Encoded, FromEncoder, PrepFailed, PrepPing, PrepPong, ToEncoder
from ttsd.storage.spool import storage_errors

_NICENESS: Final = 10
"""Nobody listens to a file under way; who listens to speech goes first."""


def main() -> int:
    """Serve the inherited channel; exit status 0 when the daemon closes it."""
    os.nice(_NICENESS)
    return serve(ToEncoder, answer, may_write_bytes=None)


def answer(message: ToEncoder) -> FromEncoder:
    """What `message` is answered with; failures of the request are answers too."""
    match message:
        case PrepPing():
            return PrepPong(message.id)
        case Encode():
            try:
                return _encode(message)
            except TtsdError as error:
                return PrepFailed(message.id, error.body())
        case _:
            assert_never(message)


def _encode(message: Encode) -> Encoded:
    try:
        from av.error import FFmpegError

        from ttsd.audio.encoder import encode
    except ImportError as error:
        raise BadRequest(
            f'{message.encoding.format} files and loudness need the extra: pip install "ttsd[formats]" ({error})',
            param="format",
        ) from None
    source, target, encoding = Path(message.source), Path(message.target), message.encoding
    try:
        with storage_errors(str(target.parent)):
            made = encode(source, target, encoding)
    except (OSError, ValueError, FFmpegError) as error:
        raise EngineFailed(
            f"the speech could not be made into {encoding.format}: {error}; try another format"
        ) from None
    except MemoryError:
        raise Unavailable(f"there was no memory left to make the speech into {encoding.format}; try again") from None
    return Encoded(message.id, made.samples, made.gain_db, made.loudness_lufs)


if __name__ == "__main__":
    sys.exit(main())
