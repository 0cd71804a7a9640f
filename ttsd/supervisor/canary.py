"""Trust in an engine: earned by a canary, and earned again when errors repeat."""

from collections.abc import Callable

from ttsd.protocol.engine import EngineInfo, Synthesize
from ttsd.protocol.speech import Span
from ttsd.supervisor import policy
from ttsd.supervisor.utterance import Utterance

Send = Callable[[Synthesize], Utterance]


class Canary:
    """Owns the proof under way, and the count of failures that asks for one."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._under_way: Utterance | None = None
        self._failures = 0

    @property
    def slots(self) -> int:
        """Slots that the proof holds."""
        return int(self._under_way is not None)

    def fly(self, engine: EngineInfo) -> None:
        """Have the engine's own sample text spoken."""
        spans = (Span(engine.canary_language, engine.canary_text),)
        self._under_way = self._send(Synthesize(0, spans, engine.default_voice))

    def verdict(self, utterance: Utterance) -> str | None:
        """`None` unless `utterance`, which is over, is the canary; else why the engine is not to be trusted, or ""."""
        if utterance is not self._under_way:
            return None
        self._under_way = None
        return policy.judge_canary(utterance.error, utterance.waiting())

    def wanted(self, utterance: Utterance) -> bool:
        """Whether the engine has to prove itself again, now that `utterance` is over too."""
        self._failures = policy.failures_in_a_row(self._failures, utterance.error, silent=said_nothing(utterance))
        if self._failures < policy.DOUBTFUL_FAILURES or self._under_way is not None:
            return False
        self._failures = 0
        return True


def said_nothing(utterance: Utterance) -> bool:
    """Whether it came to its own end, and nothing of it could be heard."""
    finished = utterance.finished
    return utterance.silent and finished is not None and finished.reason != "cancelled"
