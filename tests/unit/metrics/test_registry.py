"""What the registry promises: bounded labels, series that are there from the start, one exposition for all who ask."""

from functools import partial

import msgspec

from tests.tui.sayings import status as well
from ttsd.metrics import Metrics, UsageTotals
from ttsd.metrics.bounded import OTHER, Bounded
from ttsd.metrics.usage import MOST_USERS, MOST_VOICES
from ttsd.protocol.health import (
    DiskSample,
    Ecc,
    GpuSample,
    HealthSample,
    HostSample,
    LostCard,
    Status,
    XidEvent,
)
from ttsd.protocol.speech import Service
from ttsd.protocol.usage import Account, UsageDoor, Used

STATUS = well()


async def status() -> Status:
    return STATUS


async def text(metrics: Metrics) -> str:
    return (await metrics.render(status))[0].decode()


def test_the_first_values_keep_their_names_and_all_later_ones_share_one():
    bounded = Bounded(2)
    assert [bounded.label(value) for value in ("ann", "bob", "carl", "ann", "dora", "bob")] == [
        "ann",
        "bob",
        OTHER,
        "ann",
        OTHER,
        "bob",
    ]


def test_series_of_voices_and_users_have_an_end():
    totals = UsageTotals()
    for number in range(1000):
        totals.add(Account(f"voice {number}", UsageDoor.STREAM, f"10.0.0.{number}"), Used(clips=1, energy_j=2.0))
    series = {family.name: family.samples for family in totals.collect()}
    assert len(series["ttsd_usage_clips"]) == MOST_VOICES + 1
    assert len(series["ttsd_user_clips"]) == MOST_USERS + 1
    assert sum(sample.value for sample in series["ttsd_usage_clips"]) == 1000
    assert sum(sample.value for sample in series["ttsd_user_energy_joules"]) == 2000


def test_what_nobody_measured_has_no_series():
    totals = UsageTotals()
    totals.add(Account("ann", UsageDoor.LIVE, "uid 1"), Used(clips=1))
    series = {family.name: family.samples for family in totals.collect()}
    assert series["ttsd_usage_energy_joules"] == []


async def test_what_is_counted_is_there_before_it_is_counted():
    """Prometheus sees a counter rise only from a value it has seen before."""
    shown = await text(Metrics())
    for series in (
        'ttsd_jobs_total{state="failed"} 0.0',
        'ttsd_underruns_total{service="live"} 0.0',
        'ttsd_clip_lookups_total{result="miss"} 0.0',
        'ttsd_http_requests_total{code="5xx"} 0.0',
        'ttsd_first_audio_seconds_count{service="background"} 0.0',
        'ttsd_job_wait_seconds_count{door="spool"} 0.0',
    ):
        assert series in shown


async def test_reasons_are_the_codes_of_our_errors():
    metrics = Metrics()
    metrics.job_failed("engine_failed")
    metrics.job_failed('made up by a newer worker"}')
    metrics.job_retried("storage_full")
    shown = await text(metrics)
    assert 'ttsd_job_failures_total{reason="engine_failed"} 1.0' in shown
    assert 'ttsd_job_failures_total{reason="other"} 1.0' in shown
    assert 'ttsd_job_retries_total{reason="storage_full"} 1.0' in shown


async def test_a_gap_is_counted_and_its_length():
    metrics = Metrics()
    metrics.gap(Service.STREAM, 0.25)
    metrics.gap(Service.STREAM, 0.5)
    shown = await text(metrics)
    assert 'ttsd_underruns_total{service="stream"} 2.0' in shown
    assert 'ttsd_underrun_seconds_total{service="stream"} 0.75' in shown


async def test_it_is_made_every_two_seconds_for_each_format():
    now_s = 100.0
    metrics = Metrics(lambda: now_s)
    first = await text(metrics)
    metrics.slow_readers.inc()
    assert await text(metrics) == first
    openmetrics, kind = await metrics.render(status, "application/openmetrics-text")
    assert kind.startswith("application/openmetrics-text")
    assert b"ttsd_slow_readers_dropped_total 1.0" in openmetrics
    now_s += 2.0
    assert "ttsd_slow_readers_dropped_total 1.0" in await text(metrics)


async def test_a_card_that_is_gone_shows_nothing_but_that_it_is_gone():
    cards = (
        GpuSample(0, "RTX", None, None, power_w=120.0, mig=1, uuid="MIG-1", xid=XidEvent(79, 5.0)),
        GpuSample(1, "RTX", None, None, uuid="GPU-2", ecc=Ecc(3, 5, pending=True)),
    )
    lost = LostCard("2", "RTX", "GPU-3", "GPU is lost", 7.0)
    disks = (DiskSample("/srv", "spool", 1000, 4000, answers=False),)
    health = HealthSample(0.0, HostSample(0.0, 0, 1, 0), cards, lost_gpus=(lost,), disks=disks)
    metrics = Metrics()
    shown = (await metrics.render(partial(told, msgspec.structs.replace(STATUS, health=health))))[0].decode()
    series = [line for line in shown.splitlines() if line.startswith(("ttsd_gpu", "ttsd_disk"))]
    for line in (
        'ttsd_gpu_power_watts{gpu="0:1"} 120.0',
        'ttsd_gpu_xid_last_number{gpu="0:1"} 79.0',
        'ttsd_gpu_xid_last_timestamp_seconds{gpu="0:1"} 5.0',
        'ttsd_gpu_ecc_uncorrected_errors_total{gpu="1"} 3.0',
        'ttsd_gpu_ecc_reset_pending{gpu="1"} 1.0',
        'ttsd_gpu_lost{gpu="2",name="RTX",uuid="GPU-3"} 1.0',
        'ttsd_disk_free_bytes{place="spool"} 1000.0',
        'ttsd_disk_answers{place="spool"} 0.0',
    ):
        assert line in series
    assert [line for line in series if 'gpu="2"' in line] == ['ttsd_gpu_lost{gpu="2",name="RTX",uuid="GPU-3"} 1.0']


async def told(status: Status) -> Status:
    return status
