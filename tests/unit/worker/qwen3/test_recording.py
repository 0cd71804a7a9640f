"""What a card does of a frame, shown without one: nothing is waited for, and a recording stays true."""

import itertools
import json
from pathlib import Path

import msgspec
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from safetensors import safe_open

from tests.unit.worker.qwen3.pretended import (
    CannotBeRecorded,
    HostWaits,
    NoWaiting,
    OnHost,
    Strict,
    Trace,
    address,
    card,
)
from tests.unit.worker.qwen3.scenes import WIDE, comings_and_goings
from ttsd.worker.qwen3 import frames as frames_module
from ttsd.worker.qwen3 import recording
from ttsd.worker.qwen3.frames import INSANE, Frames, Settings
from ttsd.worker.qwen3.geometry import TalkerConfig
from ttsd.worker.qwen3.pacing import NEVER
from ttsd.worker.qwen3.prompt import Layout, Prompt, PromptBuilder, Reference, Speaker
from ttsd.worker.qwen3.talker import Talker

GOLDENS = Path(__file__).parent / "goldens"
CODEBOOKS = 4
"""Of the pretended talker: what is the same for all of them is not gone through sixteen times."""
GREEDY = Settings(greedy=True, predictor_greedy=True)


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


@pytest.fixture
def on_card():
    with card():
        yield


@pytest.fixture
def on_host():
    with OnHost():
        yield


@pytest.fixture
def strict(monkeypatch):
    """`strict(device)`: the recorder of the frames that are made next."""

    def use(device):
        found = Strict(device)
        monkeypatch.setattr(frames_module, "recorder_for", lambda _device: found)
        return found

    return use


def golden():
    return safe_open(GOLDENS / "talker-projected.safetensors", "pt")


def shape():
    with golden() as file:
        return msgspec.convert(json.loads(file.metadata()["config"]), TalkerConfig)


def prepared(config, tensor_of):
    with torch.device("meta"):
        made = Talker(config)
    made.load_state_dict({name: tensor_of(name, part) for name, part in made.state_dict().items()}, assign=True)
    made.requires_grad_(requires_grad=False)
    made.prepare()
    return made


# --- what is recorded, on a pretended card ----------------------------------------------------------


def pretended_frames(slots, context=600):
    config = shape()
    predictor = msgspec.structs.replace(
        config.code_predictor_config, num_code_groups=CODEBOOKS, num_hidden_layers=1, vocab_size=100
    )
    config = msgspec.structs.replace(config, num_code_groups=CODEBOOKS, code_predictor_config=predictor)
    talker = prepared(config, lambda _name, part: torch.empty(part.shape, device="cuda", dtype=torch.bfloat16))
    pad = torch.zeros(1, config.hidden_size, device="cuda", dtype=torch.bfloat16)
    return Frames(talker, pad, slots=slots, context=context, text_rows=100, device="cuda")


def pretended_prompt(frames, length, text=3):
    width = frames.state.hidden.shape[1]
    rows = torch.zeros(length, width, device="cuda", dtype=torch.bfloat16)
    return Prompt(rows, rows[:1].expand(text, -1))


def of_kind(keys, kind):
    return [key for key in keys if key[0] == kind]


@pytest.mark.parametrize(
    ("slots", "rules"),
    [(1, Settings()), (2, Settings()), (4, Settings()), (32, Settings()), (2, GREEDY), (2, WIDE)],
    ids=["one", "two", "four", "thirty-two", "greedy", "wide"],
)
def test_a_frame_is_the_same_call_each_time_on_the_same_buffers(on_card, strict, slots, rules):
    recorder = strict("cuda")
    frames = pretended_frames(slots)
    assert len(frames.state.hidden) == slots
    frames.admit(slots - 1, pretended_prompt(frames, 20), rules)
    made = [frames.step({slots - 1: push}) for push in (NEVER, 0.0, 2.5)]
    assert all(codes.shape == (slots, CODEBOOKS) and codes.dtype == torch.int64 and codes.is_cuda for codes in made)
    assert made[0] is made[1] is made[2]
    (key,) = of_kind(recorder.runs, "frame")
    assert recorder.runs[key] == 3
    state = frames.state
    kept = (state.position, state.frame, state.hidden, state.logits, state.seen, frames._remembered.kv)
    assert {address(tensor) for tensor in kept} <= recorder.traces[key].written
    told = (state.going, state.push, state.text_end)
    assert {address(tensor) for tensor in told} <= set(recorder.traces[key].before) - recorder.traces[key].written


def test_who_joins_and_who_leaves_changes_no_recording(on_card, strict):
    """Other rules of the same course, other texts, other slots, more text: all that is in buffers."""
    recorder = strict("cuda")
    frames = pretended_frames(2, context=256)
    frames.warm_up(2)
    known = set(recorder.traces)
    for number in range(2):
        frames.admit(number, pretended_prompt(frames, 9 + 90 * number), Settings(seed=number, top_k=4 + number))
        frames.step(dict.fromkeys(range(number + 1), 0.0))
    frames.extend(1, pretended_prompt(frames, 5).rows)
    frames.step({1: NEVER})
    frames.release(0)
    frames.step({1: 0.0})
    frames.admit(0, pretended_prompt(frames, 100), Settings(temperature=0.3))
    frames.step({0: 1.0})
    assert set(recorder.traces) == known, "warming up has recorded all of it"


def test_the_farther_back_the_longer_the_look(on_card, strict):
    recorder = strict("cuda")
    frames = pretended_frames(1, context=600)
    for length in (20, 255, 256, 511, 512, 599):
        frames.admit(0, pretended_prompt(frames, length), GREEDY)
        frames.step({0: NEVER})
    assert [key[2] for key in of_kind(recorder.traces, "frame")] == [256, 512, 600]


@pytest.mark.parametrize("context", [100, 300, 3072])
def test_a_prompt_is_one_recorded_call_of_a_few_lengths(on_card, strict, context):
    """Whatever the context is: it need be no power of two. What is longer than they are is run as it is."""
    recorder = strict("cuda")
    frames = pretended_frames(2, context=context)
    frames.warm_up(1)
    known = of_kind(recorder.traces, "prompt")
    assert known
    for length in (1, 64, 65, 99, 200, 700, 3000):
        if length < context:
            frames.admit(1, pretended_prompt(frames, length), Settings())
    assert of_kind(recorder.traces, "prompt") == known


@pytest.mark.parametrize("rules", [Settings(), WIDE], ids=["usual", "wide"])
def test_the_host_waits_for_nothing(on_card, strict, rules):
    """Not within a step, down to the operations that others are made of, and not between frames."""
    strict("cuda")
    frames = pretended_frames(2)
    prompt = pretended_prompt(frames, 20)
    frames.admit(1, prompt, rules)
    frames.step({0: NEVER, 1: NEVER})
    with NoWaiting():
        frames.admit(1, prompt, rules)
        frames.extend(1, prompt.rows)
        frames.step({0: 0.0, 1: NEVER})
        frames.release(0)
        frames.learn(0, prompt.rows)


@pytest.mark.parametrize("layout", list(Layout))
def test_a_prompt_is_built_without_waiting(on_card, model, layout):
    """Others' frames are on their way then."""
    talker = prepared(model.config.talker, lambda _name, part: torch.empty(part.shape, device="cuda"))
    prompts = PromptBuilder(model.config, talker, model.tokenizer.role_ids, "cuda")
    codes = torch.zeros(20, 16, dtype=torch.int64, device="cuda")
    vector = torch.zeros(model.config.talker.hidden_size, device="cuda")
    for reference in (None, Reference([1, 2, 3], codes), Reference([1, 2, 3], codes, prompts.reference_rows(codes))):
        with NoWaiting():
            prompts.build([1, 2, 3], Speaker(vector, reference), None, layout)
            assert prompts.text([4, 5]).is_cuda


def efficient(q, k, v, bias=None):
    aten = torch.ops.aten
    return aten._scaled_dot_product_efficient_attention(q, k, v, bias, compute_log_sumexp=False, scale=1.0)[0]


def cudnn(q, k, v, bias=None):
    aten = torch.ops.aten
    return aten._scaled_dot_product_cudnn_attention(q, k, v, bias, compute_log_sumexp=False, scale=1.0)[0]


def flash(q, k, v, bias=None):
    """Takes no bias: then it is another that runs."""
    if bias is not None:
        return efficient(q, k, v, bias)
    return torch.ops.aten._scaled_dot_product_flash_attention(q, k, v, scale=1.0)[0]


@pytest.mark.parametrize("kernel", [flash, efficient, cudnn])
def test_any_attention_kernel_will_do(on_card, strict, monkeypatch, kernel):
    """Each lays its result out in its own way."""
    recorder, usual = strict("cuda"), F.scaled_dot_product_attention

    def attention(q, k, v, bias=None, **how):
        return usual(q, k, v, bias, **how) if "is_causal" in how else kernel(q, k, v, bias)

    frames = pretended_frames(4)
    frames.admit(3, pretended_prompt(frames, 20), Settings())
    monkeypatch.setattr(F, "scaled_dot_product_attention", attention)
    assert frames.step({3: NEVER}).shape == (4, CODEBOOKS)
    (key,) = of_kind(recorder.traces, "frame")
    assert any(kernel.__name__ in name for name, _ in recorder.traces[key].steps)


# --- and that it is right, with numbers -------------------------------------------------------------


def real_frames(slots=4, context=300):
    config = shape()
    with golden() as file:
        talker = prepared(config, lambda name, _part: file.get_tensor(f"talker.{name}").float())
    return Frames(talker, torch.zeros(1, config.hidden_size), slots=slots, context=context, text_rows=100, device="cpu")


def as_on_card(frames, lengths=(32, 64)):
    """What a card decides, on numbers: recorded calls, prompts of a few lengths, spans, all slots of a step."""
    frames._device = torch.device("cuda")
    frames._prefill._lengths = list(lengths)
    return frames


def real_prompt(frames, length, seed=0):
    draw = torch.Generator().manual_seed(seed)
    rows = torch.randn(length + 4, frames.state.hidden.shape[1], generator=draw)
    return Prompt(rows[:length], rows[length:])


def spoken(frames):
    course = comings_and_goings(frames, lambda length, seed: real_prompt(frames, length, seed))
    return torch.stack([codes for _, codes in course])


def test_recording_changes_no_code(on_host, strict):
    wanted = spoken(real_frames())
    recorder = strict("cpu")
    frames = as_on_card(real_frames())
    frames.warm_up(4)
    assert torch.equal(spoken(frames), wanted)
    assert sum(recorder.runs[key] for key in of_kind(recorder.runs, "frame")) > 20


def test_a_padded_prompt_says_what_it_says_by_itself(on_host, strict):
    wanted = real_frames()
    strict("cpu")
    frames = as_on_card(real_frames())
    for length in (30, 32, 33, 64, 5, 65):
        for one in (wanted, frames):
            one.admit(1, real_prompt(one, length), Settings(seed=length))
        torch.testing.assert_close(frames.state.hidden[1], wanted.state.hidden[1])
        assert torch.equal(frames.step({1: NEVER})[1], wanted.step({1: NEVER})[1])


def test_a_longer_prompt_leaves_nothing_behind(on_host, strict):
    made = []
    for poisoned in (False, True):
        strict("cpu")
        frames = as_on_card(real_frames())
        if poisoned:
            none = torch.full((60, frames.state.hidden.shape[1]), torch.nan)
            frames.admit(0, Prompt(none, none[:2]), GREEDY)
            assert (frames.step({0: NEVER})[0] == INSANE).all()
            frames.release(0)
        frames.admit(1, real_prompt(frames, 40), Settings(seed=1))
        made.append(torch.stack([frames.step({1: NEVER})[1].clone() for _ in range(6)]))
    assert (made[0] >= 0).all()
    assert torch.equal(made[0], made[1])


# --- the judge itself -------------------------------------------------------------------------------


def test_what_a_recording_would_not_notice_is_noticed():
    numbers, scalars, others = torch.zeros(4), itertools.count(), iter([torch.zeros(4) for _ in range(9)])
    for call in (
        lambda: numbers + next(scalars),
        lambda: numbers + next(others),
        lambda: numbers[: next(scalars)] + 1,
        lambda: numbers.add_(1) if next(scalars) % 2 else numbers.add_(1).mul_(2),
    ):
        judge = Strict("cpu")
        judge.record("key", call)
        with pytest.raises(CannotBeRecorded, match="step"):
            judge.run("key", call)
    for call in (lambda: float(numbers[0]), lambda: numbers[numbers > 0], numbers.nonzero):
        with pytest.raises(HostWaits), Trace("cpu"):
            call()


def test_a_buffer_that_is_gone_is_noticed():
    buffers, judge = [torch.zeros(4)], Strict("cpu")
    judge.record("key", lambda: buffers[0] + 1)
    buffers[0] = torch.zeros(4)
    with pytest.raises(CannotBeRecorded, match="are gone"):
        judge.run("key", lambda: buffers[0] + 1)


def test_what_waits_is_noticed(on_card):
    here, there = torch.zeros(3), torch.zeros(3, device="cuda")
    for call in (lambda: there.copy_(here), there.cpu, lambda: there.__setitem__(1, 2.0), lambda: there.to(here)):
        with pytest.raises(HostWaits), NoWaiting():
            call()
    with NoWaiting():
        there.copy_(here, non_blocking=True)
        there.fill_(1.0)
    with pytest.raises(CannotBeRecorded), Trace("cuda"):
        there.copy_(here, non_blocking=True)


def test_on_a_cpu_nothing_is_recorded():
    direct = recording.recorder_for("cpu")
    direct.record("key", lambda: pytest.fail("not called"))
    assert direct.knows("key")
    assert direct.run("key", lambda: torch.ones(1)) == 1
