"""A file on its way into the queue: copied into the inbox, or sent as text where that is not allowed. Blocking."""

import os
import shutil
from itertools import count
from pathlib import Path
from typing import Final

from ttsd.protocol.errors import BadRequest, Forbidden, TtsdError
from ttsd.protocol.jobs import NewJob
from ttsd.protocol.prep import SUFFIXES
from tui.language import t

ENCODINGS: Final = ("utf-8-sig", "gb18030")
SENT: Final = (".txt",)
"""What may be sent as text; the daemon reads others from its inbox only."""


def may_write(inbox: Path) -> bool:
    """Whether this user may put a file into that folder on this machine."""
    return inbox.is_dir() and os.access(inbox, os.W_OK | os.X_OK)


def check(path: Path) -> None:
    """Raises BadRequest for what the daemon does not read."""
    if not path.is_file():
        raise BadRequest(t("{path} is no file", path=path))
    if path.suffix.lower() not in SUFFIXES:
        raise BadRequest(
            t("{name} is of no kind that is read: {kinds}", name=path.name, kinds=" ".join(SUFFIXES)),
        )


def copy_in(path: Path, inbox: Path) -> str:
    """Put a copy into the inbox under a name that is free, whole at once; returns that name. Raises TtsdError."""
    check(path)
    hidden = inbox / f".{path.name}.{os.getpid()}.part"
    try:
        shutil.copyfile(path, hidden)
        try:
            return _named(hidden, path, inbox)
        finally:
            hidden.unlink()
    except OSError as error:
        raise TtsdError(t("{path} was not queued: {reason}", path=path, reason=error.strerror or error)) from error


def _named(hidden: Path, path: Path, inbox: Path) -> str:
    """A hard link is never put in the place of another file."""
    for number in count(1):
        name = path.name if number == 1 else f"{path.stem} ({number}){path.suffix}"
        try:
            (inbox / name).hardlink_to(hidden)
        except FileExistsError:
            continue
        return name
    raise AssertionError


def as_text(path: Path, inbox: Path | None) -> NewJob:
    """The file as a text to be spoken. Raises TtsdError where it is none, or cannot be read."""
    check(path)
    if path.suffix.lower() not in SENT:
        raise Forbidden(
            t("you may not write into {inbox}; only plain text can be sent instead", inbox=inbox or t("the inbox"))
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TtsdError(t("{path} was not queued: {reason}", path=path, reason=error.strerror or error)) from error
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.strip():
            return NewJob(text=text, title=path.name)
        raise BadRequest(t("there is nothing to read in {path}", path=path))
    raise BadRequest(t("{path} is neither UTF-8 nor GB18030", path=path))
