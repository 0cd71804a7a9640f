"""What the worker is told of the configuration when it starts."""

import os
from typing import Final

import msgspec

from ttsd.config import Config
from ttsd.protocol.engine import ENGINE_VARIABLE, EngineConfig, FakeSettings, Qwen3Settings


def engine_config(config: Config, slots: int | None) -> EngineConfig:
    """The engine of `config`, with at most `slots` slots (`None`: as configured)."""
    fake = msgspec.convert(config.fake, FakeSettings, from_attributes=True)
    return EngineConfig(
        name=config.engine.name,
        slots=_capped(config.engine.slots, slots),
        languages=config.engine.languages,
        default_voice=config.speech.voice,
        fake=msgspec.structs.replace(fake, slots=_capped(fake.slots, slots)),
        qwen3=Qwen3Settings(
            model=config.qwen3.model,
            device=config.qwen3.device,
            dtype=config.qwen3.dtype,
            slots=_capped(config.qwen3.slots, slots),
            max_frames=config.qwen3.max_frames,
            allow_cpu=config.engine.allow_cpu,
        ),
    )


def _capped(wanted: int, cap: int | None) -> int:
    """`wanted`, where 0 leaves it to the engine."""
    return wanted if cap is None else min(wanted or cap, cap)


MEMORY_HABITS: Final = {"MALLOC_ARENA_MAX": "2"}
"""For glibc: threads share their free memory. (A trim threshold would save 50 MB more and cost 10 ms a sentence.)"""


DEVICE_ORDER: Final = "CUDA_DEVICE_ORDER"
"""Cards are counted as `nvidia-smi` does, unless somebody chose otherwise: CUDA itself begins with the fastest."""


def worker_env(config: Config, slots: int | None) -> dict[str, str]:
    """Environment of the worker on top of ours."""
    order = {} if DEVICE_ORDER in os.environ else {DEVICE_ORDER: "PCI_BUS_ID"}
    return {**MEMORY_HABITS, **order, ENGINE_VARIABLE: msgspec.json.encode(engine_config(config, slots)).decode()}
