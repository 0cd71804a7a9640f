"""The published checkpoints, and those on this machine."""

from pathlib import Path
from typing import Final

import msgspec

from ttsd import places
from ttsd.protocol.errors import BadRequest, ConfigError, NotFound

PREFIX: Final = "Qwen/Qwen3-TTS-12Hz-"
REVISION_FILE: Final = ".ttsd-revision"
"""Written last: a folder without it is a download that was broken off, and goes on at the next pull."""
SYSTEM_MODELS: Final = Path("/var/cache/ttsd/models")
"""`models_dir` of the service of the whole machine."""


class Published(msgspec.Struct, frozen=True):
    """A checkpoint that its makers have put on the hub."""

    id: str
    size_gb: float
    speaks: str


PUBLISHED: Final = (
    Published(PREFIX + "1.7B-Base", 4.5, "in cloned voices; the best"),
    Published(PREFIX + "0.6B-Base", 2.5, "in cloned voices; small and fast"),
    Published(PREFIX + "1.7B-CustomVoice", 4.5, "in voices of its own, by instruction"),
    Published(PREFIX + "0.6B-CustomVoice", 2.5, "in voices of its own"),
    Published(PREFIX + "1.7B-VoiceDesign", 4.5, "in voices described in words"),
)


class Local(msgspec.Struct, frozen=True):
    """A checkpoint on this machine."""

    id: str
    path: str
    bytes: int
    revision: str
    complete: bool


def models_dir() -> Path:
    """Where checkpoints from the hub are kept."""
    return places.cache_dir() / "models"


def folder_of(model_id: str, below: Path | None = None) -> Path:
    """The folder of a hub id, in `models_dir` unless told otherwise. Raises BadRequest when it is no id."""
    owner, slash, name = model_id.partition("/")
    sane = slash and "/" not in name and not {owner, name} & {"", ".", ".."} and "--" not in owner
    if not sane:
        raise BadRequest(f"{model_id!r} is no hub id: write OWNER/NAME, as {PUBLISHED[0].id}", param="model")
    return (below or models_dir()) / f"{owner}--{name}"


def locate(model: str) -> Path:
    """The folder that `[qwen3] model` means: a path, or a hub id that was pulled. Raises ConfigError."""
    if not model:
        raise ConfigError(
            f'[qwen3] model is empty: fetch one with "ttsd model pull {PUBLISHED[0].id}" and name it there',
            param="qwen3.model",
        )
    path = Path(model).expanduser()
    if path.is_absolute() or path.is_dir():
        return path
    folder = folder_of(model)
    if not (folder / REVISION_FILE).exists():
        raise ConfigError(
            f"model {model} is not on this machine; fetch it: ttsd model pull {model}", param="qwen3.model"
        )
    return folder


def find(model: str, below: Path, fetch: str) -> tuple[Path, str]:
    """The folder that a user means, and how to write it so that it means the same to a daemon elsewhere.

    `below`: where its daemon keeps checkpoints from the hub; `fetch`: the command that fetches one there. Raises
    NotFound, BadRequest.
    """
    if model.startswith((".", "/", "~")) or Path(model).is_dir():
        path = Path(model).expanduser().absolute()
        if not path.is_dir():
            raise NotFound(f"there is no folder {path}", param="model")
        return path, str(path)
    folder = folder_of(model, below)
    try:
        here = (folder / REVISION_FILE).exists()
    except PermissionError as error:
        raise NotFound(f"{below} may not be read by this user; run it with sudo", param="model") from error
    if not here:
        state = "here in part only" if folder.exists() else "not on this machine"
        raise NotFound(f"model {model} is {state} ({folder}); fetch it: {fetch} {model}", param="model")
    return folder, model


def local_models() -> list[Local]:
    """What was pulled, complete or not."""
    folders = sorted(models_dir().iterdir()) if models_dir().is_dir() else []
    return [describe(folder) for folder in folders if folder.is_dir() and "--" in folder.name]


def describe(folder: Path) -> Local:
    """What is in the folder of a hub id."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    revision = revision_in(folder)
    return Local(folder.name.replace("--", "/", 1), str(folder), size, revision, bool(revision))


def revision_in(folder: Path) -> str:
    """The commit that `folder` holds as a whole; empty when a download was broken off."""
    marker = folder / REVISION_FILE
    return marker.read_text().strip() if marker.exists() else ""
