"""What the screens ask of the app."""

from typing import Literal

from textual.message import Message

from ttsd.protocol.jobs import Job, NewJob


class QueueText(Message):
    """Make a job of a text."""

    def __init__(self, job: NewJob) -> None:
        super().__init__()
        self.job = job


class ActOnJob(Message):
    """Do `action` to a job."""

    def __init__(self, action: Literal["play", "retry", "cancel"], job: Job) -> None:
        super().__init__()
        self.action = action
        self.job = job


class Hush(Message):
    """Stop what is playing."""


class OlderWanted(Message):
    """The list of jobs was scrolled to its end."""

    def __init__(self, before: str) -> None:
        super().__init__()
        self.before = before


class StatusWanted(Message):
    """`GET /v1/status`, please."""


class SoundChanged(Message):
    """The sound device came or went."""
