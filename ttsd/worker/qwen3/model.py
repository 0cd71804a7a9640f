"""One loaded model: talker, codec, encoders and tokenizer of a checkpoint, on one device."""

from collections.abc import Callable
from typing import Final, TypeVar

import torch
from torch import Tensor

from ttsd.protocol.errors import BadRequest, CannotClone, ConfigError
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.clip import Clip, with_silence
from ttsd.worker.qwen3.codec import CodecDecoder
from ttsd.worker.qwen3.prompt import PromptBuilder, Reference, Speaker
from ttsd.worker.qwen3.reference import ReferenceEncoder
from ttsd.worker.qwen3.speaker import SpeakerEncoder
from ttsd.worker.qwen3.talker import Talker
from ttsd.worker.qwen3.text import TextTokenizer

DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
Report = Callable[[float, str], None]
T = TypeVar("T")


def choose_device(wanted: str, *, allow_cpu: bool) -> torch.device:
    """`cuda`, `cpu`, or `auto`: the card, or the CPU where that is allowed. Raises ConfigError with the reason."""
    if wanted == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if wanted == "auto" and allow_cpu:
        return torch.device("cpu")
    reason = "this build of torch is for CPUs only" if torch.version.cuda is None else "torch finds no CUDA device"
    raise ConfigError(
        f"the model is to run on a GPU, and {reason}; "
        'mend the driver, or set [engine] allow_cpu = true, which is slow, or [engine] name = "builtin"',
        param="qwen3.device",
    )


class Model:
    """Owns the modules. Inference mode is entered by its methods."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype) -> None:
        self.checkpoint = checkpoint
        self.config = checkpoint.model
        self.device = device
        self.dtype = dtype
        with torch.device("meta"):
            self.talker = Talker(checkpoint.model.talker)
            self.decoder = CodecDecoder(checkpoint.codec.decoder_config)
        # The other kinds name the encoder's shape too, and have no weights for it.
        speaker = checkpoint.model.speaker_encoder_config if checkpoint.model.tts_model_type == "base" else None
        self._speaker_encoder = None if speaker is None else _on_meta(lambda: SpeakerEncoder(speaker))
        codec = checkpoint.codec
        self._reference_encoder = _on_meta(
            lambda: ReferenceEncoder(codec.encoder_config, codec.encoder_valid_num_quantizers)
        )
        self.tokenizer = TextTokenizer(checkpoint.path)

    def load(self, report: Report) -> None:
        """Read the weights. Raises ConfigError naming the file and the tensor."""
        with torch.inference_mode():
            report(0.0, "reading the codec")
            self.checkpoint.load(self.decoder, "codec", "decoder.", self.device, torch.float32)
            self.decoder.prepare()
            self.checkpoint.load(self._reference_encoder, "codec", "encoder.", self.device, torch.float32)
            if self._speaker_encoder is not None:
                self.checkpoint.load(self._speaker_encoder, "model", "speaker_encoder.", self.device, torch.float32)
                self._speaker_encoder.prepare()
            report(0.2, "reading the talker")
            self.checkpoint.load(self.talker, "model", "talker.", self.device, self.dtype)
            self.talker.prepare()
            self.prompts = PromptBuilder(self.config, self.talker, self.tokenizer.role_ids, self.device)
        report(0.9, "warming up")

    def clone(self, clip: Clip, transcript: str | None, *, exact: bool = False) -> Speaker:
        """The voice of a clip; continued from it when its transcript is given. `exact`: without silence after it.

        Raises CannotClone for a checkpoint that has voices of its own instead.
        """
        if self._speaker_encoder is None:
            raise CannotClone(
                f"this checkpoint is a {self.config.tts_model_type} model: it speaks with voices of its own; "
                "a base model clones",
                param="ref_audio",
            )
        if transcript is not None and not transcript.strip():
            raise BadRequest("ref_text: the transcript of the clip is empty; leave it out", param="ref_text")
        with torch.inference_mode():
            vector = self._speaker_encoder.vector(self._wave(clip)).to(self.dtype)
            if transcript is None:
                return Speaker(vector)
            codes = self._reference_encoder.codes(self._wave(clip if exact else with_silence(clip)))
            return Speaker(vector, Reference(self.tokenizer.ref_ids(transcript), codes))

    def _wave(self, clip: Clip) -> Tensor:
        return torch.tensor(clip.samples, device=self.device)


def _on_meta(make: Callable[[], T]) -> T:
    with torch.device("meta"):
        return make()
