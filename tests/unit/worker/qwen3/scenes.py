"""A course of streams that is played on pretended cards and on real ones."""

from collections.abc import Callable

from torch import Tensor

from ttsd.worker.qwen3.frames import Frames, Settings
from ttsd.worker.qwen3.pacing import NEVER
from ttsd.worker.qwen3.prompt import Prompt

WIDE = Settings(top_k=0, top_p=0.8, predictor_top_k=0, predictor_top_p=0.9)
"""All codes are ranked."""


def comings_and_goings(frames: Frames, prompt_of: Callable[[int, int], Prompt]) -> list[tuple[list[int], Tensor]]:
    """Of each frame the slots that were ready, and the codes: four streams join, one leaves and comes back as another.

    `prompt_of` is asked for a length and a seed.
    """
    made = []
    for number in range(20):
        if number % 4 == 0 and number < 16:
            frames.admit(number // 4, prompt_of(9 + number, number), Settings(seed=number))
        if number == 14:
            frames.release(0)
        if number == 17:
            frames.admit(0, prompt_of(12, 0), WIDE)
        ready = [slot for slot in range(4) if slot * 4 <= number and not (slot == 0 and 14 <= number < 17)]
        made.append((ready, frames.step(dict.fromkeys(ready, NEVER)).clone()))
    return made
