"""The file of a reference clip, read only while it is what the daemon saw."""

import hashlib
from pathlib import Path

from ttsd.protocol.engine import ReferenceClip
from ttsd.protocol.errors import Unavailable


def reference_bytes(clip: ReferenceClip) -> bytes:
    """The clip's content. Raises Unavailable when it is gone or another one: who tries again gets the voice of now."""
    try:
        data = Path(clip.path).read_bytes()
    except OSError as error:
        raise Unavailable(
            f"the reference clip {clip.path} is gone ({error.strerror}): its voice was changed or removed meanwhile; "
            "try again, or put it back",
            param="voice",
        ) from error
    if hashlib.sha256(data).hexdigest() != clip.sha256:
        raise Unavailable(
            f"the reference clip {clip.path} has changed since this was begun; try again with the voice as it is now",
            param="voice",
        )
    return data
