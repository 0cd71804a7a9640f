"""Codes to sound for many streams: on a CPU, and as on a card, whose streams and events are played here."""

import contextlib
import functools
import gc
import random
import threading

import msgspec
import pytest
import torch

from tests.checkpoints import SIZES, codec_config
from tests.unit.worker.qwen3.pretended import OnHost, Strict, card
from ttsd.worker.qwen3 import recording, sounding
from ttsd.worker.qwen3.codec import CodecDecoder, CodecStream
from ttsd.worker.qwen3.geometry import DecoderConfig
from ttsd.worker.qwen3.pacing import RAMP_FRAMES
from ttsd.worker.qwen3.sounding import Beside, Direct, Due

CODEBOOKS = 16


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


class PlayedStream:
    """Does everything at once; notes whom it waited for."""

    def __init__(self, _device=None):
        self.awaited = []

    def wait_stream(self, other):
        self.awaited.append(other)

    def synchronize(self):
        pass


class PlayedEvent:
    broken = False

    def record(self):
        pass

    def synchronize(self):
        if self.broken:
            raise RuntimeError("an illegal memory access was encountered")


class PlayedCard:
    """CUDA's streams: the usual one, and the current one of the thread."""

    def __init__(self, patch):
        self.usual = self.current = PlayedStream()
        self.recorders = []
        patch.setattr(torch.cuda, "Stream", PlayedStream)
        patch.setattr(torch.cuda, "Event", PlayedEvent)
        patch.setattr(torch.cuda, "current_stream", lambda _device=None: self.current)
        patch.setattr(torch.cuda, "stream", self.on)
        patch.setattr(torch.Tensor, "record_stream", lambda _tensor, stream: self.kept.append(stream))
        patch.setattr(sounding, "Graphs", self._recorder)
        self.kept = []

    @contextlib.contextmanager
    def on(self, stream):
        before, self.current = self.current, stream
        yield
        self.current = before

    def _recorder(self):
        self.recorders.append(Strict("cpu"))
        return self.recorders[-1]


@pytest.fixture
def played(monkeypatch):
    with OnHost():
        yield PlayedCard(monkeypatch)


def beside(model, slots):
    """As on a card: all rows of a call at once."""
    made = Beside(model, slots)
    made._codec._device = torch.device("cuda")
    return made


class Listener:
    """What one slot is told."""

    def __init__(self):
        self.news = []

    @property
    def sound(self):
        return torch.cat([torch.from_numpy(samples).clone() for samples in self.news])


def codes_of(frames, seed):
    return torch.randint(0, 64, (frames, CODEBOOKS), generator=torch.Generator().manual_seed(seed))


def heard(made, plan, primed=None):
    """The sound of slots whose codes come in the chunks of `plan`: rounds of {slot: codes}."""
    listeners = {slot: Listener() for part in plan for slot in part}
    for slot in listeners:
        made.begin(slot, primed)
    for part in plan:
        made.decode([Due(slot, codes, listeners[slot].news.append) for slot, codes in part.items()])
    over = threading.Event()
    made.afterwards(over.set)
    assert over.wait(20)
    made.close()
    return {slot: listener.sound for slot, listener in listeners.items()}


def rounds(slots, seed):
    """Each slot goes through the ramp at a pace of its own, and ends somewhere in a chunk."""
    draw, plan = random.Random(seed), []
    left = {slot: [*RAMP_FRAMES, draw.randint(1, 12)] for slot in range(slots)}
    while left:
        chosen = [slot for slot in left if draw.random() < 0.7]
        plan.append({slot: codes_of(left[slot].pop(0), seed + slot + 100 * len(plan)) for slot in chosen})
        left = {slot: sizes for slot, sizes in left.items() if sizes}
    return plan


@pytest.mark.parametrize("slots", [1, 3, 18])
def test_the_sound_is_that_of_a_cpu(model, played, slots):
    """18: more than a call takes."""
    plan = rounds(slots, seed=slots)
    wanted = heard(Direct(model, slots), plan)
    found = heard(beside(model, slots), plan)
    for slot, sound in wanted.items():
        torch.testing.assert_close(found[slot], sound, atol=1e-4, rtol=0)


def test_a_voice_is_gone_on_from_when_it_is_there_and_not_forgotten_before(model, played):
    stream = CodecStream(model.decoder, 1, "cpu", torch.float32)
    stream.decode([0], codes_of(20, 1)[None])
    primed, plan = stream.save(0), [{0: codes_of(4, 2)}]
    wanted = heard(Direct(model, 2), plan, primed)
    made = beside(model, 2)
    made._stream.awaited.clear()
    found = heard(made, plan, primed)
    torch.testing.assert_close(found[0], wanted[0], atol=1e-4, rtol=0)
    assert made._stream.awaited[0] is played.usual
    assert played.kept == [made._stream] * len(primed)
    assert not torch.allclose(found[0], heard(beside(model, 2), plan)[0], atol=1e-3)


def test_warming_up_records_all_that_comes_and_nobody_hears_it(model, played):
    made = beside(model, 6)
    before = made._codec.save(3)
    made.warm_up()
    recorder = played.recorders[-1]
    assert set(recorder.traces) == {(slots, frames) for slots in (1, 2, 4, 8) for frames in RAMP_FRAMES}
    assert all(torch.equal(before[name], tensor) for name, tensor in made._codec.save(3).items())
    heard(made, rounds(6, seed=3))
    assert len(recorder.traces) == 20
    made = beside(model, 1)
    made.warm_up()
    assert set(played.recorders[-1].traces) == {(1, frames) for frames in RAMP_FRAMES}
    made.close()


def test_when_the_card_fails_everybody_is_told(model, played):
    made, listeners = beside(model, 3), [Listener() for _ in range(3)]
    for slot in range(3):
        made.begin(slot, None)
    PlayedEvent.broken = True
    try:
        made.decode([Due(slot, codes_of(1, slot), one.news.append) for slot, one in enumerate(listeners)])
        over = threading.Event()
        made.afterwards(over.set)
        assert over.wait(20)
    finally:
        PlayedEvent.broken = False
    assert all("illegal memory access" in str(one.news[0]) for one in listeners)
    made.close()


@pytest.mark.parametrize("slots", [1, 16])
def test_a_chunk_on_a_card_waits_for_nothing(slots):
    """The codec as published, on a pretended card."""
    config = msgspec.convert(codec_config(SIZES["1.7b"])["decoder_config"], DecoderConfig)
    with card():
        decoder = pretended_decoder(config)
        stream = CodecStream(decoder, slots + 1, "cuda", torch.float32)
        rows, recorder = torch.zeros(slots, dtype=torch.int64, device="cuda"), Strict("cuda")
        for frames in (1, 12):
            codes = torch.zeros(slots, frames, CODEBOOKS, dtype=torch.int64, device="cuda")
            call = functools.partial(stream.decode, rows, codes)
            recorder.record(frames, call)
            sound = [recorder.run(frames, call) for _ in range(2)]
            assert sound[0] is sound[1]
            assert sound[0].shape == (slots, frames * decoder.samples_per_frame)


def pretended_decoder(config):
    with torch.device("meta"):
        made = CodecDecoder(config)
    made.load_state_dict(
        {name: torch.empty(tensor.shape, device="cuda") for name, tensor in made.state_dict().items()}, assign=True
    )
    made.prepare()
    return made


# --- the graphs of a card ---------------------------------------------------------------------------


class PlayedGraph:
    replays = 0

    def replay(self):
        self.replays += 1


def test_graphs_are_recorded_on_one_stream_of_their_own(monkeypatch):
    done, usual, seen = [], PlayedStream(), []

    @contextlib.contextmanager
    def recorded(_graph, *, pool, stream, capture_error_mode):
        done.append(("begin", pool, stream, capture_error_mode, gc.isenabled()))
        yield
        done.append(("end",))

    monkeypatch.setattr(torch.cuda, "Stream", PlayedStream)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: usual)
    monkeypatch.setattr(torch.cuda, "stream", contextlib.nullcontext)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", PlayedGraph)
    monkeypatch.setattr(torch.cuda, "graph", recorded)
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: "pool")
    monkeypatch.setattr(torch.backends.cuda, "enable_cudnn_sdp", seen.append)
    graphs = recording.recorder_for("cuda")
    assert isinstance(graphs, recording.Graphs)
    assert seen == [False]
    for key in (1, 2):
        assert not graphs.knows(key)
        graphs.record(key, lambda key=key: done.append(key) or torch.full((1,), key))
        assert graphs.knows(key)
    assert gc.isenabled()
    begins = [step for step in done if isinstance(step, tuple)]
    assert done[:2] == [1, 1], "warm-ups"
    assert begins[0] == begins[2]
    assert begins[0][1] == "pool"
    assert begins[0][3:] == ("thread_local", False)
    aside = begins[0][2]
    assert usual.awaited == [aside, aside]
    assert aside.awaited == [usual, usual]
    first = graphs.run(1, lambda: pytest.fail("not called"))
    assert graphs.run(1, lambda: pytest.fail("not called")) is first
    assert first == 1
