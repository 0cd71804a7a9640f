"""`WS /v1/speak`: a live session over a WebSocket, and the table that turns an exception into a close code."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from functools import partial
from typing import Final

import msgspec
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from ttsd.api.body import decode_json
from ttsd.api.guard import Guard
from ttsd.api.handshake import accept
from ttsd.api.peer import user
from ttsd.api.race import race
from ttsd.api.services import Services
from ttsd.audio.pcm import silence
from ttsd.jobs.casting import VoiceSettings
from ttsd.jobs.live import LiveSession
from ttsd.jobs.outbox import Sound
from ttsd.jobs.slots import Whose
from ttsd.jobs.style import chosen
from ttsd.log import confide, get_logger, quoting
from ttsd.protocol import errors
from ttsd.protocol.errors import BadRequest, Stopping, TooLarge, TtsdError
from ttsd.protocol.speech import (
    SAMPLE_RATE_HZ,
    SPEAK_SUBPROTOCOL,
    ClientMessage,
    Segment,
    ServerMessage,
    Service,
    SpeakError,
    Start,
    Started,
)
from ttsd.protocol.usage import UsageDoor
from ttsd.text.language import LATIN_LANGUAGES

MESSAGE_BYTES: Final = 2**20
"""Longest message of a client: a thousand times what somebody types at once."""

GOODBYE_S: Final = 1.0


class NotText(BadRequest):
    """A binary message: clients send text only."""


class Left(Exception):
    """The client closed the connection."""


CLOSE_CODE: Final[dict[type[Exception], int]] = {
    NotText: 1003,
    TooLarge: 1009,
    errors.BadRequest: 1008,
    errors.Forbidden: 1008,
    errors.Stopping: 1001,
    errors.Unavailable: 1013,
    errors.TtsdError: 1011,
}
"""The nearest class in an exception's ancestry decides."""

NORMAL: Final = 1000

_client_message: Final[msgspec.json.Decoder[ClientMessage]] = msgspec.json.Decoder(ClientMessage)
_encode = msgspec.json.Encoder().encode

log = get_logger(__name__)


class LiveDoor:
    """Opens live sessions, at most `[limits] max_live_sessions` at once; each connection has one writer at a time."""

    def __init__(self, services: Services, guard: Guard) -> None:
        self._services = services
        self._guard = guard

    def routes(self) -> list[BaseRoute]:
        return [WebSocketRoute("/v1/speak", self.speak)]

    async def speak(self, socket: WebSocket) -> None:
        """One connection, from handshake to close."""
        await accept(socket, SPEAK_SUBPROTOCOL)
        try:
            await race(partial(self._converse, socket), self._until_closing, partial(self._guard.until_revoked, socket))
            await socket.close(NORMAL)
        except (Left, WebSocketDisconnect):
            log.debug("live.left")
        except TtsdError as error:
            log.info("live.refused", code=error.code, reason=quoting(error.message))
            await _say_goodbye(socket, error)
        finally:
            self._count()

    def _count(self) -> None:
        self._services.condition.live_sessions = self._services.live.taken

    async def _until_closing(self) -> None:
        await self._services.closing.wait()
        raise Stopping("the daemon is shutting down; connect again in a moment")

    async def _converse(self, socket: WebSocket) -> None:
        """From the first message to the last. Raises TtsdError for what ends the session, Left when the client does."""
        services = self._services
        start = await _first_message(socket)
        services.check_room()
        limits = services.config.limits
        with services.live.enter(limits.max_live_sessions, user(socket), limits.max_live_per_user):
            self._count()
            sound = partial(self._sound, start, user(socket), _Context())
            session = LiveSession(sound, limits.max_document_chars, start.commit)
            session.when_gap = partial(services.metrics.gap, Service.LIVE)
            session.when_dry = services.metrics.client_underruns.inc
            began = time.monotonic()
            try:
                await race(
                    partial(_write, socket, session),
                    partial(self._run, session, start),
                    partial(_read, socket, session),
                )
            finally:
                self._report(session, time.monotonic() - began)

    def _report(self, session: LiveSession, open_s: float) -> None:
        sent_s = session.outbox.sent / SAMPLE_RATE_HZ
        self._services.metrics.spoken.labels(Service.LIVE.value).inc(sent_s)
        log.info("live.ended", audio_s=round(sent_s, 3), open_s=round(open_s, 1))

    async def _run(self, session: LiveSession, start: Start) -> None:
        """Open the session once the engine is there, and speak. What is typed meanwhile waits in it."""
        await self._decide(start)
        session.outbox.tell(Started(os.urandom(8).hex()))
        await session.run()
        await asyncio.Event().wait()  # the writer says when it is over: what is in the outbox still goes out

    async def _decide(self, start: Start) -> tuple[VoiceSettings, str]:
        """Voice and language. Raises UnknownVoice, BadRequest, EngineNotReady."""
        speaker = self._services.speaker
        language = speaker.language(start.language or None)
        style = chosen(start.style, self._services.config.speech)
        return await speaker.resolve(start.voice, start.seed, start.speed, style), language

    async def _sound(self, start: Start, user: str, context: "_Context", text: str) -> AsyncGenerator[bytes]:
        """A phrase's sound and the pause after it. One that fails takes nothing of the day's allowance."""
        confide(text)
        with self._services.spent(user, len(text)):
            async with aclosing(self._phrase(start, user, context, text)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _phrase(self, start: Start, user: str, context: "_Context", text: str) -> AsyncGenerator[bytes]:
        services = self._services
        began: float | None = time.perf_counter()
        settings, language = await self._decide(start)
        whose = Whose(user=user, door=UsageDoor.LIVE)
        lexicon = services.lexicons.use(user, settings.stands_for or settings.voice)
        prepared = await services.prep.text(text, language, lexicon, context.latin)
        context.follow(prepared.segments)
        await services.speaker.check_languages(prepared.segments)
        for segment in map(settings.paced, prepared.segments):
            before = silence(segment.pause_before_ms)
            async with aclosing(services.speaker.speak(segment, settings, Service.LIVE, whose)) as chunks:
                async for chunk in chunks:
                    if began is not None:
                        services.metrics.ttfa.labels(Service.LIVE.value).observe(time.perf_counter() - began)
                        began = None
                    yield before + chunk
                    before = b""
            yield silence(segment.pause_after_ms)


class _Context:
    """What the phrases of a session so far tell of the next one."""

    def __init__(self) -> None:
        self.latin = ""
        """The Latin language they are in: a name or a word alone is in it too."""

    def follow(self, segments: Sequence[Segment]) -> None:
        spoken = [span.language for segment in segments for span in segment.spans]
        self.latin = next((code for code in reversed(spoken) if code in LATIN_LANGUAGES), self.latin)


async def _first_message(socket: WebSocket) -> Start:
    message = await _receive(socket)
    if not isinstance(message, Start):
        raise BadRequest('the first message of a session is {"type":"start"}', param="type")
    return message


async def _read(socket: WebSocket, session: LiveSession) -> None:
    """Until the client hangs up. What cannot be understood is answered, and the session goes on."""
    while True:
        await session.outbox.room()
        try:
            session.hear(await _receive(socket))
        except (NotText, _TooLong):
            raise
        except TtsdError as error:
            session.outbox.tell(spoken_error(error))


class _TooLong(TooLarge):
    """A message over the bound, unlike a text over it, ends the session."""


async def _receive(socket: WebSocket) -> ClientMessage:
    """Raises Left, NotText, BadRequest."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise Left
    text: str | None = message.get("text")
    if text is None:
        raise NotText("messages to the daemon are text, JSON each; binary ones only come from it")
    if len(text) > MESSAGE_BYTES:
        raise _TooLong(f"the message is over {MESSAGE_BYTES} characters; send text in smaller pieces")
    return decode_json(text, _client_message)


async def _write(socket: WebSocket, session: LiveSession) -> None:
    """The one writer of a running session."""
    while (item := await session.outbox.take()) is not None:
        if isinstance(item, Sound):
            await socket.send_bytes(item.pcm)
        else:
            await _send(socket, item)


async def _send(socket: WebSocket, message: ServerMessage) -> None:
    await socket.send_text(_encode(message).decode())


async def _say_goodbye(socket: WebSocket, error: TtsdError) -> None:
    """Tell why it is over, to a client that still reads; one that has left meanwhile hears nothing."""
    with suppress(WebSocketDisconnect, WebSocketDisconnected, TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await _send(socket, spoken_error(error))
            await socket.close(close_code(error), error.message[:100])


def spoken_error(error: TtsdError) -> SpeakError:
    """An exception as a message."""
    return SpeakError(error.code, error.message, error.param, error.retryable)


def close_code(error: TtsdError) -> int:
    """The code that ends a session with `error`."""
    return next(CLOSE_CODE[kind] for kind in type(error).__mro__ if kind in CLOSE_CODE)
