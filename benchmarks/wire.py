"""HTTP over a Unix socket as a plain client does it: a connection for each request, nothing clever."""

import http.client
import json
import socket
import time
from pathlib import Path

import msgspec


class UnixConnection(http.client.HTTPConnection):
    """`http.client` on a Unix socket."""

    def __init__(self, path: Path, timeout_s: float = 60.0) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Heard(msgspec.Struct, frozen=True):
    """One streamed answer."""

    first_ms: float
    """From before the connection is made to the first byte of sound."""
    total_ms: float
    pcm: bytes

    @property
    def audio_s(self) -> float:
        return len(self.pcm) / 2 / 24_000


def get(path: Path, url: str) -> tuple[int, bytes]:
    connection = UnixConnection(path)
    try:
        connection.request("GET", url)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def stream(path: Path, text: str) -> Heard:
    """`POST /api/tts_stream`, read to its end."""
    body = json.dumps({"text": text, "language": "en"}).encode()
    started = time.perf_counter()
    connection = UnixConnection(path)
    try:
        connection.request("POST", "/api/tts_stream", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        first = answer.read1(65_536)
        first_ms = (time.perf_counter() - started) * 1000
        rest = answer.read()
        total_ms = (time.perf_counter() - started) * 1000
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {(first + rest).decode(errors='replace')}")
    return Heard(first_ms, total_ms, first + rest)
