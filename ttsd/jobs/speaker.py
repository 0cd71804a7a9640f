"""Segments to sound: slots by class of service, the clip store, and workers that die on the way."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec

from ttsd import config as configuration
from ttsd.jobs.casting import Asked, VoiceSettings, cast
from ttsd.jobs.ledger import Ledger, account
from ttsd.jobs.shares import Share
from ttsd.jobs.slots import NOBODYS, Lease, Slots, Whose
from ttsd.log import get_logger
from ttsd.metrics import Metrics
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.errors import (
    Busy,
    EngineFailed,
    EngineNotReady,
    WorkerLost,
)
from ttsd.protocol.speech import BYTES_PER_SAMPLE, NEUTRAL, SAMPLE_RATE_HZ, Segment, Service, Style
from ttsd.protocol.usage import Used
from ttsd.protocol.voices import split_reference
from ttsd.storage.clips import clip_key
from ttsd.storage.stores import Stores
from ttsd.storage.voice_folder import Profile
from ttsd.supervisor.supervisor import Supervisor
from ttsd.supervisor.utterance import Utterance

MOST_DEATHS: Final = 3
"""A segment under which so many workers died, the last one with no other beside it, is what kills them."""
CLIP_PIECE_BYTES: Final = 48_000
"""A stored clip is handed out in pieces of a second, like fresh speech."""
PENDING_CLIPS: Final = 64
READY_WAIT_S: Final = 10.0
"""A request waits out the replacement of a worker, and is refused while a large model loads."""
BUSY_RETRY_S: Final = 0.05
OTHER_SEED: Final = 1 << 40
"""Makes another seed of a seed: one that people do not choose."""

log = get_logger(__name__)


class Rendered(NamedTuple):
    """One segment's whole sound."""

    pcm: bytes
    cut_off: bool
    """Whether speech would not end, and was stopped."""


class Speaker:
    """Owns the slots; turns a segment into PCM through the worker or out of the clip store."""

    def __init__(
        self,
        supervisor: Supervisor,
        stores: Stores,
        config: configuration.Config,
        metrics: Metrics,
        ledger: Ledger,
        clock: Callable[[], float],
    ) -> None:
        self._supervisor = supervisor
        self._clips = stores.clips
        self._voices = stores.voices
        self._config = config
        self.metrics = metrics
        self.ledger = ledger
        self.clock = clock
        self.slots = Slots(clock, config.live_slots)
        self._to_store: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(PENDING_CLIPS)

    async def run(self) -> None:
        """Write clips of live and HTTP speech to the store behind the speakers' backs."""
        while True:
            key, pcm = await self._to_store.get()
            await asyncio.to_thread(self._clips.put, key, pcm)

    def reload(self, config: configuration.Config) -> None:
        """Take over defaults that may change at run time."""
        self._config = config
        self.slots.keep_free(config.live_slots)

    @property
    def resting(self) -> bool:
        """Whether the model is unloaded until somebody asks for it."""
        return self._supervisor.resting

    async def engine(self, timeout_s: float | None = None, *, patient: bool = True) -> EngineInfo:
        """The loaded engine; one that was unloaded is waited for by the `patient`. Raises EngineNotReady."""
        info = await self._supervisor.wait_ready(timeout_s, patient=patient)
        self.slots.resize(info.slots)
        return info

    async def resolve(
        self, voice: str | None, seed: int = 0, speed: float = 1.0, style: Style = NEUTRAL
    ) -> VoiceSettings:
        """The settings a request means.

        Raises UnknownVoice, CannotClone, EngineNotReady when no worker is ready in time.
        """
        info = await self.engine(READY_WAIT_S, patient=False)
        wanted = await self.voice_name(voice)
        asked = Asked(wanted, seed, speed, style)
        return cast(asked, info, await self.profile(wanted), self._config.speech.uncloned)

    async def voice_name(self, voice: str | None) -> str:
        """The voice that is meant where a request names this one, or none. Raises EngineNotReady."""
        return voice or self._config.speech.voice or (await self.engine(READY_WAIT_S, patient=False)).default_voice

    async def profile(self, voice: str) -> Profile | None:
        """The profile that a request names, with or without a variant; `None` when there is none."""
        name, _ = split_reference(voice)
        # A few calls of stat(2) on the loop: a turn through a thread takes ten times as long.
        if not self._voices.exists(name):
            return None
        return self._voices.at_hand(name) or await asyncio.to_thread(self._voices.find, name)

    def language(self, asked: str | None) -> str:
        """The code for a language as clients write it. Raises BadRequest."""
        return configuration.language_asked(asked or self._config.speech.language)

    async def check_languages(self, segments: Sequence[Segment]) -> None:
        """Refuse a text before its first sound when the engine cannot speak all of it. Raises UnsupportedLanguage."""
        info = await self.engine()
        for segment in segments:
            for span in segment.spans:
                if span.language not in info.languages:
                    raise info.unsupported(span)

    def key(self, info: EngineInfo, segment: Segment, settings: VoiceSettings) -> str:
        """The segment's key in the clip store."""
        return clip_key(info, settings.request(segment))

    async def speak(
        self, segment: Segment, settings: VoiceSettings, service: Service, whose: Whose = NOBODYS
    ) -> AsyncGenerator[bytes]:
        """PCM of `segment`, chunk by chunk, as it is made; use it under `aclosing`.

        A worker that dies on the way is waited for, and the sound goes on where it stopped.
        Raises TtsdError: what the engine said, or EngineFailed when workers keep dying.
        """
        info = await self.engine(patient=False)
        key = self.key(info, segment, settings)
        if key in self._clips and (clip := await asyncio.to_thread(self._clips.get, key)) is not None:
            self.looked_up(hits=1)
            for start in range(0, len(clip), CLIP_PIECE_BYTES):
                yield clip[start : start + CLIP_PIECE_BYTES]
            self._delivered(segment, settings, whose, len(clip), reused=True)
            return
        self.looked_up(misses=1)
        spoken: list[bytes] = []
        attempt = _Attempt(self, segment, settings, service, whose)
        async for chunk in attempt.chunks():
            spoken.append(chunk)
            yield chunk
        self._delivered(segment, settings, whose, sum(map(len, spoken)), reused=False)
        # Speech that had to be stopped is not what the next one who asks for this text should hear.
        if self._config.clips.max_gb and not attempt.cut_off and not self._to_store.full():
            self._to_store.put_nowait((key, b"".join(spoken)))

    async def render(self, segment: Segment, settings: VoiceSettings, whose: Whose) -> Rendered:
        """The whole sound of somebody's background segment, without the clip store. Raises as `speak` does.

        Nobody has heard it yet: speech that would not end is tried once more with another seed.
        """
        first = await self._rendered(segment, settings, whose)
        if not first.cut_off:
            return first
        other = msgspec.structs.replace(settings, seed=settings.seed ^ OTHER_SEED)
        again = await self._rendered(segment, other, whose)
        return first if again.cut_off else again

    async def _rendered(self, segment: Segment, settings: VoiceSettings, whose: Whose) -> Rendered:
        attempt = _Attempt(self, segment, settings, Service.BACKGROUND, whose)
        return Rendered(b"".join([chunk async for chunk in attempt.chunks()]), attempt.cut_off)

    async def start(self, attempt: "_Attempt") -> tuple[Utterance, Lease]:
        """Wait for a slot and a ready worker, and begin."""
        while True:
            lease = await self.slots.acquire(
                attempt.service,
                attempt.since_s,
                alone=attempt.suspect,
                whose=attempt.whose,
                pushed_aside=attempt.pushed_aside,
            )
            try:
                utterance = self._supervisor.open(attempt.request)
            except EngineNotReady:
                lease.release()
                await self.engine(patient=attempt.service is Service.BACKGROUND)
                continue
            except BaseException:
                lease.release()
                raise
            utterance.on_end(partial(self._spoken, attempt, utterance, lease, self.ledger.shares.begin()))
            self.metrics.queue_wait.labels(attempt.service).observe(self.clock() - attempt.since_s)
            return utterance, lease

    def _spoken(self, attempt: "_Attempt", utterance: Utterance, lease: Lease, begun: Share) -> None:
        """The worker has said its last word on it."""
        share = self.ledger.shares.end(begun)
        lease.release()
        self.ledger.spent(attempt.account, share)
        done = utterance.finished
        if done is not None and done.reason != "cancelled" and done.samples:
            rtf = done.work_ms / 1000 / (done.samples / SAMPLE_RATE_HZ)
            self.metrics.rtf.labels(attempt.service.value).observe(rtf)

    def looked_up(self, *, hits: int = 0, misses: int = 0) -> None:
        """Segments were looked for in the clip store."""
        self.metrics.clips.labels("hit").inc(hits)
        self.metrics.clips.labels("miss").inc(misses)

    def _delivered(
        self, segment: Segment, settings: VoiceSettings, whose: Whose, pcm_bytes: int, *, reused: bool
    ) -> None:
        used = Used(1, int(reused), len(segment.text), pcm_bytes / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ)
        self.ledger.delivered(account(settings, whose), used)


class _Attempt:
    """One segment's way through as many workers and slots as it takes; owns the count of samples delivered."""

    def __init__(
        self,
        speaker: Speaker,
        segment: Segment,
        settings: VoiceSettings,
        service: Service,
        whose: Whose = NOBODYS,
    ) -> None:
        self._speaker = speaker
        self.request = settings.request(segment)
        self.account = account(settings, whose)
        self.service = service
        self.whose = whose
        self.pushed_aside = False
        """Whether it gave a slot up to more urgent work."""
        self.since_s = speaker.clock()
        self.cut_off = False
        """Whether speech would not end, and was stopped."""
        self._delivered = 0
        self._deaths = 0

    @property
    def suspect(self) -> bool:
        """One more death and it is given up: it had better be its own."""
        return self._deaths == MOST_DEATHS - 1

    async def chunks(self) -> AsyncGenerator[bytes]:
        done = False
        while not done:
            utterance, lease = await self._speaker.start(self)
            try:
                done = True
                async for chunk in self._unheard(utterance):
                    yield chunk
                    if lease.pushed_aside:
                        self.pushed_aside = True
                        done = False
                        break
                self._judge(utterance)
            except WorkerLost as error:
                done = False
                self._count_death(error)
            except Busy:  # a canary has the slot for a moment
                done = False
                await asyncio.sleep(BUSY_RETRY_S)
            finally:
                utterance.cancel()

    async def _unheard(self, utterance: Utterance) -> AsyncGenerator[bytes]:
        """The utterance less what an earlier one delivered: the same seed makes the same bytes."""
        skip = self._delivered
        async for chunk in utterance:
            if skip >= len(chunk):
                skip -= len(chunk)
                continue
            fresh = chunk[skip:] if skip else chunk
            skip = 0
            self._delivered += len(fresh)
            yield fresh

    def _judge(self, utterance: Utterance) -> None:
        if utterance.finished is not None and utterance.finished.reason == "length":
            self.cut_off = True
            log.warning("segment.cut_off", text_chars=sum(len(span.text) for span in self.request.spans))

    def _count_death(self, error: WorkerLost) -> None:
        self._deaths += 1
        log.warning("segment.worker_lost", deaths=self._deaths, reason=error.message)
        if self._deaths >= MOST_DEATHS:
            raise EngineFailed(f"{self._deaths} workers died under this text; the last one: {error.message}") from error


def seconds(pcm: bytes) -> float:
    """Length of s16le mono PCM at the inner rate."""
    return len(pcm) / 2 / SAMPLE_RATE_HZ
