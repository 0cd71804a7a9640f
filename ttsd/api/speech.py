"""Speech over HTTP: `/api/tts` answers a whole WAV, `/api/tts_stream` raw PCM while it is made."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, closing
from functools import partial
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ttsd.api.body import decode_json, read_body
from ttsd.api.cloning import NOT_CLONED, cloned_or_not, open_reference
from ttsd.api.peer import user
from ttsd.api.race import race
from ttsd.api.services import Services
from ttsd.api.spill import Spill
from ttsd.audio.pcm import duration_s, wav_header
from ttsd.jobs.casting import VoiceSettings
from ttsd.jobs.playhead import Playhead
from ttsd.jobs.slots import NOBODYS, Whose
from ttsd.jobs.style import chosen
from ttsd.jobs.take import narrate
from ttsd.log import confide, get_logger, spoken_text
from ttsd.protocol.engine import ReferenceClip
from ttsd.protocol.errors import TooLarge, TtsdError
from ttsd.protocol.speech import SAMPLE_RATE_HZ, Segment, Service, SpeechRequest
from ttsd.protocol.usage import UsageDoor

PIECE_BYTES: Final = 32 * 1024
AHEAD_BYTES: Final = 16 * 2**20
"""Sound made ahead of a slow client, six minutes of it; then the next sentence waits for him, without a slot."""

Header = tuple[bytes, bytes]

_speech_request: Final = msgspec.json.Decoder(SpeechRequest)

log = get_logger(__name__)


class Spoken(msgspec.Struct, frozen=True):
    """A request with everything decided."""

    request: SpeechRequest
    segments: tuple[Segment, ...]
    settings: VoiceSettings
    headers: tuple[Header, ...]
    whose: Whose = NOBODYS


class SpeechDoor:
    """Bodies in, sound out; at most `[limits] max_streams` at once."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/api/tts", self.whole, methods=["POST"]),
            Route("/api/tts_stream", self.stream, methods=["POST"]),
        ]

    async def whole(self, request: Request) -> ASGIApp:
        return partial(self._answer, request, WholeAnswer)

    async def stream(self, request: Request) -> ASGIApp:
        return partial(self._answer, request, StreamAnswer)

    async def _answer(
        self, request: Request, kind: type["Answer"], _scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Speak until the sound is out or the client is gone, whichever is first."""
        services = self._services
        services.check_room()
        body = await read_body(request, services.config.limits.max_body_bytes)
        limits = services.config.limits
        with services.streams.enter(limits.max_streams, user(request), limits.max_streams_per_user):
            wanted = decode_json(body, _speech_request)
            confide(wanted.text, wanted.ref_text)
            check_length(wanted.text, limits.max_text_chars)
            answer = kind(services, send)
            with services.spent(user(request), len(wanted.text)):
                await race(partial(self._speak, wanted, user(request), answer), partial(_gone, receive))
            answer.report()

    async def _speak(self, request: SpeechRequest, user: str, answer: "Answer") -> None:
        with ExitStack() as held:
            await answer.run(await self._decide(request, user, held))

    async def _decide(self, request: SpeechRequest, user: str, held: ExitStack) -> Spoken:
        """Everything that can be refused is refused here, before any sound. Raises TtsdError.

        What is needed until the sound is out is `held`.
        """
        services = self._services
        speaker = services.speaker
        language = speaker.language(request.language or None)
        reference = await self._reference(request, held)
        style = chosen(request.style, services.config.speech)
        settings = await speaker.resolve(request.voice, request.seed, request.speed, style)
        if reference is not None:
            settings = msgspec.structs.replace(settings, reference=reference)
        lexicon = services.lexicons.use(user, settings.stands_for or settings.voice)
        prepared = await services.prep.text(request.text, language, lexicon)
        await speaker.check_languages(prepared.segments)
        cloned = reference is not None or (request.ref_audio is None and not settings.stands_for)
        headers = () if cloned else NOT_CLONED
        whose = Whose(user=user, door=UsageDoor.STREAM)
        return Spoken(request, tuple(map(settings.paced, prepared.segments)), settings, headers, whose)

    async def _reference(self, request: SpeechRequest, held: ExitStack) -> ReferenceClip | None:
        """The clip to clone, if one is asked for and the engine can. Raises TtsdError."""
        services = self._services
        if request.ref_audio is None:
            return None
        clip = cloned_or_not(request.ref_audio, await services.speaker.engine(patient=False), services.config)
        if clip is None:
            return None
        limits = services.config.limits
        opener = partial(open_reference, clip, limits.max_clip_bytes)
        reference = await services.references.take(opener, request.ref_text or "", limits)
        held.callback(services.references.let_go, reference)
        return reference


class Answer:
    """One request's sound on its way; owns what waits for the client, and tells of the outcome once."""

    door = ""
    ahead_bytes: int | None = None
    is_played = False
    """Whether somebody may listen while it is made."""

    def __init__(self, services: Services, send: Send) -> None:
        self._services = services
        self._send = send
        self._began = time.perf_counter()
        self._first_s = 0.0
        self._playhead = Playhead()
        self._made_bytes = 0
        self._spoken: Spoken | None = None
        self._outcome = "client left"

    async def run(self, spoken: Spoken) -> None:
        """Make the sound and send it. Raises TtsdError as long as nothing was sent."""
        self._spoken = spoken

        def speak(segment: Segment) -> AsyncGenerator[bytes]:
            return self._services.speaker.speak(segment, spoken.settings, Service.STREAM, spoken.whose)

        with closing(Spill(self._services.spill_folder)) as spill:
            async with (
                asyncio.TaskGroup() as takes,
                aclosing(narrate(spoken.segments, speak, takes)) as sound,
                asyncio.TaskGroup() as pumping,
            ):
                # The first chunk takes the short way: on the other one it would change tasks twice.
                self._take(await anext(sound, b""), spill)
                pumping.create_task(self._pump(sound, spill))
                await self.deliver(spoken, spill)

    async def deliver(self, spoken: Spoken, spill: Spill) -> None:
        """Send what comes out of `spill`."""
        raise NotImplementedError

    async def _pump(self, sound: AsyncGenerator[bytes], spill: Spill) -> None:
        """Never waits for the client, except when very much waits already; no slot is held then."""
        try:
            async for chunk in sound:
                self._take(chunk, spill)
                if self.ahead_bytes is not None:
                    await spill.room(self.ahead_bytes)
        except TtsdError as error:
            spill.end(error)
        else:
            spill.end()

    def _take(self, chunk: bytes, spill: Spill) -> None:
        if not self._made_bytes:
            self._first_s = time.perf_counter() - self._began
            self._services.metrics.ttfa.labels(Service.STREAM.value).observe(self._first_s)
        self._made_bytes += len(chunk)
        if self.is_played and (gap_s := self._playhead.hear(time.perf_counter(), duration_s(len(chunk)))):
            self._services.metrics.gap(Service.STREAM, gap_s)
        spill.write(chunk)

    async def start(self, spoken: Spoken, *headers: Header) -> None:
        """Send status and headers."""
        common = ((b"x-sample-rate", b"%d" % SAMPLE_RATE_HZ), (b"cache-control", b"no-store"))
        await self._send(
            {"type": "http.response.start", "status": 200, "headers": [*headers, *common, *spoken.headers]}
        )

    async def body(self, data: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    def end(self, outcome: str) -> None:
        """How it went, for the report."""
        self._outcome = outcome

    def report(self) -> None:
        """One line for the log, and the count of what was made."""
        audio_s = duration_s(self._made_bytes)
        self._services.metrics.spoken.labels(Service.STREAM.value).inc(audio_s)
        if self._spoken is not None:
            log.info(
                "speech.answered",
                door=self.door,
                outcome=self._outcome,
                voice=self._spoken.settings.voice,
                text=spoken_text(self._spoken.request.text),
                audio_s=round(audio_s, 3),
                first_audio_ms=round(self._first_s * 1000, 1),
            )


class WholeAnswer(Answer):
    """A WAV with its length, once all of it is made."""

    door = "/api/tts"

    async def deliver(self, spoken: Spoken, spill: Spill) -> None:
        await spill.ended()
        header = wav_header(spill.written)
        length = b"%d" % (len(header) + spill.written)
        await self.start(spoken, (b"content-type", b"audio/wav"), (b"content-length", length))
        await self.body(header)
        while data := await spill.read(PIECE_BYTES):
            await self.body(data)
        await self.body(b"", more=False)
        self.end("done")


class StreamAnswer(Answer):
    """PCM as it is made. A failure after the first byte breaks the connection off: no final chunk is sent."""

    door = "/api/tts_stream"
    ahead_bytes = AHEAD_BYTES
    is_played = True

    async def deliver(self, spoken: Spoken, spill: Spill) -> None:
        data = await spill.read(PIECE_BYTES)
        # Proxies pass each piece on at once when told so.
        await self.start(spoken, (b"content-type", b"audio/pcm"), (b"x-accel-buffering", b"no"))
        try:
            while data:
                await self.body(data)
                data = await spill.read(PIECE_BYTES)
        except TtsdError as error:
            log.warning("speech.broken_off", code=error.code)
            self.end("broken off")
            return
        await self.body(b"", more=False)
        self.end("done")


async def _gone(receive: Receive) -> None:
    """Returns when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def check_length(text: str, limit: int) -> None:
    """Raises TooLarge."""
    if len(text) > limit:
        raise TooLarge(
            f"the text has {len(text)} characters; at most {limit} are spoken at once ([limits] max_text_chars); "
            "POST /v1/jobs takes longer ones",
            param="text",
        )
