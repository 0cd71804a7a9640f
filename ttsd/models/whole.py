"""Is a folder a checkpoint that the engine can load? Told from its small files and the heads of the large ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from ttsd.protocol.errors import BadRequest

MODEL_TYPE: Final = "qwen3_tts"
TOKENIZER_TYPE: Final = "qwen3_tts_tokenizer_12hz"
KINDS: Final = ("base", "custom_voice", "voice_design")
TEXT_FILES: Final = ("vocab.json", "merges.txt", "tokenizer_config.json")
INDEX: Final = "model.safetensors.index.json"

T = TypeVar("T")


class _Config(msgspec.Struct, frozen=True):
    model_type: str = "none"
    tokenizer_type: str = "none"
    tts_model_type: str = "none"


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


class _Tensor(msgspec.Struct, frozen=True):
    data_offsets: tuple[int, int] = (0, 0)
    """Left out by `__metadata__`, which stands among the tensors."""


def check(folder: Path) -> str:
    """The kind of the checkpoint: `base`, `custom_voice` or `voice_design`.

    Raises BadRequest naming the file that is missing, cut off, or of another model. Tensors are not read: whether they
    are right, the hub's hashes tell at `ttsd model pull`, and the engine when it loads them.
    """
    file = folder / "config.json"
    config = _decoded(file, _bytes(file), _Config)
    for key, found, known in (
        ("model_type", config.model_type, (MODEL_TYPE,)),
        ("tokenizer_type", config.tokenizer_type, (TOKENIZER_TYPE,)),
        ("tts_model_type", config.tts_model_type, KINDS),
    ):
        if found not in known:
            raise _broken(file, f"{key} is {found!r}; the engine speaks with {' or '.join(known)}")
    for name in TEXT_FILES:
        _bytes(folder / name, 1)
    for part in (folder, folder / "speech_tokenizer"):
        _bytes(part / "config.json", 1)
        for weights in _weights(part):
            _check_weights(weights)
    return config.tts_model_type


def _weights(folder: Path) -> Iterator[Path]:
    index = folder / INDEX
    if not index.exists():
        yield folder / "model.safetensors"
        return
    for name in sorted(set(_decoded(index, _bytes(index), _Index).weight_map.values())):
        yield folder / name


def _check_weights(file: Path) -> None:
    """The head says where the last tensor ends, and the file is to end there too."""
    if _bytes(file, 8) == b"version ":
        raise _broken(file, "this is a pointer of git-lfs, not the weights: git lfs pull")
    size = file.stat().st_size
    head = int.from_bytes(_bytes(file, 8), "little")
    if head > size:
        raise _broken(file, "this is no whole safetensors file")
    tensors = _decoded(file, _bytes(file, 8 + head)[8:], dict[str, _Tensor])
    end = 8 + head + max((tensor.data_offsets[1] for tensor in tensors.values()), default=0)
    if size != end:
        raise _broken(file, f"it has {size:,} bytes of {end:,}")


def _bytes(file: Path, most: int = -1) -> bytes:
    try:
        with file.open("rb") as data:
            return data.read(most)
    except FileNotFoundError as error:
        raise _broken(file, "the file is missing") from error
    except OSError as error:
        raise _broken(file, error.strerror or str(error)) from error


def _decoded(file: Path, data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _broken(file, str(error)) from error


def _broken(file: Path, what: str) -> BadRequest:
    return BadRequest(f"{file}: {what}; fetch the checkpoint anew: ttsd model pull", param="model")
