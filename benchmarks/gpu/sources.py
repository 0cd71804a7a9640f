"""Where sound comes from: the engine in this process, or a daemon's socket. Both speak as the same cloned voice."""

import contextlib
import hashlib
import json
import os
import socket
import threading
import wave
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

from benchmarks.daemon import Settings, daemon
from benchmarks.gpu.options import FRAMES, Bench
from benchmarks.texts import short_sentences
from tests.oracle.cases import RATE_HZ, TRANSCRIPT, clip
from ttsd.protocol.engine import EngineConfig, Qwen3Settings, ReferenceClip, Synthesize
from ttsd.protocol.speech import Span
from ttsd.worker.engine import Engine, build_engine

Source = Callable[[int], Generator[bytes, None, Any]]
"""The sound of request number n, as it comes; from any thread."""

TEXTS: Final = tuple(short_sentences(seed=6))
CLIP_S: Final = 3.0


def recorded(folder: Path, seed: int = 0, *, continued: bool = True) -> ReferenceClip:
    """A clip of three seconds as a file; `continued`: with what is said in it."""
    path = folder / f"clip-{seed}.wav"
    if not path.exists():
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
            file.writeframes((clip(CLIP_S, seed) * 32767).astype("<i2").tobytes())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ReferenceClip(str(path), digest, TRANSCRIPT if continued else "")


# --- in this process --------------------------------------------------------------------------------


@contextlib.contextmanager
def engine(bench: Bench) -> Generator[Engine]:
    """The engine, loaded and warm; its cache of voices is in the run's folder."""
    os.environ["XDG_CACHE_HOME"] = str(bench.folder / "cache")
    os.environ.pop("CACHE_DIRECTORY", None)
    options = bench.options
    settings = Qwen3Settings(
        model=str(bench.checkpoint), device=options.device, slots=options.slots, max_frames=FRAMES, allow_cpu=True
    )
    made = build_engine(EngineConfig("qwen3", qwen3=settings))
    made.load(lambda _progress, _note: None)
    try:
        yield made
    finally:
        made.close()


def inside(made: Engine, reference: ReferenceClip | None) -> Source:
    """The engine speaks as the clip, or as itself."""

    def speak(number: int) -> Generator[bytes, None, Any]:
        text = TEXTS[number % len(TEXTS)]
        request = Synthesize(number, (Span("en", text),), made.info.default_voice, seed=number, reference=reference)
        return made.speak(request, threading.Event())

    return speak


# --- through the socket -----------------------------------------------------------------------------


@contextlib.contextmanager
def served(bench: Bench) -> Generator[Source]:
    """A daemon with the engine; it speaks as the clip."""
    options = bench.options
    settings: Settings = {
        "engine.name": "qwen3",
        "engine.allow_cpu": True,
        "qwen3.model": str(bench.checkpoint),
        "qwen3.device": options.device,
        "qwen3.slots": options.slots,
        "qwen3.max_frames": FRAMES,
        "http.ref_dirs": [str(bench.folder)],
    }
    reference = recorded(bench.folder)
    with daemon(settings) as ttsd:
        yield lambda number: streamed(ttsd.socket, _body(number, reference))


def _body(number: int, reference: ReferenceClip) -> dict[str, Any]:
    text = TEXTS[number % len(TEXTS)]
    return {"text": text, "language": "en", "ref_audio": reference.path, "ref_text": reference.transcript}


class _Answer:
    """Callbacks of the parser: what of the body has come, and whether that was all."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.over = False

    def on_body(self, body: bytes) -> None:
        self.pieces.append(body)

    def on_message_complete(self) -> None:
        self.over = True


def streamed(path: Path, body: dict[str, Any]) -> Generator[bytes]:
    """`POST /api/tts_stream` on a connection of its own; what is left unheard is hung up on."""
    import httptools

    content = json.dumps(body).encode()
    head = f"POST /api/tts_stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n"
    answer = _Answer()
    parser = httptools.HttpResponseParser(answer)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(path))
        connection.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + content)
        while not answer.over:
            data = connection.recv(65_536)
            if not data:
                raise RuntimeError("the daemon broke the answer off")
            parser.feed_data(data)
            pieces, answer.pieces = answer.pieces, []
            if pieces and parser.get_status_code() != 200:
                raise RuntimeError(f"{parser.get_status_code()}: {b''.join(pieces).decode(errors='replace')}")
            yield from pieces
