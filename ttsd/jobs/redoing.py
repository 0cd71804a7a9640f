"""Another take of one segment of a job that is done: whether it may have one, and by which seed. Pure."""

import msgspec

from ttsd.protocol.errors import BadRequest, Conflict
from ttsd.protocol.jobs import Job, JobSettings, JobState, Redo


def redone(job: Job, wanted: Redo) -> JobSettings:
    """The settings with that take. Raises Conflict when the job has not succeeded, BadRequest for no segment of it."""
    if job.state is not JobState.SUCCEEDED:
        raise Conflict(f"job {job.id} is {job.state}; only a succeeded job can be redone")
    if wanted.segment >= job.segments_total:
        last = job.segments_total - 1
        raise BadRequest(f"segment {wanted.segment}: job {job.id} has segments 0 to {last}", param="segment")
    seed = next_seed(job.settings, wanted.segment) if wanted.seed is None else wanted.seed
    return msgspec.structs.replace(job.settings, takes={**job.settings.takes, wanted.segment: seed})


def next_seed(settings: JobSettings, segment: int) -> int:
    """A seed that no take of this segment had, as long as nobody chose one."""
    return (settings.takes.get(segment, settings.seed) + 1) % 2**63
