"""The flows of the page of jobs: what is asked before something is done, and what is told after it."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from textual.screen import Screen

from ttsd.protocol.errors import TtsdError
from ttsd.protocol.jobs import Door, Job, JobState, Place, Receipt, SegmentReceipt
from tui import words
from tui.jobfacts import named
from tui.jobwork import Done, JobWork
from tui.language import t
from tui.paths import expanded
from tui.phrasebook import told
from tui.widgets.confirm import Confirm

T = TypeVar("T")
EXCERPT: Final = 60


class JobDesk:
    """Asks the user through `ask`, tells them through `tell` (text, title); raises what the daemon refuses."""

    def __init__(
        self, work: JobWork, ask: Callable[[Screen[Any]], Awaitable[Any]], tell: Callable[[str, str], None]
    ) -> None:
        self._work = work
        self._ask = ask
        self._tell = tell

    async def retry(self, jobs: Sequence[Job]) -> bool:
        """Queue them again; several only when that is confirmed. Returns whether it was done."""
        if len(jobs) > 1 and not await self._sure(t("Queue {jobs} again?", jobs=named(jobs))):
            return False
        self._told(await self._work.retry(jobs), t("Queued again"))
        return True

    async def retry_failed(self, failed: int) -> None:
        """Queue every failed job of the daemon again."""
        if await self._sure(t("Queue all failed jobs again? They are {count}.", count=f"{failed:,}")):
            self._told(await self._work.retry_failed(), t("Queued again"))

    async def cancel(self, jobs: Sequence[Job]) -> bool:
        """Stop them, when that is confirmed; returns whether."""
        if not await self._sure(t("Stop {jobs}? What is made already is kept for a retry.", jobs=named(jobs))):
            return False
        self._told(await self._work.cancel(jobs), t("Stopped"))
        return True

    def _told(self, outcome: Done, title: str) -> None:
        """One refusal is told as it is; of several the first, and how many they are."""
        if not outcome.done and len(outcome.refused) == 1:
            raise outcome.refused[0]
        text = words.counted(outcome.done, "job")
        if outcome.refused:
            text += "\n" + t(
                "{count} not: {reason}", count=f"{len(outcome.refused):,}", reason=outcome.refused[0].message
            )
        if outcome.refused or outcome.done > 1:
            self._tell(text, title)

    async def move(self, job: Job, to: Place) -> None:
        await self._work.move(job, to)
        if to == "first":
            self._tell(job.title, t("Goes before all others"))

    async def receipt(self, job: Job) -> tuple[Receipt | None, str]:
        """The receipt of a job, or why there is none."""
        if job.state is not JobState.SUCCEEDED:
            return None, t("There is a receipt once it is done.")
        if job.door is not Door.SPOOL:
            return None, t(
                "It did not come as a file, so its sentences and their times are not written down; "
                "p on the list plays all of it. Jobs made of files have receipts with both."
            )
        try:
            return await self._work.receipt(job), ""
        except TtsdError as error:
            return None, told(error.message)

    async def redo(self, job: Job, segment: SegmentReceipt) -> bool:
        """Another take of one sentence, when that is confirmed; returns whether."""
        question = t(
            "Make another take of this sentence, in the place of the present one? {text}",
            text=words.fitted(words.plain(segment.text), EXCERPT).rstrip(),
        )
        if not await self._sure(question):
            return False
        await self._work.redo(job, segment.index)
        self._tell(t("The file is written anew around it."), t("Another take"))
        return True

    async def drop(self, path: Path | None) -> None:
        """Queue a file; without one, it is asked for."""
        if path is None:
            from tui.widgets.dropfile import DropFile

            typed: str | None = await self._ask(DropFile())
            path = expanded(typed).absolute() if typed else None
        elif not await self._sure(t("Queue this file? {path}", path=path)):
            return
        if path is not None:
            self._tell(await self._work.drop(path), t("Queued"))

    async def _sure(self, question: str) -> bool:
        return bool(await self._ask(Confirm(question)))
