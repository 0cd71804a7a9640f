"""The codec on a card: recorded calls give the sound of a CPU, however it is cut; voices are waited for and kept."""

import random
import threading

import pytest
import torch

from ttsd.worker.qwen3.codec import CodecStream
from ttsd.worker.qwen3.pacing import RAMP_FRAMES
from ttsd.worker.qwen3.sounding import Direct, Due, sounding_for

pytestmark = pytest.mark.gpu

CODEBOOKS = 16
TOLERANCE = 1e-3
"""Of samples in [-1, 1]: sums are added up in another order, through some fifty layers."""


def codes_of(frames, seed):
    return torch.randint(0, 64, (frames, CODEBOOKS), generator=torch.Generator().manual_seed(seed))


def rounds(slots, seed):
    """Each slot goes through the ramp at a pace of its own, and ends somewhere in a chunk: rounds of {slot: codes}."""
    draw, plan = random.Random(seed), []
    left = {slot: [*RAMP_FRAMES, 12, draw.randint(1, 12)] for slot in range(slots)}
    while left:
        chosen = [slot for slot in left if draw.random() < 0.7]
        plan.append({slot: codes_of(left[slot].pop(0), seed + slot + 100 * len(plan)) for slot in chosen})
        left = {slot: sizes for slot, sizes in left.items() if sizes}
    return plan


def heard(made, plan, primed=None):
    """The whole sound of each slot."""
    news = {slot: [] for part in plan for slot in part}
    for slot in news:
        made.begin(slot, primed)
    for part in plan:
        made.decode([Due(slot, codes, news[slot].append) for slot, codes in part.items()])
    over = threading.Event()
    made.afterwards(over.set)
    assert over.wait(60)
    return {slot: torch.cat([torch.from_numpy(samples).clone() for samples in told]) for slot, told in news.items()}


@pytest.mark.parametrize("slots", [1, 5, 18])
def test_the_sound_is_that_of_a_cpu(on_cpu, exact, slots):
    plan = rounds(slots, seed=slots)
    wanted = heard(Direct(on_cpu, slots), plan)
    made = sounding_for(exact, slots)
    made.warm_up()
    found = heard(made, plan)
    made.close()
    for slot, sound in wanted.items():
        torch.testing.assert_close(found[slot], sound, atol=TOLERANCE, rtol=0)


def test_any_chunks_are_one_stream(on_cpu, exact, device):
    codes, draw, start, sound = codes_of(150, 9), random.Random(9), 0, []
    stream, slot = CodecStream(exact.decoder, 3, device, torch.float32), torch.tensor([1], device=device)
    while start < len(codes):
        size = draw.choice((1, 2, 3, 4, 8, 12, 40))
        sound.append(stream.decode(slot, codes[None, start : start + size].to(device))[0].cpu())
        start += size
    torch.testing.assert_close(torch.cat(sound), on_cpu.decoder(codes[None])[0], atol=TOLERANCE, rtol=0)


def test_a_used_slot_begins_anew(exact):
    made, plan = sounding_for(exact, 2), rounds(2, seed=4)
    first, again = heard(made, plan), heard(made, plan)
    made.close()
    assert all(torch.equal(first[slot], again[slot]) for slot in first)


def test_a_voice_that_is_still_being_made_is_waited_for_and_then_may_go(exact, device, cuda_only):
    """It is made on the usual stream while that is busy, and its memory is taken by others at once."""
    stream = CodecStream(exact.decoder, 1, device, torch.float32)
    stream.decode(torch.zeros(1, dtype=torch.int64, device=device), codes_of(20, 1)[None].to(device))
    state, plan = stream.save(0), [{0: codes_of(4, 2)}]
    made = sounding_for(exact, 2)
    made.warm_up()
    wanted = heard(made, plan, state)[0]
    torch.cuda.synchronize()
    for _ in range(20):
        torch.cuda._sleep(20_000_000)
        primed = {name: tensor + 0 for name, tensor in state.items()}
        made.begin(0, primed)
        others = [torch.full_like(tensor, -1) for tensor in primed.values()]
        del primed
        others += [torch.full_like(tensor, -1) for tensor in others]
        news, over = [], threading.Event()
        made.decode([Due(0, plan[0][0], news.append)])
        made.afterwards(over.set)
        assert over.wait(60)
        assert torch.equal(torch.from_numpy(news[0]), wanted)
    made.close()
