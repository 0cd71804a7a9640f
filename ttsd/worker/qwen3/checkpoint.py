"""Reading a published checkpoint: configuration checked field by field, weights from mapped files to the device."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import msgspec
from torch import Tensor, nn

from ttsd.worker.qwen3.geometry import CodecConfig, GenerationConfig, ModelConfig
from ttsd.worker.qwen3.weights import Place, Weights, broken, read_json

Part = Literal["model", "codec"]

MODEL_TYPE: Final = "qwen3_tts"
TOKENIZER_TYPE: Final = "qwen3_tts_tokenizer_12hz"
MODEL_KINDS: Final = ("base", "custom_voice", "voice_design")

_FOLDERS: Final[dict[Part, str]] = {"model": "", "codec": "speech_tokenizer"}


class Checkpoint:
    """One checkpoint's folder: what it is, and where its tensors are."""

    def __init__(self, path: Path, model: ModelConfig, codec: CodecConfig, generation: GenerationConfig) -> None:
        self.path = path
        self.model = model
        self.codec = codec
        self.generation = generation
        self._weights: dict[Part, Weights] = {}

    @staticmethod
    def open(path: Path) -> "Checkpoint":
        """Read and check the configuration. Raises ConfigError naming the file, and the field."""
        if not path.is_dir():
            raise broken(path, "there is no such folder", "[qwen3] model names a folder with a checkpoint, or a hub id")
        model = read_json(path / "config.json", ModelConfig)
        codec = read_json(path / "speech_tokenizer" / "config.json", CodecConfig)
        generation = path / "generation_config.json"
        checkpoint = Checkpoint(
            path, model, codec, read_json(generation, GenerationConfig) if generation.exists() else GenerationConfig()
        )
        checkpoint._check_kind()
        checkpoint._check_ids()
        return checkpoint

    def _check_kind(self) -> None:
        file, codec_file = self.path / "config.json", self.path / "speech_tokenizer" / "config.json"
        model, codec = self.model, self.codec
        if model.model_type != MODEL_TYPE:
            raise broken(file, f"model_type is {model.model_type!r}; this engine speaks with {MODEL_TYPE!r}")
        if model.tokenizer_type != TOKENIZER_TYPE:
            raise broken(
                file, f"tokenizer_type is {model.tokenizer_type!r}; this engine speaks with {TOKENIZER_TYPE!r}"
            )
        if model.tts_model_type not in MODEL_KINDS:
            raise broken(file, f"tts_model_type is {model.tts_model_type!r}; known are {', '.join(MODEL_KINDS)}")
        if model.tts_model_type == "base" and model.speaker_encoder_config is None:
            raise broken(file, "speaker_encoder_config is missing, and a base model clones with it")
        made, taken = model.talker.num_code_groups, codec.decoder_config.num_quantizers
        if not made == model.talker.code_predictor_config.num_code_groups == taken:
            raise broken(
                codec_file, f"decoder_config.num_quantizers is {taken}, and the model makes {made} codes a frame"
            )

    def _check_ids(self) -> None:
        """Each id has a row in its table."""
        talker = self.model.talker
        texts = _ids(self.model, "")
        codes = _ids(talker, "talker_config.")
        codes |= {f"talker_config.codec_language_id.{name}": row for name, row in talker.codec_language_id.items()}
        for ids, rows in ((texts, talker.text_vocab_size), (codes, talker.vocab_size)):
            for name, row in ids.items():
                if not 0 <= row < rows:
                    raise broken(self.path / "config.json", f"{name} is {row}, and its table has {rows} rows")

    # --- weights ------------------------------------------------------------------------------------

    def names(self, part: Part) -> list[str]:
        """Names of all tensors of a part. Raises ConfigError."""
        return self._of(part).names

    def size_bytes(self, part: Part) -> int:
        """Size of a part's files. Raises ConfigError."""
        return self._of(part).size_bytes

    def tensor(self, part: Part, name: str) -> Tensor:
        """A tensor on the CPU, mapped from its file. Raises ConfigError when there is none."""
        return self._of(part).tensor(name)

    def load(
        self,
        module: nn.Module,
        part: Part,
        prefix: str,
        place: Place,
        count: Callable[[int], None] = lambda _size_bytes: None,
    ) -> None:
        """Give every parameter and persistent buffer N of `module` the tensor `prefix + N`, at its place.

        `module` was built on the meta device, so nothing is allocated twice: what is on a CPU as it is in the file
        stays mapped from there, all else goes there in pieces. `count` is told the bytes of each piece. Raises
        ConfigError naming the file and the tensor, also for numbers that are none.
        """
        weights, state = self._of(part), module.state_dict()
        found = {name: weights.loaded(prefix + name, wanted.shape, place, count) for name, wanted in state.items()}
        weights.unmap()
        module.load_state_dict(found, assign=True)
        module.requires_grad_(requires_grad=False)

    def _of(self, part: Part) -> Weights:
        if part not in self._weights:
            self._weights[part] = Weights(self.path / _FOLDERS[part])
        return self._weights[part]


def _ids(config: msgspec.Struct, prefix: str) -> dict[str, int]:
    """Numbers of the fields whose name ends in `_id`, by their name in the file."""
    fields = msgspec.structs.asdict(config).items()
    return {prefix + name: number for name, number in fields if name.endswith("_id") and isinstance(number, int)}
