"""The queue, on a real database and real folders, beside a model of it that fits on a page: they never differ."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.unit.jobs.test_queue import ERROR, House
from ttsd.config import Limits
from ttsd.jobs.turns import Seats
from ttsd.protocol.errors import BadRequest, Busy, Conflict
from ttsd.protocol.events import JobChanged
from ttsd.protocol.jobs import JobSettings, NewJob, Receipt, Redo, SegmentReceipt
from ttsd.storage.jobs import SegmentRow
from ttsd.storage.listing import Wanted

LIMITS: Final = Limits(max_queue=9, max_queue_per_user=6)
NAMES: Final = ("a.txt", "b.txt", "sub/a.txt", "sub/a.md")
PICK: Final = st.integers(min_value=0, max_value=1_000_000)


@dataclass
class Model:
    """What is known of a job."""

    id: str
    user: str
    lane: str
    path: str = ""
    state: str = "queued"
    attempts: int = 0
    due_s: float = 0.0
    planned: int = 0
    done: int = 0
    takes: dict[int, int] = field(default_factory=dict)


class QueueMachine(RuleBasedStateMachine):
    """Every rule does the same to both; what is forbidden is asked for too, and must be refused."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="queue-model-"))
        self.jobs: list[Model] = []
        """In the order in which they were accepted."""
        self.inbox: dict[str, None] = {}
        """What waits there, in the order in which it came."""
        self.at: dict[str, set[str]] = {"done": set(), "failed": set()}
        """Names at which there is a source."""
        self.claimed: set[str] = set()
        """Jobs whose source is in the work folder."""
        self.told: list[tuple[str, str]] = []
        """Changes that were to be told since the last look."""
        self.receipts: dict[str, str] = {}
        """Whose receipt lies there, by name."""
        self.paused = False
        self.seen = 0

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        self.house = self.do(House(self.folder, LIMITS).start())
        self.user = f"uid {self.house.root.stat().st_uid}"

    def teardown(self) -> None:
        self.do(self.house.database.close())
        self.loop.close()
        shutil.rmtree(self.folder)

    # --- what the model knows ---

    def waiting(self, user: str | None = None) -> int:
        return sum(job.state == "queued" and user in (None, job.user) for job in self.jobs)

    def room(self, user: str) -> int:
        """How many more may wait; what comes back for another try may exceed the limits."""
        return max(
            0, min(LIMITS.max_queue - self.waiting(), LIMITS.max_queue_per_user - self.waiting(user))
        )  # fmt: skip

    def others(self, job: Model) -> list[Model]:
        """Versions of the same file."""
        return [other for other in self.jobs if other.path and other.path == job.path and other is not job]

    def may_run(self, job: Model) -> bool:
        earlier = self.jobs[: self.jobs.index(job)]
        blocked = any(
            other.state == "running" or (other.state == "queued" and other in earlier) for other in self.others(job)
        )
        return job.state == "queued" and job.due_s <= self.house.now_s and not blocked

    def pick(self, number: int, *states: str) -> Model | None:
        found = [job for job in self.jobs if not states or job.state in states]
        return found[number % len(found)] if found else None

    def moves(self, job: Model, state: str) -> None:
        job.state = state
        self.told.append((job.id, state))

    def leaves(self, job: Model, folder: str) -> None:
        if job.id in self.claimed:
            self.claimed.remove(job.id)
            self.at[folder].add(job.path)

    # --- coming in ---

    @rule(user=st.sampled_from(["ann", "bob"]), door=st.sampled_from(["http", "batch"]))
    def submit(self, user: str, door: Any) -> None:
        new = NewJob(text="Hello.", door=door)
        if not self.room(user):
            with pytest.raises(Busy):
                self.do(self.house.queue.submit(new, user))
            return
        job = self.do(self.house.queue.submit(new, user))
        self.jobs.append(Model(job.id, user, f"{door}/{user}"))
        self.told.append((job.id, "queued"))

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    def drop(self, names: list[str]) -> None:
        """They come; what does not fit stays, and is taken when it is offered again."""
        for name in names:
            target = self.house.spool.inbox / name
            target.parent.mkdir(exist_ok=True)
            target.write_text("Hello.")
        self.inbox |= dict.fromkeys(names)
        self.offer()

    @rule()
    def offer(self) -> None:
        offered = list(self.inbox)
        self.do(self.house.intake.accept(offered))
        for name in offered[: self.room(self.user)]:
            del self.inbox[name]
            lane = f"spool/{self.user}/{name.rpartition('/')[0]}"
            self.jobs.append(Model("", self.user, lane, name))
        new = [job for job in self.jobs if not job.id]
        for job, found in zip(
            new, reversed(self.do(self.house.queue.page(Wanted(limit=len(new) or 1))).jobs), strict=False
        ):
            job.id = found.id
            self.claimed.add(job.id)
            self.told.append((job.id, "queued"))

    # --- running ---

    @rule(seats=st.integers(min_value=1, max_value=4))
    def claim(self, seats: int) -> None:
        ready = [job for job in self.jobs if self.may_run(job)]
        if self.paused or not ready:
            return
        found = [one.job.id for one in self.do(self.house.queue.claim(lambda: Seats(seats, 0, {})))]
        assert len(found) == min(seats, len(ready))
        chosen = {job.id: job for job in ready if job.id in found}
        assert chosen.keys() == set(found)
        for job in chosen.values():
            earlier = [each for each in ready[: ready.index(job)] if each.lane == job.lane]
            assert all(each.id in found for each in earlier), "first come, first served"
        for job_id in found:
            self.begin_work(chosen[job_id])

    def begin_work(self, job: Model) -> None:
        self.moves(job, "running")
        if job.path and job.id not in self.claimed:
            assert self.house.spool.reclaim_done(job.id, PurePath(job.path))
            self.at["done"].discard(job.path)
            self.claimed.add(job.id)

    @rule(number=PICK, segments=st.integers(min_value=1, max_value=3))
    def plan(self, number: int, segments: int) -> None:
        if (job := self.pick(number, "running")) is not None:
            self.do(self.house.queue.plan(job.id, [f"k{n}" for n in range(segments)], JobSettings(takes=job.takes)))
            job.planned, job.done = segments, 0
            self.told.append((job.id, "running"))

    @rule(number=PICK)
    def count_segment(self, number: int) -> None:
        job = self.pick(number, "running")
        if job is not None and job.done < job.planned:
            self.house.queue.segments_done(job.id, [SegmentRow(job.done, 100, reused=False)])
            job.done += 1
            self.told.append((job.id, "running"))

    @rule(number=PICK)
    def succeed(self, number: int) -> None:
        if (job := self.pick(number, "running")) is None or not job.planned:
            return
        if job.path:
            self.publish(job)
            self.house.spool.finish(job.id, PurePath(job.path))
            self.leaves(job, "done")
            self.receipts[job.path] = job.id
        self.do(self.house.queue.succeed(job.id, "/o", 100))
        job.done = job.planned
        self.moves(job, "succeeded")

    def publish(self, job: Model) -> None:
        spool, source = self.house.spool, PurePath(job.path)
        scratch = spool.scratch(job.id, "output")
        scratch.write_bytes(b"sound")
        output = spool.publish(scratch, source, ".wav")
        segments = tuple(
            SegmentReceipt(n, "Hello.", "en", 0.0, 1.0, reused=False, key="k", seed=job.takes.get(n, 0))
            for n in range(job.planned)
        )
        name = str(output.relative_to(spool.outbox))
        told = Receipt(
            1, job.id, job.path, "", name, "v", "en", "e", "1", 0, 1.0, 24_000, 1.0, segments, 1, 2, 3, 4, 5, 6
        )
        spool.publish_receipt(job.id, output, told)

    @rule(number=PICK)
    def fail(self, number: int) -> None:
        if (job := self.pick(number, "running")) is None:
            return
        if job.path:
            self.house.spool.fail(job.id, PurePath(job.path), "why")
            self.leaves(job, "failed")
        self.do(self.house.queue.fail(job.id, ERROR))
        job.attempts += 1
        self.moves(job, "failed")

    @rule(number=PICK, delay_s=st.sampled_from([0.0, 5.0, 60.0]), counts=st.booleans())
    def requeue(self, number: int, delay_s: float, counts: bool) -> None:
        if (job := self.pick(number, "running")) is not None:
            self.do(self.house.queue.requeue(job.id, ERROR, delay_s, counts=counts))
            job.due_s = self.house.now_s + delay_s
            job.attempts += counts
            self.moves(job, "queued")

    # --- asked for by clients: of any job, in any state ---

    @rule(number=PICK)
    def cancel(self, number: int) -> None:
        if (job := self.pick(number)) is None:
            return
        if job.state not in ("queued", "running"):
            with pytest.raises(Conflict):
                self.do(self.house.queue.cancel(job.id))
            return
        self.do(self.house.queue.cancel(job.id))
        self.leaves(job, "failed")
        self.moves(job, "cancelled")

    @rule(number=PICK)
    def retry(self, number: int) -> None:
        if (job := self.pick(number)) is None:
            return
        if job.state not in ("failed", "cancelled") or not self.comes_back(job):
            with pytest.raises(Conflict):
                self.do(self.house.queue.retry(job.id))
            return
        self.do(self.house.queue.retry(job.id))
        job.attempts = job.planned = job.done = 0
        job.due_s = 0.0
        self.moves(job, "queued")

    def comes_back(self, job: Model) -> bool:
        """Whether the source of a failed or cancelled job is to be found; if so, it is claimed again."""
        if not job.path:
            return True
        unbegun = job.takes and self.receipts.get(job.path) == job.id and job.path in self.at["done"]
        for folder in ("done", "failed") if unbegun else ("failed",):
            if job.path in self.at[folder]:
                self.at[folder].remove(job.path)
                self.claimed.add(job.id)
                return True
        return False

    @rule(number=PICK, segment=st.integers(min_value=0, max_value=3))
    def redo(self, number: int, segment: int) -> None:
        if (job := self.pick(number)) is None:
            return
        if not self.can_be_redone(job, segment):
            with pytest.raises((Conflict, BadRequest)):
                self.do(self.house.queue.redo(job.id, Redo(segment)))
            return
        self.do(self.house.queue.redo(job.id, Redo(segment)))
        job.takes = {**job.takes, segment: job.takes.get(segment, 0) + 1}
        job.attempts = job.done = 0
        job.due_s = 0.0
        self.moves(job, "queued")

    def can_be_redone(self, job: Model, segment: int) -> bool:
        if job.state != "succeeded" or segment >= job.planned:
            return False
        followed = any(other.state in ("queued", "running") for other in self.others(job))
        return not job.path or (
            self.receipts.get(job.path) == job.id and job.path in self.at["done"] and not followed
        )  # fmt: skip

    # --- time, pauses, crashes ---

    @rule(on=st.booleans())
    def pause(self, on: bool) -> None:
        self.do(self.house.queue.pause(on=on))
        self.paused = on

    @rule(seconds=st.sampled_from([1.0, 10.0, 100.0]))
    def let_time_pass(self, seconds: float) -> None:
        self.house.now_s += seconds

    @rule()
    def crash(self) -> None:
        self.agree()
        self.do(self.house.crash())
        self.seen = 0
        for job in self.jobs:
            if job.state == "running":
                job.state, job.due_s = "queued", 0.0

    @precondition(lambda self: any(job.state == "running" and job.path and job.planned for job in self.jobs))
    @rule(number=PICK)
    def crash_before_the_database_heard(self, number: int) -> None:
        """All files of a job are where they belong, and its row still says that it runs."""
        job = self.pick(number, "running")
        if job is not None and job.path and job.planned:
            self.publish(job)
            self.house.spool.finish(job.id, PurePath(job.path))
            self.leaves(job, "done")
            self.receipts[job.path] = job.id
            self.crash()
            job.state, job.done = "succeeded", job.planned

    # --- they never differ ---

    @invariant()
    def agree(self) -> None:
        self.do(self.look())

    async def look(self) -> None:
        queue, spool = self.house.queue, self.house.spool
        counts = await queue.counts()
        await asyncio.sleep(0)
        events = self.house.bus.since(self.seen) or []
        self.seen = self.house.bus.seq
        changes = [(event.job.id, event.job.state.value) for event in events if isinstance(event, JobChanged)]
        assert changes == self.told
        self.told = []
        states = Counter(job.state for job in self.jobs)
        assert {state: getattr(counts, state) for state in states} == dict(states)
        assert counts.paused == self.paused
        for user in ("ann", "bob", self.user):
            assert queue.room(user, Counter()) == self.room(user)
        found = {job.id: job for job in (await queue.page(Wanted(limit=1000))).jobs}
        assert [job.id for job in self.jobs] == list(reversed(found))
        for job in self.jobs:
            real = found[job.id]
            assert (real.state, real.attempts, real.segments_total, real.segments_done, real.settings.takes) == (
                job.state, job.attempts, job.planned, job.done, job.takes,
            )  # fmt: skip
        assert {orphan.job for orphan in spool.orphans()} == self.claimed
        assert {str(path.relative_to(spool.inbox)) for path in files(spool.inbox)} == self.inbox.keys()
        for folder, names in self.at.items():
            there = {str(path.relative_to(spool.root / folder)) for path in files(spool.root / folder)}
            assert names == {name for name in there if "~" not in name and not name.endswith(".error.txt")}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
