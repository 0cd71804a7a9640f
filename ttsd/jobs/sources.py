"""Where the source of a job goes when a client cancels the job, tries it again, or redoes a part of it."""

import os
from pathlib import PurePath
from typing import Final

from ttsd.protocol.errors import Conflict
from ttsd.storage.spool import Spool

CANCELLED_NOTE: Final = (
    "This job was cancelled.\nMove the file back to the inbox, or run `ttsd jobs retry`, to speak it after all.\n"
)


def file_cancelled(spool: Spool, job: str, relative: PurePath) -> None:
    """The source goes to `failed/`; that of a redo which has not begun is in `done/`, and stays there."""
    if os.path.lexists(spool.source(job, relative)):
        spool.fail(job, relative, CANCELLED_NOTE)


def take_back(spool: Spool, job: str, relative: PurePath, *, redone: bool) -> bool:
    """The source of a failed or cancelled job comes back; false when it is not to be found.

    That of a redo which had not begun is in `done/`, as long as the outbox has this job's output.
    """
    unbegun = redone and spool.find_receipt(job, relative) is not None
    return (unbegun and spool.reclaim_done(job, relative)) or spool.reclaim(job, relative)


def check_done(spool: Spool, job: str, relative: PurePath) -> None:
    """Raises Conflict unless the outbox has this job's output, and `done/` its source."""
    if spool.find_receipt(job, relative) is None:
        raise Conflict(
            f"the output of job {job} is gone, or a later job made it: its receipt in {spool.outbox} tells which"
        )
    if not (spool.done / relative).is_file():
        raise Conflict(f"{relative} is no longer in {spool.done}; drop it into the inbox again")
