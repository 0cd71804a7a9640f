"""What a request's reference clip gets: which files may be named, and engines that cannot clone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ttsd.config import Config
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.errors import BadRequest, CannotClone, Forbidden

NOT_CLONED: Final = ((b"x-ttsd-cloned", b"false"),)


def cloned_or_not(ref_audio: str, engine: EngineInfo, config: Config) -> tuple[tuple[bytes, bytes], ...]:
    """Headers for the answer to a request with a reference clip. Raises Forbidden, BadRequest, CannotClone."""
    clip = allowed_clip(ref_audio, config.http.ref_dirs)
    if engine.can_clone:
        if not clip.is_file():
            raise BadRequest(f"ref_audio: there is no file {ref_audio}", param="ref_audio")
        return ()
    if config.speech.uncloned == "nearest":
        return NOT_CLONED
    raise CannotClone(
        f"engine {engine.name} cannot clone a voice; leave ref_audio out and name one of its voices, "
        'or set [speech] uncloned = "nearest" to get a built-in voice instead',
        param="ref_audio",
    )


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
