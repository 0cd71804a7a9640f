"""The published 0.6B shapes with random weights, on this CPU: beside the official package, and beside the memory."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.daemon import private_folder
from benchmarks.official import Official
from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, spread

THREADS: Final = 2
FRAMES: Final = 8
CHUNKS: Final = 3
CONTEXT: Final = 512
PROBE_BYTES: Final = 2**30

NO_SLOWER: Final = Target(1.0, at_least=True)
NEAR_THE_FLOOR: Final = Target(1.15)
CODEC_FASTER: Final = Target(10.0, at_least=True)
NEW_CLIP: Final = Target(5000.0)


def run(options: Options) -> Iterator[Table]:
    sys.path.insert(0, "")
    from ttsd.worker.tuning import tune

    tune()
    from tests.checkpoints import write_checkpoint

    with private_folder(Path("/var/tmp")) as folder:
        checkpoint = write_checkpoint(folder / "0.6b", "0.6b")
        ours, official = Ours(checkpoint), Official(checkpoint, THREADS)
        try:
            yield _frames(ours, official, options.count(20))
            yield _codec(ours, official, options.count(20))
        finally:
            official.close()
        yield _sessions(ours, folder, options.count(10))


class Ours:
    """Our engine's parts on one checkpoint, each timed in milliseconds."""

    def __init__(self, checkpoint: Path) -> None:
        import torch

        from ttsd.worker.qwen3.checkpoint import Checkpoint
        from ttsd.worker.qwen3.codec import CodecStream
        from ttsd.worker.qwen3.model import Model

        torch.set_num_threads(THREADS)
        self._torch = torch
        self.model = Model(Checkpoint.open(checkpoint), torch.device("cpu"), torch.float32)
        self.model.load(lambda _progress, _note: None)
        self._codec = CodecStream(self.model.decoder, 1, torch.device("cpu"), torch.float32)
        self._codes = torch.randint(0, 2048, (1, 1, 16))
        self._frames: dict[int, Any] = {}
        self._probe = torch.ones(PROBE_BYTES // 4)

    def frame(self, streams: int) -> float:
        """One step of so many streams, their prompts not counted."""
        frames = self._admitted(streams)
        with self._torch.inference_mode():
            started = time.perf_counter()
            for _ in range(FRAMES):
                frames.step(dict.fromkeys(range(streams), -float("inf")))
            return (time.perf_counter() - started) * 1000 / FRAMES

    def _admitted(self, streams: int) -> Any:
        from ttsd.worker.qwen3.frames import Frames, Settings
        from ttsd.worker.qwen3.prompt import Layout, Speaker

        model = self.model
        with self._torch.inference_mode():
            prompt = model.prompts.build(model.tokenizer.text_ids("word " * 20), Speaker(), None, Layout.STREAMING)
            if streams not in self._frames:
                self._frames[streams] = Frames(
                    model.talker, model.prompts.pad, slots=streams, context=CONTEXT, text_rows=CONTEXT, device="cpu"
                )
            frames = self._frames[streams]
            for slot in range(streams):
                frames.admit(slot, prompt, Settings(greedy=True, predictor_greedy=True))
        return frames

    def chunk(self) -> float:
        """One frame of the codec."""
        with self._torch.inference_mode():
            started = time.perf_counter()
            for _ in range(CHUNKS):
                self._codec.decode([0], self._codes)
            return (time.perf_counter() - started) * 1000 / CHUNKS

    def read_gb_s(self) -> float:
        """What the memory gives to a sum over a gigabyte."""
        started = time.perf_counter()
        self._probe.sum()
        return PROBE_BYTES / (time.perf_counter() - started) / 1e9

    def frame_bytes(self) -> int:
        """Weights that a frame reads: the talker once, the predictor's layers fifteen times, each of its heads once."""
        talker = self.model.config.talker
        predictor = talker.code_predictor_config
        others = talker.num_code_groups - 1
        numbers = talker.num_hidden_layers * _layer(talker) + talker.hidden_size * talker.vocab_size
        numbers += others * (
            predictor.num_hidden_layers * _layer(predictor) + predictor.hidden_size * predictor.vocab_size
        )
        return 4 * numbers


def _layer(shape: Any) -> int:
    """Numbers in the matrices of a decoder layer."""
    heads = shape.num_attention_heads + shape.num_key_value_heads
    return 2 * shape.hidden_size * shape.head_dim * heads + 3 * shape.hidden_size * shape.intermediate_size


def _frames(ours: Ours, official: Official, rounds: int) -> Table:
    took: dict[str, list[float]] = {name: [] for name in ("1", "4", "8", "16", "theirs", "floor")}
    for _ in range(rounds):
        before = ours.read_gb_s()
        for streams in ("1", "4", "8", "16"):
            took[streams].append(ours.frame(int(streams)))
        took["theirs"].append(official.ask("frames", FRAMES))
        took["floor"].append(ours.frame_bytes() / max(before, ours.read_gb_s()) / 1e6)
    alone = spread("talker, predictor and sampler, one stream", took["1"])
    rows: tuple[Row, ...] = (
        alone,
        spread("the same, official package, its prompt included", took["theirs"], against=alone),
        *(spread(f"{streams} streams in one step", took[streams], against=alone) for streams in ("4", "8", "16")),
        spread("floor: the weights of a frame, read once", took["floor"], against=alone),
        spread("how many times faster a frame is", _ratios(took["theirs"], took["1"]), unit="×", target=NO_SLOWER),
        spread("how many times the floor a frame takes", _ratios(took["1"], took["floor"]), "×", target=NEAR_THE_FLOOR),
    )
    notes = (
        f"milliseconds a frame (80 ms of speech); {THREADS} threads; ours and theirs by turns, float32, greedy",
        f"floor: {ours.frame_bytes() / 1e9:.2f} GB at what a sum over 1 GiB reads in the same round",
    )
    return Table("Qwen3-TTS on the CPU, the 0.6B shapes", rows, notes)


def _codec(ours: Ours, official: Official, rounds: int) -> Table:
    took: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(rounds):
        took["ours"].append(ours.chunk())
        took["theirs"].append(official.ask("codec", CHUNKS))
    chunk = spread("codec, a chunk of one frame", took["ours"])
    rows = (
        chunk,
        spread("the same with 25 frames of context, official package", took["theirs"], against=chunk),
        spread(
            "how many times faster a chunk is", _ratios(took["theirs"], took["ours"]), unit="×", target=CODEC_FASTER
        ),
    )
    return Table("Qwen3-TTS on the CPU, the published codec", rows, (f"{THREADS} threads, float32, by turns",))


def _sessions(ours: Ours, folder: Path, rounds: int) -> Table:
    """First sounds, through the scheduler as the engine uses it."""
    from tests.oracle.cases import RATE_HZ, TRANSCRIPT, clip
    from ttsd.worker.qwen3.scheduler import Scheduler
    from ttsd.worker.qwen3.voices import Voices

    del RATE_HZ
    frames: list[float] = []
    scheduler = Scheduler(
        ours.model,
        4,
        context=CONTEXT,
        text_rows=CONTEXT,
        on_frame=lambda took_s, _streams: frames.append(took_s * 1000),
    )
    took: dict[str, list[float]] = {"cached": [], "new": []}
    voices = Voices(ours.model, "benchmark", None, 2**40)
    for number in range(rounds):
        recorded = folder / f"{number}.wav"
        _write_wav(recorded, clip(3.0, number))
        for kind in ("new", "cached"):
            started = time.perf_counter()
            voice = voices.get(str(number), recorded, TRANSCRIPT)
            _first_sound(ours.model, scheduler, voice)
            took[kind].append((time.perf_counter() - started) * 1000)
    scheduler.close()
    frame = spread("a frame, prompt and codec not counted", frames)
    rows = (
        spread("a turn of the scheduler: a frame, and what of it is decoded", frames),
        spread("known clip to first sound", took["cached"], against=frame),
        spread("new clip of 3 s to first sound", took["new"], against=frame, target=NEW_CLIP),
    )
    notes = (
        "the clip is continued: clip's text, the text, and 44 frames are the prompt",
        "ratio: as multiple of a frame",
    )
    return Table("First sound, the 0.6B shapes on the CPU", rows, notes)


def _first_sound(model: Any, scheduler: Any, voice: Any) -> None:
    import torch

    from ttsd.worker.qwen3.frames import Settings
    from ttsd.worker.qwen3.pacing import Pacing
    from ttsd.worker.qwen3.prompt import Layout
    from ttsd.worker.qwen3.scheduler import Start, Stream

    with torch.inference_mode():
        ids = model.tokenizer.text_ids("Good morning to you.")
        prompt = model.prompts.build(ids, voice.speaker, None, Layout.TEXT_FIRST)
    stream = Stream(
        prompt,
        Settings(),
        Pacing(len(prompt.trailing), len(ids), 50),
        Start(voice.prefix(None, continued=True), voice.primed),
    )
    scheduler.submit(stream)
    next(stream.sound(threading.Event()))
    stream.gone.set()


def _write_wav(path: Path, samples: Any) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())


def _ratios(over: list[float], under: list[float]) -> list[float]:
    return [a / b for a, b in zip(over, under, strict=True)]
