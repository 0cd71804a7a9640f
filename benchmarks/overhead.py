"""What a stream costs the daemon, besides the engine's work, and what being watched costs it."""

import asyncio
import contextlib
import itertools
import os
import signal
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Final

import aiohttp

from benchmarks.daemon import TMPFS, Daemon, daemon, private_folder
from benchmarks.options import Options
from benchmarks.programs import cpu_s, running, wait_for
from benchmarks.report import Row, Table, Target, percentile, single, spread
from benchmarks.texts import sentences
from benchmarks.wire import UnixConnection
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, SPEAK_SUBPROTOCOL

RTF: Final = 0.5
"""The engine speaks at twice the speed of listening: sound comes chunk by chunk, as from a card."""
SENTENCES: Final = 6
STREAMS: Final = (1, 16, 64)
ENGINE: Final = {"engine.name": "fake", "fake.slots": 64, "fake.rtf": RTF, "clips.max_gb": 0.0}
BOTH: Final = "GET /healthz and /metrics"
WATCHED: Final = {
    "GET /healthz": ("/healthz",),
    "GET /metrics": ("/metrics",),
    BOTH: ("/healthz", "/metrics"),
    "GET /v1/status": ("/v1/status",),
}
EVERY_S: Final = 0.1
COST: Final = Target(0.5)
SETTLING_S: Final = 2.0
ROUNDS: Final = 3


def run(options: Options) -> Iterator[Table]:
    with daemon(ENGINE) as ttsd:
        yield asyncio.run(_speaking(ttsd, 1 if options.quick else ROUNDS))
    with daemon({"engine.name": "fake"}) as ttsd:
        yield _watching(ttsd, 2.0 if options.quick else 5.0)


async def _speaking(ttsd: Daemon, rounds: int) -> Table:
    rows: list[Row] = []
    texts = sentences(seed=11)
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(ttsd.socket), limit=0)) as session:
        await _stream(session, next(texts))
        for name, speak in (("POST /api/tts_stream", _stream), ("WS /v1/speak", _live)):
            for count in STREAMS:
                if speak is _live and count > 32:
                    continue
                costs: list[float] = []
                for _ in range(rounds):
                    told = [" ".join(itertools.islice(texts, SENTENCES)) for _ in range(count)]
                    before = cpu_s(ttsd.pid)
                    heard = await asyncio.gather(*(speak(session, text) for text in told))
                    costs.append((cpu_s(ttsd.pid) - before) / sum(heard) * 1e6)
                rows.append(spread(f"{name}, {count} at once: CPU of the daemon for a second of speech", costs, "µs"))
    dearest = max(row.median for row in rows)
    rows.append(single("streams at the speed of listening that a core has room for, at the dearest", 1e6 / dearest, ""))
    notes = (
        f"engine fake, which speaks {1 / RTF:g} times as fast as one listens; each text has {SENTENCES} sentences",
        "the daemon's process alone; clip store off, so that nothing is found",
    )
    return Table("What a stream costs the daemon", tuple(rows), notes)


async def _stream(session: aiohttp.ClientSession, text: str) -> float:
    """Seconds of speech."""
    size = 0
    async with session.post("http://localhost/api/tts_stream", json={"text": text, "language": "en"}) as answer:
        answer.raise_for_status()
        async for data in answer.content.iter_any():
            size += len(data)
    return size / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ


async def _live(session: aiohttp.ClientSession, text: str) -> float:
    size = 0
    async with session.ws_connect("http://localhost/v1/speak", protocols=(SPEAK_SUBPROTOCOL,)) as socket:
        await socket.send_json({"type": "start", "language": "en"})
        await socket.send_json({"type": "text", "text": text})
        await socket.send_json({"type": "end"})
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                size += len(message.data)
                await socket.send_json({"type": "played", "samples": size // BYTES_PER_SAMPLE})
            elif message.json()["type"] == "error":
                raise RuntimeError(message.data)
            elif message.json()["type"] == "ended":
                break
    return size / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ


def _watching(ttsd: Daemon, seconds: float) -> Table:
    """Idle and watched by turns, so that both see the same machine; and the least that an asyncio server can take."""
    time.sleep(SETTLING_S)
    with _bare_server() as (path, pid):
        floor = [_share(path, pid, ("/",), seconds) for _ in range(ROUNDS)]
    idle: list[float] = []
    added: dict[str, list[float]] = {name: [] for name in WATCHED}
    for _ in range(ROUNDS):
        for name, paths in WATCHED.items():
            idle.append(_share(ttsd.socket, ttsd.pid, (), seconds))
            added[name].append(_share(ttsd.socket, ttsd.pid, paths, seconds) - idle[-1])
    rows = [spread("a bare asyncio server that answers one line", floor, "% of a core")]
    rows.append(spread("idle", idle, "% of a core"))
    rows += [spread(f"{name}, added", shares, "% of a core") for name, shares in added.items()]
    both = percentile(added[BOTH], 0.5) / len(os.sched_getaffinity(0))
    rows.append(single(f"{BOTH}, added", both, "% of the machine", target=COST))
    size = len(_answers(ttsd, ("/metrics",))[0])
    notes = (
        f"10 times a second on a kept connection; /metrics has {size / 1024:.0f} KiB, and is made every two seconds",
    )
    return Table("What being watched costs the daemon", tuple(rows), notes)


BARE: Final = """
import asyncio, sys
ANSWER = b"HTTP/1.1 200 OK\\r\\ncontent-length: 15\\r\\n\\r\\n" + b'{"status":"ok"}'
async def serve(reader, writer):
    while await reader.readline():
        while (await reader.readline()).strip():
            pass
        writer.write(ANSWER)
async def main():
    server = await asyncio.start_unix_server(serve, sys.argv[1])
    await server.serve_forever()
asyncio.run(main())
"""


@contextlib.contextmanager
def _bare_server() -> Generator[tuple[Path, int]]:
    with private_folder(TMPFS) as folder:
        path = folder / "bare.sock"
        with running([sys.executable, "-c", BARE, path], end=signal.SIGKILL) as program:
            wait_for("a bare server", path.exists, timeout_s=10.0)
            yield path, program.pid


def _share(socket: Path, pid: int, paths: Sequence[str], seconds: float) -> float:
    """CPU of a server in per cent of a core while `paths` are asked for."""
    connection = UnixConnection(socket)
    started, before = time.monotonic(), cpu_s(pid)
    due = started
    while due < started + seconds:
        _ask(connection, paths)
        due += EVERY_S
        time.sleep(max(0.0, due - time.monotonic()))
    connection.close()
    return (cpu_s(pid) - before) / (time.monotonic() - started) * 100


def _answers(ttsd: Daemon, paths: Sequence[str]) -> list[bytes]:
    connection = UnixConnection(ttsd.socket)
    try:
        return _ask(connection, paths)
    finally:
        connection.close()


def _ask(connection: UnixConnection, paths: Sequence[str]) -> list[bytes]:
    answers: list[bytes] = []
    for path in paths:
        connection.request("GET", path)
        answers.append(connection.getresponse().read())
    return answers
