"""Frames: the official codes, token for token; and a slot that nobody else has a say in."""

import json
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors import safe_open

from ttsd.protocol.errors import TooLarge
from ttsd.worker.qwen3.frames import Frames, Settings
from ttsd.worker.qwen3.geometry import TalkerConfig
from ttsd.worker.qwen3.talker import Talker

GOLDENS = Path(__file__).parent / "goldens"
"""Made by tests/oracle/talker_goldens.py."""
CASES = ("streaming", "text-first", "ending")
GREEDY = Settings(greedy=True, predictor_greedy=True)


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module", params=["projected", "plain"])
def golden(request):
    """A talker, and by name the tensors of its cases."""
    with safe_open(GOLDENS / f"talker-{request.param}.safetensors", "pt") as file, torch.inference_mode():
        config = msgspec.convert(json.loads(file.metadata()["config"]), TalkerConfig)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        with torch.device("meta"):
            talker = Talker(config)
        own = {name.removeprefix("talker."): tensor for name, tensor in tensors.items() if name.startswith("talker.")}
        talker.load_state_dict({name: tensor.float() for name, tensor in own.items()}, assign=True)
        talker.requires_grad_(requires_grad=False)
        talker.prepare()
    return talker, tensors


@pytest.fixture
def talker(golden):
    return golden[0]


def frames_of(talker, slots=1, context=300):
    return Frames(talker, slots=slots, context=context, device="cpu", dtype=torch.float32)


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def mask(slots, *chosen):
    made = torch.zeros(slots, dtype=torch.bool)
    made[list(chosen)] = True
    return made


def speak(frames, slot, count, rows=None, ends=False, span=0):
    """Codes and hidden states of `count` frames of one slot, alone."""
    codes, hidden = [], []
    for number in range(count):
        text = torch.zeros(frames.slots, frames.hidden.shape[1])
        if rows is not None:
            text[slot] = rows[min(number, len(rows) - 1)]
        made = frames.step(text, mask(frames.slots, slot), mask(frames.slots, *([slot] if ends else [])), span)
        codes.append(made[slot].clone())
        hidden.append(frames.hidden[slot].clone())
    return torch.stack(codes), torch.stack(hidden)


@pytest.mark.parametrize("slots", [1, 4])
@pytest.mark.parametrize("case", CASES)
def test_greedy_codes_are_the_official_ones(golden, case, slots):
    talker, tensors = golden
    prompt, trailing, pad, wanted = (tensors[f"{case}.{part}"] for part in ("prompt", "trailing", "pad", "codes"))
    penalty = float(tensors[f"{case}.penalty"])
    frames = frames_of(talker, slots)
    settings = Settings(greedy=True, predictor_greedy=True, repetition_penalty=penalty)
    frames.admit(slots - 1, prompt, settings)
    ends = case == "ending"
    made, _ = speak(frames, slots - 1, len(wanted) + ends, torch.cat((trailing, pad)), ends=ends)
    assert torch.equal(made[: len(wanted)], wanted.long())
    assert not ends or made[-1, 0] == talker.config.codec_eos_token_id


def test_a_crowd_changes_not_a_bit(talker):
    width, settings = talker.config.hidden_size, Settings(seed=3)
    alone = frames_of(talker, 4)
    alone.admit(2, noise(12, width), settings)
    codes, hidden = speak(alone, 2, 24)
    crowd, draw = frames_of(talker, 4), torch.Generator().manual_seed(7)
    crowd.admit(2, noise(12, width), settings)
    for number in range(24):
        joining = number % 4
        if joining != 2:
            crowd.admit(joining, noise(5 + 8 * number, width, seed=number), Settings(seed=number, top_p=0.7, top_k=4))
        if number % 7 == 6:
            crowd.release(3)
        active = (torch.rand(4, generator=draw) < 0.7) | mask(4, 2)
        text = noise(4, width, seed=number)
        text[2] = 0
        made = crowd.step(text, active, ~mask(4, 2), crowd.span(250))
        assert torch.equal(made[2], codes[number])
        assert torch.equal(crowd.hidden[2], hidden[number])
        assert torch.equal(made[~active], torch.full_like(made[~active], -1))


def test_slots_and_their_number_change_no_code(talker):
    prompt = noise(12, talker.config.hidden_size)
    made = []
    for slots, slot in ((1, 0), (2, 1), (8, 0), (8, 5)):
        frames = frames_of(talker, slots)
        frames.admit(slot, prompt, Settings(seed=5))
        made.append(speak(frames, slot, 16)[0])
    assert all(torch.equal(codes, made[0]) for codes in made)


def test_a_longer_span_changes_not_a_bit(talker):
    made = []
    for span in (128, 256, 0):
        frames = frames_of(talker, 2)
        frames.admit(0, noise(30, talker.config.hidden_size), Settings(seed=1))
        made.append(speak(frames, 0, 10, span=span)[1])
    assert torch.equal(made[0], made[1])
    assert torch.equal(made[0], made[2])


def test_the_span_covers_the_position_that_is_written(talker):
    frames = frames_of(talker)
    assert [frames.span(longest) for longest in (0, 127, 128, 299)] == [128, 128, 256, 300]


def test_a_seed_gives_the_same_codes_again_and_another_one_others(talker):
    made = []
    for seed in (4, 4, 5):
        frames = frames_of(talker)
        frames.admit(0, noise(9, talker.config.hidden_size), Settings(seed=seed))
        made.append(speak(frames, 0, 12)[0])
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_a_slot_that_waits_stays_as_it_is(talker):
    width = talker.config.hidden_size
    frames = frames_of(talker, 2)
    frames.admit(0, noise(9, width), Settings(seed=1))
    frames.admit(1, noise(20, width, seed=1), Settings(seed=2))
    wanted, _ = speak(frames, 0, 12)
    frames.admit(0, noise(9, width), Settings(seed=1))
    before = [buffer[1].clone() for buffer in (frames.hidden, frames.logits, frames.position, frames.frame)]
    kept = frames.save_prefix(1, 20).kv
    made = []
    for number in range(24):
        active = mask(2, 0) if number % 2 else mask(2)
        codes = frames.step(torch.zeros(2, width), active, mask(2))
        made += [codes[0].clone()] if number % 2 else []
    assert torch.equal(torch.stack(made), wanted)
    after = (frames.hidden, frames.logits, frames.position, frames.frame)
    assert all(torch.equal(buffer[1], was) for buffer, was in zip(after, before, strict=True))
    assert torch.equal(frames.save_prefix(1, 20).kv, kept)


def test_a_prompt_after_a_saved_prefix_is_the_whole_prompt(talker):
    prompt = noise(20, talker.config.hidden_size)
    frames = frames_of(talker, 2)
    frames.admit(0, prompt, Settings(seed=8))
    saved = frames.save_prefix(0, 9)
    whole, _ = speak(frames, 0, 20)
    frames.admit(1, prompt[9:], Settings(seed=8), saved)
    assert saved.length == 9
    assert saved.size_bytes == saved.kv.numel() * 4
    assert torch.equal(frames.position, torch.tensor([40, 20]))
    assert torch.equal(speak(frames, 1, 20)[0], whole)


def test_a_slot_used_before_gives_the_codes_of_a_new_one(talker):
    width = talker.config.hidden_size
    fresh = frames_of(talker)
    fresh.admit(0, noise(9, width), Settings(seed=1))
    wanted, _ = speak(fresh, 0, 10)
    used = frames_of(talker)
    used.admit(0, torch.full((50, width), torch.nan), GREEDY)
    speak(used, 0, 3)
    used.release(0)
    used.admit(0, noise(9, width), Settings(seed=1))
    assert torch.equal(speak(used, 0, 10)[0], wanted)


def test_the_end_is_drawn_only_when_allowed_and_after_the_fewest_frames(golden):
    talker, tensors = golden
    eos = talker.config.codec_eos_token_id
    frames = frames_of(talker)
    frames.admit(0, noise(9, talker.config.hidden_size), Settings(seed=1, min_frames=3, top_k=0, temperature=50.0))
    # A hidden state that points at the end of speech, put back before each frame.
    certain = tensors["talker.codec_head.weight"][eos].float() * 1000
    made = []
    for number in range(6):
        frames.hidden[0] = certain
        frames.logits[0] = 0
        frames.logits[0, eos] = 1e6
        codes, _ = speak(frames, 0, 1, ends=number != 3)
        made.append(int(codes[0, 0]) == eos)
    assert made == [False, False, False, False, True, True]
    assert int(frames.frame) == 4  # the end is no frame: the slot stays where it is


def test_a_prompt_that_leaves_no_room_is_refused(talker):
    frames = frames_of(talker, context=20)
    with pytest.raises(TooLarge, match="20 positions, and a slot has 20"):
        frames.admit(0, noise(20, talker.config.hidden_size), GREEDY)
    frames.admit(0, noise(19, talker.config.hidden_size), GREEDY)
    assert speak(frames, 0, 1)[0].min() >= 0
