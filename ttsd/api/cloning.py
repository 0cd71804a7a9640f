"""What a request's reference clip gets: which files may be named, and engines that cannot clone."""

import errno
import io
import os
import stat
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from ttsd.config import Config
from ttsd.jobs.casting import cannot_clone
from ttsd.jobs.references import too_large
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.errors import BadRequest, Forbidden

NOT_CLONED: Final = ((b"x-ttsd-cloned", b"false"),)
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def cloned_or_not(ref_audio: str, engine: EngineInfo, config: Config) -> Path | None:
    """The clip to clone; None when the nearest voice is to do. Raises Forbidden, CannotClone."""
    clip = allowed_clip(ref_audio, config.http.ref_dirs)
    if engine.can_clone:
        return clip
    if config.speech.uncloned == "nearest":
        return None
    raise cannot_clone(engine, "ref_audio asks for a voice made from a clip", "ref_audio")


def open_reference(clip: Path, max_bytes: int) -> BinaryIO:
    """A clip that is allowed, to be read. Blocking. Raises BadRequest, TooLarge, Forbidden."""
    with _told(clip), ExitStack() as stack:
        file = stack.enter_context(_opened(clip))
        _check(clip, os.fstat(file.fileno()), max_bytes)
        stack.pop_all()
        return file


@contextmanager
def _told(clip: Path) -> Generator[None]:
    """Say in words what the operating system has against reading it."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        # A link where there was none when the path was followed looks like this, too: O_DIRECTORY sees no folder.
        if any(path.is_symlink() for path in (clip, *clip.parents)):
            raise _moved(clip) from None
        raise _no_file(clip) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _moved(clip) from error
        raise BadRequest(f"ref_audio: {clip} cannot be read: {error.strerror}", param="ref_audio") from error


def _opened(clip: Path) -> io.BufferedReader:
    """Open `clip`, whose links were followed before: who puts one there meanwhile is not obeyed. Raises OSError."""
    folder = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in clip.parent.parts[1:]:
            below = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = below
        # Without waiting: a pipe that nobody writes into would take for ever.
        return os.fdopen(os.open(clip.name, _READ, dir_fd=folder), "rb")
    finally:
        os.close(folder)


def _check(clip: Path, status: os.stat_result, max_bytes: int) -> None:
    """Raises BadRequest for what is no plain file, TooLarge, and Forbidden for one that lies elsewhere as well."""
    if not stat.S_ISREG(status.st_mode):
        raise _no_file(clip)
    if status.st_nlink > 1:
        raise Forbidden(
            f"ref_audio: {clip} has several names (hard links), and some may lie outside [http] ref_dirs: copy it",
            param="ref_audio",
        )
    if status.st_size > max_bytes:
        raise too_large(max_bytes)


def _no_file(clip: Path) -> BadRequest:
    return BadRequest(f"ref_audio: there is no file {clip}", param="ref_audio")


def _moved(clip: Path) -> Forbidden:
    return Forbidden(f"ref_audio: {clip} has become a link; name what it leads to", param="ref_audio")


def allowed_clip(ref_audio: str, folders: Sequence[str]) -> Path:
    """The file that `ref_audio` names, links followed. Raises Forbidden when it lies outside `folders`."""
    refused = Forbidden(f"ref_audio: {ref_audio[:200]!r} is not below a folder of [http] ref_dirs", param="ref_audio")
    try:
        clip = Path(ref_audio).resolve()
        allowed = any(clip.is_relative_to(Path(folder).resolve()) for folder in folders)
    except (OSError, ValueError, RuntimeError) as error:
        raise refused from error
    if not Path(ref_audio).is_absolute() or not allowed:
        raise refused
    return clip
