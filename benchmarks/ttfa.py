"""Time to first audio through the socket, beside the same engine called in-process: what the daemon adds."""

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.daemon import daemon
from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, spread
from benchmarks.texts import sentences
from benchmarks.wire import UnixConnection, get, stream
from ttsd.protocol.engine import EngineConfig, Synthesize
from ttsd.protocol.speech import Span
from ttsd.worker.engine import Engine, build_engine

OVERHEAD: Final = Target(2.0)
ENGINES: Final = ("builtin", "fake")


def run(options: Options) -> Iterator[Table]:
    for name in ENGINES:
        yield _compare(name, options.count(200))


def _compare(name: str, count: int) -> Table:
    """Both ways for every sentence, each way first every other time; nothing else runs meanwhile."""
    engine = build_engine(EngineConfig(name, slots=1))
    engine.load(lambda _progress, _note: None)
    inside: list[float] = []
    socket: list[float] = []
    texts = sentences(seed=1)
    with daemon({"engine.name": name}) as ttsd:
        for text in itertools.islice(texts, 5):
            _in_process_ms(engine, text)
            stream(ttsd.socket, text)
        for number, text in enumerate(itertools.islice(texts, count)):
            if number % 2:
                inside.append(_in_process_ms(engine, text))
            socket.append(stream(ttsd.socket, text).first_ms)
            if not number % 2:
                inside.append(_in_process_ms(engine, text))
        health = [_health_ms(ttsd.socket) for _ in range(count)]
        kept = _kept_health_ms(ttsd.socket, count)
    engine.close()
    return _table(name, inside, socket, (health, kept))


def _table(name: str, inside: list[float], socket: list[float], health: tuple[list[float], list[float]]) -> Table:
    reference = spread("engine in-process, first chunk", inside)
    rows: tuple[Row, ...] = (
        reference,
        spread("POST /api/tts_stream over the socket, first byte", socket, against=reference),
        spread(
            "added by the daemon, sentence by sentence",
            [b - a for a, b in zip(inside, socket, strict=True)],
            target=OVERHEAD,
        ),
        spread("GET /healthz, new connection", health[0]),
        spread("GET /healthz, kept connection", health[1]),
    )
    return Table(f"Time to first audio, engine {name}", rows, ("each request has a connection and a text of its own",))


def _in_process_ms(engine: Engine, text: str) -> float:
    request = Synthesize(0, (Span("en", text),), engine.info.default_voice)
    started = time.perf_counter()
    chunks = engine.speak(request, threading.Event())
    next(chunks)
    first_ms = (time.perf_counter() - started) * 1000
    for _ in chunks:  # to the end, as over the socket
        pass
    return first_ms


def _health_ms(path: Path) -> float:
    started = time.perf_counter()
    status, _ = get(path, "/healthz")
    assert status == 200
    return (time.perf_counter() - started) * 1000


def _kept_health_ms(path: Path, count: int) -> list[float]:
    connection = UnixConnection(path)
    found: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        found.append((time.perf_counter() - started) * 1000)
    connection.close()
    return found
