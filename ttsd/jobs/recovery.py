"""After a crash: the database and the work folders agree again, before anything runs."""

import asyncio
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from ttsd.clock import Clock
from ttsd.jobs.intake import owner
from ttsd.jobs.ledger import receipt_deliveries
from ttsd.jobs.queue import Spools
from ttsd.jobs.sources import CANCELLED_NOTE
from ttsd.log import get_logger
from ttsd.protocol.errors import ErrorBody, TtsdError
from ttsd.protocol.jobs import Door, Job, JobSettings, JobState, Receipt
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.storage import jobs as sql
from ttsd.storage import upkeep, usage
from ttsd.storage.database import Database
from ttsd.storage.spool import Spool

ROWS_NAMED: Final = 10

log = get_logger(__name__)


async def recover(database: Database, spools: Spools, clock: Clock) -> None:
    """Put what the last daemon left in order. Run before all else, and before `JobQueue.load`."""
    await Recovery(database, spools, clock).run()


class Recovery:
    """Compares what the database says of waiting jobs with the sources that lie in the work folders."""

    def __init__(self, database: Database, spools: Spools, clock: Clock) -> None:
        self._database = database
        self._spools = spools
        self._clock = clock

    async def run(self) -> None:
        """See `recover`."""
        waiting = {one.job.id: one for one in await self._database.run(upkeep.recover)}
        adopted = 0
        for name, spool in self._spools.items():
            orphans = {orphan.job: orphan.relative for orphan in await asyncio.to_thread(spool.orphans)}
            for job_id, relative in orphans.items():
                if job_id not in waiting:
                    adopted += await self._settle_orphan(name, job_id, relative)
            for job_id, one in waiting.items():
                if one.path is not None and one.job.spool == name and job_id not in orphans:
                    await self._settle_sourceless(spool, one)
            await asyncio.to_thread(spool.sweep, set(orphans))
        if waiting or adopted:
            log.info("queue.recovered", waiting=len(waiting) + adopted, adopted=adopted)

    async def _settle_orphan(self, spool_name: str, job_id: str, relative: PurePath) -> bool:
        """A claimed source whose job is unknown is adopted: true; one whose job has ended is filed away."""
        spool = self._spools[spool_name]
        known = await self._database.run(lambda db: sql.get(db, job_id))
        if known is None:
            path = str(relative)
            user = await asyncio.to_thread(owner, spool.source(job_id, relative))
            row = sql.NewRow(
                job_id, Door.SPOOL, path, JobSettings(), self._clock(), path=path, spool=spool_name, user=user
            )
            await self._database.run(lambda db: sql.insert(db, [row]))
            return True
        if known.job.state is JobState.SUCCEEDED:
            await asyncio.to_thread(spool.finish, job_id, relative)
        else:
            reason = known.job.error.message if known.job.error else CANCELLED_NOTE
            await asyncio.to_thread(spool.fail, job_id, relative, reason)
        return False

    async def _settle_sourceless(self, spool: Spool, one: sql.Claimed) -> None:
        """A queued job whose source has moved on: the crash came after its end and before the database heard of it.

        Or it is a redo that had not begun: its source waits in `done/`.
        """
        assert one.path is not None
        job_id, relative, takes = one.job.id, PurePath(one.path), one.job.settings.takes
        receipt = await asyncio.to_thread(spool.find_receipt, job_id, relative)
        if receipt is not None and has_takes(receipt, takes):
            await self._settle_by_receipt(spool, one.job, receipt)
            return
        if takes and await asyncio.to_thread((spool.done / relative).is_file):
            return
        reason = await asyncio.to_thread(spool.find_failure, relative)
        body = TtsdError(reason or f"{one.path} has vanished from the work folder; drop it into the inbox again").body()
        await self._fail(job_id, body)

    async def _settle_by_receipt(self, spool: Spool, job: Job, receipt: Receipt) -> None:
        """The job ends as the receipt says, and what it delivered is in the ledger with that."""
        failed = failed_rows([(row.number, row.error) for row in receipt.rows])
        output = str(spool.outbox / receipt.output)
        samples = round(receipt.duration_s * SAMPLE_RATE_HZ)
        now_s = self._clock()
        entries = [usage.Entry(usage.hour(now_s), account, used) for account, used in receipt_deliveries(receipt, job)]

        def settle(db: sql.sqlite3.Connection) -> None:
            usage.add(db, entries)
            if failed is not None:
                upkeep.adopt_failed(db, job.id, failed, now_s)
            else:
                upkeep.adopt_finished(db, job.id, output, samples, now_s)

        await self._database.run(settle)

    async def _fail(self, job_id: str, body: ErrorBody) -> None:
        await self._database.run(lambda db: upkeep.adopt_failed(db, job_id, body, self._clock()))


def has_takes(receipt: Receipt, takes: dict[int, int]) -> bool:
    """Whether these takes are what the receipt tells of."""
    made = {segment.index: segment.seed for segment in receipt.segments}
    return all(made.get(index) == seed for index, seed in takes.items())


def failed_rows(rows: Sequence[tuple[int, ErrorBody | None]]) -> ErrorBody | None:
    """What is wrong with a table some of whose rows, by number, were not spoken; `None` when all were."""
    failed = [(number, error) for number, error in rows if error is not None]
    if not failed:
        return None
    number, first = failed[0]
    named = ", ".join(str(number) for number, _ in failed[:ROWS_NAMED]) + (", …" if len(failed) > ROWS_NAMED else "")
    message = f"{len(failed)} of {len(rows)} rows were not spoken ({named}); row {number}: {first.message}"
    return ErrorBody(first.code, message, first.param, retryable=False)
