"""The built-in voices in each language: work for a second of speech, first sound, loading, memory; in this process."""

import resource
import threading
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.options import Options
from benchmarks.report import Row, Table, single, spread
from ttsd.protocol.engine import EngineConfig, Synthesize
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, Span
from ttsd.worker.builtin import Builtin

TEXTS: Final = {
    "en": "The quick brown fox jumps over the lazy dog.",
    "zh": "今天的天气非常好，我们一起去公园散步吧。",
    "ja": "今日は四月二十日、土曜日です。",
    "ko": "오늘은 날씨가 아주 좋습니다.",
    "de": "Der schnelle braune Fuchs springt über den faulen Hund.",
    "fr": "Le renard brun saute par-dessus le chien paresseux.",
    "ru": "Сегодня очень хорошая погода.",
    "pt": "A raposa marrom salta sobre o cachorro preguiçoso.",
    "es": "El zorro marrón salta sobre el perro perezoso.",
    "it": "La volpe marrone salta sopra il cane pigro.",
}


def run(options: Options) -> Iterator[Table]:
    engine, started = Builtin(EngineConfig("builtin", slots=1)), time.perf_counter()
    engine.load(lambda progress, note: None)
    loading_s = time.perf_counter() - started
    work: list[Row] = []
    first: list[Row] = []
    for language in engine.info.languages:
        taken = [_spoken(engine, language) for _ in range(options.count(10))]
        work.append(spread(language, [cpu for cpu, _ in taken], "s/s"))
        first.append(spread(language, [first_ms for _, first_ms in taken]))
    note = f"voice {engine.info.default_voice}, and its companions; what is not installed is missing here"
    yield Table("Processor time for a second of speech", tuple(work), (note, "espeak-ng's own is not counted"))
    yield Table("First sound of one sentence, one at a time", tuple(first))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Table("The process", (single("loading", loading_s, "s"), single("peak memory", peak_mb, "MB")))


def _spoken(engine: Builtin, language: str) -> tuple[float, float]:
    """Processor seconds for a second of speech, and milliseconds to its first sound."""
    began, before_s = time.perf_counter(), time.process_time()
    request = Synthesize(1, (Span(language, TEXTS[language]),), engine.info.default_voice)
    chunks = engine.speak(request, threading.Event())
    size = len(next(chunks))
    first_ms = (time.perf_counter() - began) * 1000
    size += sum(map(len, chunks))
    spoken_s = size / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ
    return (time.process_time() - before_s) / spoken_s, first_ms
