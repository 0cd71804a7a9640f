"""The narrator turns the composer's text into takes: it knows what was said, sounded and heard."""

import time
from collections.abc import Callable, Coroutine
from functools import partial

import msgspec
from msgspec.structs import replace

from ttsd.protocol.errors import DaemonUnreachable, Stopping, TtsdError
from ttsd.protocol.speech import (
    ClientMessage,
    End,
    Ended,
    Flush,
    Retracted,
    SegmentStarted,
    ServerMessage,
    SpeakError,
    Start,
    Started,
    Text,
)
from tui import compose
from tui import take as takes
from tui.live import Conversation, Speaks
from tui.playback import Player
from tui.recording import Recording
from tui.take import Take

Launch = Callable[[Callable[[], Coroutine[None, None, None]]], None]
"""Runs a conversation; the one before it is cancelled first."""


class Settings(msgspec.Struct, frozen=True):
    """How the next take is spoken; nothing chosen is the daemon's default."""

    voice: str | None = None
    language: str = ""

    def start(self) -> Start:
        return Start(voice=self.voice, language=self.language)


class Narrator:
    """Owns the take: its session, its recording and what of it the player is given. Loop thread only."""

    def __init__(
        self,
        client: Speaks,
        player: Player,
        launch: Launch,
        *,
        on_change: Callable[[], None],
        on_failure: Callable[[str], None],
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._client = client
        self.player = player
        self._launch = launch
        self._on_change = on_change
        self._on_failure = on_failure
        self._now = now
        self.settings = Settings()
        self.take = Take()
        self.recording = Recording()
        self.script = compose.Script()
        self._conversation: Conversation | None = None
        self._marks: list[tuple[int, float]] = []
        self._takes_begun = 0

    def write(self, text: str) -> None:
        """The composer's text is now `text`: say what is new or different, if anything is."""
        if self._conversation is None or not self._conversation.open:
            base = compose.passed_over(self.script.base + self.script.sent, text)
            self.script = compose.Script(base=base)
            if not text[len(base) :].strip():
                return
            self._begin(self.script)
        self.script, message = compose.plan(self.script, text)
        if message:
            self._say(message)

    def read(self, text: str, *, more: bool) -> None:
        """A new take: all of `text`, from the beginning; with `more`, what is written next continues it."""
        if text.strip():
            self._begin(compose.Script(sent=text))
            self._say(Text(text))
            self._say(Flush() if more else End())

    def pass_over(self, text: str) -> None:
        """`text` is not for speaking; what is written from here on is."""
        self.script = compose.Script(base=text)

    def change(self, settings: Settings) -> None:
        """Another voice or language, from the next words on."""
        self.settings = settings
        if self._conversation:
            self._conversation.say(End())

    def stop(self) -> None:
        """Silence at once; the take stays as far as it has come."""
        self.player.stop()
        self._conversation = None
        self._launch(_nothing)
        self.script = compose.Script(base=self.script.base + self.script.sent)
        self._settle()

    @property
    def hearing(self) -> int | None:
        """The place of the phrase that sounds now."""
        return self.take.hearing(self.player.heard) if self.player.playing else None

    def _begin(self, script: compose.Script) -> None:
        self.script = script
        self._takes_begun += 1
        self.take = Take(number=self._takes_begun, active=True)
        self.recording = Recording()
        self._marks.clear()
        self.player.begin()
        player = self.player
        conversation = Conversation(
            self._client,
            self.settings.start(),
            heard=lambda: player.heard,
            quiet=lambda: not player.playing,
            receive=self._receive,
        )
        self._conversation = conversation
        self._launch(partial(self._converse, conversation))
        self._on_change()

    def _say(self, message: ClientMessage) -> None:
        assert self._conversation is not None
        self._conversation.say(message)
        self._marks.append((len(self.script.sent), self._now()))

    async def _converse(self, conversation: Conversation) -> None:
        try:
            await conversation.run()
        except* TtsdError as failures:
            self._failed(conversation, failures)
        finally:
            if self._conversation is conversation:
                self._conversation = None
                self.script = compose.Script(base=self.script.base + self.script.sent)
                self._settle()

    def _failed(self, conversation: Conversation, failures: BaseExceptionGroup[TtsdError]) -> None:
        if self._conversation is not conversation:
            return
        first = _leaf(failures)
        told, self.take = self.take.error, replace(self.take, error=first.message)
        if told != first.message and not isinstance(first, Stopping | DaemonUnreachable):
            self._on_failure(first.message)

    def _settle(self) -> None:
        self.take = replace(self.take, active=False)
        self._on_change()

    def _receive(self, conversation: Conversation, message: ServerMessage | bytes) -> None:
        if self._conversation is not conversation:
            return
        match message:
            case bytes():
                self._sound(message)
            case SegmentStarted(index=index, text=text):
                self.take = takes.segment_started(self.take, message)
                self.script = compose.committed(self.script, index, text)
            case Retracted(from_segment=first):
                self._retract(first)
            case SpeakError(message=text):
                self.take = replace(self.take, error=text)
                self._on_failure(text)
            case Ended() | Started():
                pass
        self._on_change()

    def _sound(self, pcm: bytes) -> None:
        if self.take.first_sound_ms is None:
            self.take = replace(self.take, first_sound_ms=(self._now() - self._asked_s()) * 1000)
        self.recording.append(pcm)
        self.player.feed(pcm)
        self.take = replace(self.take, samples=self.recording.samples)

    def _retract(self, first: int) -> None:
        self.script = compose.retracted(self.script, first)
        before, self.take = self.take.samples, takes.retracted(self.take, first)
        if self.take.samples < before:
            self.recording.truncate(self.take.samples)
            self.player.truncate(self.take.samples)

    def _asked_s(self) -> float:
        """When the text of the first phrase was complete, as far as that can be told."""
        end = self.script.commits[0].end if self.script.commits else compose.UNKNOWN
        if end != compose.UNKNOWN:
            return next((at for length, at in self._marks if length >= end), self._marks[-1][1])
        return self._marks[-1][1]


def _leaf(group: BaseExceptionGroup[TtsdError]) -> TtsdError:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first


async def _nothing() -> None:
    """Launched to take the place of a conversation that is to stop."""
