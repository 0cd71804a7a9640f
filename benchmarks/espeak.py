"""Beside Debian's speech-dispatcher + espeak-ng and the bare `espeak-ng` command, in one run."""

import contextlib
import itertools
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from subprocess import PIPE
from typing import Final

import msgspec

from benchmarks import speechd
from benchmarks.daemon import daemon
from benchmarks.options import Options
from benchmarks.programs import start
from benchmarks.report import Row, Table, single, spread
from benchmarks.texts import short_sentences
from benchmarks.wire import stream

WAV_HEADER: Final = 44


class Program(msgspec.Struct, frozen=True):
    """One way to have a sentence spoken; `speak` returns first sound and end, in milliseconds."""

    label: str
    speak: Callable[[str], tuple[float, float]]
    at_once: int
    """How many sentences it can be given at a time."""
    first_ms: list[float] = []
    total_ms: list[float] = []


def run(options: Options) -> Iterator[Table]:
    count = options.count(100)
    texts = short_sentences(seed=2)
    with contextlib.ExitStack() as stack:
        programs = [stack.enter_context(program) for program in (_ttsd(), _peer(), _bare()) if program]
        for text in itertools.islice(texts, count):
            for program in programs:
                first_ms, total_ms = program.speak(text)
                program.first_ms.append(first_ms)
                program.total_ms.append(total_ms)
        yield _first_audio(programs)
        yield Table(
            "Short sentences a second (28 characters, 1.6 s of speech)",
            tuple(_rates(programs, list(itertools.islice(texts, count)))),
            (
                "speech-dispatcher speaks one message at a time, into a sound device that takes sound at once",
                "espeak-ng is a formant synthesiser, ttsd's built-in voice a neural network: it costs more",
            ),
        )


def _first_audio(programs: list[Program]) -> Table:
    rows: list[Row] = []
    for program in programs:
        rows.append(spread(program.label, program.first_ms, against=rows[0] if rows else None))
    notes = (
        "ttsd: first byte of the HTTP body; speech-dispatcher: first sound out of its module",
        "espeak-ng: first byte after the WAV header, process start included",
        speechd.missing(),
    )
    return Table("Time to first audio, one sentence at a time", tuple(rows), tuple(note for note in notes if note))


def _rates(programs: list[Program], texts: list[str]) -> Iterator[Row]:
    first: Row | None = None
    for program in programs:
        rate = len(program.total_ms) / sum(program.total_ms) * 1000
        row = single(f"{program.label}, one at a time", rate, "1/s", against=first)
        first = first or row
        yield row
        if program.at_once > 1:
            yield single(
                f"{program.label}, {program.at_once} at a time", _crowded(program, texts), "1/s", against=first
            )


def _crowded(program: Program, texts: list[str]) -> float:
    """Sentences a second when the next is asked for as soon as one of several is done."""
    with ThreadPoolExecutor(program.at_once) as pool:
        started = time.perf_counter()
        for _ in pool.map(program.speak, texts):
            pass
        return len(texts) / (time.perf_counter() - started)


@contextlib.contextmanager
def _ttsd() -> Generator[Program]:
    with daemon() as ttsd:

        def speak(text: str) -> tuple[float, float]:
            heard = stream(ttsd.socket, text)
            return heard.first_ms, heard.total_ms

        yield Program("ttsd, POST /api/tts_stream", speak, at_once=2)


def _peer() -> contextlib.AbstractContextManager[Program] | None:
    return None if speechd.missing() else _speech_dispatcher()


@contextlib.contextmanager
def _speech_dispatcher() -> Generator[Program]:
    with speechd.speech_dispatcher() as client:

        def speak(text: str) -> tuple[float, float]:
            spoken = client.speak(text)
            return spoken.first_ms, spoken.total_ms

        yield Program("speech-dispatcher + espeak-ng", speak, at_once=1)


def _bare() -> contextlib.AbstractContextManager[Program] | None:
    if not shutil.which("espeak-ng"):
        return None
    return contextlib.nullcontext(Program("espeak-ng --stdout, a process each", _espeak_ng, at_once=2))


def _espeak_ng(text: str) -> tuple[float, float]:
    started = time.perf_counter()
    with start(["espeak-ng", "--stdout", text], stdout=PIPE) as program:
        assert program.stdout
        program.stdout.read(WAV_HEADER + 1)
        first_ms = (time.perf_counter() - started) * 1000
        program.stdout.read()
    return first_ms, (time.perf_counter() - started) * 1000
