"""A frame of 1 to 64 streams, what it is made of, and what it cannot be faster than."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor

from benchmarks.gpu.card import Card
from benchmarks.gpu.floor import floor_ms, memory_bytes, weight_bytes
from benchmarks.gpu.options import Bench
from benchmarks.report import Row, Table, percentile, single, spread
from ttsd.worker.qwen3.codec import CodecStream
from ttsd.worker.qwen3.frames import Frames, Settings
from ttsd.worker.qwen3.layers import Desk
from ttsd.worker.qwen3.memory import Remembered, Steps
from ttsd.worker.qwen3.pacing import NEVER
from ttsd.worker.qwen3.predictor import Pass
from ttsd.worker.qwen3.prompt import Prompt
from ttsd.worker.qwen3.recording import Recorder, recorder_for
from ttsd.worker.qwen3.sampler import Rule, Rules, draw

FRAME_S: Final = 0.08
SIZES: Final = (1, 2, 4, 8, 16, 32, 64)
PROMPTS: Final = (10, 120, 250)
PROMPT: Final = 60
CONTEXT: Final = 1024
FAR: Final = (16, 1900, 3072)
"""So many streams, so many positions back, which is two minutes of speech; and a slot's context."""
STEPS: Final = 150
PARTS: Final = (1, 64)
CHUNKS: Final = ((1, 1), (1, 12), (4, 12), (16, 1), (16, 12))
"""Slots and frames of a chunk."""


def run(bench: Bench) -> Iterator[Table]:
    with torch.inference_mode():
        read = bench.card.read_gb_s()
        yield _memory(read)
        frames = _frames(bench, bench.options.slots, CONTEXT)
        took = {
            streams: _steps_ms(frames, streams, bench.options.count(STEPS))
            for streams in SIZES
            if streams <= bench.options.slots
        }
        yield _frame_table(bench, took)
        yield _rates(bench, took)
        yield _prompts(bench, frames)
        gb_s = max(max(rates) for rates in read.values())
        yield from (_parts(bench, frames, streams, gb_s) for streams in PARTS if streams in took)
        del frames
        yield _far(bench)
        yield _codec(bench)


def _memory(read: dict[str, list[float]]) -> Table:
    rows = tuple(spread(f"bytes moved by {what}", rates, "GB/s") for what, rates in read.items())
    return Table("What the memory gives", rows, ("floors are reckoned with the best of these",))


# --- whole frames -----------------------------------------------------------------------------------


def _frames(bench: Bench, slots: int, context: int) -> Frames:
    model: Any = bench.model
    return Frames(
        model.talker, model.prompts.pad, slots=slots, context=context, text_rows=100, device=bench.card.device
    )


def _prompt(bench: Bench, length: int) -> Prompt:
    pad = bench.model.prompts.pad
    rows = torch.randn(length, pad.shape[1], generator=torch.Generator().manual_seed(length)).to(pad)
    return Prompt(rows, rows[:3])


def _steps_ms(frames: Frames, streams: int, count: int, prompt: Prompt | None = None) -> list[float]:
    """As the scheduler sees a step: from the call until its codes are on the host."""
    width = frames.state.hidden.shape[1]
    for slot in range(streams):
        rows = torch.randn(PROMPT, width, generator=torch.Generator().manual_seed(slot)).to(frames.state.hidden)
        frames.admit(slot, prompt or Prompt(rows, rows[:3]), Settings(seed=slot))
    ready = dict.fromkeys(range(streams), NEVER)
    for _ in range(3):
        frames.step(ready).cpu()
    took: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        frames.step(ready).cpu()
        took.append((time.perf_counter() - started) * 1000)
    return took


def _frame_table(bench: Bench, took: dict[int, list[float]]) -> Table:
    targets = {1: bench.options.target(4.0), 64: bench.options.target(8.0)}
    first = spread("1 stream", took[1], target=targets[1])
    others = (
        spread(f"{streams} streams", times, target=targets.get(streams), against=first)
        for streams, times in took.items()
        if streams > 1
    )
    notes = (
        "talker, sampler and predictor; from the call until the codes are on the host",
        f"each stream with {PROMPT} to {PROMPT + STEPS} positions behind it",
    )
    return Table("A frame of so many streams", (first, *others), notes)


def _rates(bench: Bench, took: dict[int, list[float]]) -> Table:
    speech = {streams: streams * FRAME_S * 1000 / percentile(times, 0.5) for streams, times in took.items()}
    first = single("1 stream", speech[1], "s/s")
    rows = [first, *(single(f"{n} streams", rate, "s/s", against=first) for n, rate in speech.items() if n > 1)]
    rows.append(
        single("1 stream: time it takes of the time it lasts", 1 / speech[1], "", target=bench.options.target(0.05))
    )
    return Table("Seconds of speech a second, if there were no codec", tuple(rows))


def _prompts(bench: Bench, frames: Frames) -> Table:
    rows: list[Row] = []
    for length in PROMPTS:
        prompt, took = _prompt(bench, length), list[float]()
        for _ in range(bench.options.count(30) + 1):
            bench.card.wait()
            started = time.perf_counter()
            frames.admit(0, prompt, Settings())
            bench.card.wait()
            took.append((time.perf_counter() - started) * 1000)
        rows.append(spread(f"{length} positions", took[1:]))
    return Table("Taking a prompt in", tuple(rows), ("until all of it is done",))


def _far(bench: Bench) -> Table:
    streams, positions, context = FAR if bench.card.is_real else (2, 200, 304)
    count = bench.options.count(50)
    frames = _frames(bench, streams, context)
    times = _steps_ms(frames, streams, count, _prompt(bench, positions))
    row = spread(f"{streams} streams, {positions} positions behind each", times)
    return Table("A frame, late in a long speech", (row,))


# --- what a frame is made of ------------------------------------------------------------------------


class _Shape(NamedTuple):
    card: Card
    recorder: Recorder
    streams: int
    span: int


def _parts(bench: Bench, frames: Frames, streams: int, gb_s: float) -> Table:
    """The same calls that a frame consists of, each recorded by itself."""
    talker, card, count = bench.model.talker, bench.card, bench.options.count(STEPS)
    shape = _Shape(card, recorder_for(card.device), streams, 256)
    ready = dict.fromkeys(range(streams), NEVER)
    for slot in range(streams):
        frames.admit(slot, _prompt(bench, PROMPT), Settings(seed=slot))
    whole = spread("all of it, on the card", card.times_ms(lambda: frames.step(ready), count))
    parts = {
        "talker": _timed(shape, "talker", _talker_call(talker, shape, frames.state.hidden), count),
        "predictor, its sampling included": _timed(
            shape, "predictor", _predictor_call(talker, shape, frames.state.hidden), count
        ),
    }
    known = [spread(f"of this: {name}", times, against=whole) for name, times in parts.items()]
    rest = single("of this: all else", whole.median - sum(row.median for row in known), "ms", against=whole)
    size = card.dtype.itemsize
    weights = weight_bytes(talker.config, size)
    read = weights + memory_bytes(talker.config, size, streams, shape.span)
    floor = single("floor: what it reads", floor_ms(read, gb_s), "ms", against=whole)
    times = single("how many times the floor a frame takes", whole.median / floor.median, "×")
    notes = (
        f"{weights / 1e9:.2f} GB of weights, {(read - weights) / 1e9:.2f} GB of keys and values, {gb_s:,.0f} GB/s",
        "times on the card, one call after another; not the waits of the host between them",
    )
    title = "Where a frame goes, " + ("1 stream" if streams == 1 else f"{streams} streams")
    return Table(title, (whole, *known, rest, floor, times), notes)


def _timed(shape: _Shape, name: str, call: Callable[[], Tensor], count: int) -> list[float]:
    shape.recorder.record(name, call)
    return shape.card.times_ms(lambda: shape.recorder.run(name, call), count)


def _talker_call(talker: Any, shape: _Shape, like: Tensor) -> Callable[[], Tensor]:
    """One position of each stream, as far back as there is anything."""
    streams, span = shape.streams, shape.span
    remembered = Remembered(talker, streams, span, like)
    desk = Desk(talker.config, streams, 1, like)
    steps, rotation = Steps(remembered, desk, streams), talker.rotation(span + 1)
    position = torch.full((streams,), span - 1, device=like.device)
    going = torch.ones(streams, dtype=torch.bool, device=like.device)
    rows, scores = torch.randn_like(like[:streams]), like.new_empty(streams, talker.config.vocab_size)

    def call() -> Tensor:
        x, place = rows.clone(), steps.place(position, going, span)
        for depth, (layer, turn) in enumerate(zip(talker.layers, rotation.at(position), strict=True)):
            layer.run(x, turn, desk, place, depth)
        talker.head.into(talker.norm(x), scores)
        return scores

    return call


def _predictor_call(talker: Any, shape: _Shape, like: Tensor) -> Callable[[], Tensor]:
    """Fifteen codes of each stream, drawn as is usual."""
    predictor, streams = talker.code_predictor, shape.streams
    made, rules = Pass(predictor, streams, like), Rules(streams, predictor.config.vocab_size, like.device)
    for slot in range(streams):
        rules.put(slot, Rule(greedy=False, temperature=0.9, top_k=50, top_p=1.0))
    hidden, drawing = torch.randn_like(like[:streams]), rules.first(streams)
    uniform = torch.rand(predictor.config.num_code_groups, streams, 1, device=like.device)

    def choose(codebook: int, scores: Tensor, out: Tensor) -> None:
        draw(scores, drawing, uniform[codebook], out)

    def call() -> Tensor:
        made.run(hidden, streams, choose)
        return made.codes

    return call


# --- codec ------------------------------------------------------------------------------------------


def _codec(bench: Bench) -> Table:
    model: Any = bench.model
    chunks = [(slots, frames) for slots, frames in CHUNKS if slots <= bench.options.slots]
    stream = CodecStream(model.decoder, max(slots for slots, _ in chunks), bench.card.device, torch.float32)
    recorder, took = recorder_for(bench.card.device), dict[tuple[int, int], list[float]]()
    for slots, frames in chunks:
        took[slots, frames] = _chunk_ms(bench, stream, recorder, (slots, frames))
    rows: list[Row] = [spread(_chunk(*chunk), times) for chunk, times in took.items()]
    slots, frames = chunks[-1]
    each = percentile(took[slots, frames], 0.5) / slots / frames
    rows.append(single("one frame of one stream, in chunks of the last kind", each, "ms"))
    rows.append(_in_tf32(bench, stream, (slots, frames), rows[-2]))
    notes = ("float32, as it is used; in the engine it runs beside the frames",)
    return Table("The codec: chunks of so many slots", tuple(rows), notes)


def _chunk(slots: int, frames: int) -> str:
    return f"{slots} slot{'s' * (slots > 1)}, {frames} frame{'s' * (frames > 1)} each"


def _chunk_ms(bench: Bench, stream: CodecStream, recorder: Recorder, chunk: Sequence[int]) -> list[float]:
    slots, frames = chunk
    rows = torch.arange(slots, device=bench.card.device)
    books = bench.model.config.talker.num_code_groups
    codes = torch.randint(0, 64, (slots, frames, books), device=bench.card.device)

    def call() -> Tensor:
        return stream.decode(rows, codes)

    recorder.record((slots, frames), call)
    return bench.card.times_ms(lambda: recorder.run((slots, frames), call), bench.options.count(30))


def _in_tf32(bench: Bench, stream: CodecStream, chunk: tuple[int, int], exact: Row) -> Row:
    """What would be gained by a mantissa of 10 bits in its products."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        times = _chunk_ms(bench, stream, recorder_for(bench.card.device), chunk)
    finally:
        torch.set_float32_matmul_precision(before)
    return spread(f"{_chunk(*chunk)}, in TF32", times, against=exact)
