"""A live session: text comes in as it is typed, sound goes out by phrases, and what was said can be taken back."""

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final, assert_never

from ttsd.audio.pcm import duration_s
from ttsd.jobs.outbox import Outbox
from ttsd.jobs.playhead import Playhead
from ttsd.jobs.take import Take
from ttsd.protocol.errors import BadRequest, NothingToSay, TooLarge, TtsdError
from ttsd.protocol.speech import (
    SAMPLE_RATE_HZ,
    Cancel,
    ClientMessage,
    Commit,
    End,
    Ended,
    Flush,
    Played,
    Replace,
    Retracted,
    SegmentStarted,
    SpeakError,
    Start,
    Text,
)
from ttsd.text.markup import unclosed
from ttsd.text.normalize import speakable
from ttsd.text.phrases import Phrases, may_be_composed
from ttsd.text.scripts import CJK

WORDS_S: Final = 0.8
"""Who stops typing for so long wants to hear the words that stand there."""
REST_S: Final = 2.0
"""And after so long the last word is no beginning of a longer one."""
AHEAD_SAMPLES: Final = 30 * SAMPLE_RATE_HZ
"""How far speech runs ahead of its listener: bounds what waits in memory, and what is made in vain."""

_WHOLE_WORDS: Final = re.compile(rf"[\s\S]*(?:\s|[^\w\s'’-]|[{CJK}])")

Speak = Callable[[str], AsyncGenerator[bytes]]
"""The sound of one phrase, its closing pause included."""


class Phrase:
    """A committed piece of text on its way through the engine."""

    def __init__(self, index: int, text: str) -> None:
        self.index = index
        self.text = text
        self.take: Take | None = None
        self.dropped = False

    def drop(self) -> None:
        """It was taken back: its sound stops."""
        self.dropped = True
        if self.take is not None:
            self.take.cancel()


class LiveSession:
    """Owns a session's phrases from their first letter to the outbox. Loop thread only."""

    def __init__(
        self, speak: Speak, most_chars: int, commit: Commit = "clause", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self.outbox = Outbox(self._wake)
        self.when_gap: Callable[[float], None] = _nothing
        """Told of each gap, in seconds, that a listener without a cushion hears where text was waiting."""
        self.when_dry: Callable[[], None] = _nothing
        """Told when the client says that it has played all there is of a phrase that is not over."""
        self._playhead = Playhead()
        self._dry_at = -1
        self._speak = speak
        self._most_chars = most_chars
        self._typed = Phrases(commit)
        self._minds_pauses = commit in {"word", "clause"}
        self._before = ""
        self._line: deque[Phrase] = deque()
        self._starts: list[int] = []
        self._next_index = 0
        self._played: int | None = None
        self._ending = False
        self._waiting_chars = 0
        self._owes_sound = False
        self._changed = asyncio.Event()
        self._pause: asyncio.TimerHandle | None = None

    # --- what the client says ---

    def hear(self, message: ClientMessage) -> None:
        """Take a message over; never waits. Raises BadRequest, TooLarge; the session goes on after them."""
        match message:
            case Start():
                raise BadRequest("this session was started already", param="type")
            case Text(text=text):
                self._write(text)
            case Replace(from_segment=index, text=text):
                self._replace(index, text)
            case Played(samples=samples):
                self._played = samples
                self._look_for_drought(samples)
            case Flush():
                self._commit(self._typed.flush())
            case End():
                self._ending = True
                self._commit(self._typed.flush())
            case Cancel():
                self._cancel()
            case _:
                assert_never(message)
        self._wake()

    def _write(self, text: str) -> None:
        if self._ending:
            raise BadRequest("this session's text has ended; cancel it to use it again", param="type")
        self._check_room(text)
        self._commit(self._typed.feed(text))
        self._watch_for_pause()

    def _replace(self, index: int, text: str) -> None:
        if index > self._next_index:
            raise BadRequest(f"there are {self._next_index} segments, none {index}", param="from_segment")
        self._check_room(text)
        self._take_back(index)
        self.outbox.tell(Retracted(index))
        self._commit(self._typed.feed(text))
        if self._ending:
            self._commit(self._typed.flush())
        self._watch_for_pause()

    def _take_back(self, index: int) -> None:
        """Forget segments `index` and up, and the text that was none yet; the stream goes on where they began."""
        self._drop(index)
        self.outbox.take_back(index)
        if index < len(self._starts):
            self.outbox.made = self._starts[index]
            self.outbox.sent = min(self.outbox.sent, self.outbox.made)
            del self._starts[index:]
        self._next_index = index

    def _cancel(self) -> None:
        """Stop where the connection is; what was announced keeps its number."""
        self._drop(0)
        unannounced = self.outbox.take_back(0)
        self.outbox.made = self.outbox.sent
        del self._starts[len(self._starts) - len(unannounced) :]
        self._next_index = len(self._starts)
        self._ending = False
        self._owes_sound = False
        self.outbox.tell(Ended(self.outbox.made, "cancel"))

    def _drop(self, index: int) -> None:
        self._playhead.rest()
        self._typed.clear()
        self._before = ""
        while self._line and self._line[-1].index >= index:
            phrase = self._line.pop()
            phrase.drop()
            self._waiting_chars -= len(phrase.text)

    def _check_room(self, text: str) -> None:
        waiting = self._waiting_chars + len(self._typed.pending) + len(text)
        if waiting > self._most_chars:
            raise TooLarge(
                f"{waiting} characters would wait to be spoken; at most {self._most_chars} may", param="text"
            )
        self._owes_sound = self._owes_sound or bool(text)

    def _commit(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._line.append(Phrase(self._next_index, text))
            self._before = text
            self._next_index += 1
            self._waiting_chars += len(text)

    def _watch_for_pause(self) -> None:
        self._forget_pause()
        if self._minds_pauses and self._typed.pending:
            self._pause = asyncio.get_running_loop().call_later(WORDS_S, self._paused)

    def _forget_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()

    def _paused(self) -> None:
        """Commit whole words, and a little later what is left."""
        words, rest = whole_words(self._typed.pending)
        if speakable(words):
            self._typed.clear()
            self._commit([words])
            self._commit(self._typed.feed(rest))
        self._pause = asyncio.get_running_loop().call_later(REST_S - WORDS_S, self._rested)
        self._wake()

    def _rested(self) -> None:
        if may_be_composed(self._before, self._typed.pending):
            return
        self._commit(self._typed.flush())
        self._wake()

    def _wake(self) -> None:
        self._changed.set()

    # --- what the client hears ---

    async def run(self) -> None:
        """Speak until the text has ended and all of it is with the connection."""
        try:
            async with asyncio.TaskGroup() as group:
                while (phrase := await self._next()) is not None:
                    await self._deliver(group, phrase)
        finally:
            self._forget_pause()
        if self._owes_sound and not self.outbox.made:
            self._tell_error(NothingToSay("there was nothing to say in the text"))
        self.outbox.tell(Ended(self.outbox.made))
        self.outbox.close()

    async def _next(self) -> Phrase | None:
        """The next phrase once the listener is near enough, or `None` at the end."""
        while True:
            if self._line and self._has_room():
                return self._line[0]
            if self._ending and not self._line and self.outbox.empty:
                return None
            self._changed.clear()
            await self._changed.wait()

    def _has_room(self) -> bool:
        """A client that tells what it has played sets the pace; else what it took does."""
        heard = self.outbox.sent if self._played is None else min(self._played, self.outbox.made)
        return self.outbox.made - heard < AHEAD_SAMPLES

    async def _deliver(self, group: asyncio.TaskGroup, phrase: Phrase) -> None:
        """Pass one phrase's sound on; the next phrase is begun as soon as this one sounds."""
        try:
            async for chunk in self._begin(group, phrase):
                if phrase.dropped:
                    return
                self._announce(phrase)
                self._hear(chunk)
                self.outbox.sound(phrase.index, chunk)
                if len(self._line) > 1:
                    self._begin(group, self._line[1])
        except NothingToSay:
            pass
        except TtsdError as error:
            self._announce(phrase)
            self._tell_error(error)
        if not phrase.dropped:
            self._announce(phrase)
            self._line.popleft()
            self._waiting_chars -= len(phrase.text)
        if not self._line:
            self._playhead.rest()

    def _hear(self, chunk: bytes) -> None:
        gap_s = self._playhead.hear(self._clock(), duration_s(len(chunk)))
        if gap_s:
            self.when_gap(gap_s)

    def _look_for_drought(self, played: int) -> None:
        """Each place of the stream counts once, however often the client tells of it."""
        under_way = bool(self._line) and self._line[0].index < len(self._starts)
        if under_way and played >= self.outbox.made != self._dry_at:
            self._dry_at = self.outbox.made
            self.when_dry()

    def _begin(self, group: asyncio.TaskGroup, phrase: Phrase) -> Take:
        if phrase.take is None:
            phrase.take = Take(group, self._speak(phrase.text))
        return phrase.take

    def _announce(self, phrase: Phrase) -> None:
        if phrase.index == len(self._starts):
            self._starts.append(self.outbox.made)
            self.outbox.tell(SegmentStarted(phrase.index, phrase.text, self.outbox.made))

    def _tell_error(self, error: TtsdError) -> None:
        self._owes_sound = False
        self.outbox.tell(SpeakError(error.code, error.message, error.param, error.retryable))


def _nothing(*_told: object) -> None:
    pass


def whole_words(text: str) -> tuple[str, str]:
    """`text` up to the last place where a word, or markup, has surely ended, and the rest."""
    found = _WHOLE_WORDS.match(text)
    end = min(found.end(), unclosed(text)) if found else 0
    return text[:end], text[end:]
