"""From a request to its first sound, when nobody else speaks."""

import time

from benchmarks.gpu.options import FRAMES, Bench
from benchmarks.gpu.sources import Source, inside, recorded
from benchmarks.report import Table, single, spread
from ttsd.worker.engine import Engine

PAUSE_S = 0.05
"""Until who has left is gone."""


def first_ms(source: Source, number: int) -> float:
    """The listener leaves then."""
    started = time.perf_counter()
    sound = source(number)
    next(sound)
    took = (time.perf_counter() - started) * 1000
    sound.close()
    time.sleep(PAUSE_S)
    return took


def whole_ms(source: Source, number: int) -> float:
    """Until its last sound."""
    started = time.perf_counter()
    for _ in source(number):
        pass
    return (time.perf_counter() - started) * 1000


def in_process(bench: Bench, engine: Engine) -> Table:
    """Voices that are known, and one that is not."""
    count = bench.options.count(50)
    known = {
        "a clip's voice, continued from it": inside(engine, recorded(bench.folder)),
        "a clip's timbre": inside(engine, recorded(bench.folder, continued=False)),
        "no clip": inside(engine, None),
    }
    took = {what: _samples(source, count) for what, source in known.items()}
    frame = single("a step meanwhile, running mean", engine.gauges().frame_ms, "ms")
    new = [
        first_ms(inside(engine, recorded(bench.folder, seed)), seed) for seed in range(1, bench.options.count(20) + 1)
    ]
    cloned = known["a clip's voice, continued from it"]
    whole = [whole_ms(cloned, number) for number in range(bench.options.count(20))]
    rows = (
        frame,
        *(spread(f"{what}, known", times, against=frame) for what, times in took.items()),
        spread("a new clip of 3 s, continued: until its first sound", new, against=frame),
        spread(f"a clip's voice, known: until all its sound, {FRAMES} frames", whole, against=frame),
    )
    notes = (
        "from `speak` to its first samples; ratio: as multiple of a step",
        "a clip that is known is not read again",
    )
    return Table("First sound, in process, alone", rows, notes)


def through_socket(bench: Bench, source: Source) -> Table:
    """A known clip's voice."""
    times = _samples(source, bench.options.count(50))
    row = spread("POST /api/tts_stream, first byte of sound", times, target=bench.options.target(15.0))
    return Table(
        "First sound, through the daemon's socket, alone", (row,), ("a clip's voice, known, continued from it",)
    )


def _samples(source: Source, count: int) -> list[float]:
    first_ms(source, 0)
    return [first_ms(source, number) for number in range(1, count + 1)]
