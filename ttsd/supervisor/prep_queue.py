"""The line before a prep process: who waits, who was sent, and who is to blame when it dies."""

import asyncio
import contextvars
from collections import deque
from typing import Final

import msgspec

from ttsd.protocol.ears import FromEars, Recognise, ToEars
from ttsd.protocol.errors import BadRequest, EngineFailed, TtsdError, Unavailable, UnreadableDocument
from ttsd.protocol.hearing import Decode, Examine, FromListener, ReadReference, ToListener
from ttsd.protocol.prep import Encode, FromEncoder, FromPrep, PrepareDocument, PrepPing, ToEncoder, ToPrep

WINDOW: Final = 8
"""Requests sent ahead, so that the process has work while our loop is busy."""

Message = ToPrep | ToEncoder | ToListener | ToEars
Answer = FromPrep | FromEncoder | FromListener | FromEars


class Request(msgspec.Struct, eq=False):
    """One request, its answer to come, and how often the process died over it."""

    message: Message
    timeout_s: float
    """Counted from when the process turns to it."""
    answer: asyncio.Future[Answer]
    deaths: int = 0
    context: contextvars.Context = msgspec.field(default_factory=contextvars.copy_context)
    """Of who asks: what is logged about it is logged there, with their ids."""

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for the answer."""
        return not self.answer.done()

    @property
    def is_ping(self) -> bool:
        """Whether it is our own: it dies with its process, and nobody is told."""
        return isinstance(self.message, PrepPing)

    def too_slow(self) -> TtsdError:
        """What whoever waits is told when it took longer than `timeout_s`."""
        took = f"took longer than {self.timeout_s:g} s"
        match self.message:
            case PrepareDocument():
                return UnreadableDocument(f"reading this file {took}; split it into smaller ones")
            case Encode():
                return Unavailable(f"making the {self.message.encoding.format} file {took}; it is tried again later")
            case Examine() | Decode() | ReadReference():
                return BadRequest(f"examining this clip {took}; cut it shorter, or save it as WAV", param="audio")
            case Recognise():
                return Unavailable(f"listening to this clip {took}; try again when the machine is less busy")
            case _:
                return Unavailable(f"preparing this text {took}; try again, or send less at once")

    def crashes(self) -> TtsdError:
        """What whoever waits is told when the process dies over it."""
        match self.message:
            case PrepareDocument():
                return UnreadableDocument(
                    "reading this file crashed the parser, twice; save it as plain text and try again"
                )
            case Encode():
                kind = self.message.encoding.format
                return EngineFailed(f"making the {kind} file crashed the encoder, twice; ask for another format")
            case Examine() | Decode() | ReadReference() | Recognise():
                return BadRequest("reading this clip crashed the decoder, twice; save it as WAV", param="audio")
            case _:
                return EngineFailed("preparing this text crashed, twice; send it in smaller pieces to find what it is")


class PrepQueue:
    """Owns the requests, oldest first; `window` of them are sent ahead.

    The process answers in order, so the head of what was sent is what it is at.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._waiting: deque[Request] = deque()
        self._sent: deque[Request] = deque()
        self._last: Request | None = None

    @property
    def head(self) -> Request | None:
        """What the process is at; `None` when it is idle."""
        return self._sent[0] if self._sent else None

    @property
    def latest(self) -> Request | None:
        """What the process is at, or was at last: what it prints may come late."""
        return self.head or self._last

    def __len__(self) -> int:
        return len(self._sent) + sum(request.wanted for request in self._waiting)

    def put(self, request: Request) -> None:
        """Last in the line."""
        self._waiting.append(request)

    def put_first(self, request: Request) -> None:
        """Before everybody who waits."""
        self._waiting.appendleft(request)

    def to_send(self) -> list[Request]:
        """What to send now; it counts as sent. Requests nobody waits for any more are dropped."""
        found: list[Request] = []
        while self._waiting and len(self._sent) < self._window:
            request = self._waiting.popleft()
            if request.wanted:
                self._sent.append(request)
                found.append(request)
        return found

    def answered(self, message: Answer) -> bool:
        """The head is done. False when `message` answers something else: the process is not to be trusted then."""
        if self.head is None or self.head.message.id != message.id:
            return False
        request = self._last = self._sent.popleft()
        if request.wanted:
            request.answer.set_result(message)
        return True

    def recall(self) -> Request | None:
        """The process is gone: all that was sent waits again. The request it was at, for the caller to judge."""
        suspect = self.head
        self._waiting.extendleft(request for request in reversed(self._sent) if not request.is_ping)
        self._sent.clear()
        return suspect

    def drop_all(self) -> list[Request]:
        """Empty the line; the requests somebody still waits for."""
        left = [request for request in (*self._sent, *self._waiting) if request.wanted and not request.is_ping]
        self._sent.clear()
        self._waiting.clear()
        return left
