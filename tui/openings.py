"""The pages but the first: each is imported when it is opened, and the first paint does not wait for it."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from ttsd.client import TtsdClient
from ttsd.clock import Clock
from tui.screens.page import Look

if TYPE_CHECKING:
    from tui.jobwork import JobWork
    from tui.voicework import VoiceWork

Attempt = Callable[[Callable[[], Coroutine[Any, Any, object]]], None]
"""Runs what a page wants done, and tells what is refused."""


class Openings:
    """Makes each page of what it needs; the methods are called as the modes are."""

    def __init__(
        self,
        look: Look,
        clock: Clock,
        client: TtsdClient,
        work_on_voices: Callable[[], "VoiceWork"],
        work_on_jobs: Callable[[], "JobWork"],
        attempt: Attempt,
    ) -> None:
        self._look = look
        self._clock = clock
        self._client = client
        self._work_on_voices = work_on_voices
        self._work_on_jobs = work_on_jobs
        self._attempt = attempt

    def voices(self) -> Screen[Any]:
        from tui.screens.voices import VoicesScreen

        return VoicesScreen(self._look, self._work_on_voices(), self._attempt)

    def jobs(self) -> Screen[Any]:
        from tui.screens.jobs import JobsScreen

        return JobsScreen(self._look, self._clock, self._work_on_jobs(), self._attempt)

    def health(self) -> Screen[Any]:
        from tui.screens.health import HealthScreen

        return HealthScreen(self._look, self._clock)

    def logs(self) -> Screen[Any]:
        from tui.screens.logs import LogsScreen

        return LogsScreen(self._look, self._client.logs)

    def away(self) -> Screen[Any]:
        from tui.screens.away import AwayScreen

        return AwayScreen(self._look, self._client.socket)
