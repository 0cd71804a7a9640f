"""The memory of ended jobs, which ends too: `[limits] history_days`."""

import asyncio
from typing import Final

from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.log import get_logger
from ttsd.protocol.errors import StorageFull
from ttsd.storage import upkeep
from ttsd.storage.database import Database
from ttsd.storage.results import Results

EVERY_S: Final = 3600.0
DAY_S: Final = 86_400.0
AT_ONCE: Final = 500
"""Jobs forgotten in one transaction: others are let in between."""

log = get_logger(__name__)


class History:
    """Forgets jobs that ended long ago, and removes what they left outside the spools; outboxes are their owners'."""

    def __init__(self, database: Database, results: Results, config: Config, clock: Clock) -> None:
        self._database = database
        self._results = results
        self._days = config.limits.history_days
        self._clock = clock

    def reload(self, config: Config) -> None:
        """Take over another number of days."""
        self._days = config.limits.history_days

    async def run(self) -> None:
        """Look every hour, until cancelled."""
        while True:
            try:
                await self.forget()
            except StorageFull as error:
                log.warning("history.postponed", reason=error.message)
            await asyncio.sleep(EVERY_S)

    async def forget(self) -> int:
        """Forget what is too old now; returns how many jobs. Raises StorageFull."""
        if not self._days:
            return 0
        before_s = self._clock() - self._days * DAY_S
        total = 0
        while gone := await self._database.run(lambda db: upkeep.forget(db, before_s, AT_ONCE)):
            await asyncio.to_thread(self._remove, [job.id for job in gone if not job.from_file])
            total += len(gone)
        if total:
            log.info("history.forgotten", jobs=total, older_than_days=self._days)
        return total

    def _remove(self, jobs: list[str]) -> None:
        for job in jobs:
            self._results.remove(job)
