"""Reading a published checkpoint: configuration checked field by field, weights from mapped files to the device."""

from pathlib import Path
from typing import Any, Final, Literal, TypeVar, cast

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from ttsd.protocol.errors import ConfigError
from ttsd.worker.qwen3.geometry import CodecConfig, GenerationConfig, ModelConfig

Part = Literal["model", "codec"]

MODEL_TYPE: Final = "qwen3_tts"
TOKENIZER_TYPE: Final = "qwen3_tts_tokenizer_12hz"
MODEL_KINDS: Final = ("base", "custom_voice", "voice_design")
INDEX: Final = "model.safetensors.index.json"
"""Names the file of each tensor where the weights are in several files."""

_FOLDERS: Final[dict[Part, str]] = {"model": "", "codec": "speech_tokenizer"}
T = TypeVar("T", bound=msgspec.Struct)


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


class Checkpoint:
    """One checkpoint's folder: what it is, and where its tensors are. The files stay mapped while this lives."""

    def __init__(self, path: Path, model: ModelConfig, codec: CodecConfig, generation: GenerationConfig) -> None:
        self.path = path
        self.model = model
        self.codec = codec
        self.generation = generation
        self._shards: dict[Part, dict[str, Any]] = {}

    @staticmethod
    def open(path: Path) -> "Checkpoint":
        """Read and check the configuration. Raises ConfigError naming the file, and the field."""
        if not path.is_dir():
            raise _broken(
                path, "there is no such folder", "[qwen3] model names a folder with a checkpoint, or a hub id"
            )
        model = _read(path / "config.json", ModelConfig)
        codec = _read(path / "speech_tokenizer" / "config.json", CodecConfig)
        generation = path / "generation_config.json"
        checkpoint = Checkpoint(
            path, model, codec, _read(generation, GenerationConfig) if generation.exists() else GenerationConfig()
        )
        checkpoint._check()
        return checkpoint

    def _check(self) -> None:
        file, codec_file = self.path / "config.json", self.path / "speech_tokenizer" / "config.json"
        model, codec = self.model, self.codec
        if model.model_type != MODEL_TYPE:
            raise _broken(file, f"model_type is {model.model_type!r}; this engine speaks with {MODEL_TYPE!r}")
        if model.tokenizer_type != TOKENIZER_TYPE:
            raise _broken(
                file, f"tokenizer_type is {model.tokenizer_type!r}; this engine speaks with {TOKENIZER_TYPE!r}"
            )
        if model.tts_model_type not in MODEL_KINDS:
            raise _broken(file, f"tts_model_type is {model.tts_model_type!r}; known are {', '.join(MODEL_KINDS)}")
        if model.tts_model_type == "base" and model.speaker_encoder_config is None:
            raise _broken(file, "speaker_encoder_config is missing, and a base model clones with it")
        made, taken = model.talker.num_code_groups, codec.decoder_config.num_quantizers
        if not made == model.talker.code_predictor_config.num_code_groups == taken:
            raise _broken(
                codec_file, f"decoder_config.num_quantizers is {taken}, and the model makes {made} codes a frame"
            )

    # --- weights ------------------------------------------------------------------------------------

    def names(self, part: Part) -> list[str]:
        """Names of all tensors of a part. Raises ConfigError."""
        return list(self._tensors(part))

    def tensor(self, part: Part, name: str) -> torch.Tensor:
        """A tensor on the CPU, mapped from its file. Raises ConfigError when there is none."""
        shards = self._tensors(part)
        if name not in shards:
            raise _broken(self._file(part), f"tensor {name} is missing")
        try:
            return cast("torch.Tensor", shards[name].get_tensor(name))
        except (SafetensorError, RuntimeError) as error:
            raise _broken(self._file(part), f"tensor {name} cannot be read: {error}") from error

    def load(self, module: nn.Module, part: Part, prefix: str, device: torch.device | str, dtype: torch.dtype) -> None:
        """Give every parameter and persistent buffer N of `module` the tensor `prefix + N`.

        `module` was built on the meta device, so nothing is allocated twice: each tensor goes from the mapped file to
        `device`, as `dtype` where it is floating point. Raises ConfigError naming the file and the tensor.
        """
        state = module.state_dict()
        found = {name: self._fitting(part, prefix + name, wanted, device, dtype) for name, wanted in state.items()}
        module.load_state_dict(found, assign=True)
        module.requires_grad_(requires_grad=False)

    def _fitting(
        self, part: Part, name: str, wanted: torch.Tensor, device: torch.device | str, dtype: torch.dtype
    ) -> torch.Tensor:
        tensor = self.tensor(part, name)
        if tensor.shape != wanted.shape:
            shapes = f"{list(tensor.shape)}, and config.json asks for {list(wanted.shape)}"
            raise _broken(self._file(part), f"tensor {name} has the shape {shapes}")
        return tensor.to(device=device, dtype=dtype if tensor.is_floating_point() else tensor.dtype)

    def _tensors(self, part: Part) -> dict[str, Any]:
        if part not in self._shards:
            self._shards[part] = {name: shard for file in self._files(part) for shard, name in _opened(file)}
        return self._shards[part]

    def _files(self, part: Part) -> list[Path]:
        folder = self.path / _FOLDERS[part]
        index = folder / INDEX
        if index.exists():
            return [folder / name for name in sorted(set(_read(index, _Index).weight_map.values()))]
        return [folder / "model.safetensors"]

    def _file(self, part: Part) -> Path:
        files = self._files(part)
        return files[0] if len(files) == 1 else files[0].parent / INDEX


def _opened(file: Path) -> list[tuple[Any, str]]:
    if not file.is_file():
        raise _broken(file, "the file is missing")
    try:
        shard: Any = safe_open(file, framework="pt", device="cpu")
        return [(shard, name) for name in shard.keys()]  # noqa: SIM118 — no mapping, it has only this method
    except (SafetensorError, OSError) as error:
        raise _broken(file, f"this is no whole safetensors file ({error})") from error


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except FileNotFoundError as error:
        raise _broken(file, "the file is missing") from error
    except OSError as error:
        raise _broken(file, error.strerror or str(error)) from error
    except msgspec.MsgspecError as error:
        raise _broken(file, str(error)) from error


def _broken(file: Path, what: str, way_out: str = "fetch the checkpoint again: ttsd model pull") -> ConfigError:
    return ConfigError(f"{file}: {what}; {way_out}", param="qwen3.model")
