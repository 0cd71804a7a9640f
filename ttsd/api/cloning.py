"""What a request's reference clip gets: which files may be named, and engines that cannot clone."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ttsd.config import Config
from ttsd.jobs.casting import cannot_clone
from ttsd.protocol.engine import EngineInfo, ReferenceClip
from ttsd.protocol.errors import BadRequest, Forbidden, TooLarge

NOT_CLONED: Final = ((b"x-ttsd-cloned", b"false"),)
MOST_BYTES: Final = 64 * 2**20
"""A minute of stereo at 192 kHz; more is refused unread."""


def cloned_or_not(ref_audio: str, engine: EngineInfo, config: Config) -> Path | None:
    """The clip to clone; None when the nearest voice is to do. Raises Forbidden, CannotClone."""
    clip = allowed_clip(ref_audio, config.http.ref_dirs)
    if engine.can_clone:
        return clip
    if config.speech.uncloned == "nearest":
        return None
    raise cannot_clone(engine, "ref_audio asks for a voice made from a clip", "ref_audio")


def read_reference(clip: Path, transcript: str | None) -> ReferenceClip:
    """What a worker is told of a clip. Blocking. Raises BadRequest, TooLarge."""
    try:
        if not clip.is_file():
            raise BadRequest(f"ref_audio: there is no file {clip}", param="ref_audio")
        if clip.stat().st_size > MOST_BYTES:
            raise TooLarge(f"ref_audio: the clip has over {MOST_BYTES >> 20} MB; cut it to 15 s", param="ref_audio")
        with clip.open("rb") as file:
            return ReferenceClip(str(clip), hashlib.file_digest(file, "sha256").hexdigest(), (transcript or "").strip())
    except OSError as error:
        raise BadRequest(f"ref_audio: {clip} cannot be read: {error.strerror}", param="ref_audio") from error


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
