"""Times, sizes and lines as people read them."""

import click
import pytest

from ttsd.cli.jobs import details, row
from ttsd.cli.status import lines
from ttsd.cli.wording import duration, one_line, plural, size
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.health import (
    GpuSample,
    HealthSample,
    HostSample,
    MemoryStatus,
    Phase,
    QueueStatus,
    Readiness,
    Status,
    WorkerStatus,
)
from ttsd.protocol.jobs import Door, Job, JobSettings, JobState


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.44, "0.4 s"),
        (12.4, "12 s"),
        (200, "3 min 20 s"),
        (18_120, "5 h 02 min"),
        (356_400, "4 days 3 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(480, "480 B"), (31 * 2**20, "31 MB"), (1.9 * 2**30, "1.9 GB"), (24 * 2**40, "24576.0 GB")],
)
def test_sizes(count: float, words: str) -> None:
    assert size(count) == words


def test_counts() -> None:
    assert [plural(n, "job") for n in (0, 1, 1200)] == ["0 jobs", "1 job", "1,200 jobs"]


def test_a_title_cannot_break_the_line_or_the_terminal() -> None:
    assert one_line("a\nb\x1b[31mc", 80) == "a b [31mc"
    assert one_line("abcdef", 4) == "abc…"


def job(**changes: object) -> Job:
    fields: dict[str, object] = {"started_s": 102.0, "finished_s": 105.0, "audio_s": 61.0, "segments_total": 4}
    return Job("01k9w3x7r5m2hq8d", Door.SPOOL, JobState.FAILED, "a.txt", JobSettings(), 100.0, **(fields | changes))  # pyright: ignore[reportArgumentType] — fields of Job


def test_a_job_on_one_line() -> None:
    line = row(job(error=ErrorBody("x", "the disk\nis full")), 80)
    assert line.startswith("01k9w3x7r5m2hq8d  ")
    assert line.endswith("a.txt: the disk is full")
    assert "0/4" in line
    assert "1 min 01 s" in line


def test_a_job_in_full() -> None:
    told = dict(details(job(error=ErrorBody("storage_full", "the disk is full"), output="/x.wav")))
    assert told["started"].endswith("(waited 2.0 s)")
    assert told["finished"].endswith("(took 3.0 s)")
    assert "the disk is full (storage_full)" in told["error"]
    assert told["output"] == "/x.wav"
    assert {"started", "finished", "error"}.isdisjoint(dict(details(job(started_s=None, finished_s=None))))


def status(worker: WorkerStatus, *, ready: bool = True, gpus: tuple[GpuSample, ...] = (), note: str = "") -> Status:
    return Status(
        version="1.2.3",
        pid=7,
        started_s=0,
        uptime_s=70,
        socket="/run/ttsd.sock",
        spool="/spool",
        config_file=None,
        readiness=Readiness(ready, "" if ready else "the weights are not there", note=note),
        worker=worker,
        queue=QueueStatus(queued=1, succeeded=1204, failed=2),
        live_sessions=1,
        health=HealthSample(0, HostSample(0.12, 2**31, 2**33, 48 * 2**20), gpus),
    )


def test_a_ready_daemon_at_a_glance() -> None:
    engine = EngineInfo("builtin", "hibari 0.2.1", 2, ("en",), (), "heart")
    card = GpuSample(0, "RTX 4090", 10 * 2**30, 24 * 2**30, 0.83, 61, 212)
    told = dict(lines(status(WorkerStatus(Phase.BUSY, 0, engine=engine, busy_slots=1), gpus=(card,))))
    assert told["engine"] == "builtin hibari 0.2.1 on cpu · en · 1 of 2 slots busy"
    assert told["queue"].startswith("1 queued · 0 running · 1,204 done · ")
    assert told["card 0"] == "RTX 4090 · 10.0 GB of 24.0 GB · 83% · 61 °C · 212 W"
    assert told["memory"] == "daemon 48 MB · worker 0 B · machine 2.0 GB of 8.0 GB · CPU 12%"
    assert told["config"] == "none (defaults)"


def test_a_card_tells_what_it_can() -> None:
    silent = GpuSample(0, "GB10", None, None)
    hot = GpuSample(
        1, "RTX 4090", None, None, power_w=400, power_limit_w=450, sm_clock_mhz=1800, throttle=("sw_thermal",)
    )
    told = dict(lines(status(WorkerStatus(Phase.READY, 0), gpus=(silent, hot))))
    assert told["card 0"] == "GB10"
    assert click.unstyle(told["card 1"]) == "RTX 4090 · 400 of 450 W · 1800 MHz · slowed down: sw_thermal"


def test_a_failed_engine_says_why_and_how_often() -> None:
    worker = WorkerStatus(Phase.FAILED, 0, restarts=3, last_exit="signal 9", error=ErrorBody("x", "no weights"))
    told = list(lines(status(worker, ready=False)))
    assert ("engine", "no weights") in told
    assert ("", "3 restarts, last: signal 9") in told
    assert any("the weights are not there" in value for _, value in told)


def test_loading_shows_how_far_it_is() -> None:
    worker = WorkerStatus(Phase.LOADING, 0, loading_progress=0.42)
    assert "loading 42%" in next(iter(lines(status(worker))))[1]


def test_memory_that_grows_and_slots_that_were_spared_are_told() -> None:
    memory = MemoryStatus(growth="grew 12 MB a minute since 10:00")
    told = [click.unstyle(value) for _, value in lines(status(WorkerStatus(Phase.READY, 0, memory=memory)))]
    assert "its memory grew 12 MB a minute since 10:00" in told
    spared = WorkerStatus(Phase.READY, 0, fewer_slots="memory ran out: it has no more than 3")
    assert "memory ran out: it has no more than 3" in [click.unstyle(value) for _, value in lines(status(spared))]


def test_a_model_that_nobody_asks_for_is_no_trouble() -> None:
    resting = WorkerStatus(Phase.STOPPED, 0, unloaded="nobody asked for speech for 5m", on_demand=True)
    told = list(lines(status(resting, note="the model is unloaded; the next request loads it")))
    assert ("engine", "unloaded") in told
    assert ("", "the model is unloaded; the next request loads it") in told
