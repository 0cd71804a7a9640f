"""The engine as the worker uses it: streams that come and go, clips that become voices, and what is refused."""

import hashlib
import itertools
import queue
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.oracle.cases import TRANSCRIPT, write_clip
from ttsd.protocol.engine import Delivery, EngineConfig, Qwen3Settings, ReferenceClip, Synthesize
from ttsd.protocol.errors import (
    ConfigError,
    EngineFailed,
    NothingToSay,
    TooLarge,
    Unavailable,
    UnknownVoice,
)
from ttsd.protocol.speech import Span
from ttsd.worker.engine import Piece, build_engine
from ttsd.worker.qwen3.pacing import RUNAWAY_FRAMES

FRAME_BYTES = 1920 * 2


def write_wav(path: Path, seed: int) -> ReferenceClip:
    write_clip(path, seed=seed)
    return ReferenceClip(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), TRANSCRIPT)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    return [write_wav(folder / f"{seed}.wav", seed) for seed in range(2)]


def started(tiny, cache, **settings):
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(cache))
    patch.delenv("CACHE_DIRECTORY", raising=False)
    try:
        config = Qwen3Settings(**{"model": str(tiny), "device": "cpu", "slots": 4, "max_frames": 60, **settings})
        engine = build_engine(EngineConfig("qwen3", qwen3=config))
        engine.load(lambda _progress, _note: None)
    finally:
        patch.undo()
    return engine


@pytest.fixture(scope="module")
def engine(tiny, tmp_path_factory):
    found = started(tiny, tmp_path_factory.mktemp("cache"))
    yield found
    found.close()


def request(text="Good morning to you.", language="en", **more) -> Synthesize:
    return Synthesize(1, (Span(language, text),), more.pop("voice", "default"), **more)


def speak(engine, wanted: Synthesize, chunks: int | None = None) -> bytes:
    """The whole sound, or its first chunks; then the listener is gone."""
    cancelled = threading.Event()
    sound = engine.speak(wanted, cancelled)
    heard = b"".join(itertools.islice(sound, chunks))
    sound.close()
    return heard


def pieces_of(text: str, draw: random.Random) -> list[str]:
    cuts = sorted(draw.sample(range(len(text) + 1), draw.randint(0, min(8, len(text)))))
    return [text[start:end] for start, end in itertools.pairwise((0, *cuts, len(text)))]


@pytest.mark.parametrize(
    "text",
    ["Good morning, how are you? I'm fine, thanks a lot.", "Hello，会议推迟到3 p.m.。", "Ja."],
)
def test_a_text_that_is_still_being_written_sounds_like_the_whole(engine, clips, text):
    draw = random.Random(text)
    timbre = ReferenceClip(clips[0].path, clips[0].sha256)
    for reference in (None, timbre):
        whole = speak(engine, request(text, seed=7, reference=reference))
        for _ in range(4):
            first, *rest = pieces_of(text, draw)
            more: queue.SimpleQueue[Piece] = queue.SimpleQueue()
            sound = engine.speak_live(request(first, seed=7, reference=reference, more=True), more, threading.Event())
            heard, enough, wanted = bytearray(), threading.Event(), draw.randint(0, 4) * FRAME_BYTES
            writer = threading.Thread(target=write, args=(rest, more, enough))
            writer.start()
            for chunk in sound:
                heard += chunk
                if len(heard) >= wanted:
                    enough.set()
            writer.join()
            assert bytes(heard) == whole


def write(rest: list[str], more: "queue.SimpleQueue[Piece]", enough: threading.Event) -> None:
    """Put the pieces; the one in the middle only when enough of the speech is heard, if it can be by then."""
    for number, piece in enumerate(rest):
        if number == len(rest) // 2:
            enough.wait(0.2)
        more.put(Piece(piece, last=False))
    more.put(Piece("", last=True))


def test_who_stops_writing_is_waited_for_and_the_others_speak_on(engine):
    more: queue.SimpleQueue[Piece] = queue.SimpleQueue()
    cancelled = threading.Event()
    sound = engine.speak_live(request("One two three four ", more=True), more, cancelled)
    heard = [next(sound)]
    assert speak(engine, request("Somebody else."))
    listener = threading.Thread(target=lambda: heard.extend(sound))
    listener.start()
    assert speak(engine, request("Somebody else."))
    assert listener.is_alive(), "its text has not ended"
    rows = len(engine._model.tokenizer.text_ids("One two three four"))
    assert sum(map(len, heard)) <= rows * FRAME_BYTES, "one frame for each row of text, and no padding"
    more.put(Piece("five.", last=True))
    listener.join(20)
    assert not listener.is_alive()
    assert b"".join(heard) == speak(engine, request("One two three four five."))


def test_a_text_that_ends_without_a_word_is_refused(engine):
    more: queue.SimpleQueue[Piece] = queue.SimpleQueue()
    more.put(Piece("", last=True))
    with pytest.raises(NothingToSay):
        list(engine.speak_live(request("", more=True), more, threading.Event()))


def test_what_it_tells_of_itself(engine):
    info = engine.info
    assert (info.name, info.slots, info.can_clone, info.device, info.dtype) == ("qwen3", 4, True, "cpu", "float32")
    assert set(info.languages) == {"zh", "en", "ja", "ko", "de", "fr", "ru", "pt", "es", "it"}
    assert [voice.name for voice in info.voices] == ["default"]


def test_a_request_sounds_the_same_alone_and_in_a_crowd_and_in_a_used_slot(engine, clips):
    wanted = [
        request(text, seed=seed, reference=reference)
        for seed, text in enumerate(("One.", "Two, and three.", "今天天气很好。"))
        for reference in (None, clips[0], clips[1], ReferenceClip(clips[0].path, clips[0].sha256))
    ]
    alone = [speak(engine, one) for one in wanted]
    assert len(set(alone)) == len(alone), "text, seed and voice all matter"
    with ThreadPoolExecutor(len(wanted)) as crowd:
        quitters = [crowd.submit(speak, engine, request("I shall not stay.", seed=seed), 2) for seed in range(4)]
        together = list(crowd.map(lambda one: speak(engine, one), wanted))
    assert all(quitter.result() for quitter in quitters)
    assert together == alone


def test_a_voice_from_the_disk_is_the_voice_that_was_made(tiny, tmp_path, clips):
    sounds = []
    for _ in range(2):
        engine = started(tiny, tmp_path)
        sounds.append(speak(engine, request(reference=clips[0])))
        engine.close()
    (file,) = (tmp_path / "ttsd" / "voices").iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    engine = started(tiny, tmp_path)
    sounds.append(speak(engine, request(reference=clips[0])))
    engine.close()
    assert sounds[0] == sounds[1] == sounds[2]


def test_a_clip_under_another_name_is_the_same_voice(engine, clips, tmp_path):
    copy = tmp_path / "copy.wav"
    copy.write_bytes(Path(clips[0].path).read_bytes())
    again = ReferenceClip(str(copy), clips[0].sha256, clips[0].transcript)
    assert speak(engine, request(reference=again)) == speak(engine, request(reference=clips[0]))


def ending(engine, wanted: Synthesize) -> tuple[str, int]:
    """Why it ended, and frames of sound."""
    sound = engine.speak(wanted, threading.Event())
    samples = 0
    try:
        while True:
            samples += len(next(sound)) // 2
    except StopIteration as end:
        return end.value, samples // 1920


def test_speech_that_does_not_end_is_stopped_and_says_so(engine):
    ends = [ending(engine, request("A.", seed=seed)) for seed in range(12)]
    most = min(60, RUNAWAY_FRAMES + 2)
    assert {reason for reason, _ in ends} <= {"stop", "length"}
    assert all(frames >= most - 3 for reason, frames in ends if reason == "length")
    assert any(reason == "length" for reason, _ in ends)


def test_speech_that_fills_its_slot_is_stopped_and_a_prompt_that_does_is_refused(tiny, tmp_path, clips, monkeypatch):
    monkeypatch.setattr("ttsd.worker.qwen3.engine.PROMPT_POSITIONS", 60)
    engine = started(tiny, tmp_path)
    seen = [ending(engine, request("word " * 5, seed=seed, reference=clips[0])) for seed in range(8)]
    most = max(frames for _, frames in seen)
    assert ("length", most) in seen
    assert most < 60
    with pytest.raises(TooLarge, match="positions"):
        speak(engine, request("word " * 11, reference=clips[0]))
    assert speak(engine, request())
    engine.close()


def test_who_has_left_gets_nothing_more(engine):
    cancelled = threading.Event()
    sound = engine.speak(request(), cancelled)
    next(sound)
    cancelled.set()
    assert list(sound) == []
    assert speak(engine, request()), "and his slot is free"


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        (request(voice="nobody"), UnknownVoice, "default"),
        (request(text=""), NothingToSay, "nothing"),
        (request(text="word " * 20_000), TooLarge, "room for"),
        (request(reference=ReferenceClip("/nowhere.wav", "0", "")), Unavailable, "nowhere"),
    ],
)
def test_what_cannot_be_spoken_is_refused_and_the_engine_goes_on(engine, wanted, error, words):
    with pytest.raises(error, match=words):
        speak(engine, wanted)
    assert speak(engine, request())


def test_faster_and_slower_speech_has_the_length_it_should_have(engine):
    usual = len(speak(engine, request()))
    for speed in (0.5, 1.25, 2.0):
        assert len(speak(engine, request(speed=speed))) == pytest.approx(usual / speed, rel=0.1)


def test_another_delivery_is_another_reading(engine):
    deliveries = [Delivery(), Delivery(temperature=0.5), Delivery(detail=0.5)]
    assert len({speak(engine, request(delivery=delivery)) for delivery in deliveries}) == 3
    assert speak(engine, request(delivery=Delivery(pitch_range=2.0))) == speak(engine, request()), "it has none"


def test_control_tokens_in_a_text_are_text(engine, model):
    ids = model.tokenizer.text_ids("<|im_end|><tts_pad>")
    assert len(ids) > 2
    assert max(ids) < model.config.im_start_token_id
    assert speak(engine, request("Say <|im_end|> twice."))


def test_a_machine_without_a_card_says_why_and_what_to_set(tiny, tmp_path):
    with pytest.raises(ConfigError, match="allow_cpu"):
        started(tiny, tmp_path, device="auto")
    engine = started(tiny, tmp_path, device="auto", allow_cpu=True)
    assert engine.info.device == "cpu"
    engine.close()


def test_a_model_that_is_not_there_names_the_command_that_fetches_it(tmp_path):
    with pytest.raises(ConfigError, match="ttsd model pull Qwen/Nothing"):
        started("Qwen/Nothing", tmp_path)
    with pytest.raises(ConfigError, match="no such folder"):
        started(tmp_path / "none", tmp_path)


def test_there_is_no_step_between_chunks(engine):
    """At the borders of what is decoded at once the sound changes no faster than elsewhere."""
    samples = np.frombuffer(speak(engine, request()), "<i2").astype(float)
    steps = np.abs(np.diff(samples))
    borders = steps[1919::1920]
    assert borders.max() <= np.quantile(steps, 0.9999)


def test_numbers_that_are_none_end_their_stream_alone(tiny, tmp_path):
    engine = started(tiny, tmp_path)
    model = engine._model
    good = speak(engine, request())
    poisoned = model.tokenizer.text_ids("~")[0]
    model.talker.text = model.talker.text.clone()
    model.talker.text[poisoned] = float("nan")
    with ThreadPoolExecutor(2) as crowd:
        other = crowd.submit(speak, engine, request())
        with pytest.raises(EngineFailed, match="NaN"):
            speak(engine, request("This is ~ not a number."))
        assert other.result() == good
    assert speak(engine, request()) == good
    engine.close()
