"""Orders carried out through the daemon: submitted as jobs, followed, fetched."""

import asyncio
import contextlib
import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import msgspec

from ttsd.cli.following import Following
from ttsd.cli.manifest import Failed, Finished, Manifest, Ordered, Submitted, Unwritable, unwritable
from ttsd.cli.orders import Order
from ttsd.client import TtsdClient
from ttsd.clock import wall
from ttsd.protocol.errors import Conflict, NotFound, TtsdError
from ttsd.protocol.jobs import Job, JobState

JOBS_PER_SLOT: Final = 3
"""So many jobs are with the daemon for each slot of its engine: none is ever idle, and the queue stays short."""
USUAL_SLOTS: Final = 4
"""Taken while no engine is loaded."""
WITHDRAW_S: Final = 5.0
PAGE: Final = 100
EVERYWHERE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""What is wrong with the whole disk, and not with one name."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of one order; an empty `error` is success."""

    order: Order
    audio_s: float = 0.0
    error: str = ""


def promising(job: Job) -> bool:
    """Whether it has come to something, or still may."""
    return job.state not in (JobState.FAILED, JobState.CANCELLED)


class Batch:
    """Owns the jobs of one run. Each order ends in one call of `tell`, or the run raises TtsdError."""

    def __init__(
        self, client: TtsdClient, folder: Path, manifest: Manifest, tell: Callable[[Outcome], None],
        warn: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._client = client
        self._folder = folder
        self._manifest = manifest
        self._tell = tell
        self._jobs = Following(client, warn)

    async def run(self, orders: Sequence[Order]) -> None:
        """Carry out all orders. Cancelled, it takes back the jobs that have not begun."""
        status = await self._client.status()
        slots = status.worker.engine.slots if status.worker.engine else USUAL_SLOTS
        lanes = min(JOBS_PER_SLOT * slots, len(orders))
        todo = iter(orders)
        try:
            async with asyncio.TaskGroup() as group:
                following = group.create_task(self._jobs.run())
                await self._jobs.connected.wait()
                async with asyncio.TaskGroup() as lane_group:
                    for _ in range(lanes):
                        lane_group.create_task(self._lane(todo))
                following.cancel()
        except asyncio.CancelledError:
            await self._withdraw()
            raise

    async def _lane(self, todo: Iterator[Order]) -> None:
        for order in todo:
            try:
                audio_s = await self._carry_out(order)
            except Unwritable:
                raise
            except TtsdError as error:
                self._manifest.add(Failed(order.file, order.fingerprint, error.message))
                self._tell(Outcome(order, error=error.message))
            else:
                self._tell(Outcome(order, audio_s))

    async def _withdraw(self) -> None:
        """Cancel what has not begun; what is being spoken is ready for the next run."""
        with contextlib.suppress(TimeoutError, TtsdError):
            async with asyncio.timeout(WITHDRAW_S):
                for job_id in self._jobs.waiting:
                    with contextlib.suppress(Conflict):  # it has ended meanwhile
                        await self._client.cancel(job_id)

    # --- one order ---

    async def _carry_out(self, order: Order) -> float:
        """From the order to its file; returns its seconds of sound. Raises TtsdError."""
        earlier = await self._earlier(order)
        if earlier is not None:
            with contextlib.suppress(NotFound):  # so old that its sound has been cleared away
                return await self._deliver(order, earlier)
        return await self._deliver(order, await self._submit(order))

    async def _earlier(self, order: Order) -> Job | None:
        """The job of a run before this one, if it may still come to something."""
        entry = self._manifest.latest(order.file, order.fingerprint)
        match entry:
            case Ordered(at_s=at_s):
                return await self._jobs.patiently(lambda: self._given(order, at_s))
            case Submitted(job=job_id) | Finished(job=job_id):
                with contextlib.suppress(NotFound):
                    job = await self._jobs.patiently(lambda: self._client.job(job_id))
                    return job if promising(job) else None
                return None
            case Failed() | None:
                return None

    async def _submit(self, order: Order) -> Job:
        """Give the order to the daemon, once: when its answer was lost, see first whether it has it."""
        at_s = wall()
        self._manifest.add(Ordered(order.file, order.fingerprint, at_s))
        asked = False

        async def ask() -> Job:
            nonlocal asked
            if asked and (job := await self._given(order, at_s)) is not None:
                return job
            asked = True
            return await self._client.submit(order.job(self._folder))

        job = await self._jobs.patiently(ask)
        self._manifest.add(Submitted(order.file, order.fingerprint, job.id))
        return job

    async def _given(self, order: Order, since_s: float) -> Job | None:
        """The job that came of the order since; its title is the file's path, and the folder is ours alone."""
        title, before = order.job(self._folder).title, None
        while True:
            page = await self._client.jobs(before=before, limit=PAGE)
            for job in page.jobs:
                if job.created_s < since_s:
                    return None
                if job.title == title and promising(job):
                    return job
            if page.next is None:
                return None
            before = page.next

    async def _deliver(self, order: Order, job: Job) -> float:
        job = await self._jobs.end_of(job)
        if job.state is not JobState.SUCCEEDED:
            raise TtsdError(job.error.message if job.error else f"job {job.id} was {job.state}")
        size = await self._jobs.patiently(lambda: self._fetch(job.id, self._folder / order.file))
        self._manifest.add(Finished(order.file, order.fingerprint, job.id, size, job.audio_s))
        return job.audio_s

    async def _fetch(self, job_id: str, path: Path) -> int:
        """The job's sound under a temporary name, then under its own; returns its bytes.

        Not synced: after a power cut, a file of another size than the manifest tells is made again.
        """
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                async with aclosing(self._client.job_audio(job_id)) as audio:
                    async for chunk in audio:
                        file.write(chunk)
                size = file.tell()
            part.replace(path)
        except OSError as error:
            if error.errno in EVERYWHERE:
                raise unwritable(path, error) from error
            raise TtsdError(f"{path}: cannot be written: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        return size
