"""How long the queue will take: from what jobs took, and told so that it counts down instead of jumping. Pure."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Job, JobState

LATEST: Final = 50
"""Finished jobs that tell how long one takes."""
EASE_S: Final = 4.0
"""A better estimate is believed little by little, most of it after this time…"""
EASE: Final = 0.1
"""… or after this part of what is left, where that is longer."""


class Steady:
    """Owns a moment when something will be done; estimates pull at it."""

    def __init__(self) -> None:
        self._end_s: float | None = None
        self._told_s = 0.0

    def tell(self, left_s: float, now_s: float) -> None:
        """It seems to take `left_s` from now."""
        if self._end_s is None:
            self._end_s = now_s + left_s
        else:
            ease_s = max(EASE_S, EASE * max(left_s, self.left_s(now_s) or 0.0))
            share = 1 - math.exp(-max(0.0, now_s - self._told_s) / ease_s)
            self._end_s += (now_s + left_s - self._end_s) * share
        self._told_s = now_s

    def forget(self) -> None:
        """There is nothing to wait for."""
        self._end_s = None

    def left_s(self, now_s: float) -> float | None:
        """Seconds until then, never less than 0; `None`: nobody knows."""
        return None if self._end_s is None else max(0.0, self._end_s - now_s)


class Etas:
    """Owns what was told of each running job, and of the whole queue. Times are those of the clock passed in."""

    def __init__(self) -> None:
        self._jobs: dict[str, tuple[float | None, Steady]] = {}
        self._queue = Steady()

    def hear(self, jobs: Iterable[Job], queue: QueueStatus, now_s: float) -> None:
        """Take in the jobs as they are known now."""
        known = list(jobs)
        running = {job.id: job for job in known if job.state is JobState.RUNNING}
        self._jobs = {job_id: told for job_id, told in self._jobs.items() if job_id in running}
        for job in running.values():
            before, steady = self._jobs.get(job.id, (None, Steady()))
            if job.eta_s is not None and job.eta_s != before:
                steady.tell(job.eta_s, now_s)
            self._jobs[job.id] = (job.eta_s, steady)
        left_s = queue_left_s([self.left_s(job_id, now_s) for job_id in running], known, queue)
        if left_s is None or queue.paused:
            self._queue.forget()
        else:
            self._queue.tell(left_s, now_s)

    def left_s(self, job_id: str, now_s: float) -> float | None:
        """Of a running job."""
        told = self._jobs.get(job_id)
        return told[1].left_s(now_s) if told else None

    def queue_left_s(self, now_s: float) -> float | None:
        """Of all that runs and waits."""
        return self._queue.left_s(now_s)


def queue_left_s(running: Sequence[float | None], known: Iterable[Job], queue: QueueStatus) -> float | None:
    """Seconds until nothing waits any more; `running` has what each running job will take, where that is known.

    Those that wait are taken to need what finished ones needed lately, as many at once as run now.
    """
    if not queue.running + queue.queued:
        return None
    took = latest_s(known)
    if took is None and (queue.queued or not any(left_s is not None for left_s in running)):
        return None
    typical_s = took or 0.0
    begun = [typical_s if left_s is None else left_s for left_s in running]
    unseen = max(0, queue.running - len(begun)) * typical_s / 2
    together = sum(begun) + unseen + queue.queued * typical_s
    return max(together / max(1, queue.running), *begun, 0.0)


def latest_s(known: Iterable[Job]) -> float | None:
    """What a job took of late: the mean of those that ended last."""
    ended = [
        (job.finished_s, job.finished_s - job.started_s)
        for job in known
        if job.state is JobState.SUCCEEDED and job.finished_s is not None and job.started_s is not None
    ]
    took = [seconds for _, seconds in sorted(ended)[-LATEST:]]
    return sum(took) / len(took) if took else None
