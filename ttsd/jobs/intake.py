"""From a settled file in an inbox to a job in the queue: claim by rename first, then the row."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Final

from ttsd.asker import account
from ttsd.clock import Clock
from ttsd.jobs.ids import new_job_id
from ttsd.jobs.queue import JobQueue
from ttsd.log import Hindrance, get_logger
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.jobs import Door, JobSettings
from ttsd.storage.jobs import NewRow
from ttsd.storage.spool import Spool

log = get_logger(__name__)

LOOK_S: Final = 1.0
"""How often it is seen whether the queue has room for files that wait."""
LOOKED_AT: Final = 2000
"""Of those that wait, so many at a time; the others come next."""
PAUSE_S: Final = 5.0
"""Before more is taken after the database refused: a file given back counts as new and would come at once."""
UNREADABLE_NAME: Final = (
    "The name of this file is not valid UTF-8, so it cannot be written into the queue or a receipt.\n"
    "Rename the file and move it back to the inbox.\n"
)


class Intake:
    """Takes settled files out of one inbox.

    A file for which the queue has no room stays there until it has; one that cannot be moved, for the next rescan.
    """

    def __init__(self, queue: JobQueue, spool: Spool, clock: Clock) -> None:
        self._queue = queue
        self._spool = spool
        self._clock = clock
        self._queue_room = Hindrance("intake.postponed", "intake.goes_on")
        self._storage = Hindrance("intake.postponed", "intake.goes_on")
        self._waiting: dict[str, None] = {}
        """Paths that lie in the inbox until the queue has room, in their order."""
        self._turn = asyncio.Lock()

    async def accept(self, relatives: Sequence[str]) -> None:
        """Claim these paths below the inbox and queue their jobs; what cannot be taken now stays where it is."""
        self._waiting.update(dict.fromkeys(relatives))
        await self._take()

    async def run(self) -> None:
        """Take what had to wait as soon as there is room, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self._waiting:
                await self._take()

    async def _take(self) -> None:
        async with self._turn:
            looked_at = list(itertools.islice(self._waiting, LOOKED_AT))
            fitting = await asyncio.to_thread(self._fitting, looked_at)
            for relative in looked_at:
                del self._waiting[relative]
            self._waiting.update(dict.fromkeys(relative for relative in looked_at if relative not in fitting))
            if self._waiting:
                self._queue_room.met(
                    "the queue is full: [limits] max_queue, or max_queue_per_user", files=len(self._waiting)
                )
            else:
                self._queue_room.over()
            rows = await asyncio.to_thread(self._claim_all, list(fitting))
            if rows:
                await self._record(rows)

    def _fitting(self, relatives: Sequence[str]) -> dict[str, None]:
        """Those for which the queue has room, everybody's own and all together."""
        taken: Counter[str] = Counter()
        fitting: dict[str, None] = {}
        for relative in relatives:
            user = owner(self._spool.inbox / relative)
            if self._queue.room(user, taken):
                taken[user] += 1
                fitting[relative] = None
        return fitting

    async def _record(self, rows: list[NewRow]) -> None:
        """Into the queue; what that refuses goes back to the inbox, and what cannot is offered again."""
        while rows:
            try:
                await self._queue.accept(rows)
            except TtsdError as error:
                self._storage.met(error.message, files=len(rows))
                rows = await asyncio.to_thread(self._kept, rows)
                await asyncio.sleep(PAUSE_S)
            else:
                self._storage.over()
                return

    def _claim_all(self, relatives: Sequence[str]) -> list[NewRow]:
        return [row for relative in relatives if (row := self._claim(relative)) is not None]

    def _claim(self, relative: str) -> NewRow | None:
        job = new_job_id(self._clock)
        path = PurePath(relative)
        try:
            if not self._spool.claim(path, job):
                return None
            if not _encodable(relative):
                self._spool.fail(job, path, UNREADABLE_NAME)
                log.warning("intake.refused", file=ascii(relative), reason="name is not UTF-8")
                return None
        except TtsdError as error:
            self._storage.met(error.message, file=ascii(relative))
            return None
        user = owner(self._spool.source(job, path))
        name = self._spool.name
        return NewRow(job, Door.SPOOL, relative, JobSettings(), self._clock(), path=relative, spool=name, user=user)

    def _kept(self, rows: list[NewRow]) -> list[NewRow]:
        """Give the files back; returns those that stay with us: their names are taken, or the disk refuses."""
        return [row for row in rows if not self._gave_back(row)]

    def _gave_back(self, row: NewRow) -> bool:
        assert row.path is not None
        try:
            return self._spool.release(row.id, PurePath(row.path))
        except TtsdError:
            return False


def owner(path: Path) -> str:
    """Whose file it is, as the queue knows users; empty when it has gone."""
    try:
        return account(path.lstat().st_uid)
    except OSError:
        return ""


def _encodable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
