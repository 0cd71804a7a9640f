"""Checkpoints on this machine: the published ones, where they are kept, and fetching them from the hub."""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from ttsd import places
from ttsd.protocol.errors import BadRequest, ConfigError, NotFound, Unavailable

PREFIX: Final = "Qwen/Qwen3-TTS-12Hz-"
FILES: Final = ("*.json", "*.safetensors", "merges.txt", "speech_tokenizer/*")
REVISION_FILE: Final = ".ttsd-revision"
"""Written last: a folder without it is a download that was broken off, and goes on at the next pull."""


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


def folder_of(model_id: str) -> Path:
    """The folder of a hub id. Raises BadRequest when it is none."""
    owner, slash, name = model_id.partition("/")
    sane = slash and "/" not in name and not {owner, name} & {"", ".", ".."} and "--" not in owner
    if not sane:
        raise BadRequest(f"{model_id!r} is no hub id: write OWNER/NAME, as {PUBLISHED[0].id}", param="model")
    return models_dir() / f"{owner}--{name}"


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


def local_models() -> list[Local]:
    """What was pulled, complete or not."""
    folders = sorted(models_dir().iterdir()) if models_dir().is_dir() else []
    return [_describe(folder) for folder in folders if folder.is_dir() and "--" in folder.name]


def _describe(folder: Path) -> Local:
    marker = folder / REVISION_FILE
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    revision = marker.read_text().strip() if marker.exists() else ""
    return Local(folder.name.replace("--", "/", 1), str(folder), size, revision, bool(revision))


def pull(model_id: str, revision: str | None = None) -> Path:
    """Fetch a checkpoint, or what of it is missing; its folder. Progress goes to standard error.

    Files are checked against the hub's SHA-256, downloads that were broken off go on where they stopped, and the commit
    is written down. Raises BadRequest, NotFound, Unavailable.
    """
    folder = folder_of(model_id)
    if importlib.util.find_spec("huggingface_hub") is None:
        raise Unavailable('the hub needs huggingface_hub: pip install "ttsd[qwen]"')
    import huggingface_hub
    from huggingface_hub.errors import OfflineModeIsEnabled

    fetch = cast("Callable[..., str]", huggingface_hub.snapshot_download)  # pyright: ignore[reportUnknownMemberType]
    try:
        commit = huggingface_hub.HfApi().model_info(model_id, revision=revision).sha
        assert commit is not None
        (folder / REVISION_FILE).unlink(missing_ok=True)
        fetch(model_id, revision=commit, local_dir=folder, allow_patterns=list(FILES))
    except OfflineModeIsEnabled as error:
        raise Unavailable("HF_HUB_OFFLINE is set: unset it, or copy the checkpoint here and name its folder") from error
    except Exception as error:  # its HTTP library, and so the errors, change between versions of the hub's client
        raise _failed(model_id, error) from error
    (folder / REVISION_FILE).write_text(f"{commit}\n")
    return folder


def _failed(model_id: str, error: Exception) -> Unavailable | NotFound:
    response: Any = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if status in (401, 404):
        return NotFound(f"the hub has no model {model_id!r} that it would show us; ttsd model list names some")
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    hub = os.environ.get("HF_ENDPOINT", "the hub")
    return Unavailable(
        f"{hub} cannot be reached ({reason}); try again (what is here already is kept), set HF_ENDPOINT to a mirror, "
        "or copy the checkpoint from another machine and set [qwen3] model to its folder"
    )
