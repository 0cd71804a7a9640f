"""The ledger of what was used: counted in memory, written in batches, and with the end of each job."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.jobs.casting import VoiceSettings
from ttsd.jobs.shares import Share, Shares
from ttsd.jobs.slots import Whose
from ttsd.log import get_logger
from ttsd.metrics import UsageTotals
from ttsd.protocol.errors import StorageFull, TtsdError
from ttsd.protocol.jobs import Job, Receipt, SegmentReceipt
from ttsd.protocol.usage import NOBODY, UPLOADED, Account, UsageDoor, Used
from ttsd.protocol.voices import split_reference
from ttsd.storage import usage
from ttsd.storage.database import Database, Work
from ttsd.storage.jobs import asked_since

FLUSH_S: Final = 5.0
"""What a kill -9 may take of sessions, streams and jobs under way; of jobs that have ended it takes nothing."""
DAY_S: Final = 86_400.0
HOURS_KEPT_S: Final = 60 * DAY_S
"""Then hours become days."""
UPKEEP_S: Final = 3600.0
RECENT_S: Final = 30 * DAY_S

T = TypeVar("T")

log = get_logger(__name__)


class Ledger:
    """Owns what was used and is not on the disk yet. Loop thread only."""

    def __init__(self, database: Database, totals: UsageTotals, config: Config, clock: Clock) -> None:
        self._database = database
        self._totals = totals
        self._keep_days = config.usage.keep_days
        self._clock = clock
        self.shares = Shares(time.monotonic)
        self._pending: dict[tuple[int, Account], Used] = {}

    def reload(self, config: Config) -> None:
        """Take over another number of days."""
        self._keep_days = config.usage.keep_days

    async def load(self) -> None:
        """Those who used the most before have the first places among the metrics' labels. Once, before all else."""
        since_s = self._clock() - RECENT_S
        known = await self._database.run(lambda db: usage.by_account(db, since_s))
        known.sort(key=lambda each: -each[1].characters)
        self._totals.expect(known_account for known_account, _ in known)

    async def characters(self, since_s: float) -> Counter[str]:
        """How many characters each asked for from then on, as far as is on the disk; files in the inbox apart.

        Of jobs that is the text they came with; of sessions and streams it is what was delivered.
        """

        def read(db: usage.sqlite3.Connection) -> Counter[str]:
            spoken = usage.characters(db, since_s, (UsageDoor.LIVE, UsageDoor.STREAM))
            return asked_since(db, since_s) + Counter({"" if user == NOBODY else user: n for user, n in spoken.items()})

        return await self._database.run(read)

    async def run(self) -> None:
        """Write what is pending every few seconds, and look after what is old, until cancelled."""
        tidied_s = float("-inf")
        while True:
            await asyncio.sleep(FLUSH_S)
            try:
                await self.flush()
                if self._clock() - tidied_s >= UPKEEP_S or self._clock() < tidied_s:
                    tidied_s = self._clock()
                    await self.tidy()
            except StorageFull:
                continue  # others tell of that; it is written when there is room

    # --- counting ---

    def spent(self, account: Account, share: Share) -> None:
        """The worker has worked for this one."""
        energy_j = share.energy_j if share.measured_s else None
        self._add(account, Used(engine_s=share.engine_s, measured_s=share.measured_s, energy_j=energy_j))

    def delivered(self, account: Account, used: Used) -> None:
        """Segments are with the one who asked for them."""
        self._add(account, used)

    def _add(self, account: Account, used: Used) -> None:
        place = usage.hour(self._clock()), account
        self._pending[place] = self._pending.get(place, Used()) + used
        self._totals.add(account, used)

    # --- writing ---

    async def flush(self) -> None:
        """Write down what is pending. Raises StorageFull; nothing is lost by that."""
        if self._pending:
            await self.settle(lambda _db: None)

    async def settle(self, work: Work[T]) -> T:
        """As `Database.run`; what is pending is written in the same transaction."""
        batch, self._pending = self._pending, {}
        entries = [usage.Entry(start_s, account, used) for (start_s, account), used in batch.items()]

        def both(db: usage.sqlite3.Connection) -> T:
            usage.add(db, entries)
            return work(db)

        try:
            return await self._database.run(both)
        except Exception:  # not CancelledError: what the database was given it does
            for place, used in batch.items():
                self._pending[place] = self._pending.get(place, Used()) + used
            raise

    async def close(self) -> None:
        """Write the last of it, if the disk takes it. Before the database closes."""
        with suppress(TtsdError):
            await self.flush()

    async def tidy(self) -> None:
        """Old hours become days, and what is too old goes. Raises StorageFull."""
        now_s = self._clock()
        await self._database.run(lambda db: usage.condense(db, now_s - HOURS_KEPT_S))
        before_s = now_s - self._keep_days * DAY_S
        if gone := await self._database.run(lambda db: usage.forget(db, before_s)):
            log.info("usage.forgotten", rows=gone, older_than_days=self._keep_days)


def voice_of(settings: VoiceSettings) -> str:
    """Under which name a voice's use is counted: a profile's without its variant."""
    if settings.reference is not None and not settings.revision:
        return UPLOADED
    return split_reference(settings.stands_for or settings.voice)[0]


def account(settings: VoiceSettings, whose: Whose) -> Account:
    """What a segment of somebody's is counted under."""
    return Account(voice_of(settings), whose.door, whose.user or NOBODY)


def deliveries(
    timeline: Iterable[SegmentReceipt], voices: Sequence[VoiceSettings], whose: Whose
) -> Iterator[tuple[Account, Used]]:
    """What a job delivered, summed up by voice; `voices` of each segment by its index."""
    of_voices: dict[str, list[SegmentReceipt]] = {}
    for segment in timeline:
        of_voices.setdefault(voice_of(voices[segment.index]), []).append(segment)
    for voice, segments in of_voices.items():
        yield Account(voice, whose.door, whose.user or NOBODY), delivered(segments)


def receipt_deliveries(receipt: Receipt, job: Job) -> Iterator[tuple[Account, Used]]:
    """The same of a job of which only the receipt is left."""
    door, user = UsageDoor(job.door), job.user or NOBODY
    of_rows = [
        (row.voice, [each for each in receipt.segments if row.first <= each.index < row.first + row.count])
        for row in receipt.rows
        if row.count and row.error is None
    ]
    for voice, segments in of_rows or [(receipt.voice_asked or receipt.voice, receipt.segments)]:
        yield Account(split_reference(voice)[0], door, user), delivered(segments)


def delivered(segments: Sequence[SegmentReceipt]) -> Used:
    """The sum of these."""
    return Used(
        clips=len(segments),
        reused=sum(segment.reused for segment in segments),
        characters=sum(len(segment.text) for segment in segments),
        audio_s=sum(segment.end_s - segment.start_s for segment in segments),
    )
