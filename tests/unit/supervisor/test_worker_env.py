"""What the worker is told of the configuration."""

import msgspec
import pytest

from ttsd.config import Config, Engine, Fake, Speech
from ttsd.protocol.engine import ENGINE_VARIABLE, EngineConfig
from ttsd.supervisor.worker_env import engine_config, worker_env


def test_the_worker_reads_what_the_configuration_says():
    config = Config(
        engine=Engine(name="fake", slots=3),
        fake=Fake(slots=2, load_s=1.5, first_chunk_ms=10, rtf=0.5, script="/tmp/faults.toml"),
        speech=Speech(voice="noise"),
    )
    told = msgspec.json.decode(worker_env(config, None)[ENGINE_VARIABLE], type=EngineConfig)
    assert (told.name, told.slots, told.default_voice) == ("fake", 3, "noise")
    assert msgspec.to_builtins(told.fake) == msgspec.to_builtins(config.fake)


@pytest.mark.parametrize(("wanted", "cap", "slots"), [(0, None, 0), (4, None, 4), (0, 2, 2), (4, 2, 2), (1, 2, 1)])
def test_slots_are_capped_after_the_memory_ran_out(wanted, cap, slots):
    config = Config(engine=Engine(slots=wanted), fake=Fake(slots=4))
    told = engine_config(config, cap)
    assert told.slots == slots
    assert told.fake.slots == (4 if cap is None else min(4, cap))
