"""Health samples: of this very machine, published, with the loop's lag."""

import asyncio
import os
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from ttsd.bus import Bus
from ttsd.clock import wall
from ttsd.protocol.events import HealthSampled
from ttsd.supervisor.host import Host
from ttsd.supervisor.sampler import HealthSampler, Sources


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
async def sampler(bus: Bus) -> AsyncIterator[HealthSampler]:
    sampler = HealthSampler(bus, wall, Sources(lambda: [os.getppid()]), sample_s=0.05)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(sampler.run())
        yield sampler
        task.cancel()


def published(bus: Bus) -> list[HealthSampled]:
    return [event for event in bus.since(0) or [] if isinstance(event, HealthSampled)]


async def test_samples_are_published_and_the_newest_is_at_hand(bus, sampler, until):
    assert sampler.latest.host.daemon_rss_bytes > 0
    await until(lambda: len(published(bus)) >= 3)
    sample = published(bus)[-1].sample
    assert sample is sampler.latest
    assert abs(sample.at_s - wall()) < 5
    assert sample.host.worker_rss_bytes > 0


async def test_a_blocked_loop_shows_as_lag(bus, sampler, until):
    await until(lambda: published(bus))
    await asyncio.sleep(0)
    time.sleep(0.3)
    seen = len(published(bus))
    await until(lambda: len(published(bus)) > seen)
    assert max(event.sample.host.loop_lag_ms for event in published(bus)) > 100


def test_the_host_is_this_machine():
    host = Host().sample((), 1.5)
    memory = psutil.virtual_memory()
    assert host.memory_total_bytes == memory.total
    assert 0 < host.memory_used_bytes < memory.total
    assert 0 <= host.cpu <= 1
    assert host.worker_rss_bytes == 0
    assert host.loop_lag_ms == 1.5
    assert abs(host.daemon_rss_bytes - psutil.Process().memory_info().rss) < 50 * 2**20


def test_a_worker_that_is_gone_weighs_nothing():
    pid = os.spawnvp(os.P_NOWAIT, "true", ["true"])
    os.waitpid(pid, 0)
    assert Host().sample([pid], 0.0).worker_rss_bytes == 0
