"""Frames: the official codes, token for token; and a slot that nobody else has a say in."""

import functools
import json
import random
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors import safe_open

from ttsd.protocol.errors import TooLarge
from ttsd.worker.qwen3.frames import INSANE, WAITING, Frames, Settings
from ttsd.worker.qwen3.geometry import TalkerConfig
from ttsd.worker.qwen3.pacing import NEVER
from ttsd.worker.qwen3.prompt import Prompt
from ttsd.worker.qwen3.talker import Talker

GOLDENS = Path(__file__).parent / "goldens"
"""Made by tests/oracle/talker_goldens.py."""
CASES = ("streaming", "text-first", "ending")
GREEDY = Settings(greedy=True, predictor_greedy=True)


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


@functools.cache
def read(name):
    """A talker, and by name the tensors of its cases."""
    with safe_open(GOLDENS / f"talker-{name}.safetensors", "pt") as file, torch.inference_mode():
        config = msgspec.convert(json.loads(file.metadata()["config"]), TalkerConfig)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    own = {name.removeprefix("talker."): tensor for name, tensor in tensors.items() if name.startswith("talker.")}
    return made(config, lambda name, _part: own[name].float()), tensors


def made(config, weight_of):
    with torch.inference_mode():
        with torch.device("meta"):
            talker = Talker(config)
        talker.load_state_dict({name: weight_of(name, part) for name, part in talker.state_dict().items()}, assign=True)
        talker.requires_grad_(requires_grad=False)
        talker.prepare()
    return talker


@functools.cache
def wide():
    """A talker whose matrices are large enough to be packed, with random weights."""
    small = read("projected")[0].config
    predictor = msgspec.structs.replace(
        small.code_predictor_config, hidden_size=320, intermediate_size=512, head_dim=64
    )
    wider = {"hidden_size": 384, "intermediate_size": 768, "text_hidden_size": 384, "head_dim": 64}
    config = msgspec.structs.replace(small, **wider, code_predictor_config=predictor)

    def weight_of(name, part):
        return noise(*part.shape, seed=len(name)) * part.shape[-1] ** -0.5 + ("norm" in name)

    talker = made(config, weight_of)
    assert all(matrix.packed for matrix in (talker.head, talker.layers[0]._qkv, talker.layers[1]._down))
    return talker


@pytest.fixture(params=["projected", "plain"])
def golden(request):
    return read(request.param)


@pytest.fixture
def talker(golden):
    return golden[0]


@pytest.fixture(params=["projected", "plain", "wide"])
def any_talker(request):
    return wide() if request.param == "wide" else read(request.param)[0]


def frames_of(talker, slots=1, context=300):
    pad = torch.zeros(1, talker.config.hidden_size)
    return Frames(talker, pad, slots=slots, context=context, text_rows=100, device="cpu")


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def prompt_of(talker, length, seed=0, text=0):
    width = talker.config.hidden_size
    return Prompt(noise(length, width, seed=seed), noise(text, width, seed=seed + 1000))


def speak(frames, slot, count, push=NEVER):
    """Codes and hidden states of `count` frames of one slot, alone."""
    codes, hidden = [], []
    for _ in range(count):
        codes.append(frames.step({slot: push})[slot].clone())
        hidden.append(frames.state.hidden[slot].clone())
    return torch.stack(codes), torch.stack(hidden)


@pytest.mark.parametrize("slots", [1, 4])
@pytest.mark.parametrize("case", CASES)
def test_greedy_codes_are_the_official_ones(golden, case, slots):
    talker, tensors = golden
    prompt, trailing, pad, wanted = (tensors[f"{case}.{part}"] for part in ("prompt", "trailing", "pad", "codes"))
    penalty = float(tensors[f"{case}.penalty"])
    frames = Frames(talker, pad, slots=slots, context=300, text_rows=100, device="cpu")
    settings = Settings(greedy=True, predictor_greedy=True, repetition_penalty=penalty)
    frames.admit(slots - 1, Prompt(prompt, trailing), settings)
    ends = case == "ending"
    made, _ = speak(frames, slots - 1, len(wanted) + ends, 0.0 if ends else NEVER)
    assert torch.equal(made[: len(wanted)], wanted.long())
    assert not ends or made[-1, 0] == talker.config.codec_eos_token_id


def test_a_crowd_of_32_that_comes_and_goes_changes_not_a_bit(any_talker):
    """One stays; the others join and leave at any frame, in steps of 4 to 32 slots, each with its own prompt."""
    talker, mine = any_talker, prompt_of(any_talker, 12, text=8)
    alone = frames_of(talker)
    alone.admit(0, mine, Settings(seed=3))
    codes, hidden = speak(alone, 0, 24)
    crowd, draw, there = frames_of(talker, 32), random.Random(7), set()
    crowd.admit(2, mine, Settings(seed=3))
    for number in range(24):
        for slot in draw.sample([slot for slot in range(32) if slot != 2], 8):
            if slot in there:
                crowd.release(slot)
            else:
                rules = Settings(seed=number, top_p=draw.choice((0.7, 1.0)), top_k=draw.choice((0, 4, 50)))
                crowd.admit(slot, prompt_of(talker, draw.randint(5, 150), seed=slot), rules)
            there ^= {slot}
        ready = {2: NEVER} | {slot: 0.0 for slot in there if draw.random() < 0.7 and slot < 4 << number % 4}
        made = crowd.step(ready)
        assert torch.equal(made[2], codes[number])
        assert torch.equal(crowd.state.hidden[2], hidden[number])
        waiting = [slot for slot in range(len(made)) if slot not in ready]
        assert (made[waiting] == WAITING).all()


def test_slots_and_their_number_change_no_code(any_talker):
    prompt = prompt_of(any_talker, 12)
    made = []
    for slots, slot in ((1, 0), (2, 1), (8, 0), (8, 5), (13, 12), (64, 40)):
        frames = frames_of(any_talker, slots)
        frames.admit(slot, prompt, Settings(seed=5))
        made.append(speak(frames, slot, 16)[0])
    assert all(torch.equal(codes, made[0]) for codes in made)


def test_a_longer_look_back_changes_not_a_bit(talker):
    made = []
    for beside in (5, 140, 280):
        frames = frames_of(talker, 2)
        frames.admit(0, prompt_of(talker, 30), Settings(seed=1))
        frames.admit(1, prompt_of(talker, beside), Settings(seed=1))
        made.append(torch.stack([frames.step({0: NEVER, 1: NEVER})[0].clone() for _ in range(10)]))
        made.append(frames.state.hidden[0].clone())
    assert torch.equal(made[0], made[2])
    assert torch.equal(made[0], made[4])
    assert torch.equal(made[1], made[3])
    assert torch.equal(made[1], made[5])


def test_a_step_runs_no_more_slots_than_it_must(talker):
    frames = frames_of(talker, 50)
    for slot in (0, 4, 31, 49):
        frames.admit(slot, prompt_of(talker, 9), GREEDY)
    sizes = [len(frames.step(dict.fromkeys(ready, NEVER))) for ready in ((0,), (4,), (0, 4, 31), (49,))]
    assert sizes == [4, 8, 32, 50]


def test_text_that_comes_later_is_spoken_as_if_it_had_been_there(talker):
    whole = prompt_of(talker, 9, text=20)
    frames = frames_of(talker, 2)
    frames.admit(0, whole, Settings(seed=4))
    wanted, _ = speak(frames, 0, 30)
    frames.admit(1, Prompt(whole.rows, whole.trailing[:3]), Settings(seed=4))
    made = [speak(frames, 1, 3)[0]]
    frames.extend(1, whole.trailing[3:4])
    made.append(speak(frames, 1, 1)[0])
    frames.extend(1, whole.trailing[4:])
    made.append(speak(frames, 1, 26)[0])
    assert torch.equal(torch.cat(made), wanted)
    with pytest.raises(TooLarge, match="100 tokens"):
        frames.extend(1, noise(90, talker.config.hidden_size))


def test_a_seed_gives_the_same_codes_again_and_another_one_others(talker):
    made = []
    for seed in (4, 4, 5):
        frames = frames_of(talker)
        frames.admit(0, prompt_of(talker, 9), Settings(seed=seed))
        made.append(speak(frames, 0, 12)[0])
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_a_slot_that_waits_stays_as_it_is(talker):
    frames = frames_of(talker, 3)
    frames.admit(0, prompt_of(talker, 9), Settings(seed=1))
    frames.admit(1, prompt_of(talker, 20), Settings(seed=2))
    wanted, _ = speak(frames, 0, 12)
    other, _ = speak(frames, 1, 5)
    frames.admit(0, prompt_of(talker, 9), Settings(seed=1))
    frames.admit(1, prompt_of(talker, 20), Settings(seed=2))
    frames.admit(2, prompt_of(talker, 20), Settings(seed=2))
    made = [frames.step({number % 2 * 2: NEVER})[0].clone() for number in range(24)]
    assert torch.equal(torch.stack(made[::2]), wanted)
    assert torch.equal(speak(frames, 1, 5)[0], other)


def test_a_prompt_after_a_learned_prefix_is_the_whole_prompt(talker):
    prompt = prompt_of(talker, 20, text=3)
    frames = frames_of(talker, 2)
    saved = frames.learn(0, prompt.rows[:9])
    frames.admit(0, prompt, Settings(seed=8), saved)
    learned, _ = speak(frames, 0, 20)
    frames.admit(1, prompt, Settings(seed=8), saved)
    assert saved.length == 9
    assert saved.size_bytes == saved.kv.numel() * 4
    assert frames.state.position.tolist()[:2] == [40, 20]
    assert torch.equal(speak(frames, 1, 20)[0], learned)
    frames.admit(1, prompt, Settings(seed=8))
    assert torch.equal(speak(frames, 1, 20)[0], learned)


def test_a_slot_used_before_gives_the_codes_of_a_new_one(talker):
    width = talker.config.hidden_size
    fresh = frames_of(talker)
    fresh.admit(0, prompt_of(talker, 9), Settings(seed=1))
    wanted, _ = speak(fresh, 0, 10)
    used = frames_of(talker)
    used.admit(0, Prompt(torch.full((50, width), torch.nan), torch.full((9, width), torch.nan)), GREEDY)
    assert (speak(used, 0, 3)[0] == INSANE).all()
    used.release(0)
    used.admit(0, prompt_of(talker, 9), Settings(seed=1))
    assert torch.equal(speak(used, 0, 10)[0], wanted)


def test_the_end_is_drawn_only_when_allowed_and_after_the_fewest_frames(golden):
    talker, tensors = golden
    eos = talker.config.codec_eos_token_id
    frames = frames_of(talker)
    frames.admit(0, prompt_of(talker, 9), Settings(seed=1, min_frames=3, top_k=0, temperature=50.0))
    # A hidden state that points at the end of speech, put back before each frame.
    certain = tensors["talker.codec_head.weight"][eos].float() * 1000
    made = []
    for number in range(6):
        frames.state.hidden[0] = certain
        frames.state.logits[0] = 0
        frames.state.logits[0, eos] = 1e6
        codes, _ = speak(frames, 0, 1, NEVER if number == 3 else 0.0)
        made.append(int(codes[0, 0]) == eos)
    assert made == [False, False, False, False, True, True]
    assert int(frames.state.frame[0]) == 4  # the end is no frame: the slot stays where it is


def test_a_prompt_that_leaves_no_room_is_refused(talker):
    frames = frames_of(talker, context=20)
    with pytest.raises(TooLarge, match="20 positions, and a slot has 20"):
        frames.admit(0, prompt_of(talker, 20), GREEDY)
    frames.admit(0, prompt_of(talker, 19), GREEDY)
    assert speak(frames, 0, 1)[0].min() >= 0


def test_who_is_hurried_ends(talker):
    frames = frames_of(talker)
    frames.admit(0, prompt_of(talker, 9), Settings(seed=2))
    speak(frames, 0, 3)
    assert frames.step({0: 1e6})[0, 0] == talker.config.codec_eos_token_id
