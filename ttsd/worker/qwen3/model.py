"""One loaded model: talker, codec, encoders and tokenizer of a checkpoint, on one device."""

from typing import Final

import torch
from torch import Tensor

from ttsd.protocol.errors import BadRequest, CannotClone, ConfigError, EngineNotReady
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.clip import Clip, with_silence
from ttsd.worker.qwen3.codec import CodecDecoder
from ttsd.worker.qwen3.loading import READ, Reading, Report, Unfilled, give_back
from ttsd.worker.qwen3.prompt import PromptBuilder, Reference, Speaker
from ttsd.worker.qwen3.reference import ReferenceEncoder
from ttsd.worker.qwen3.speaker import SpeakerEncoder
from ttsd.worker.qwen3.talker import Talker
from ttsd.worker.qwen3.text import TextTokenizer
from ttsd.worker.qwen3.weights import Place, broken

DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(wanted: str, *, allow_cpu: bool) -> torch.device:
    """`cuda`, `cpu`, or `auto`: the card, or the CPU where that is allowed.

    Raises EngineNotReady when there is no card, which may still come; ConfigError when this torch could use none.
    """
    if wanted == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if wanted == "auto" and allow_cpu:
        return torch.device("cpu")
    built_for_cuda = torch.version.cuda is not None
    reason = "torch finds no CUDA device" if built_for_cuda else "this build of torch is for CPUs only"
    raise (EngineNotReady if built_for_cuda else ConfigError)(
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
        try:
            with torch.device("meta"), Unfilled():
                self._build()
        except (ArithmeticError, LookupError, RuntimeError, ValueError) as error:
            raise broken(checkpoint.path, f"no model has the sizes in its config.json files ({error})") from error
        self.tokenizer = TextTokenizer(checkpoint.path)

    def _build(self) -> None:
        model, codec = self.checkpoint.model, self.checkpoint.codec
        # The other kinds name the encoder's shape too, and have no weights for it.
        speaker = model.speaker_encoder_config if model.tts_model_type == "base" else None
        self.talker = Talker(model.talker)
        self.decoder = CodecDecoder(codec.decoder_config)
        self._speaker_encoder = None if speaker is None else SpeakerEncoder(speaker)
        self._reference_encoder = ReferenceEncoder(codec.encoder_config, codec.encoder_valid_num_quantizers)

    def load(self, report: Report) -> None:
        """Read the weights. Raises ConfigError naming the file and the tensor."""
        checkpoint, exact = self.checkpoint, Place(self.device, torch.float32)
        reading = Reading(report, checkpoint.size_bytes("codec") + checkpoint.size_bytes("model"))
        with torch.inference_mode():
            reading.note("reading the codec")
            checkpoint.load(self.decoder, "codec", "decoder.", exact, reading.count)
            self.decoder.prepare()
            checkpoint.load(self._reference_encoder, "codec", "encoder.", exact, reading.count)
            if self._speaker_encoder is not None:
                encoder = self._speaker_encoder
                checkpoint.load(encoder, "model", "speaker_encoder.", exact, reading.count)
                encoder.prepare()
            reading.note("reading the talker")
            checkpoint.load(self.talker, "model", "talker.", Place(self.device, self.dtype, narrow=True), reading.count)
            report(READ, "arranging the weights")
            self.talker.prepare(self.dtype)
            self.prompts = PromptBuilder(self.config, self.talker, self.tokenizer.role_ids, self.device)
        give_back()
        report(0.95, "warming up")

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
