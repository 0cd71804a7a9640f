"""What of other people's jobs somebody gets to see. Pure."""

import msgspec

from ttsd.asker import Asker
from ttsd.protocol.events import Event, JobChanged, LogEvent, Snapshot
from ttsd.protocol.jobs import OTHERS_JOB, Door, Job


class Sight(msgspec.Struct, frozen=True):
    """What somebody sees: their own jobs, and those of folders that they can read; an admin sees all.

    Of other jobs they see that there is one, how far it is, and nothing that comes from its text or its name.
    """

    asker: Asker
    spools: frozenset[str] = frozenset()
    """Names of the spools whose files they can read."""

    @property
    def all(self) -> bool:
        return self.asker.admin

    def sees(self, user: str, door: str, spool: str) -> bool:
        """Whether a job of `user` that came by `door` is shown to them."""
        return self.asker.admin or self.asker.owns(user) or (door == Door.SPOOL and spool in self.spools)

    def job(self, job: Job) -> Job:
        """The job, or the little that may be told of it."""
        return job if self.sees(job.user, job.door, job.spool) else veiled(job)

    def event(self, event: Event) -> Event | None:
        """The event as they may hear of it; `None`: not at all."""
        match event:
            case JobChanged(job=job):
                return msgspec.structs.replace(event, job=self.job(job))
            case LogEvent() if not self.reads(event):
                return None
            case _:
                return event

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """The same of a whole state."""
        if self.all:
            return snapshot
        jobs = tuple(map(self.job, snapshot.jobs))
        return msgspec.structs.replace(snapshot, jobs=jobs, log=tuple(filter(self.reads, snapshot.log)))

    def reads(self, line: LogEvent) -> bool:
        """Whether a line of the log is for them: of what they asked for themselves."""
        return self.asker.admin or (bool(self.asker.user) and line.fields.get("user") == self.asker.name)


def veiled(job: Job) -> Job:
    """Where it stands in the queue and how far it is; nobody's text, name or file."""
    return Job(
        id=job.id,
        door=job.door,
        state=job.state,
        title=OTHERS_JOB,
        settings=type(job.settings)(),
        created_s=job.created_s,
        started_s=job.started_s,
        finished_s=job.finished_s,
        segments_total=job.segments_total,
        segments_done=job.segments_done,
        eta_s=job.eta_s,
        first=job.first,
        veiled=True,
    )
