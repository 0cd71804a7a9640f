"""A prep process: heavy or untrusted text work, encoding, examining clips; with a deadline, restarted when it dies."""

import asyncio
import contextvars
import itertools
import logging
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from ttsd.config import Limits
from ttsd.log import get_logger
from ttsd.protocol.ears import Recognise, Recognised
from ttsd.protocol.errors import Stopping, TtsdError, Unavailable, raised_from
from ttsd.protocol.hearing import Decode, Decoded, Examine, Examined, ReadReference, ReferenceRead
from ttsd.protocol.lexicon import LexiconUse
from ttsd.protocol.prep import (
    Encode,
    Encoded,
    Encoding,
    Prepared,
    PrepareDocument,
    PrepareText,
    PrepFailed,
    PrepPing,
)
from ttsd.supervisor import policy
from ttsd.supervisor.prep_queue import WINDOW, Answer, Message, PrepQueue, Request
from ttsd.supervisor.process import ChildProcess, Listener
from ttsd.supervisor.records import relay_line

PREP_MODULE: Final = "ttsd.prep"
ENCODE_MODULE: Final = "ttsd.prep.encode"
HEAR_MODULE: Final = "ttsd.prep.hear"
EARS_MODULE: Final = "ttsd.prep.ears"
START_TIMEOUT_S: Final = 30.0
"""For the first answer of a process: the interpreter starts, and reads its modules from a cold disk."""
GIVE_UP_AFTER: Final = 3
"""So many starts without one answer, and whoever waits is told."""
DEATHS_ALLOWED: Final = 1
"""The process may die by no fault of the request; when it dies over the same one again, it is that one."""
SLOWEST_ENCODING: Final = 5.0
"""Seconds of audio in a second; the slowest format does 50 and more on one core."""

log = get_logger(__name__)
_prep_log = logging.getLogger("ttsd.prep")


class Prep:
    """Owns one prep process and the line before it. Requests are answered in order, each within `timeout_s`.

    The deadline of a request starts when the process turns to it, not while it stands in the line. `window` requests
    are sent ahead. Without `at_once`, the process is started for the first request, and not before.
    """

    def __init__(
        self,
        name: str,
        timeout_s: float,
        *,
        module: str = PREP_MODULE,
        window: int = WINDOW,
        at_once: bool = True,
    ) -> None:
        self._name = name
        self._timeout_s = timeout_s
        self._module = module
        self._ids = itertools.count(1)
        self._queue = PrepQueue(window)
        self._child: ChildProcess | None = None
        self._lost = asyncio.Event()
        self._deadline: asyncio.TimerHandle | None = None
        self._late: Request | None = None
        self._failures = 0
        """Processes in a row that died before their first answer."""
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = False
        self._asked = asyncio.Event()
        if at_once:
            self._asked.set()

    @classmethod
    def encoder(cls, name: str, timeout_s: float, *, module: str = ENCODE_MODULE) -> Self:
        """One that encodes; files wait here, not in the process, so that who gives up costs nobody time.

        Many daemons never need it: it starts when it is asked.
        """
        return cls(name, timeout_s, module=module, window=1, at_once=False)

    @classmethod
    def listener(cls, name: str, timeout_s: float, *, module: str = HEAR_MODULE) -> Self:
        """One that examines reference clips; it starts when it is asked."""
        return cls(name, timeout_s, module=module, window=1, at_once=False)

    @property
    def pid(self) -> int | None:
        """The process now."""
        return self._child.pid if self._child else None

    # --- requests -----------------------------------------------------------------------------------

    async def text(self, text: str, language: str, lexicon: LexiconUse | None = None, prior: str = "") -> Prepared:
        """Segments of `text`. Raises NothingToSay and the other errors of the text front end, or Unavailable."""
        return await self._prepare(PrepareText(next(self._ids), text, language, lexicon, prior))

    async def document(
        self, path: Path, suffix: str, language: str, limits: Limits, lexicon: LexiconUse | None = None
    ) -> Prepared:
        """Segments of the file at `path`. Raises UnreadableDocument, TooLarge, NothingToSay."""
        message = PrepareDocument(
            next(self._ids),
            str(path),
            suffix,
            language,
            max_bytes=limits.max_file_bytes,
            max_chars=limits.max_document_chars,
            max_book_bytes=limits.max_book_bytes,
            lexicon=lexicon,
        )
        return await self._prepare(message)

    async def encode(self, source: Path, target: Path, encoding: Encoding, *, audio_s: float) -> Encoded:
        """Make `target` of the finished WAV at `source`, `audio_s` long; `target` is on the disk then, or not there.

        Who is cancelled here leaves a hidden file beside `target` at most. Raises StorageFull, EngineFailed when it
        cannot be done, Unavailable when it took too long.
        """
        message = Encode(next(self._ids), str(source), str(target), encoding)
        answer = await self._ask_or_abandon(message, self._timeout_s + audio_s / SLOWEST_ENCODING)
        assert isinstance(answer, Encoded)
        return answer

    async def examine(
        self, source: Path, target: Path, transcript: str, language: str, *, denoise: bool = False, mend: bool = True
    ) -> Examined:
        """Examine the clip at `source`, with what is said in it, and write the mended one to `target` (FLAC).

        Without `mend` it has the same sound as before.

        `target` is on the disk then, or not there; `language` is a code or `auto`. Raises BadRequest when it is no clip
        or crashes the process, TooLarge, StorageFull.
        """
        message = Examine(next(self._ids), str(source), str(target), transcript, language, denoise, mend)
        answer = await self._ask_or_abandon(message, self._timeout_s)
        assert isinstance(answer, Examined)
        return answer

    async def decode(self, source: Path, target: Path) -> Decoded:
        """Write the sound of the clip at `source` to `target`, a WAV at the inner rate. Raises as `examine` does."""
        message = Decode(next(self._ids), str(source), str(target))
        answer = await self._ask_or_abandon(message, self._timeout_s)
        assert isinstance(answer, Decoded)
        return answer

    async def read_reference(self, source: Path, target: Path) -> ReferenceRead:
        """Write what an engine hears of the clip at `source` to `target`. Raises as `examine` does."""
        message = ReadReference(next(self._ids), str(source), str(target))
        answer = await self._ask_or_abandon(message, self._timeout_s)
        assert isinstance(answer, ReferenceRead)
        return answer

    async def recognise(self, source: Path, transcript: str, language: str) -> Recognised:
        """What is heard in the clip at `source`. Raises CannotListen, BadRequest, TooLarge, Unavailable."""
        answer = await self._ask_or_abandon(
            Recognise(next(self._ids), str(source), transcript, language), self._timeout_s
        )
        assert isinstance(answer, Recognised)
        return answer

    async def _ask_or_abandon(
        self, message: Encode | Examine | Decode | ReadReference | Recognise, timeout_s: float
    ) -> Answer:
        try:
            return await self._ask(message, timeout_s)
        except asyncio.CancelledError:
            self._abandon(message)
            raise

    def _abandon(self, message: Encode | Examine | Decode | ReadReference | Recognise) -> None:
        """Others do not wait for a long file that nobody wants any more."""
        if self._child is not None and (head := self._queue.head) is not None and head.message is message:
            self._child.kill()

    async def _prepare(self, message: PrepareText | PrepareDocument) -> Prepared:
        answer = await self._ask(message, self._timeout_s)
        assert isinstance(answer, Prepared)
        return answer

    async def _ask(self, message: Message, timeout_s: float) -> Answer:
        if self._stopping.is_set():
            raise Stopping("the daemon is stopping")
        request = Request(message, timeout_s, asyncio.get_running_loop().create_future())
        self._queue.put(request)
        self._asked.set()
        self._pump()
        answer = await request.answer
        if isinstance(answer, PrepFailed):
            raise raised_from(answer.error)
        return answer

    def _pump(self) -> None:
        """Send what fits, and watch the clock for what the process is at."""
        if self._child is None or self._lost.is_set():
            return
        for request in self._queue.to_send():
            self._child.send(request.message)
        self._watch_head()

    def _watch_head(self) -> None:
        if self._deadline is None and (head := self._queue.head) is not None:
            self._deadline = asyncio.get_running_loop().call_later(head.timeout_s, self._overdue)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_message(self, message: Answer) -> None:
        if self._lost.is_set():
            return
        if not self._queue.answered(message):
            self._on_lost(ValueError(f"request {message.id} was answered out of turn"))
            return
        self._failures = 0
        self._unwatch()
        self._pump()

    def _overdue(self) -> None:
        """What the process is at takes too long."""
        self._deadline = None
        self._late = self._queue.head
        if self._child is not None:
            self._child.kill()

    # --- life ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep a process at hand until `stop`."""
        self._running = True
        try:
            await self._asked.wait()
            while not self._stopping.is_set():
                await self._live()
                await self._pause()
        finally:
            self._stopping.set()
            for request in self._queue.drop_all():
                request.answer.set_exception(Stopping("the daemon is stopping"))
            self._ended.set()

    async def _live(self) -> None:
        """One process, from start to reaping."""
        self._lost.clear()
        listener = Listener(Answer, self._on_message, self._on_lost, self._on_line)
        try:
            child = await ChildProcess.spawn(self._module, listener, env={})
        except OSError as error:
            self._settle(f"could not be started: {error.strerror}")
            return
        self._child = child
        try:
            self._greet()
            await self._lost.wait()
            code = await child.stop(grace_s=1.0)
        finally:
            self._child = None
            self._unwatch()
            await child.stop(grace_s=0)  # there is something left to stop only when this task is cancelled
        if not self._stopping.is_set():
            self._settle(policy.describe(policy.Exit(code)))

    def _greet(self) -> None:
        """The first answer proves that the process works: a ping goes ahead of the line."""
        assert self._child is not None
        ping = Request(PrepPing(next(self._ids)), START_TIMEOUT_S, asyncio.get_running_loop().create_future())
        self._queue.put_first(ping)
        self._pump()

    def _on_lost(self, error: Exception | None) -> None:
        if error is not None:
            log.warning("prep.stream_broke", prep=self._name, reason=str(error))
        self._lost.set()

    def _on_line(self, line: str) -> None:
        """Nobody here knows what stands in files: what is printed over them may quote it."""
        at = self._queue.latest
        context = at.context if at is not None else contextvars.copy_context()
        reads_a_file = at is not None and not isinstance(at.message, PrepareText | PrepPing)
        context.run(relay_line, _prep_log, line, guarded=reads_a_file)

    def _settle(self, words: str) -> None:
        """The process is gone: judge the request it was at; the others wait for the next one."""
        self._failures += 1
        suspect, late = self._queue.recall(), self._late
        self._late = None
        reason = words if late is None else "did not start in time" if late.is_ping else "took too long over a request"
        context = suspect.context if suspect is not None else contextvars.copy_context()
        context.run(log.error, "prep.lost", prep=self._name, reason=reason, failures=self._failures)
        if suspect is not None and not suspect.is_ping:
            self._judge(suspect, late is suspect)
        if self._failures >= GIVE_UP_AFTER:
            for request in self._queue.drop_all():
                self._refuse(request, Unavailable(f"the {self._name} process does not start: it {reason}"))

    def _judge(self, suspect: Request, late: bool) -> None:
        suspect.deaths += 1
        if late:
            self._refuse(suspect, suspect.too_slow())
        elif suspect.deaths > DEATHS_ALLOWED:
            self._refuse(suspect, suspect.crashes())

    @staticmethod
    def _refuse(request: Request, error: TtsdError) -> None:
        if request.wanted:
            request.answer.set_exception(error)

    async def _pause(self) -> None:
        """Before the next start: none after a process that had worked."""
        if self._failures > 1:
            with suppress(TimeoutError):
                async with asyncio.timeout(policy.back_off_s(self._failures - 1)):
                    await self._stopping.wait()

    async def stop(self) -> None:
        """End `run`; whoever waits gets Stopping."""
        self._stopping.set()
        self._asked.set()
        self._lost.set()
        if self._running:
            await self._ended.wait()
