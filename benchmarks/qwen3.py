"""The Qwen3-TTS engine on this CPU beside the official package, on the same small random checkpoint, turn by turn."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.daemon import private_folder
from benchmarks.official import Official
from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, spread

os.environ.setdefault("OMP_NUM_THREADS", "1")

FRAMES: Final = 40
CHUNKS: Final = 10
FASTER: Final = Target(5.0, at_least=True)
CODEC_FASTER: Final = Target(10.0, at_least=True)


def run(options: Options) -> Iterator[Table]:
    sys.path.insert(0, "")
    from tests.checkpoints import write_tiny

    with private_folder(Path("/tmp")) as folder:
        checkpoint = write_tiny(folder / "tiny")
        official = Official(checkpoint)
        try:
            yield _table(checkpoint, official, options.count(20))
        finally:
            official.close()


def _table(checkpoint: Path, official: Official, rounds: int) -> Table:
    frames, many, chunk, load = _ours(checkpoint)
    took: dict[str, list[float]] = {name: [] for name in ("ours", "theirs", "crowd", "codec", "their codec")}
    for _ in range(rounds):
        took["ours"].append(frames())
        took["theirs"].append(official.ask("frames", FRAMES))
        took["crowd"].append(many())
        took["codec"].append(chunk())
        took["their codec"].append(official.ask("codec", CHUNKS))
    ours, codec = (
        spread("talker, predictor and sampler, one stream", took["ours"]),
        spread("codec, a chunk of one frame", took["codec"]),
    )
    rows: tuple[Row, ...] = (
        ours,
        spread("the same, official package", took["theirs"], against=ours),
        spread("eight streams in one step", took["crowd"], against=ours),
        codec,
        spread("the same with 25 frames of context, official package", took["their codec"], against=codec),
        spread("how many times faster a frame is", _ratios(took["theirs"], took["ours"]), unit="×", target=FASTER),
        spread(
            "how many times faster a chunk is",
            _ratios(took["their codec"], took["codec"]),
            unit="×",
            target=CODEC_FASTER,
        ),
        spread("load, files in the page cache", load),
    )
    notes = (
        "milliseconds a frame; one thread; ours and theirs by turns, float32, greedy",
        "a frame is 80 ms of speech",
    )
    return Table("Qwen3-TTS on the CPU, a tiny random checkpoint", rows, notes)


def _ratios(theirs: list[float], ours: list[float]) -> list[float]:
    return [a / b for a, b in zip(theirs, ours, strict=True)]


def _ours(checkpoint: Path) -> tuple[Callable[[], float], Callable[[], float], Callable[[], float], list[float]]:
    """Our engine's parts: milliseconds a frame alone and of eight, of a codec chunk, and times of loading."""
    import torch

    from ttsd.worker.qwen3.checkpoint import Checkpoint
    from ttsd.worker.qwen3.codec import CodecStream
    from ttsd.worker.qwen3.model import Model

    torch.set_num_threads(1)
    cpu = torch.device("cpu")

    def loaded() -> Model:
        found = Model(Checkpoint.open(checkpoint), cpu, torch.float32)
        found.load(lambda _progress, _note: None)
        return found

    load: list[float] = []
    for _ in range(5):
        started = time.perf_counter()
        loaded()
        load.append((time.perf_counter() - started) * 1000)
    model = loaded()
    stream = CodecStream(model.decoder, 1, cpu, torch.float32)
    codes = torch.randint(0, 64, (1, 1, 16))

    def chunk() -> float:
        with torch.inference_mode():
            started = time.perf_counter()
            for _ in range(CHUNKS):
                stream.decode([0], codes)
            return (time.perf_counter() - started) * 1000 / CHUNKS

    return _stepper(model, 1), _stepper(model, 8), chunk, load


def _stepper(model: Any, slots: int) -> Callable[[], float]:
    """Milliseconds a step of so many streams, their prompts included as the official package includes it."""
    import torch

    from ttsd.worker.qwen3.frames import Frames, Settings
    from ttsd.worker.qwen3.pacing import NEVER
    from ttsd.worker.qwen3.prompt import Layout, Speaker

    with torch.inference_mode():
        ids = model.tokenizer.text_ids("word " * FRAMES)
        prompt = model.prompts.build(ids, Speaker(), None, Layout.STREAMING)
        frames = Frames(model.talker, model.prompts.pad, slots=slots, context=512, text_rows=512, device=model.device)

    def run_once() -> float:
        with torch.inference_mode():
            started = time.perf_counter()
            for slot in range(slots):
                frames.admit(slot, prompt, Settings(greedy=True, predictor_greedy=True))
            for _ in range(FRAMES):
                frames.step(dict.fromkeys(range(slots), NEVER))
            return (time.perf_counter() - started) * 1000 / FRAMES

    return run_once
