"""Which request of a worker belongs to which utterance."""

from collections.abc import Callable

from ttsd.protocol.engine import AppendText, Chunk, Failed, Finished
from ttsd.protocol.errors import WorkerLost, raised_from
from ttsd.supervisor.utterance import Utterance


class Switchboard:
    """Owns the utterances under way in one worker; each is over once, whatever becomes of the worker."""

    def __init__(self, ask_cancel: Callable[[int], None], append: Callable[[AppendText], None]) -> None:
        self._ask_cancel = ask_cancel
        self._append = append
        self._open: dict[int, Utterance] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._open)

    def open(self, *, more: bool = False) -> Utterance:
        """A new utterance with a number of its own; `more`: of its text is to come."""
        self._number += 1
        utterance = Utterance(self._number, self._ask_cancel, self._append if more else None)
        self._open[self._number] = utterance
        return utterance

    def hear(self, message: Chunk | Finished | Failed) -> Utterance | None:
        """Pass `message` on; the utterance that is over by it, if one is."""
        if isinstance(message, Chunk):
            if utterance := self._open.get(message.id):
                utterance.take(message.pcm)
            return None
        utterance = self._open.pop(message.id, None)
        if utterance is None:
            return None
        if isinstance(message, Finished):
            utterance.finish(message)
        else:
            utterance.fail(raised_from(message.error))
        return utterance

    def lose(self, why: str) -> None:
        """The worker is gone: nothing more will be heard of any utterance."""
        while self._open:
            self._open.popitem()[1].fail(WorkerLost(why))

    def quiet_since(self) -> float | None:
        """When the utterance that has been silent for longest, and owes sound, was last heard of."""
        owing = (utterance.heard_at for utterance in self._open.values() if not utterance.writing)
        return min(owing, default=None)

    def excuse(self, now: float) -> None:
        """We were not listening: count silence from now."""
        for utterance in self._open.values():
            utterance.heard_at = now
