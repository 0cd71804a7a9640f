"""The codec's decoder against the official one's sound, and its streams against one pass over everything."""

import random
import runpy
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load, load_file, save
from torch import nn
from torch.nn import functional

from tests.unit.worker.qwen3.pretended import Trace, address, card
from ttsd.worker.qwen3.codec import MOST_FRAMES, CodecDecoder, CodecStream
from ttsd.worker.qwen3.codec_layers import CausalUpsampling, LastConv, Stack
from ttsd.worker.qwen3.codec_memory import Memory, Plan
from ttsd.worker.qwen3.codec_windows import Convolution, Product
from ttsd.worker.qwen3.geometry import DecoderConfig

HERE = Path(__file__).parent
GOLDENS = load_file(HERE / "goldens" / "codec.safetensors")
SCRIPT = runpy.run_path(str(HERE.parents[2] / "oracle" / "codec_goldens.py"))
CONFIG = msgspec.convert(SCRIPT["DECODER"], DecoderConfig)
FRAMES, WINDOWS, FRAME = SCRIPT["FRAMES"], SCRIPT["WINDOWS"], SCRIPT["FRAME"]
RAMP = (1, 1, 2, 4, 8, 12)
TOLERANCE = {torch.float32: 3e-5, torch.float64: 1e-9}


def make_codes(streams, frames, seed=0):
    return torch.from_numpy(SCRIPT["codes"](streams, frames, seed))


def build(dtype):
    with torch.device("meta"):
        decoder = CodecDecoder(CONFIG)
    made = SCRIPT["weights"]({name: value.shape for name, value in decoder.state_dict().items()})
    decoder.load_state_dict({name: torch.from_numpy(value).to(dtype) for name, value in made.items()}, assign=True)
    decoder.prepare()
    return decoder


@pytest.fixture(scope="module")
def decoders():
    return {dtype: build(dtype) for dtype in TOLERANCE}


@pytest.fixture(params=TOLERANCE, ids=["float32", "float64"])
def dtype(request):
    return request.param


@pytest.fixture
def single(decoders):
    return decoders[torch.float32]


@pytest.fixture
def double(decoders):
    return decoders[torch.float64]


@pytest.fixture(autouse=True)
def inference():
    with torch.inference_mode():
        yield


def stream_of(decoder, slots):
    return CodecStream(decoder, slots, "cpu", decoder._front.table.dtype)


def chunked(stream, slot, codes, sizes):
    """Sound of all `codes` [T, 16] in chunks of these sizes, the last one again and again."""
    found, start, sizes = [], 0, list(sizes)
    while start < len(codes):
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        found.append(stream.decode([slot], codes[None, start : start + size])[0])
        start += size
    return torch.cat(found)


def difference(a, b):
    assert a.shape == b.shape
    return (a.double() - b.double()).abs().max().item()


# --- the official sound -----------------------------------------------------------------------------


def test_the_sound_is_the_official_one(decoders, dtype):
    """Past the window and far from the beginning; in float64 to the last digits, so that the formulas are the same."""
    sound = decoders[dtype](make_codes(1, FRAMES))[0]
    assert sound.shape == (FRAMES * FRAME,)
    assert 0.05 < sound.std() < 0.3
    for first, end in WINDOWS:
        golden = GOLDENS[f"{str(dtype)[6:]}.{first}-{end}"]
        assert difference(sound[first * FRAME : end * FRAME], golden) < TOLERANCE[dtype]


def test_a_stream_gives_the_official_sound(single):
    sound = chunked(stream_of(single, 2), 1, make_codes(1, FRAMES)[0], RAMP)
    for first, end in WINDOWS:
        golden = GOLDENS[f"float32.{first}-{end}"]
        assert difference(sound[first * FRAME : end * FRAME], golden) < TOLERANCE[torch.float32]


# --- chunks -----------------------------------------------------------------------------------------


def test_any_chunks_of_interleaved_slots_give_the_sound_of_one_pass(decoders, dtype):
    codes, slots, draw = make_codes(2, FRAMES, seed=1), (4, 0), random.Random(2)
    stream, found, done = stream_of(decoders[dtype], 5), [[], []], [0, 0]
    while chosen := [i for i in range(2) if done[i] < FRAMES]:
        chosen = draw.sample(chosen, draw.randint(1, len(chosen)))
        size = min(draw.choice((1, 2, 4, 8, 12, 3, 40, 71, 72, 73)), *(FRAMES - done[i] for i in chosen))
        given = torch.stack([codes[i, done[i] : done[i] + size] for i in chosen])
        sound = stream.decode([slots[i] for i in chosen], given)
        assert sound.shape == (len(chosen), size * FRAME)
        for i, piece in zip(chosen, sound, strict=True):
            found[i].append(piece)
            done[i] += size
    whole = decoders[dtype](codes)
    assert difference(torch.stack([torch.cat(pieces) for pieces in found]), whole) < TOLERANCE[dtype]


@pytest.mark.parametrize("sizes", [(1,), (7,), (71, 1), (72, 2), (MOST_FRAMES + 1,), (100,)])
def test_chunks_of_one_size(double, sizes):
    codes = make_codes(1, 100, seed=3)
    assert difference(chunked(stream_of(double, 1), 0, codes[0], sizes), double(codes)[0]) < 1e-9


def test_no_click_where_chunks_meet(single):
    sound = chunked(stream_of(single, 1), 0, make_codes(1, 240, seed=4)[0], (4,))
    steps = sound.diff().abs()
    border = torch.zeros_like(steps, dtype=torch.bool)
    border[4 * FRAME - 1 :: 4 * FRAME] = True
    assert border.sum() == 59
    assert steps[border].max() <= steps[~border].max()
    assert steps[border].mean() < 1.5 * steps[~border].mean()


def test_positions_do_not_wear_out(double):
    """The same codes after a week of sound: the frames of the window are as far apart as ever."""
    codes = make_codes(1, 260, seed=5)
    stream = stream_of(double, 2)
    early = chunked(stream, 0, codes[0], (20,))
    stream.load(1, {**stream.save(1), "frames": torch.tensor([10_000_000])})
    late = chunked(stream, 1, codes[0], (20,))
    assert difference(early[: 72 * FRAME], late[: 72 * FRAME]) > 1e-3  # silence was before the one, and not the other
    assert difference(early[200 * FRAME :], late[200 * FRAME :]) < 1e-7


# --- slots ------------------------------------------------------------------------------------------


def test_a_slot_gives_the_same_bits_alone_and_in_a_crowd(single):
    codes = make_codes(8, 24, seed=6)
    alone = chunked(stream_of(single, 8), 3, codes[3], (2,))
    crowd, found = stream_of(single, 8), []
    for start in range(0, 24, 2):
        others = [slot for slot in range(8) if slot != 3 and (slot + start) % 3]
        row = start % (len(others) + 1)
        slots = [*others[:row], 3, *others[row:]]
        found.append(crowd.decode(torch.tensor(slots), codes[slots, start : start + 2])[row])
    assert torch.equal(torch.cat(found), alone)


def test_a_used_slot_begins_anew(single):
    codes = make_codes(2, 90, seed=7)
    stream = stream_of(single, 3)
    first = chunked(stream, 1, codes[0], (30,))
    chunked(stream, 1, codes[1], (30,))
    stream.reset(1)
    assert torch.equal(chunked(stream, 1, codes[0], (30,)), first)


def test_slots_left_alone_stay_as_they_are(single):
    codes = make_codes(3, 8, seed=8)
    stream = stream_of(single, 3)
    stream.decode([0, 1, 2], codes)
    before = stream.save(1)
    stream.decode([0, 2], codes[:2])
    stream.reset(0)
    after = stream.save(1)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_saved_slot_goes_on_in_another(single):
    """A voice's reference is decoded once; its state goes to disk and into any slot."""
    codes = make_codes(1, 110, seed=9)[0]
    stream = stream_of(single, 4)
    chunked(stream, 0, codes[:80], (80,))
    saved = load(save(stream.save(0)))
    assert sum(value.nbytes for value in saved.values()) == stream.slot_bytes
    chunked(stream, 3, codes[:50].flip(0), (50,))
    stream.load(3, saved)
    assert torch.equal(chunked(stream, 3, codes[80:], (1, 4)), chunked(stream, 0, codes[80:], (1, 4)))


def test_a_state_of_another_decoder_is_refused(single):
    stream = stream_of(single, 1)
    saved = stream.save(0)
    with pytest.raises(ValueError, match=r"a codec state of the shape \{'past': \[7\], .*\}, not \{'past': \["):
        stream.load(0, {**saved, "past": torch.zeros(7)})
    with pytest.raises(ValueError, match="a codec state of the shape"):
        stream.load(0, {"frames": saved["frames"]})


def test_all_rows_at_once_as_on_a_card(double):
    codes = make_codes(4, 90, seed=10)
    stream = stream_of(double, 6)
    stream._device = torch.device("cuda")
    slots = torch.tensor([5, 1, 0, 2])
    found = [stream.decode(slots, codes[:, :40]), stream.decode(slots, codes[:, 40:41])]
    found.append(torch.cat([stream.decode(slots[:1], codes[:1, 41:]), stream.decode(slots[1:], codes[1:, 41:])]))
    assert difference(torch.cat(found, 1), double(codes)) < 1e-9
    assert not stream._past[[3, 4]].any()
    assert not stream._heard[:, [3, 4]].any()


def test_buffers_stay_where_they_are(single):
    """A captured graph knows them by their address."""
    stream = stream_of(single, 2)
    where = [tensor.data_ptr() for tensor in (stream._past, stream._heard, stream._frames)]
    stream.decode([0, 1], make_codes(2, 3))
    stream.load(1, stream.save(0))
    stream.reset(0)
    assert [tensor.data_ptr() for tensor in (stream._past, stream._heard, stream._frames)] == where


# --- on a card ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("batch", "frames"), [(1, 1), (3, 4), (2, MOST_FRAMES)])
def test_a_card_is_not_waited_for(dtype, batch, frames):
    """Nothing depends on a number, nothing comes from the CPU, and what is remembered stays in its place."""
    with torch.device("meta"):
        decoder = CodecDecoder(CONFIG)
    shapes = {name: value.shape for name, value in decoder.state_dict().items()}
    with card():
        made = {name: torch.empty(shape, dtype=dtype, device="cuda") for name, shape in shapes.items()}
        decoder.load_state_dict(made, assign=True)
        decoder.prepare()
        stream = CodecStream(decoder, 5, "cuda", dtype)
        slots = torch.empty(batch, dtype=torch.int64, device="cuda")
        codes = torch.empty(batch, frames, 16, dtype=torch.int64, device="cuda")
        with Trace("cuda") as trace:
            sound = stream.decode(slots, codes)
    assert (sound.shape, sound.dtype, sound.device.type) == ((batch, frames * FRAME), dtype, "cuda")
    assert trace.written == {address(tensor) for tensor in (stream._past, stream._heard, stream._frames)}


# --- parts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3, 4, 5, 40])
@pytest.mark.parametrize("bias", [None, torch.ones(11)])
def test_a_packed_product_is_the_plain_one(monkeypatch, rows, bias):
    generator = torch.Generator().manual_seed(13)
    weight, x = torch.randn(11, 30, generator=generator), torch.randn(rows, 30, generator=generator)
    monkeypatch.setattr(Product, "PACKED_ABOVE", 0)
    product = Product(weight, bias)
    assert product.weight is None
    assert difference(product(x), functional.linear(x, weight, bias)) < 1e-5


def test_packed_weights_make_the_same_sound(monkeypatch, double):
    """At the published size nearly all are packed; at this size none, unless one asks for it."""
    monkeypatch.setattr(Product, "PACKED_ABOVE", 0)
    packed, codes = build(torch.float32), make_codes(2, 40, seed=14)
    stream = stream_of(packed, 2)
    alone = chunked(stream, 0, codes[0], RAMP)
    assert difference(alone, double(codes)[0]) < TOLERANCE[torch.float32]
    stream.reset(0)
    both = [stream.decode([1, 0], codes.flip(0)[:, start : start + 4])[1] for start in range(0, 40, 4)]
    stream.reset(0)
    assert torch.equal(torch.cat(both), chunked(stream, 0, codes[0], (4,)))


def test_pieces_give_the_sound_of_the_whole(monkeypatch, double):
    monkeypatch.setattr(Stack, "PIECE", 1)
    codes = make_codes(2, 20, seed=15)
    assert difference(build(torch.float64)(codes), double(codes)) < 1e-9


def test_weights_are_given_up(double):
    assert not list(double.parameters())
    assert not list(double.buffers())


@pytest.mark.parametrize(("taps", "stride"), [(2, 2), (16, 8), (9, 3)])
def test_upsampling_is_the_transposed_convolution(taps, stride):
    generator = torch.Generator().manual_seed(11)
    conv = nn.ConvTranspose1d(5, 3, taps, stride).double()
    x = torch.randn(2, 7, 5, generator=generator, dtype=torch.float64)
    expected = functional.conv_transpose1d(x.mT, conv.weight, conv.bias, stride)[..., : 7 * stride]
    plan = Plan(72)
    layer = CausalUpsampling(conv, plan)
    assert difference(layer(x, Memory.empty(plan, 2, 1, x)), expected.mT) < 1e-12


@pytest.mark.parametrize("dilation", [1, 3, 9])
def test_both_ways_of_a_convolution(dilation):
    conv = nn.Conv1d(5, 3, 7, dilation=dilation).double()
    x = torch.randn(2, 70, 5, generator=torch.Generator().manual_seed(16), dtype=torch.float64)
    expected = conv(x.mT).mT
    assert difference(Convolution(conv)(x), expected) < 1e-12
    assert difference(Convolution(conv).direct(x), expected) < 1e-12


def test_the_last_convolution():
    conv = nn.Conv1d(5, 1, 7).double()
    x = torch.randn(2, 9, 5, generator=torch.Generator().manual_seed(17), dtype=torch.float64)
    plan = Plan(72)
    layer = LastConv(conv, plan)
    assert difference(layer(x, Memory.empty(plan, 2, 1, x)), conv(functional.pad(x.mT, (6, 0)))[:, 0]) < 1e-12


def test_bfloat16_is_near(double):
    """What a card uses by default makes the same sound, less finely."""
    codes = make_codes(1, 80, seed=12)
    rough = chunked(stream_of(build(torch.bfloat16), 1), 0, codes[0], RAMP).double()
    exact = double(codes)[0]
    assert (rough - exact).std() < 0.2 * exact.std()
