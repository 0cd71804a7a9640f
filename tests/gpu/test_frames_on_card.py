"""Frames on a card: the official codes, replays that are what was recorded, slots that know nothing of each other."""

import json
from pathlib import Path

import pytest
import torch

from tests.oracle.cases import TRANSCRIPT, cases, clip
from tests.unit.worker.qwen3.scenes import WIDE, comings_and_goings
from tests.unit.worker.qwen3.test_codes import spoken as spoken_case
from ttsd.worker.qwen3 import frames as frames_module
from ttsd.worker.qwen3.clip import Clip
from ttsd.worker.qwen3.frames import INSANE, Frames, Settings
from ttsd.worker.qwen3.pacing import NEVER
from ttsd.worker.qwen3.prompt import Layout, Prompt, Speaker
from ttsd.worker.qwen3.recording import Direct

pytestmark = pytest.mark.gpu

GOLDENS = json.loads(
    (Path(__file__).parents[1] / "unit" / "worker" / "qwen3" / "goldens" / "codes.json").read_text(encoding="utf-8")
)
GREEDY = Settings(greedy=True, predictor_greedy=True)


def frames_of(model, slots=4, context=300):
    return Frames(model.talker, model.prompts.pad, slots=slots, context=context, text_rows=100, device=model.device)


def prompt_of(model, length, seed=0, text=4):
    """The same numbers on every device."""
    draw = torch.Generator().manual_seed(seed)
    rows = torch.randn(length + text, model.config.talker.hidden_size, generator=draw).to(model.prompts.pad)
    return Prompt(rows[:length], rows[length:])


def speak(frames, slot, count, push=NEVER):
    """Codes and hidden states of `count` frames of one slot."""
    codes, hidden = [], []
    for _ in range(count):
        codes.append(frames.step({slot: push})[slot].cpu())
        hidden.append(frames.state.hidden[slot].clone())
    return torch.stack(codes), torch.stack(hidden)


# --- against the CPU --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def voices(on_cpu, exact):
    """Made on the CPU: this is about frames."""
    found = {}
    for mode, transcript in (("icl", TRANSCRIPT), ("xvector", None)):
        made = on_cpu.clone(Clip(clip()), transcript, exact=True)
        reference = made.reference and made.reference._replace(codes=made.reference.codes.to(exact.device))
        found[mode] = Speaker(made.vector.to(exact.device), reference)
    return found


@pytest.mark.parametrize("case", cases()[::4], ids=lambda case: case.name)
def test_the_codes_are_the_official_ones(exact, voices, case):
    made, _ = spoken_case(exact, voices, case)
    assert made == GOLDENS["cases"][case.name]


def played(model):
    course = comings_and_goings(frames_of(model), lambda length, seed: prompt_of(model, length, seed))
    return [[codes[slot].tolist() for slot in ready] for ready, codes in course]


def test_who_joins_and_who_leaves_between_replays_is_seen(on_cpu, exact):
    assert played(exact) == played(on_cpu)


def test_a_text_that_comes_later_is_seen(on_cpu, exact):
    made = []
    for model in (on_cpu, exact):
        frames, whole = frames_of(model), prompt_of(model, 9, text=12)
        frames.admit(2, Prompt(whole.rows, whole.trailing[:3]), Settings(seed=4))
        codes = [speak(frames, 2, 3)[0]]
        frames.extend(2, whole.trailing[3:])
        made.append(torch.cat([*codes, speak(frames, 2, 15)[0]]))
    assert torch.equal(made[0], made[1])


@pytest.mark.parametrize("length", [5, 63, 64, 65, 128, 200, 299])
def test_a_prompt_of_any_length_says_what_it_says_on_a_cpu(on_cpu, exact, length):
    hidden = []
    for model in (on_cpu, exact):
        frames = frames_of(model)
        frames.admit(1, prompt_of(model, length, seed=length), GREEDY)
        hidden.append(frames.state.hidden[1].cpu())
    torch.testing.assert_close(hidden[1], hidden[0], rtol=1e-3, atol=1e-4)


# --- against itself, as it is used ------------------------------------------------------------------


def test_a_replay_is_the_step_that_was_recorded_bit_for_bit(half, monkeypatch):
    """The same kernels, launched by a graph and one by one."""
    made = []
    for recorded in (True, False):
        if not recorded:
            monkeypatch.setattr(frames_module, "recorder_for", lambda _device: Direct())
        frames = frames_of(half)
        frames.admit(1, prompt_of(half, 40, 1), Settings(seed=1))
        frames.admit(3, prompt_of(half, 70, 2), WIDE)
        made.append([(frames.step({1: NEVER, 3: NEVER}).cpu(), frames.state.hidden.clone()) for _ in range(40)])
    for (codes, hidden), (eager_codes, eager_hidden) in zip(*made, strict=True):
        assert torch.equal(codes[[1, 3]], eager_codes[[1, 3]])
        assert torch.equal(hidden[[1, 3]], eager_hidden[[1, 3]])


def test_a_stream_has_the_same_codes_alone_and_in_a_crowd_of_the_same_size(half):
    mine, settings = prompt_of(half, 30, 7), Settings(seed=7)
    alone = frames_of(half, 8)
    alone.admit(7, mine, settings)
    codes, hidden = speak(alone, 7, 30)
    crowd = frames_of(half, 8)
    crowd.admit(7, mine, settings)
    for number in range(30):
        if number < 7:
            crowd.admit(number, prompt_of(half, 10 + 9 * number, number), Settings(seed=number))
        if 21 <= number < 28:
            crowd.release(number - 21)
        there = [slot for slot in range(7) if number - 21 < slot <= number]
        made = crowd.step({7: NEVER} | dict.fromkeys(there, 0.0)).cpu()
        assert torch.equal(made[7], codes[number]), number
        assert torch.equal(crowd.state.hidden[7], hidden[number]), number


def test_a_slot_is_as_new_after_numbers_that_are_none(half):
    made = []
    for poisoned in (False, True):
        frames = frames_of(half)
        if poisoned:
            none = torch.full((60, half.config.talker.hidden_size), torch.nan).to(half.prompts.pad)
            frames.admit(0, Prompt(none, none[:2]), GREEDY)
            assert (frames.step({0: NEVER})[0] == INSANE).all()
            frames.release(0)
        frames.admit(0, prompt_of(half, 20), Settings(seed=1))
        made.append(speak(frames, 0, 20)[0])
    assert (made[0] >= 0).all()
    assert torch.equal(made[0], made[1])


def test_one_whose_numbers_are_none_harms_nobody(half):
    made = []
    for poisoned in (False, True):
        frames = frames_of(half)
        frames.admit(1, prompt_of(half, 20), Settings(seed=1))
        rows = prompt_of(half, 25, 3).rows
        frames.admit(0, Prompt(rows * torch.nan if poisoned else rows, rows[:0]), Settings(seed=2))
        made.append(torch.stack([frames.step({0: NEVER, 1: NEVER})[1].cpu() for _ in range(12)]))
    assert torch.equal(made[0], made[1])


def test_warming_up_leaves_nothing_to_record_and_changes_no_code(half, cuda_only):
    fresh = frames_of(half)
    fresh.admit(2, prompt_of(half, 20), Settings(seed=1))
    wanted, _ = speak(fresh, 2, 20)
    warm = frames_of(half)
    warm.warm_up(4)
    known = len(warm._recorder._recorded)
    warm.admit(2, prompt_of(half, 20), Settings(seed=1))
    assert torch.equal(speak(warm, 2, 20)[0], wanted)
    assert len(warm._recorder._recorded) == known


@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
def test_the_host_waits_for_nothing(half, cuda_only):
    frames = frames_of(half)
    frames.warm_up(4)
    prompts = [prompt_of(half, 20 + slot, slot) for slot in range(4)]
    frames.step({3: NEVER})
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for slot, prompt in enumerate(prompts):
            frames.admit(slot, prompt, Settings(seed=slot))
            frames.step(dict.fromkeys(range(slot + 1), NEVER))
        frames.extend(2, prompts[0].rows)
        frames.release(1)
        frames.step({0: 0.0, 2: 1.0})
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
def test_a_prompt_is_built_without_waiting(half, cuda_only):
    ids = half.tokenizer.text_ids("Good morning to you.")
    torch.cuda.set_sync_debug_mode("error")
    try:
        half.prompts.build(ids, Speaker(), None, Layout.STREAMING)
    finally:
        torch.cuda.set_sync_debug_mode("default")
