"""What a daemon says of itself and its jobs, made up: the same in every test."""

from datetime import UTC, datetime

from msgspec.structs import replace

from ttsd.protocol.engine import EngineInfo, EngineVoice, WorkerStats
from ttsd.protocol.health import HealthSample, HostSample, Phase, QueueStatus, Readiness, Status, WorkerStatus
from ttsd.protocol.jobs import Door, Job, JobSettings, JobState, Receipt, SegmentReceipt
from ttsd.protocol.speech import (
    SAMPLE_RATE_HZ,
)

NOW_S = 1_770_000_000.0
"""What the app takes for now in these tests."""

NOW = datetime.fromtimestamp(NOW_S, tz=UTC)

ENGINE = EngineInfo(
    name="hibari",
    revision="0.2.1",
    slots=2,
    languages=("en",),
    voices=(EngineVoice("heart", ("en",)), EngineVoice("sky", ("en",))),
    default_voice="heart",
)


def status(**changes: object) -> Status:
    """A daemon that is well."""
    sample = HealthSample(
        at_s=NOW_S,
        host=HostSample(
            cpu=0.31,
            memory_used_bytes=3_300_000_000,
            memory_total_bytes=8_200_000_000,
            daemon_rss_bytes=52_000_000,
            worker_rss_bytes=243_000_000,
            loop_lag_ms=1.4,
        ),
    )
    worker = WorkerStatus(
        phase=Phase.READY,
        since_s=NOW_S - 300,
        pid=4242,
        engine=ENGINE,
        load_s=0.9,
        stats=WorkerStats(busy_slots=0, rss_bytes=243_000_000, spoken_samples=24_000 * 1234, work_s=17.2),
    )
    whole = Status(
        version="0.1.0",
        pid=4240,
        started_s=NOW_S - 7_500,
        uptime_s=7_500,
        socket="/run/user/1000/ttsd/ttsd.sock",
        spool="/home/ada/.local/state/ttsd/spool",
        config_file=None,
        readiness=Readiness(ready=True),
        worker=worker,
        queue=QueueStatus(queued=2, running=1, succeeded=128, failed=1),
        live_sessions=1,
        health=sample,
    )
    return replace(whole, **changes)


def job(name: str, state: JobState = JobState.QUEUED, *, ago_s: float = 60.0, **changes: object) -> Job:
    """A job called `name`, whose id is made of it."""
    begun = state not in (JobState.QUEUED, JobState.CANCELLED)
    whole = Job(
        id=f"01J{name.upper().replace('.', ''):0>12.12}",
        door=Door.SPOOL,
        state=state,
        title=name,
        settings=JobSettings(voice="heart", language="en"),
        created_s=NOW_S - ago_s,
        started_s=NOW_S - ago_s + 2 if begun else None,
        finished_s=NOW_S - ago_s + 9 if begun and state is not JobState.RUNNING else None,
        attempts=1 if state is JobState.FAILED else 0,
    )
    return replace(whole, **changes)


def matches(job: Job, search: str) -> bool:
    """Whether the daemon's search finds it."""
    text = f"{job.title} {job.id} {job.settings.voice} {job.error.message if job.error else ''}".casefold()
    return all(word in text for word in search.casefold().split())


def receipt(job: Job, texts: list[str]) -> Receipt:
    """Of a finished job whose sentences took half a second each; the first was kept from before."""
    segments = tuple(
        SegmentReceipt(n, text, "en", n * 0.5, n * 0.5 + 0.45, n == 0, f"key{n}", n == 2)
        for n, text in enumerate(texts)
    )
    return Receipt(
        schema_version=1,
        job=job.id,
        source=job.title,
        source_sha256="0" * 64,
        output=job.output or "",
        voice="heart",
        language="en",
        engine="hibari",
        engine_revision="0.2.1",
        seed=0,
        speed=1.0,
        sample_rate_hz=SAMPLE_RATE_HZ,
        duration_s=job.audio_s,
        segments=segments,
        created_s=job.created_s,
        finished_s=job.finished_s or 0.0,
        queued_ms=12.0,
        ttfa_ms=41.0,
        work_s=job.audio_s / 4,
        rtf=0.25,
    )
