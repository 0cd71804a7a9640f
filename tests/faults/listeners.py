"""Clients that are there when it happens: each tells in one word what it heard, having checked every byte of it."""

import asyncio
import enum
import threading
from collections.abc import Callable
from typing import Final

import httpx2

from tests.conftest import DaemonProcess
from ttsd.audio.pcm import silence
from ttsd.client import TtsdClient
from ttsd.protocol.errors import TtsdError, Unavailable
from ttsd.protocol.speech import End, Ended, SpeakError, Start, Text
from ttsd.text.phrases import Phrases
from ttsd.text.segment import text_segments
from ttsd.worker.fake import render

PATIENCE_S: Final = 60.0


class Heard(enum.StrEnum):
    """What comes of a client."""

    WHOLE = "all of it"
    BROKEN_OFF = "breaks off: no final chunk, no close frame"
    FAILED = "breaks off: its own text cannot be spoken"
    MISSING = "is told why some of it cannot be spoken; the connection stays"
    TOLD = "is told `stopping`, and closed with 1001"


class Listener:
    """Owns a thread with one client in it."""

    def __init__(self, listen: Callable[[DaemonProcess, threading.Event], Heard], daemon: DaemonProcess) -> None:
        self.began = threading.Event()
        """Set when it has heard something."""
        self._outcome: Heard | BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(listen, daemon), daemon=True)
        self._thread.start()

    def _run(self, listen: Callable[[DaemonProcess, threading.Event], Heard], daemon: DaemonProcess) -> None:
        try:
            self._outcome = listen(daemon, self.began)
        except BaseException as error:  # noqa: BLE001 — raised by `heard`
            self._outcome = error
        self.began.set()

    def heard(self) -> Heard:
        """Once it is over."""
        self._thread.join(PATIENCE_S)
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        assert self._outcome is not None, f"a client has waited for {PATIENCE_S:g} s, and waits"
        return self._outcome


def stream_of(text: str, *, seed: int = 0) -> Callable[[DaemonProcess, threading.Event], Heard]:
    """`POST /api/tts_stream`."""

    def listen(daemon: DaemonProcess, began: threading.Event) -> Heard:
        expected = _sound(text, seed)
        pcm = bytearray()
        body = {"text": text, "language": "en", "seed": seed}
        try:
            with daemon.client() as client, client.stream("POST", "/api/tts_stream", json=body) as answer:
                assert answer.status_code == 200, answer.read()
                for piece in answer.iter_bytes():
                    pcm += piece
                    began.set()
        except (httpx2.RemoteProtocolError, httpx2.ReadError):
            assert expected.startswith(bytes(pcm))
            return Heard.BROKEN_OFF if daemon.process is None or not _fails(daemon, text) else Heard.FAILED
        assert bytes(pcm) == expected, f"{len(pcm)} bytes instead of {len(expected)}"
        return Heard.WHOLE

    return listen


def _fails(daemon: DaemonProcess, text: str) -> bool:
    """Whether the daemon lives, and says of that text alone that it cannot be spoken."""
    try:
        return daemon.listens() and daemon.post("/api/tts", json={"text": text}).status_code == 500
    except httpx2.TransportError:
        return False


def live_of(text: str) -> Callable[[DaemonProcess, threading.Event], Heard]:
    """`WS /v1/speak`."""
    return lambda daemon, began: asyncio.run(_live(daemon, began, text))


async def _live(daemon: DaemonProcess, began: threading.Event, text: str) -> Heard:
    expected = _live_sound(text)
    pcm = bytearray()
    errors: list[str] = []
    ended: Ended | None = None
    try:
        async with TtsdClient(daemon.socket).speak() as session:
            for message in (Start(language="en"), Text(text), End()):
                await session.send(message)
            async for item in session:
                if isinstance(item, bytes):
                    pcm += item
                    began.set()
                errors += [item.code] if isinstance(item, SpeakError) else []
                ended = item if isinstance(item, Ended) else ended
    except TtsdError as error:
        assert expected.startswith(bytes(pcm))
        if errors == ["stopping"]:
            return Heard.TOLD
        return _broken_off(error, errors)
    assert ended is not None
    assert ended.samples == len(pcm) // 2
    if set(errors) == {"engine_not_ready"}:
        return Heard.MISSING
    assert errors == []
    assert bytes(pcm) == expected, f"{len(pcm)} bytes instead of {len(expected)}"
    return Heard.WHOLE


def _broken_off(error: TtsdError, errors: list[str]) -> Heard:
    """The connection was lost, and no error was told on it."""
    assert isinstance(error, Unavailable), error
    assert errors == []
    return Heard.BROKEN_OFF


def _sound(text: str, seed: int) -> bytes:
    """What a stream of `text` must be."""
    segments = text_segments(text, "auto")
    spoken = [silence(each.pause_before_ms) + render(each.text, "tone", seed, 1.0) for each in segments]
    pauses = [silence(each.pause_after_ms) for each in segments[:-1]]
    return b"".join(sound + pause for sound, pause in zip(spoken, [*pauses, b""], strict=True))


def _live_sound(text: str) -> bytes:
    """And a live session's, which has a pause after each phrase."""
    typed = Phrases("clause")
    segments = [each for phrase in (*typed.feed(text), *typed.flush()) for each in text_segments(phrase, "en")]
    return b"".join(render(each.text, "tone", 0, 1.0) + silence(each.pause_after_ms) for each in segments)
