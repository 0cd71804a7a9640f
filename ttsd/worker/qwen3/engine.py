"""Engine `qwen3`: Qwen3-TTS-12Hz, cloned voices or the checkpoint's own, many streams at once."""

import hashlib
import queue
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Final

import torch

from ttsd import places
from ttsd.models import REVISION_FILE, locate
from ttsd.protocol.engine import EngineConfig, EngineGauges, EngineInfo, EngineVoice, Reason, Synthesize
from ttsd.protocol.errors import TooLarge, UnknownVoice
from ttsd.protocol.speech import LANGUAGES
from ttsd.worker.engine import Piece, Report
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.frames import Settings
from ttsd.worker.qwen3.live import LiveText
from ttsd.worker.qwen3.model import DTYPES, Model, choose_device
from ttsd.worker.qwen3.pacing import Pacing
from ttsd.worker.qwen3.prompt import Layout, Prompt, Speaker
from ttsd.worker.qwen3.scheduler import Scheduler, Start, Stream
from ttsd.worker.qwen3.sounding import Sound
from ttsd.worker.qwen3.voices import Voice, Voices
from ttsd.worker.silence import pcm, trimmed
from ttsd.worker.stretch import stretched

UNNAMED: Final = "default"
"""The voice of a checkpoint that has none of its own, for who names none and gives no clip: the model takes one."""
SOUND_REVISION: Final = 1
"""Counts changes of this package that alter the samples, so that old clips are not taken for new ones."""
PROMPT_POSITIONS: Final = 1024
"""Room for a prompt beside the frames: a clip of a minute is 750, a sentence some tens."""
_READS: Final = frozenset({"zh", "ja"})
"""Languages whose readings are letters that the model knows."""
VOICE_BYTES: Final = 512 * 2**20


class _LeftError(Exception):
    """Nobody listens any more."""


class Qwen3:
    """Owns model, scheduler and voices. See `Engine`."""

    def __init__(self, config: EngineConfig) -> None:
        self._settings = config.qwen3
        self._default_voice = config.default_voice
        self.info = EngineInfo("qwen3", "", config.qwen3.slots, tuple(LANGUAGES), (), UNNAMED)
        self._frame_s = 0.0
        self._own_voices: dict[str, Voice] = {}

    def load(self, report: Report) -> None:
        settings = self._settings
        folder = locate(settings.model)
        device = choose_device(settings.device, allow_cpu=settings.allow_cpu)
        # On a CPU half precision is slower than single, and no smaller where it counts.
        dtype = torch.float32 if device.type == "cpu" else DTYPES[settings.dtype]
        checkpoint = Checkpoint.open(folder)
        self._model = Model(checkpoint, device, dtype)
        self._model.load(report)
        revision = _revision(folder)
        self.info = self._describe(checkpoint, revision, device, dtype)
        cache = places.cache_dir() / "voices"
        self._voices = Voices(self._model, revision, cache, VOICE_BYTES)
        self._context = PROMPT_POSITIONS + settings.max_frames
        self._scheduler = Scheduler(
            self._model,
            settings.slots,
            context=self._context,
            text_rows=PROMPT_POSITIONS,
            on_frame=self._count_frame,
        )

    def _describe(self, checkpoint: Checkpoint, revision: str, device: torch.device, dtype: torch.dtype) -> EngineInfo:
        talker = checkpoint.model.talker
        languages = tuple(code for code, name in LANGUAGES.items() if name.lower() in talker.codec_language_id)
        names = sorted(talker.spk_id) or [UNNAMED]
        return EngineInfo(
            name="qwen3",
            revision=f"{revision}/{SOUND_REVISION}",
            slots=self._settings.slots,
            languages=languages,
            voices=tuple(EngineVoice(name, languages) for name in names),
            default_voice=self._default_voice if self._default_voice in names else names[0],
            can_clone=checkpoint.model.tts_model_type == "base",
            can_append=True,
            device=device.type,
            dtype=str(dtype).removeprefix("torch."),
        )

    def _count_frame(self, took_s: float, _streams: int) -> None:
        self._frame_s += 0.1 * (took_s - self._frame_s)

    def speak(self, request: Synthesize, cancelled: threading.Event) -> Generator[bytes, None, Reason]:
        return (yield from self._sound(self._prepare(request), request.speed, cancelled))

    def speak_live(
        self, request: Synthesize, more: "queue.SimpleQueue[Piece]", cancelled: threading.Event
    ) -> Generator[bytes, None, Reason]:
        text = LiveText(self._model, _text(request), more)

        def waiting() -> None:
            if cancelled.is_set():
                raise _LeftError

        try:
            ids = text.begin(waiting)
        except _LeftError:
            return "stop"
        with torch.inference_mode():
            voice, language = self._voice(request, _language(request))
            prompt = self._model.prompts.build_open(ids, voice.speaker.vector, language)
        pacing = Pacing(len(prompt.trailing), len(ids), self._room(prompt))
        pacing.hold()
        stream = Stream(prompt, self._drawing(request), pacing, Start(voice.prefix(language, continued=False)))
        return (yield from self._sound(stream, request.speed, cancelled, text))

    def _sound(
        self, stream: Stream, speed: float, cancelled: threading.Event, text: "LiveText | None" = None
    ) -> Generator[bytes, None, Reason]:
        self._scheduler.submit(stream)
        reasons: list[Reason] = []

        def blocks() -> Generator[Sound, None, None]:
            reasons.append((yield from stream.sound(cancelled, text and text.pass_on)))

        try:
            for block in trimmed(stretched(blocks(), speed)):
                if len(block):
                    yield pcm(block)
        finally:
            stream.gone.set()
        return reasons[0] if reasons else "stop"

    def _prepare(self, request: Synthesize) -> Stream:
        model, prompts = self._model, self._model.prompts
        with torch.inference_mode():
            voice, language = self._voice(request, _language(request))
            text_ids = model.tokenizer.text_ids(_text(request))
            self._check_length(len(text_ids))
            prompt = prompts.build(text_ids, voice.speaker, language, self._layout(voice.speaker))
        pacing = Pacing(len(prompt.trailing), len(text_ids), self._room(prompt))
        return Stream(
            prompt,
            self._drawing(request),
            pacing,
            Start(voice.prefix(language, continued=voice.speaker.reference is not None), voice.primed),
        )

    def _room(self, prompt: Prompt) -> int:
        """Frames that a slot has room for behind a prompt; where there is none, the slot refuses the prompt."""
        return max(1, min(self._settings.max_frames, self._context - len(prompt.rows)))

    def _drawing(self, request: Synthesize) -> Settings:
        given, how = self._model.checkpoint.generation, request.delivery
        return Settings(
            seed=request.seed,
            temperature=given.temperature * how.temperature,
            top_k=given.top_k,
            top_p=given.top_p,
            repetition_penalty=given.repetition_penalty,
            predictor_temperature=given.subtalker_temperature * how.detail,
            predictor_top_k=given.subtalker_top_k,
            predictor_top_p=given.subtalker_top_p,
        )

    def _check_length(self, tokens: int) -> None:
        most = min(self._settings.max_frames, PROMPT_POSITIONS)
        if tokens >= most:
            raise TooLarge(
                f"the text has {tokens} tokens in one piece, and a segment has room for {most}; send it in sentences",
                param="text",
            )

    def _voice(self, request: Synthesize, code: str) -> tuple[Voice, int | None]:
        prompts, clip = self._model.prompts, request.reference
        if clip is not None:
            return self._voices.get(clip), prompts.language(code)
        names = [voice.name for voice in self.info.voices]
        if request.voice not in names:
            raise UnknownVoice(f"no voice {request.voice!r}; the model has {', '.join(names)}", param="voice")
        if request.voice == UNNAMED:
            return self._own_voice("", Speaker()), prompts.language(code)
        vector, language = prompts.built_in(request.voice, code)
        return self._own_voice(request.voice, Speaker(vector)), language

    def _own_voice(self, name: str, speaker: Speaker) -> Voice:
        return self._own_voices.setdefault(name, Voice(speaker, None, {}))

    @staticmethod
    def _layout(speaker: Speaker) -> Layout:
        """A clip is continued with all of the text in sight: laid over its frames, a long text is spoken too fast."""
        return Layout.STREAMING if speaker.reference is None else Layout.TEXT_FIRST

    def gauges(self) -> EngineGauges:
        vram_bytes = torch.cuda.memory_reserved() if self.info.device == "cuda" else 0
        return EngineGauges(self._frame_s * 1000, self._scheduler.waiting, vram_bytes)

    def close(self) -> None:
        self._scheduler.close()


def _text(request: Synthesize) -> str:
    """What the model reads: pinyin and kana instead of the characters; IPA it cannot read."""
    return "".join(span.reading if span.reading and span.language in _READS else span.text for span in request.spans)


def _language(request: Synthesize) -> str:
    """The model has one language tag for a text; what is mixed it finds out by itself."""
    spoken = {span.language for span in request.spans}
    return spoken.pop() if len(spoken) == 1 else "auto"


def _revision(folder: Path) -> str:
    """The commit of a checkpoint from the hub; of another, what its files look like from outside."""
    marker = folder / REVISION_FILE
    if marker.exists():
        return marker.read_text().strip()
    weights = [*sorted(folder.glob("*.safetensors")), *sorted(folder.glob("speech_tokenizer/*.safetensors"))]
    told = [(folder / "config.json").read_bytes()]
    told += [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode() for path in weights]
    return hashlib.sha256(b"\0".join(told)).hexdigest()[:16]
