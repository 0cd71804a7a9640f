"""What the doors need of the rest of the daemon."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ttsd import places
from ttsd.api.gate import Gate
from ttsd.api.rates import Allowance
from ttsd.bus import Bus
from ttsd.clock import wall
from ttsd.config import Config
from ttsd.jobs.billing import Billing
from ttsd.jobs.enrolment import Enrolment
from ttsd.jobs.queue import JobQueue
from ttsd.jobs.references import References
from ttsd.jobs.speaker import Speaker
from ttsd.log.search import LogSearch
from ttsd.metrics import Metrics
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.errors import MemoryPressure, Stopping
from ttsd.protocol.health import Readiness, Status
from ttsd.storage.chronicle import Chronicle
from ttsd.storage.lexicons import Lexicons
from ttsd.storage.voices import Voices
from ttsd.supervisor.prep import Prep
from ttsd.supervisor.supervisor import Supervisor


class Condition(Protocol):
    """What the daemon says of its condition."""

    live_sessions: int
    stopping: bool

    def readiness(self) -> Readiness: ...

    async def status(self) -> Status: ...


def _streams() -> Gate:
    return Gate("speech requests", "[limits] max_streams", "[limits] max_streams_per_user")


def _live() -> Gate:
    return Gate("live sessions", "[limits] max_live_sessions", "[limits] max_live_per_user")


@dataclass
class Services:
    """The objects behind the doors, filled by the composition root; owns only the counts of who is inside."""

    config: Config
    queue: JobQueue
    speaker: Speaker
    prep: Prep
    encoder: Prep
    lexicons: Lexicons
    bus: Bus
    metrics: Metrics
    condition: Condition
    supervisor: Supervisor
    chronicle: Chronicle
    log_search: LogSearch
    voices: Voices
    enrolment: Enrolment
    references: References
    billing: Billing
    engine: Callable[[], EngineInfo | None]
    """The one that is loaded, if any."""
    streams: Gate = field(default_factory=_streams)
    live: Gate = field(default_factory=_live)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the doors close: sessions without an end of their own are ended."""
    allowance: Allowance = field(default_factory=Allowance)
    state_folder: Path = field(default_factory=places.state_dir)
    spill_folder: Path = field(default_factory=places.cache_dir)

    def reload(self, config: Config) -> None:
        """Take over what may change at run time; what is under way keeps what it started with."""
        self.config = config

    def spent(self, user: str, characters: int) -> AbstractContextManager[None]:
        """For a block that speaks so many: they count against the day of `user`, unless it raises TtsdError.

        Raises Throttled when they are too many.
        """
        return self.allowance.spent(user, characters, self.config.limits.max_chars_per_day, wall())

    def check_open(self) -> None:
        """Raises Stopping once the daemon takes no new work."""
        if self.condition.stopping or self.closing.is_set():
            raise Stopping("the daemon is shutting down; try again in a moment")

    def check_room(self) -> None:
        """As `check_open`; also raises MemoryPressure while no new speech is begun."""
        self.check_open()
        memory = self.supervisor.memory
        if memory.refuses:
            raise MemoryPressure(f"no new speech is begun for now: {memory.reason}")
