"""Which request of a worker belongs to which utterance."""

import contextvars
from collections import deque
from collections.abc import Callable
from typing import Final

from ttsd.log import confide, confided
from ttsd.protocol.engine import AppendText, Chunk, Failed, Finished
from ttsd.protocol.errors import WorkerLost, raised_from
from ttsd.supervisor.utterance import Utterance

REMEMBERED: Final = 64
"""Utterances that are over: what was printed meanwhile may come late."""


class Switchboard:
    """Owns the utterances under way in one worker; each is over once, whatever becomes of the worker."""

    def __init__(self, ask_cancel: Callable[[int], None], append: Callable[[AppendText], None]) -> None:
        self._ask_cancel = ask_cancel
        self._append = append
        self._open: dict[int, Utterance] = {}
        self._ended: deque[contextvars.Context] = deque(maxlen=REMEMBERED)
        self._number = 0

    def __len__(self) -> int:
        return len(self._open)

    def open(self, *texts: str, more: bool = False) -> Utterance:
        """A new utterance of `texts` with a number of its own; `more`: of its text is to come."""
        self._number += 1
        utterance = Utterance(self._number, self._ask_cancel, self._append if more else None)
        utterance.context.run(confide, *texts)
        self._open[self._number] = utterance
        return utterance

    def context(self, number: int | None = None) -> contextvars.Context:
        """Where to log what is said of utterance `number`; of nobody knows which: where all texts are confided."""
        if number is not None and (utterance := self._open.get(number)):
            return utterance.context
        context = contextvars.copy_context()
        for other in (*self._ended, *(utterance.context for utterance in self._open.values())):
            context.run(confide, *other.run(confided))
        return context

    def hear(self, message: Chunk | Finished | Failed) -> Utterance | None:
        """Pass `message` on; the utterance that is over by it, if one is."""
        if isinstance(message, Chunk):
            if utterance := self._open.get(message.id):
                utterance.take(message.pcm)
            return None
        utterance = self._open.pop(message.id, None)
        if utterance is None:
            return None
        self._ended.append(utterance.context)
        if isinstance(message, Finished):
            utterance.finish(message)
        else:
            utterance.fail(raised_from(message.error))
        return utterance

    def lose(self, why: str) -> None:
        """The worker is gone: nothing more will be heard of any utterance."""
        while self._open:
            _, utterance = self._open.popitem()
            self._ended.append(utterance.context)
            utterance.fail(WorkerLost(why))

    def quiet_since(self) -> float | None:
        """When the utterance that has been silent for longest, and owes sound, was last heard of."""
        owing = (utterance.heard_at for utterance in self._open.values() if not utterance.writing)
        return min(owing, default=None)

    def excuse(self, now: float) -> None:
        """We were not listening: count silence from now."""
        for utterance in self._open.values():
            utterance.heard_at = now
