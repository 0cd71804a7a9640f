"""A form with one file in it: `multipart/form-data`, RFC 7578."""

import os
from collections.abc import Mapping
from typing import Final

_ESCAPES: Final = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
"""As browsers do it in names."""


def form(fields: Mapping[str, object], filename: str, audio: bytes) -> tuple[str, bytes]:
    """The content type and the body; the file goes last, as `audio`. True and false are written as such words."""
    boundary = os.urandom(16).hex()
    parts: list[bytes] = []
    for name, value in fields.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        parts.append(_part(boundary, f'name="{name}"', text.encode()))
    parts.append(_part(boundary, f'name="audio"; filename="{filename.translate(_ESCAPES)}"', audio))
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])


def _part(boundary: str, disposition: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\ncontent-disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + content + b"\r\n"
