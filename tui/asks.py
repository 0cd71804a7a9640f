"""What the screens ask of the app."""

from pathlib import Path

from textual.message import Message

from ttsd.protocol.health import WorkerAct
from ttsd.protocol.jobs import NewJob
from tui.saving import Sound


class Errand(Message):
    """What needs nothing but the daemon; `tui.errands` does it."""


class QueueText(Message):
    """Make a job of a text."""

    def __init__(self, job: NewJob) -> None:
        super().__init__()
        self.job = job


class Hush(Message):
    """Stop what is playing."""


class StatusWanted(Message):
    """`GET /v1/status`, please."""


class SaveTake(Message):
    """Write the sound to `path`, whatever is there now."""

    def __init__(self, sound: Sound, path: Path) -> None:
        super().__init__()
        self.sound = sound
        self.path = path


class OutputWanted(Message):
    """Which sound device is it to be?"""


class PastWanted(Errand):
    """What the daemon remembers of the last `since_s` seconds, in `points` stretches, please."""

    def __init__(self, since_s: int, points: int) -> None:
        super().__init__()
        self.since_s = since_s
        self.points = points


class OrderWorker(Errand):
    """Replace the worker, unload its model, or load it."""

    def __init__(self, act: WorkerAct, *, force: bool = False) -> None:
        super().__init__()
        self.act: WorkerAct = act
        self.force = force


class HoldBackground(Errand):
    """Let background work wait, or go on."""

    def __init__(self, *, hold: bool) -> None:
        super().__init__()
        self.hold = hold


class SoundChanged(Message):
    """The sound device came or went."""


class UseVoice(Message):
    """Speak with this voice from now on."""

    def __init__(self, reference: str) -> None:
        super().__init__()
        self.reference = reference


class ShowJob(Message):
    """Go to the jobs, with this one chosen."""

    def __init__(self, job_id: str) -> None:
        super().__init__()
        self.job_id = job_id
