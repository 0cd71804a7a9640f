"""Examining a reference clip, as when a voice is added: from the file to the report and the mended copy."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, single, spread
from benchmarks.texts import sentences
from ttsd.supervisor.prep import Prep

LENGTH_S: Final = 10
RATE_HZ: Final = 24_000
WARM_S: Final = Target(0.5)
COLD_S: Final = Target(1.0)


def run(options: Options) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield asyncio.run(_measure(Path(name), options.count(30)))


async def _measure(folder: Path, count: int) -> Table:
    source, transcript = _clip(folder)
    listener = Prep.listener("listener", 60)
    rows: list[Row] = []
    async with asyncio.TaskGroup() as group:
        group.create_task(listener.run())

        async def once(*, denoise: bool = False) -> float:
            before = time.perf_counter()
            await listener.examine(source, folder / "out.flac", transcript, "en", denoise=denoise)
            return time.perf_counter() - before

        rows.append(single("the first, with the start of its process", await once(), "s", target=COLD_S))
        plain = [await once() for _ in range(count)]
        rows.append(spread("the next ones", plain, "s", target=WARM_S))
        cleaned = [await once(denoise=True) for _ in range(count)]
        rows.append(spread("the same, denoised", cleaned, "s", target=WARM_S, against=rows[-1]))
        await listener.stop()
    return Table(f"A clip of {LENGTH_S} s, 44.1 kHz stereo, by the built-in voice with noise 25 dB below", tuple(rows))


def _clip(folder: Path) -> tuple[Path, str]:
    import soxr
    from hibari import Hibari

    voice, texts, parts = Hibari(), [], []
    for text in sentences(7):
        texts.append(text)
        parts += [np.asarray(part, np.float32) for part in voice.stream(text)]
        if sum(map(len, parts)) >= LENGTH_S * RATE_HZ:
            break
    samples = np.concatenate(parts)[: LENGTH_S * RATE_HZ]
    samples = samples + np.random.default_rng(0).standard_normal(len(samples)) * np.std(samples) * 10 ** (-25 / 20)
    wide = soxr.resample(samples, RATE_HZ, 44_100)
    soundfile.write(folder / "clip.wav", np.stack((wide, wide), axis=1), 44_100)
    return folder / "clip.wav", " ".join(texts)
