"""Child programs for these tests are real processes: modules of `children/`."""

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from ttsd.bus import Bus
from ttsd.clock import wall
from ttsd.config import Config, Engine, Fake
from ttsd.protocol.engine import Synthesize
from ttsd.protocol.events import WorkerChanged
from ttsd.protocol.health import Phase, WorkerStatus
from ttsd.protocol.speech import Span
from ttsd.supervisor.supervisor import Supervisor
from ttsd.supervisor.utterance import Utterance

CHILDREN = Path(__file__).parent / "children"


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lets `python -m NAME` find the programs below `children/`, whose path is the value."""
    path = os.pathsep.join(filter(None, [str(CHILDREN), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHONPATH", path)
    return CHILDREN


class Scene:
    """A supervisor over `children/acting_worker.py`, the script of that worker, and what the bus was told."""

    def __init__(self, script: Path) -> None:
        self._script = script
        self.bus = Bus()
        self.employ("acting_worker")
        self.act()

    def employ(self, module: str) -> None:
        """Have a new supervisor, whose workers are this program."""
        self.supervisor = Supervisor(self.config(), self.bus, wall, module=module)

    def act(self, **script: object) -> None:
        """What workers that start from now on do."""
        self._script.write_text(json.dumps(script))

    def config(self, *, slots: int = 4, **engine: float) -> Config:
        return Config(
            engine=Engine(name="fake", **engine),  # pyright: ignore[reportArgumentType] — seconds
            fake=Fake(slots=slots, script=str(self._script)),
        )

    def statuses(self) -> list[WorkerStatus]:
        """Everything that was published, oldest first."""
        events = self.bus.since(0) or []
        return [event.worker for event in events if isinstance(event, WorkerChanged)]

    def phases(self) -> list[Phase]:
        """The published phases, repetitions left out."""
        return [phase for phase, _ in itertools.groupby(status.phase for status in self.statuses())]

    def say(self, text: str) -> Utterance:
        return self.supervisor.open(Synthesize(0, (Span("en", text),), "one"))


@pytest.fixture
def scene(tmp_path: Path, children: Path) -> Scene:
    return Scene(tmp_path / "script.json")


@asynccontextmanager
async def _running(scene: Scene) -> AsyncIterator[Supervisor]:
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.supervisor.run())
        try:
            yield scene.supervisor
        finally:
            await scene.supervisor.stop()


@pytest.fixture
def running() -> Callable[[Scene], AbstractAsyncContextManager[Supervisor]]:
    """`async with running(scene) as supervisor`: run it for as long as the block runs."""
    return _running
