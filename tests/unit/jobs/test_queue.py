"""The queue with a real database and real folders: every change is told, every crash instant is put in order."""

import asyncio
import os
import sqlite3
import threading
from collections import Counter
from pathlib import Path, PurePath

import pytest

from ttsd.bus import Bus
from ttsd.config import Limits
from ttsd.jobs import intake
from ttsd.jobs.intake import Intake
from ttsd.jobs.queue import JobQueue
from ttsd.jobs.recovery import recover
from ttsd.jobs.turns import Seats
from ttsd.metrics import Metrics
from ttsd.protocol.errors import BadRequest, Busy, Conflict, ErrorBody, NotFound
from ttsd.protocol.events import JobChanged, QueueChanged
from ttsd.protocol.jobs import JobSettings, JobState, NewJob, Receipt, Redo, SegmentReceipt
from ttsd.storage.database import Database
from ttsd.storage.jobs import SegmentRow
from ttsd.storage.listing import Wanted
from ttsd.storage.spool import Spool

A = PurePath("a.txt")
ERROR = ErrorBody("engine_failed", "it broke")


def seats() -> Seats:
    return Seats(9, 0, {})


def one_seat() -> Seats:
    return Seats(1, 0, {})


class House:
    """A queue on real folders, which can crash (forget everything in memory) and start again."""

    def __init__(self, root: Path, limits: Limits = Limits()) -> None:
        self.root, self.limits = root, limits
        self.now_s = 1000.0
        self.spool = Spool(root / "spool")
        self.spool.prepare()

    async def start(self) -> "House":
        self.bus = Bus()
        self.database = Database(self.root / "ttsd.db")
        self.queue = JobQueue(self.database, {"": self.spool}, self.bus, Metrics(), self.limits, lambda: self.now_s)
        self.intake = Intake(self.queue, self.spool, lambda: self.now_s)
        await self.database.open()
        await recover(self.database, {"": self.spool}, lambda: self.now_s)
        await self.queue.load()
        return self

    async def crash(self) -> "House":
        await self.database.close()
        return await self.start()

    async def dropped(self, name: str = "a.txt", text: str = "Hello.") -> str:
        """The id of the job for a file put into the inbox."""
        (self.spool.inbox / name).write_text(text)
        await self.intake.accept([name])
        return (await self.queue.page(Wanted(limit=1))).jobs[0].id

    async def running(self) -> str:
        job = await self.dropped()
        await self.queue.claim(one_seat)
        return job

    def publish(self, job: str) -> Path:
        scratch = self.spool.scratch(job, "output")
        scratch.write_bytes(b"sound")
        return self.spool.publish(scratch, A, ".wav")

    def publish_receipt(self, job: str, *segments: SegmentReceipt) -> None:
        found = Receipt(
            1, job, "a.txt", "", "a.wav", "v", "en", "e", "1", 0, 1.0, 24_000, 1.0, segments, 1, 2, 3, 4, 5, 6
        )
        self.spool.publish_receipt(job, self.spool.outbox / "a.wav", found)

    async def state(self, job: str) -> JobState:
        return (await self.queue.get(job)).state


@pytest.fixture
async def house(tmp_path: Path):
    house = await House(tmp_path).start()
    yield house
    await house.database.close()


async def test_a_file_becomes_a_job(house: House):
    job = await house.dropped()
    assert house.spool.orphans() == [(job, A)]
    (claimed,) = await house.queue.claim(seats)
    assert (claimed.job.id, claimed.path, claimed.job.state) == (job, "a.txt", JobState.RUNNING)


async def test_claiming_waits_for_work(house: House):
    async with asyncio.TaskGroup() as group:
        claiming = group.create_task(house.queue.claim(seats))
        await asyncio.sleep(0)
        job = await house.queue.submit(NewJob(text="Hello."))
    assert claiming.result()[0].job.id == job.id


async def test_every_change_is_told_in_order(house: House):
    with house.bus.subscribe() as events:
        job = await house.running()
        await house.queue.plan(job, ["k"], JobSettings())
        house.queue.segments_done(job, [SegmentRow(0, 24_000, reused=False)])
        await house.queue.succeed(job, "/o", 24_000)
        told = [await events.next(0) for _ in range(5)]
    assert all(isinstance(event, JobChanged) for event in told)
    assert [event.job.state.value for event in told] == ["queued", "running", "running", "running", "succeeded"]
    assert [event.job.segments_done for event in told] == [0, 0, 0, 1, 1]


async def test_a_full_queue_refuses_and_leaves_files_in_the_inbox(tmp_path: Path):
    house = await House(tmp_path, Limits(max_queue=1)).start()
    await house.dropped()
    with pytest.raises(Busy, match="max_queue"):
        await house.queue.submit(NewJob(text="Hello."))
    await house.dropped("b.txt")
    assert (house.spool.inbox / "b.txt").exists()
    await house.queue.claim(one_seat)
    await house.intake.accept(["b.txt"])
    assert not (house.spool.inbox / "b.txt").exists()
    await house.database.close()


async def test_the_count_of_waiting_jobs_survives_a_restart(tmp_path: Path):
    house = await House(tmp_path, Limits(max_queue=1)).start()
    await house.dropped()
    house = await house.crash()
    with pytest.raises(Busy):
        await house.queue.submit(NewJob(text="Hello."))
    await house.database.close()


async def test_what_does_not_exist_is_not_found(house: House):
    for ask in (house.queue.get, house.queue.cancel, house.queue.retry):
        with pytest.raises(NotFound, match="nonsense"):
            await ask("nonsense")


async def test_cancelling_files_the_source_away_and_retrying_brings_it_back(house: House):
    job = await house.dropped()
    assert (await house.queue.cancel(job)).state is JobState.CANCELLED
    assert (house.spool.failed / A).exists()
    with pytest.raises(Conflict, match="already cancelled"):
        await house.queue.cancel(job)
    assert (await house.queue.retry(job)).state is JobState.QUEUED
    assert not (house.spool.failed / A).exists()
    with pytest.raises(Conflict, match="queued"):
        await house.queue.retry(job)


async def test_a_job_claimed_while_it_is_cancelled_is_counted_once(house: House):
    doomed = await house.dropped()
    await house.dropped("b.txt")
    async with asyncio.TaskGroup() as group:
        group.create_task(house.queue.cancel(doomed))
        group.create_task(house.queue.claim(one_seat))
    assert house.queue.waiting == (await house.queue.counts()).queued


async def test_a_job_put_back_while_it_is_cancelled_waits_no_more(house: House):
    doomed = await house.running()
    async with asyncio.TaskGroup() as group:
        group.create_task(house.queue.cancel(doomed))
        group.create_task(house.queue.requeue(doomed, ERROR))
    assert await house.state(doomed) is JobState.CANCELLED
    assert house.queue.waiting == 0


async def test_a_source_taken_away_cannot_be_tried_again(house: House):
    job = await house.dropped()
    await house.queue.cancel(job)
    (house.spool.failed / A).unlink()
    with pytest.raises(Conflict, match="drop it into the inbox again"):
        await house.queue.retry(job)


async def test_a_postponed_job_waits_for_its_time(house: House):
    job = await house.running()
    await house.queue.requeue(job, ERROR, 0.2, counts=True)
    async with asyncio.TaskGroup() as group:
        claiming = group.create_task(house.queue.claim(one_seat))
        await asyncio.sleep(0)
        house.now_s += 1
    assert claiming.result()[0].job.attempts == 1


async def test_a_clock_that_goes_back_makes_no_back_off_longer(house: House):
    job = await house.running()
    await house.queue.requeue(job, ERROR, 60.0, counts=True)
    house.now_s -= 86_400
    assert [one.job.id for one in await house.queue.claim(seats)] == [job]


async def test_a_file_that_neither_queue_nor_inbox_takes_is_offered_again(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    """Its disk refuses the database, and another version has come under its name meanwhile."""
    monkeypatch.setattr("ttsd.jobs.intake.PAUSE_S", 0.01)
    both_there = threading.Event()

    def refuse(db: sqlite3.Connection) -> None:
        both_there.wait(10)
        db.execute("PRAGMA query_only = ON")

    async with asyncio.TaskGroup() as group:
        group.create_task(house.database.run(refuse))
        (house.spool.inbox / A).write_text("The first version.")
        group.create_task(house.intake.accept(["a.txt"]))
        while (house.spool.inbox / A).exists():
            await asyncio.sleep(0)
        (house.spool.inbox / A).write_text("The second one.")
        both_there.set()
        await house.database.run(lambda db: db.execute("PRAGMA query_only = OFF"))
    (job,) = (await house.queue.page(Wanted(limit=2))).jobs
    assert house.spool.source(job.id, A).read_text() == "The first version."
    assert (house.spool.inbox / A).read_text() == "The second one."


async def test_pages_have_counts_and_a_way_on(house: House):
    jobs = [await house.queue.submit(NewJob(text=f"{n}")) for n in range(5)]
    page = await house.queue.page(Wanted(limit=3))
    assert [job.id for job in page.jobs] == [job.id for job in reversed(jobs[2:])]
    assert page.counts["queued"] == 5
    rest = await house.queue.page(Wanted(before=page.next, limit=3))
    assert [job.id for job in rest.jobs] == [jobs[1].id, jobs[0].id]
    assert rest.next is None


# --- a crash at every instant of a job's way ---


async def test_crash_after_the_claim_before_the_row(house: House):
    (house.spool.inbox / A).write_text("Hello.")
    house.spool.claim(A, "0123456789abcdef")
    house = await house.crash()
    assert await house.state("0123456789abcdef") is JobState.QUEUED


async def test_crash_while_running(house: House):
    job = await house.running()
    house = await house.crash()
    assert await house.state(job) is JobState.QUEUED
    assert (await house.queue.get(job)).attempts == 0


@pytest.mark.parametrize("receipt", [False, True])
async def test_crash_between_output_and_done(house: House, receipt: bool):
    job = await house.running()
    output = house.publish(job)
    if receipt:
        house.publish_receipt(job)
    house = await house.crash()
    assert await house.state(job) is JobState.QUEUED
    assert house.publish(job) == output


async def test_crash_after_done_before_the_database_heard(house: House):
    job = await house.running()
    house.publish(job)
    house.publish_receipt(job)
    house.spool.finish(job, A)
    house = await house.crash()
    found = await house.queue.get(job)
    assert (found.state, found.output) == (JobState.SUCCEEDED, str(house.spool.outbox / "a.wav"))
    assert list(house.spool.work.iterdir()) == []


async def test_crash_while_the_work_folder_of_a_finished_job_was_removed(house: House):
    """The folder goes, and with it the name that it held in the outbox."""
    job = await house.running()
    house.publish(job)
    house.publish_receipt(job)
    house.spool.source(job, A).replace(house.spool.done / A)
    house = await house.crash()
    assert await house.state(job) is JobState.SUCCEEDED
    assert list(house.spool.work.iterdir()) == []


async def test_crash_after_a_failure_before_the_database_heard(house: House):
    job = await house.running()
    house.spool.fail(job, A, "it could not be read")
    house = await house.crash()
    found = await house.queue.get(job)
    assert found.state is JobState.FAILED
    assert found.error is not None
    assert "could not be read" in found.error.message


async def test_crash_after_a_cancel_before_the_source_was_filed(house: House):
    job = await house.dropped()
    from ttsd.storage import jobs as sql

    await house.database.run(lambda db: sql.cancel(db, job, 1.0))
    house = await house.crash()
    assert (house.spool.failed / A).exists()
    assert await house.state(job) is JobState.CANCELLED


async def test_a_source_that_vanished_fails_its_job(house: House):
    job = await house.running()
    house.spool.source(job, A).unlink()
    house = await house.crash()
    found = await house.queue.get(job)
    assert found.state is JobState.FAILED
    assert found.error is not None
    assert "vanished" in found.error.message


# --- who may wait, and who goes first ---


async def test_one_user_cannot_fill_the_queue_for_others(tmp_path: Path):
    house = await House(tmp_path, Limits(max_queue=3, max_queue_per_user=2)).start()
    for n in range(2):
        await house.queue.submit(NewJob(text=f"{n}"), "ann")
    with pytest.raises(Busy, match="max_queue_per_user"):
        await house.queue.submit(NewJob(text="one more"), "ann")
    await house.queue.submit(NewJob(text="Hello."), "bob")
    with pytest.raises(Busy, match=r"\[limits\] max_queue\)"):
        await house.queue.submit(NewJob(text="Hello."), "eve")
    house = await house.crash()
    assert house.queue.room("ann", Counter()) == 0
    await house.queue.claim(one_seat)
    assert house.queue.room("ann", Counter()) == 1
    await house.database.close()


async def test_files_beyond_their_owners_share_stay_in_the_inbox(tmp_path: Path):
    house = await House(tmp_path, Limits(max_queue_per_user=2)).start()
    for name in ("a.txt", "b.txt", "c.txt"):
        (house.spool.inbox / name).write_text("Hello.")
    await house.intake.accept(["a.txt", "b.txt", "c.txt"])
    assert [path.name for path in house.spool.inbox.iterdir()] == ["c.txt"]
    assert (await house.queue.page(Wanted(limit=1))).jobs[0].user == f"uid {os.getuid()}"
    await house.database.close()


async def test_files_that_had_to_wait_are_taken_when_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake, "LOOK_S", 0.01)
    house = await House(tmp_path, Limits(max_queue_per_user=2)).start()
    names = [f"{n}.txt" for n in range(5)]
    for name in names:
        (house.spool.inbox / name).write_text("Hello.")
    await house.intake.accept(names)
    (house.spool.inbox / "3.txt").unlink()
    claimed: list[str | None] = []
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        waiting = group.create_task(house.intake.run())
        while len(claimed) < 4:
            claimed += [one.path for one in await house.queue.claim(seats)]
        waiting.cancel()
    assert claimed == ["0.txt", "1.txt", "2.txt", "4.txt"]
    await house.database.close()


async def test_folders_take_turns(house: House):
    for name in ("ann/1.txt", "ann/2.txt", "ann/3.txt", "bob/1.txt"):
        (house.spool.inbox / name).parent.mkdir(exist_ok=True)
        (house.spool.inbox / name).write_text("Hello.")
        await house.intake.accept([name])
    claimed = [(await house.queue.claim(one_seat))[0].path for _ in range(4)]
    assert claimed == ["ann/1.txt", "bob/1.txt", "ann/2.txt", "ann/3.txt"]


async def test_versions_of_a_file_are_spoken_one_after_another(house: House):
    first, second, other = await house.dropped(), await house.dropped(), await house.dropped("b.txt")
    assert [one.job.id for one in await house.queue.claim(seats)] == [first, other]
    await house.queue.requeue(first, ERROR, 60.0)
    async with asyncio.TaskGroup() as group:
        claiming = group.create_task(house.queue.claim(seats))
        await house.queue.counts()
        assert not claiming.done(), "the first one goes first, even if it has to wait"
        await house.queue.cancel(first)
    assert [one.job.id for one in claiming.result()] == [second]


async def test_an_earlier_version_tried_again_waits_for_the_one_that_runs(house: House):
    first, second = await house.dropped(), await house.dropped()
    await house.queue.cancel(first)
    await house.queue.claim(seats)
    await house.queue.retry(first)
    async with asyncio.TaskGroup() as group:
        claiming = group.create_task(house.queue.claim(seats))
        await house.queue.counts()
        assert not claiming.done()
        await house.queue.fail(second, ERROR)
    assert [one.job.id for one in claiming.result()] == [first]


async def test_a_batch_waits_behind_a_single_text(house: House):
    await house.queue.submit(NewJob(text="row 1", door="batch"))
    await house.queue.submit(NewJob(text="row 2", door="batch"))
    job = await house.queue.submit(NewJob(text="Hello."))
    assert (await house.queue.claim(one_seat))[0].job.id == job.id


async def test_a_seat_that_becomes_free_is_taken_at_once(house: House):
    await house.queue.submit(NewJob(text="Hello."))
    free = 0
    async with asyncio.TaskGroup() as group:
        claiming = group.create_task(house.queue.claim(lambda: Seats(free, 0, {})))
        await house.queue.counts()
        assert not claiming.done()
        free = 1
        house.queue.stir()
    assert len(claiming.result()) == 1


async def test_a_job_that_succeeds_has_all_its_segments_whatever_was_counted(house: House):
    job = await house.running()
    await house.queue.plan(job, ["k0", "k1"], JobSettings())
    await house.queue.succeed(job, "/o", 24_000)
    found = await house.queue.get(job)
    assert (found.segments_done, found.segments_total) == (2, 2)


async def test_a_running_job_tells_when_it_will_be_done(house: House):
    job = await house.running()
    await house.queue.plan(job, ["k"] * 4, JobSettings())
    assert (await house.queue.get(job)).eta_s is None
    house.now_s += 10
    house.queue.segments_done(job, [SegmentRow(0, 24_000, reused=False)])
    assert (await house.queue.get(job)).eta_s == 30.0


# --- pause ---


async def test_a_paused_queue_starts_nothing_and_says_so_and_remembers(house: House):
    with house.bus.subscribe() as events:
        assert (await house.queue.pause(on=True)).paused
        told = await events.next(0)
    assert isinstance(told, QueueChanged)
    assert told.queue.paused
    await house.queue.submit(NewJob(text="Hello."))
    house = await house.crash()
    assert (await house.queue.counts()).paused
    async with asyncio.TaskGroup() as group:
        claiming = group.create_task(house.queue.claim(seats))
        await house.queue.counts()
        assert not claiming.done()
        await house.queue.pause(on=False)
    assert len(claiming.result()) == 1


# --- redo ---


async def done(house: House) -> str:
    job = await house.running()
    await house.queue.plan(job, ["k0", "k1"], JobSettings())
    house.publish(job)
    house.publish_receipt(job)
    house.spool.finish(job, A)
    await house.queue.succeed(job, "/o", 1)
    return job


async def test_redoing_a_segment_queues_the_job_with_a_new_take(house: House):
    job = await done(house)
    redone = await house.queue.redo(job, Redo(1))
    assert (redone.state, redone.settings.takes) == (JobState.QUEUED, {1: 1})
    await house.queue.claim(one_seat)
    house.spool.reclaim_done(job, A)
    house.spool.finish(job, A)
    await house.queue.succeed(job, "/o", 1)
    assert (await house.queue.redo(job, Redo(1))).settings.takes == {1: 2}, "another seed each time"
    with pytest.raises(Conflict, match="queued"):
        await house.queue.redo(job, Redo(1))


async def test_what_cannot_be_redone_says_why(house: House):
    job = await done(house)
    with pytest.raises(BadRequest, match="segments 0 to 1"):
        await house.queue.redo(job, Redo(2))
    (house.spool.done / A).unlink()
    with pytest.raises(Conflict, match="no longer in"):
        await house.queue.redo(job, Redo(0))
    again = await done(house)
    with pytest.raises(Conflict, match="a later job made it"):
        await house.queue.redo(job, Redo(0))
    assert (await house.queue.redo(again, Redo(0, seed=7))).settings.takes == {0: 7}


async def test_nothing_is_redone_while_a_later_version_waits(house: House):
    job = await done(house)
    later = await house.dropped()
    with pytest.raises(Conflict, match=r"a later version of a\.txt"):
        await house.queue.redo(job, Redo(1))
    await house.queue.cancel(later)
    assert (await house.queue.redo(job, Redo(1))).state is JobState.QUEUED


async def test_crash_before_a_redo_has_begun(house: House):
    job = await done(house)
    await house.queue.redo(job, Redo(1))
    house = await house.crash()
    assert await house.state(job) is JobState.QUEUED
    assert (house.spool.done / A).exists()


async def test_a_cancelled_redo_leaves_all_as_it_was_and_can_be_tried_again(house: House):
    job = await done(house)
    await house.queue.redo(job, Redo(1))
    await house.queue.cancel(job)
    assert (house.spool.done / A).exists()
    assert (house.spool.outbox / "a.wav").exists()
    assert not list(house.spool.failed.iterdir())
    assert (await house.queue.retry(job)).settings.takes == {1: 1}


async def test_a_cancelled_redo_tried_again_leaves_other_versions_alone(house: House):
    job = await done(house)
    await house.queue.redo(job, Redo(1))
    await house.queue.cancel(job)
    later = await house.dropped(text="The later version.")
    await house.queue.claim(seats)
    house.spool.fail(later, A, "it failed")
    await house.queue.fail(later, ERROR)
    await house.queue.retry(job)
    assert house.spool.source(job, A).read_text() == "Hello."
    assert (house.spool.failed / A).read_text() == "The later version."


async def test_crash_after_a_redo_was_published(house: House):
    """Its receipt has the new take: it is done, and not made once more."""
    job = await done(house)
    await house.queue.redo(job, Redo(0, seed=7))
    await house.queue.claim(one_seat)
    house.spool.reclaim_done(job, A)
    house.publish(job)
    house.publish_receipt(job, SegmentReceipt(0, "Hello.", "en", 0.0, 1.0, reused=False, key="k", seed=7))
    house.spool.finish(job, A)
    house = await house.crash()
    assert await house.state(job) is JobState.SUCCEEDED
