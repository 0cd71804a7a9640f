"""Clients of a load: listeners who play what they get, slow readers, and people who look at the status."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import aiohttp

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

BYTES_PER_S: Final = BYTES_PER_SAMPLE * SAMPLE_RATE_HZ
BUFFERED_S: Final = 0.1
"""What a player waits for before it begins."""
SLOW_BYTES: Final = 4000
SLOW_EVERY_S: Final = 0.2
"""20 KB/s, less than half of what is played."""
STAY_S: Final = 5.0
PATIENCE_S: Final = 30.0


class Playback:
    """Plays in thought: begins once enough is buffered, and counts how often nothing was there to play."""

    def __init__(self, buffered_s: float = BUFFERED_S) -> None:
        self.underruns = 0
        self.dry_s = 0.0
        self.dry_at_s: list[float] = []
        """When nothing was there."""
        self.bytes = 0
        self._buffered_s = buffered_s
        self._began_s: float | None = None

    def arrived(self, now_s: float, size: int) -> None:
        """So many bytes have come."""
        if self._began_s is not None:
            late_s = now_s - self._began_s - self.bytes / BYTES_PER_S
            if late_s > 0:
                self.underruns += 1
                self.dry_s += late_s
                self.dry_at_s.append(now_s)
                self._began_s += late_s
        self.bytes += size
        if self._began_s is None and self.bytes >= self._buffered_s * BYTES_PER_S:
            self._began_s = now_s

    def left_s(self, now_s: float) -> float:
        """How long what has come still plays."""
        return 0.0 if self._began_s is None else max(0.0, self._began_s + self.bytes / BYTES_PER_S - now_s)


class Crowd:
    """Owns the clients' connections and what they have seen; all of them go on until `over`."""

    def __init__(self, socket: Path, texts: Iterator[str]) -> None:
        self.over = False
        self.underruns = 0
        self.dry_s = 0.0
        self.dry_at_s: list[float] = []
        """Seconds into the load."""
        self.lag_at_s: list[float] = []
        """The same of `lag_ms`."""
        self.audio_s = 0.0
        self.streams = 0
        self.first_ms: list[float] = []
        self.status_ms: list[float] = []
        self.lag_ms: list[float] = []
        """Of the daemon's loop, the worst of each sample of its health."""
        self.own_lag_ms: list[float] = []
        """Of this process: what it adds to everything above."""
        self.failures: list[str] = []
        self.status: dict[str, Any] = {}
        self._began_s = time.perf_counter()
        self._socket = socket
        self._texts = texts
        self._session = aiohttp.ClientSession(
            "http://localhost",
            connector=aiohttp.UnixConnector(str(socket), limit=0),
            timeout=aiohttp.ClientTimeout(120),
        )

    async def close(self) -> None:
        await self._session.close()

    async def listen(self) -> None:
        """Stream after stream, played as they come."""
        while not self.over:
            playback = Playback()
            asked = time.perf_counter()
            async with self._session.post("/api/tts_stream", json=self._body()) as answer:
                if answer.status != 200:
                    self.failures.append(f"stream: {answer.status}")
                    await asyncio.sleep(1.0)
                    continue
                with self._complaining("stream"):
                    async for data in answer.content.iter_any():
                        if not playback.bytes:
                            self.first_ms.append((time.perf_counter() - asked) * 1000)
                        playback.arrived(time.perf_counter(), len(data))
            self._note(playback)
            await asyncio.sleep(0 if self.over else playback.left_s(time.perf_counter()))

    def _body(self) -> dict[str, str]:
        return {"text": next(self._texts), "language": "en"}

    def _complaining(self, what: str) -> "_Complaining":
        return _Complaining(what, self.failures)

    def _note(self, playback: Playback) -> None:
        self.streams += 1
        self.underruns += playback.underruns
        self.dry_s += playback.dry_s
        self.dry_at_s += [at_s - self._began_s for at_s in playback.dry_at_s]
        self.audio_s += playback.bytes / BYTES_PER_S

    async def read_slowly(self) -> None:
        """A client that takes a fifth of a second's worth now and then."""
        while not self.over:
            with self._complaining("slow reader"):
                async with self._session.post("/api/tts_stream", json=self._body()) as answer:
                    while not self.over and await answer.content.read(SLOW_BYTES):
                        await asyncio.sleep(SLOW_EVERY_S)

    async def look(self, every_s: float) -> None:
        """At the status."""
        while not self.over:
            asked = time.perf_counter()
            async with self._session.get("/v1/status") as answer:
                self.status = await answer.json()
            self.status_ms.append((time.perf_counter() - asked) * 1000)
            self.lag_ms.append(self.status["health"]["host"]["loop_lag_ms"])
            self.lag_at_s.append(time.perf_counter() - self._began_s)
            await asyncio.sleep(every_s)

    async def keep_queued(self, count: int) -> int:
        """So many jobs wait at any time; returns how many were accepted."""
        accepted = 0
        while not self.over:
            waiting = self.status.get("queue", {}).get("queued", 0)
            for _ in range(count - waiting):
                async with self._session.post("/v1/jobs", json={"text": next(self._texts), "language": "en"}) as answer:
                    if answer.status == 201:
                        accepted += 1
                    else:
                        self.failures.append(f"job: {answer.status}")
            await asyncio.sleep(1.0)
        return accepted

    async def stay(self, pause_s: float) -> None:
        """A connection that asks every five seconds, first `pause_s` after it came, and stays."""
        reader, writer = await asyncio.open_unix_connection(self._socket)
        await asyncio.sleep(pause_s)
        while not self.over:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with self._complaining("idle connection"):
                head = await asyncio.wait_for(reader.readuntil(b"}"), PATIENCE_S)
                if not head.startswith(b"HTTP/1.1 200"):
                    self.failures.append("idle connection: " + head[:30].decode(errors="replace"))
            await asyncio.sleep(STAY_S)
        writer.close()

    async def mind_own_lag(self) -> None:
        while not self.over:
            due = time.perf_counter() + 0.1
            await asyncio.sleep(0.1)
            self.own_lag_ms.append((time.perf_counter() - due) * 1000)


class _Complaining(suppress):
    """Notes a connection that broke off, and goes on."""

    def __init__(self, what: str, failures: list[str]) -> None:
        super().__init__(aiohttp.ClientError, OSError, TimeoutError, asyncio.IncompleteReadError)
        self._what = what
        self._failures = failures

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        handled = bool(super().__exit__(kind, error, trace))
        if handled and kind is not None:
            self._failures.append(f"{self._what}: {kind.__name__}")
        return handled


async def burst(socket: Path, count: int) -> list[str]:
    """So many connections at once, each with one question, all held until the last is answered: what each was told.

    That is a status, with `+` where it says when to come back, or `hang` where nothing comes.
    """
    writers: list[asyncio.StreamWriter] = []

    async def ask() -> str:
        try:
            reader, writer = await _connected(socket)
            writers.append(writer)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            return "hang" if isinstance(error, TimeoutError) else type(error).__name__
        return head.split(b" ", 2)[1].decode() + ("+" if b"retry-after" in head.lower() else "")

    told = await asyncio.gather(*(ask() for _ in range(count)))
    for writer in writers:
        writer.close()
    return list(told)


async def _connected(socket: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The kernel's queue of a Unix socket may be full for a moment: then asyncio's connect fails, and tries again."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await asyncio.open_unix_connection(socket)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError from None
            await asyncio.sleep(0.01)
