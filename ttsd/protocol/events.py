"""What `WS /v1/events` (subprotocol `ttsd.events.v1`) sends: one snapshot, then numbered events."""

from typing import Final

import msgspec

from ttsd.protocol.health import HealthSample, QueueStatus, Status, WorkerStatus
from ttsd.protocol.jobs import Job

EVENTS_SUBPROTOCOL: Final = "ttsd.events.v1"


class Snapshot(msgspec.Struct, frozen=True, tag="snapshot"):
    """The whole state at `seq`; the newest jobs and log lines are in it."""

    seq: int
    status: Status
    jobs: tuple[Job, ...]
    log: tuple["LogEvent", ...] = ()


class JobChanged(msgspec.Struct, frozen=True, tag="job"):
    seq: int
    job: Job


class QueueChanged(msgspec.Struct, frozen=True, tag="queue"):
    """Background work was paused, or goes on."""

    seq: int
    queue: QueueStatus


class WorkerChanged(msgspec.Struct, frozen=True, tag="worker"):
    seq: int
    worker: WorkerStatus


class VoicesChanged(msgspec.Struct, frozen=True, tag="voices"):
    """A voice profile came, went or changed; `GET /v1/voices` has them."""

    seq: int


class HealthSampled(msgspec.Struct, frozen=True, tag="health"):
    seq: int
    sample: HealthSample


class LogEvent(msgspec.Struct, frozen=True, tag="log"):
    seq: int
    at_s: float
    level: str
    event: str
    fields: dict[str, str | int | float | bool | None]


class Missed(msgspec.Struct, frozen=True, tag="missed"):
    """This client read too slowly (or `since` was too old): `count` events were dropped; a snapshot follows."""

    seq: int
    count: int


class StoppingEvent(msgspec.Struct, frozen=True, tag="stopping"):
    """The daemon is going down; `restart` when a new one is expected (a client may reconnect by itself)."""

    seq: int
    restart: bool = False


Event = JobChanged | QueueChanged | WorkerChanged | VoicesChanged | HealthSampled | LogEvent | Missed | StoppingEvent
EventMessage = Snapshot | Event
