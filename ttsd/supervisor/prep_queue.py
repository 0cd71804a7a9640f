"""The line before a prep process: who waits, who was sent, and who is to blame when it dies."""

import asyncio
from collections import deque
from typing import Final

import msgspec

from ttsd.protocol.prep import Prepared, PrepFailed, PrepPing, PrepPong, ToPrep

WINDOW: Final = 8
"""Requests sent ahead, so that the process has work while our loop is busy."""


class Request(msgspec.Struct, eq=False):
    """One request, its answer to come, and how often the process died over it."""

    message: ToPrep
    answer: "asyncio.Future[Prepared | PrepFailed | PrepPong]"
    deaths: int = 0

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for the answer."""
        return not self.answer.done()

    @property
    def is_ping(self) -> bool:
        """Whether it is our own: it dies with its process, and nobody is told."""
        return isinstance(self.message, PrepPing)


class PrepQueue:
    """Owns the requests, oldest first. The process answers in order, so the head of what was sent is what it is at."""

    def __init__(self) -> None:
        self._waiting: deque[Request] = deque()
        self._sent: deque[Request] = deque()

    @property
    def head(self) -> Request | None:
        """What the process is at; `None` when it is idle."""
        return self._sent[0] if self._sent else None

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
        while self._waiting and len(self._sent) < WINDOW:
            request = self._waiting.popleft()
            if request.wanted:
                self._sent.append(request)
                found.append(request)
        return found

    def answered(self, message: Prepared | PrepFailed | PrepPong) -> bool:
        """The head is done. False when `message` answers something else: the process is not to be trusted then."""
        if self.head is None or self.head.message.id != message.id:
            return False
        request = self._sent.popleft()
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
