"""The engine on a card: what a listener hears, who leaves, and what becomes of the memory."""

import gc
import hashlib
import itertools
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from tests.oracle.cases import TRANSCRIPT, write_clip
from tests.waiting import wait_for
from ttsd.protocol.engine import EngineConfig, Qwen3Settings, ReferenceClip, Synthesize
from ttsd.protocol.speech import Span
from ttsd.worker.engine import Piece, build_engine
from ttsd.worker.qwen3.frames import Frames, Settings
from ttsd.worker.qwen3.pacing import Pacing
from ttsd.worker.qwen3.prompt import Layout, Speaker
from ttsd.worker.qwen3.scheduler import Scheduler, Stream

pytestmark = pytest.mark.gpu

FRAME_BYTES = 1920 * 2
MEGABYTE = 2**20


def started(tiny, device, **settings):
    given = {"model": str(tiny), "device": device.type, "slots": 4, "max_frames": 60, **settings}
    engine = build_engine(EngineConfig("qwen3", qwen3=Qwen3Settings(**given)))
    engine.load(lambda _progress, _note: None)
    return engine


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("CACHE_DIRECTORY", raising=False)
        yield


@pytest.fixture(scope="module")
def engine(tiny, device, _own_cache, _card):
    found = started(tiny, device)
    yield found
    found.close()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    path = write_clip(tmp_path_factory.mktemp("clips") / "me.wav")
    return ReferenceClip(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), TRANSCRIPT)


def request(text="Good morning to you.", **more):
    return Synthesize(1, (Span("en", text),), "default", **more)


def speak(engine, wanted, chunks=None):
    sound = engine.speak(wanted, threading.Event())
    heard = b"".join(itertools.islice(sound, chunks))
    sound.close()
    return heard


def test_it_says_what_it_runs_on(engine, device):
    assert engine.info.device == device.type
    assert engine.info.dtype == ("float32" if device.type == "cpu" else "bfloat16")
    assert (engine.gauges().vram_bytes > 0) == (device.type == "cuda")


def test_a_request_sounds_the_same_again_and_voices_differ(engine, reference):
    timbre = ReferenceClip(reference.path, reference.sha256)
    wanted = [request(seed=3, reference=voice) for voice in (None, reference, timbre)]
    sounds = [[speak(engine, one) for one in wanted] for _ in range(2)]
    assert sounds[0] == sounds[1]
    assert len(set(sounds[0])) == 3
    assert all(len(sound) > 4 * FRAME_BYTES for sound in sounds[0])


def test_a_crowd_larger_than_the_slots_is_served(engine, reference):
    wanted = [request(seed=seed, reference=reference if seed % 2 else None) for seed in range(12)]
    with ThreadPoolExecutor(len(wanted)) as crowd:
        sounds = list(crowd.map(lambda one: speak(engine, one), wanted))
    assert all(len(sound) > 4 * FRAME_BYTES for sound in sounds)
    assert len(set(sounds)) == 12


def test_a_text_that_is_still_being_written_sounds_like_the_whole(engine):
    whole = speak(engine, request("One two three four five.", seed=2))
    more: queue.SimpleQueue[Piece] = queue.SimpleQueue()
    for piece in ("two thr", "ee four", " five."):
        more.put(Piece(piece, last=piece.endswith(".")))
    live = engine.speak_live(request("One ", seed=2, more=True), more, threading.Event())
    assert b"".join(live) == whole


# --- who leaves -------------------------------------------------------------------------------------


def test_who_leaves_is_gone_with_the_frame(half):
    """His slot is the next one's before a second frame is made."""
    frames: list[float] = []
    scheduler = Scheduler(half, 1, context=300, text_rows=100, on_frame=lambda took_s, _: frames.append(took_s))
    with torch.inference_mode():
        ids = half.tokenizer.text_ids("Good morning to you.")
        prompt = half.prompts.build(ids, Speaker(), None, Layout.STREAMING)
    for _ in range(5):
        first, second = (Stream(prompt, Settings(), Pacing(len(prompt.trailing), len(ids), 200)) for _ in range(2))
        scheduler.submit(first)
        next(first.sound(threading.Event()))
        scheduler.submit(second)
        first.gone.set()
        left_at = len(frames)
        next(second.sound(threading.Event()))
        made, chunks = len(frames) - left_at, 1
        assert made <= 2 + chunks
        second.gone.set()
    scheduler.close()


def test_when_the_card_has_no_memory_left_listeners_are_told_so(half, device, monkeypatch):
    def step(_frames, _ready):
        return torch.empty(2**50, dtype=torch.uint8, device=device)

    scheduler = Scheduler(half, 1, context=300, text_rows=100, on_frame=lambda _took_s, _streams: None)
    monkeypatch.setattr(Frames, "step", step)
    with torch.inference_mode():
        ids = half.tokenizer.text_ids("Good morning to you.")
        prompt = half.prompts.build(ids, Speaker(), None, Layout.STREAMING)
    stream = Stream(prompt, Settings(), Pacing(len(prompt.trailing), len(ids), 200))
    scheduler.submit(stream)
    with pytest.raises(MemoryError):
        list(stream.sound(threading.Event()))
    scheduler.close()


# --- memory -----------------------------------------------------------------------------------------


def used_bytes():
    gc.collect()
    torch.cuda.synchronize()
    torch._C._cuda_clearCublasWorkspaces()
    torch.cuda.empty_cache()
    return torch.cuda.memory_reserved()


def test_the_memory_of_a_closed_engine_comes_back(tiny, device, reference, cuda_only):
    used = []
    for _ in range(3):
        engine = started(tiny, device)
        speak(engine, request(reference=reference))
        engine.close()
        del engine
        used.append(used_bytes())
    assert used[2] <= used[0] + 2 * MEGABYTE, used


def test_speaking_takes_no_more_memory_with_time(engine, reference, cuda_only):
    def some():
        for seed in range(6):
            speak(engine, request(seed=seed, reference=reference if seed % 2 else None))
        wait_for(lambda: not engine._scheduler._streams, what="the last slot, let go of after the last sound")
        return torch.cuda.memory_allocated()

    some()
    before = some()
    for _ in range(3):
        after = some()
    assert after <= before + MEGABYTE
