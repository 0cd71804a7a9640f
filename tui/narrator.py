"""The narrator turns the composer's text into takes: it knows what was said, sounded and heard."""

import time
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from ttsd.protocol.errors import DaemonUnreachable, Stopping, TtsdError, Unavailable
from ttsd.protocol.speech import (
    ClientMessage,
    End,
    Ended,
    Flush,
    Retracted,
    SegmentStarted,
    ServerMessage,
    SpeakError,
    Started,
    Text,
)
from tui import compose
from tui.amends import Amends
from tui.exchange import Exchange
from tui.live import Launch, Speaks
from tui.playback import Player
from tui.recording import Recording
from tui.rendition import Rendition
from tui.retake import retake
from tui.settings import Settings
from tui.take import Phrase, Take

PIECE_CHARS: Final = 16_000
"""A long text goes up in pieces: neither side is busy with one for long."""

NOTHING: Final = compose.Script()


class Asked(msgspec.Struct, frozen=True):
    """A take that was asked for, and not typed: whether more may follow, and how it was spoken at another time."""

    more: bool
    settings: Settings | None = None


class Narrator:
    """Owns the take that is said and heard: its session, its rendition, and what is owed of it. Loop thread only."""

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
        self._on_change = on_change
        self._on_failure = on_failure
        self._now = now
        self.settings = Settings()
        self.rendition = Rendition(player, self.settings, Take(), now=now)
        self.script = compose.Script()
        self.on_spoken: Callable[[str, Settings, float], None] = lambda _text, _settings, _length_s: None
        """Told of every take that is over: its text, how it was spoken, and for how long (s)."""
        self._exchange = Exchange(client, launch, receive=self._receive, over=self._over)
        self._asked: Asked | None = None
        self._amends = Amends(
            launch, sounds=lambda: self.rendition.sounds, speak=lambda: self._speak(self.script, self._asked)
        )

    # --- what is to be said -------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """The composer's text is now `text`: say what is new or different, if anything is."""
        if self.owing:
            self._owe(compose.plan(self.script, text)[0])
            if self._amends.due:
                self._speak(self.script, self._asked)
            return
        if not self._exchange.open:
            base = compose.passed_over(self.script.base + self.script.sent, text)
            self.script = compose.Script(base=base)
            if not text[len(base) :].strip():
                return
            if self.away:
                self._asked = None
                self._owe(compose.Script(base=base, sent=text[len(base) :]))
                return
            self._begin(self.script)
        self.script, message = compose.plan(self.script, text)
        if message:
            self._say(message)

    def read(self, text: str, *, more: bool, settings: Settings | None = None) -> None:
        """A new take: all of `text`, from the beginning; with `more`, what is written next continues it.

        With `settings` it is one from before: they take the place of those chosen, nobody is told of it again, and
        it is not owed to anybody.
        """
        if text.strip():
            asked, script = Asked(more, settings), compose.Script(sent=text)
            if self.away and settings is None:
                self._asked = asked
                self._owe(script)
            else:
                self._speak(script, asked)

    def _speak(self, script: compose.Script, asked: Asked | None) -> None:
        self._begin(script, asked)
        if asked and asked.settings is not None:
            self.rendition.told = True
        for start in range(0, len(script.sent), PIECE_CHARS):
            self._say(Text(script.sent[start : start + PIECE_CHARS]))
        if asked:
            self._say(Flush() if asked.more else End())

    def _owe(self, script: compose.Script) -> None:
        self.script = script
        self._amends.owing = bool(script.sent.strip())
        self._on_change()

    def pass_over(self, text: str) -> None:
        """`text` is not for speaking; what is written from here on is. What was asked for stays so."""
        if not (self.owing and self._asked):
            self._owe(compose.Script(base=text))

    def change(self, settings: Settings) -> None:
        """Another voice or language, from the next words on."""
        self.settings = settings
        self.close()

    def close(self) -> None:
        """What was said is spoken; what is written next is another session's."""
        self._exchange.end()

    def stop(self) -> None:
        """Silence at once; the take stays as far as it has come, and where it was heard last."""
        self.player.hold()
        self.record()
        self._exchange.break_off()
        self.script = compose.Script(base=self.script.base + self.script.sent)
        self._amends.drop()
        self._settle()

    def connected(self) -> None:
        """The daemon answers again: what went wrong before it was gone, or because it was, is over."""
        self.rendition.fail("")
        self._amends.connected()
        self._on_change()

    def disconnected(self) -> None:
        """Nothing can be spoken until the daemon answers again."""
        self._amends.disconnected()

    @property
    def away(self) -> bool:
        """Nothing can be spoken until the daemon answers again."""
        return self._amends.away

    @property
    def owing(self) -> bool:
        """The daemon is gone before it has spoken the script: that is made good once it is back."""
        return self._amends.owing

    # --- what is heard ------------------------------------------------------------------------------

    @property
    def take(self) -> Take:
        """The take, as far as it has come."""
        return self.rendition.take

    @property
    def recording(self) -> Recording:
        """Its sound."""
        return self.rendition.recording

    @property
    def playing(self) -> bool:
        """The take is heard now."""
        return self.rendition.playing

    @property
    def heard(self) -> int:
        """How far the listener is, in samples of the take."""
        return self.rendition.heard

    def seek(self, at: int) -> None:
        """Hear the take from sample `at` on; what is held stays so."""
        if self.rendition.on_air:
            self.player.seek(at)
        else:
            self._exchange.silence()
            self.player.play(self.recording.reel, at=at)
        self._on_change()

    async def retake(self, phrase: Phrase) -> None:
        """Speak `phrase` anew, by another seed, and hear it in its place."""
        rendition = self.rendition
        start = rendition.spoken_with.start(seed=rendition.spoken_with.seed + phrase.retakes + 1)
        self._mark_retaking(rendition, rendition.retaking | {phrase.index})
        try:
            pcm = await retake(self._client, start, phrase.text)
        except TtsdError as error:
            self._on_failure(error.message)
        else:
            if rendition is self.rendition and phrase.index in rendition.retaking:
                self._put(phrase.index, pcm)
        finally:
            self._mark_retaking(rendition, rendition.retaking - {phrase.index})

    def _mark_retaking(self, rendition: Rendition, indexes: frozenset[int]) -> None:
        rendition.retaking = indexes
        self._on_change()

    def _put(self, index: int, pcm: bytes) -> None:
        was_on_air, begin = self.rendition.on_air, self.rendition.put(index, pcm)
        if not was_on_air:
            self._exchange.silence()
        self.player.play(self.recording.reel, at=begin)

    def record(self) -> None:
        """Tell of the take, which is over; once."""
        take, rendition = self.take, self.rendition
        text = self.script.sent.strip() or " ".join(phrase.text.strip() for phrase in take.phrases)
        if take.samples and text and not rendition.told:
            rendition.told = True
            self.on_spoken(text, rendition.spoken_with, take.length_s)

    # --- its session --------------------------------------------------------------------------------

    def _begin(self, script: compose.Script, asked: Asked | None = None) -> None:
        self.record()
        self.script = script
        self._asked = asked
        self._amends.spoken()
        spoken_with = (asked and asked.settings) or self.settings
        take = Take(number=self.take.number + 1, active=True)
        self.rendition = Rendition(self.player, spoken_with, take, origin=len(script.base), now=self._now)
        self.player.play(self.recording.reel)
        self._exchange.begin(self.rendition)
        self._on_change()

    def _say(self, message: ClientMessage) -> None:
        self._exchange.say(message)
        self.rendition.pace.written(len(self.script.sent))

    def _over(self, error: TtsdError | None) -> None:
        """The session has ended, and if by an `error`, it may have left something to say."""
        left = self._failed(error) if error is not None else NOTHING
        said = self.script.sent.removesuffix(left.sent)
        self.script = replace(self.script, sent=said)
        self.record()
        self._owe(compose.Script(base=self.script.base + said, sent=left.sent))
        self._settle()
        self._amends.broke_off()

    def _failed(self, error: TtsdError) -> compose.Script:
        """Tell of it, unless the connection does; returns what is to be spoken once there is a daemon again."""
        told = self.take.error
        self.rendition.fail(error.message)
        broken = type(error) in (Stopping, DaemonUnreachable, Unavailable)
        if told != error.message and not (broken and not self._amends.made):
            self._on_failure(error.message)
        from_before = self._asked and self._asked.settings
        complete = self.rendition.sounded_whole
        return compose.left_over(self.script, complete=complete) if broken and not from_before else NOTHING

    def _settle(self) -> None:
        self.rendition.settle()
        self._on_change()

    def _receive(self, message: ServerMessage | bytes) -> None:
        match message:
            case bytes():
                self.rendition.sound(message, self.script)
            case SegmentStarted(index=index, text=text):
                self.rendition.begin_phrase(message)
                self.script = compose.committed(self.script, index, text)
            case Retracted(from_segment=first):
                self.script = compose.retracted(self.script, first)
                self.rendition.retract(first)
            case SpeakError(message=text) if text != self.take.error:
                self.rendition.fail(text)
                self._on_failure(text)
            case Ended() | Started() | SpeakError():
                pass
        self._on_change()
