"""Which card our worker computes on: the one that CUDA shows it first. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from ttsd.config import Config
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.health import GpuSample

VISIBLE: Final = "CUDA_VISIBLE_DEVICES"


def needs_card(config: Config, engine: EngineInfo | None) -> bool:
    """Whether speech depends on a card: the engine that is loaded computes on one, or is to."""
    if engine is not None:
        return engine.device != "cpu"
    if config.engine.name == "fake":
        return config.fake.device != "cpu"
    qwen3 = config.qwen3
    return config.engine.name == "qwen3" and (
        qwen3.device == "cuda" or (qwen3.device == "auto" and not config.engine.allow_cpu)
    )


def marked(cards: Sequence[GpuSample], env: Mapping[str, str]) -> tuple[GpuSample, ...]:
    """`cards` with the one marked that a worker with this environment computes on.

    That is where it holds memory; where the driver does not tell (before it does, and in containers), the first one
    that `CUDA_VISIBLE_DEVICES` leaves visible.
    """
    holding = [card for card in cards if any(process.ours for process in card.processes or ())]
    chosen = (holding or [*_visible(cards, env.get(VISIBLE))][:1])[:1]
    return tuple(msgspec.structs.replace(card, serves=card in chosen) for card in cards)


def _visible(cards: Sequence[GpuSample], setting: str | None) -> list[GpuSample]:
    """In CUDA's order; what it cannot make sense of ends the list, as CUDA has it."""
    if setting is None:
        # Without a choice CUDA shows whole cards, and of a card in MIG mode its first instance.
        return list(cards)
    shown: list[GpuSample] = []
    for name in setting.split(","):
        card = _named(cards, name.strip())
        if card is None:
            break
        shown.append(card)
    return shown


def _named(cards: Sequence[GpuSample], name: str) -> GpuSample | None:
    """By number, or by the beginning of a uuid where no other begins so."""
    if name.isdecimal():
        return next((card for card in cards if card.index == int(name)), None)
    found = [card for card in cards if name.startswith(("GPU-", "MIG-")) and card.uuid.startswith(name)]
    return found[0] if len(found) == 1 else None
