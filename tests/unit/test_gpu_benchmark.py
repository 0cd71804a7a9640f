"""The benchmark of a card: its listeners, its floors, its weights, and that it runs, where there is no card."""

import json
import random
from types import SimpleNamespace

import msgspec
import pytest
import torch
from click.testing import CliRunner

from benchmarks.gpu import frames
from benchmarks.gpu.__main__ import main
from benchmarks.gpu.arrivals import Crowd, at_random
from benchmarks.gpu.card import Card
from benchmarks.gpu.floor import memory_bytes, weight_bytes
from benchmarks.gpu.options import Options
from benchmarks.gpu.playback import Playback
from benchmarks.gpu.weights import write_drawn
from tests.checkpoints import SIZES, codec_config, model_config
from tests.unit.worker.qwen3.pretended import Strict, card
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from ttsd.worker.qwen3 import frames as ttsd_frames
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.codec import CodecDecoder
from ttsd.worker.qwen3.geometry import CodecConfig, ModelConfig
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.talker import Talker

TOKENS = ("<|im_start|>", "<|im_end|>", "assistant", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>")


def pcm(seconds):
    return bytes(round(seconds * SAMPLE_RATE_HZ) * BYTES_PER_SAMPLE)


# --- listeners --------------------------------------------------------------------------------------


def test_who_always_has_something_to_play_hears_no_gap():
    playback = Playback()
    for at_s, seconds in ((5.0, 0.08), (5.08, 0.16), (5.1, 0.32), (5.5, 1.0)):
        playback.hear(at_s, pcm(seconds))
    assert (playback.first_s, playback.underruns, playback.silent_s) == (5.0, 0, 0.0)
    assert playback.audio_s == pytest.approx(1.56)


def test_a_gap_is_as_long_as_he_waits_and_moves_all_that_follows():
    playback = Playback()
    playback.hear(1.0, pcm(0.1))
    playback.hear(1.3, pcm(0.1))  # 0.2 s of silence
    playback.hear(1.39, pcm(0.1))
    playback.hear(1.51, pcm(0.1))  # and 0.01 s
    assert playback.underruns == 2
    assert playback.silent_s == pytest.approx(0.21)


def test_gaps_are_counted_to_the_sample():
    """Against a player that plays sample by sample."""
    draw = random.Random(1)
    for _ in range(50):
        chunks, at = [], 0
        for _ in range(20):
            at += draw.randint(0, 60)
            chunks.append((at, draw.randint(1, 60)))
        playback, waited, left, gaps = Playback(), 0, 0, 0
        for number, (at, samples) in enumerate(chunks):
            playback.hear(at / SAMPLE_RATE_HZ, bytes(samples * BYTES_PER_SAMPLE))
            if number:
                passed = at - chunks[number - 1][0]
                waited, gaps = waited + max(0, passed - left), gaps + (passed > left)
                left = max(0, left - passed)
            left += samples
        assert playback.silent_s * SAMPLE_RATE_HZ == pytest.approx(waited, abs=1e-6)
        assert playback.underruns == gaps


def test_arrivals_are_as_many_as_they_should_be():
    counts = [len(at_random(20.0, 10.0, seed)) for seed in range(200)]
    assert sum(counts) / len(counts) == pytest.approx(200, rel=0.02)
    assert at_random(20.0, 10.0, 3) == at_random(20.0, 10.0, 3)
    assert at_random(0.001, 0.1, 1) == [0.0], "one at least"


def test_every_request_of_a_crowd_is_heard_and_timed():
    asked = []

    def source(number):
        asked.append(number)
        yield pcm(0.5)
        yield pcm(0.25)

    heard, took_s = Crowd(source, 3).come([0.0, 0.01, 0.02, 0.02])
    assert len(heard) == len(set(asked)) == 4
    assert all(one.audio_s == 0.75 and one.underruns == 0 for one in heard)
    assert all(0 <= one.queued_s <= one.first_s <= one.ended_s <= took_s for one in heard)


# --- floors and weights -----------------------------------------------------------------------------


def test_the_floor_of_the_published_shape():
    """2.83 GB of the talker, 2.42 GB of the predictor; 114,688 bytes a position."""
    shape = SIZES["1.7b"]
    config = model_config(dict.fromkeys(TOKENS, 1), shape.text_vocabulary, "base", shape)
    talker = msgspec.convert(config, ModelConfig).talker
    assert weight_bytes(talker, 2) == pytest.approx(5.25e9, rel=0.002)
    assert memory_bytes(talker, 2, streams=1, positions=1) == 114_688


def test_drawn_weights_load_and_never_end(tmp_path):
    folder = write_drawn(tmp_path / "tiny", "tiny", torch.device("cpu"))
    checkpoint = Checkpoint.open(folder)
    model = Model(checkpoint, torch.device("cpu"), torch.float32)
    model.load(lambda _progress, _note: None)
    head = checkpoint.tensor("model", "talker.codec_head.weight")
    eos = checkpoint.model.talker.codec_eos_token_id
    assert not head[eos].any()
    assert head[eos - 1].std() > 0.05
    with torch.inference_mode():
        assert model.decoder(torch.zeros(1, 2, 16, dtype=torch.int64)).isfinite().all()


# --- the program ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"device": "cpu"}, "on a CPU"),
        ({"size": "tiny"}, "tiny"),
        ({"quick": True}, "samples"),
        ({}, ""),
        ({"size": "0.6b"}, ""),
    ],
)
def test_only_the_real_thing_is_no_rehearsal(given, why):
    options = Options(**given)
    assert bool(options.rehearsal) == bool(why)
    assert why in options.rehearsal
    assert (options.target(4.0) is None) == (bool(why) or options.size != "1.7b")


class PretendedCard(Card):
    """Its tensors have no numbers, and its clock is the host's."""

    def __init__(self):
        super().__init__(torch.device("cpu"))
        self.device, self.dtype = torch.device("cuda"), torch.bfloat16

    def read_gb_s(self):
        return {"a sum": [1.0]}


@pytest.mark.heavy
def test_what_it_times_can_be_recorded_on_a_card(monkeypatch):
    made = []
    for module in (frames, ttsd_frames):
        monkeypatch.setattr(module, "recorder_for", lambda _device: made.append(Strict("cuda")) or made[-1])
    monkeypatch.setattr(frames, "CHUNKS", ((1, 12),))
    monkeypatch.setattr(frames, "PROMPTS", (10,))
    monkeypatch.setattr(Options, "slots", 1)
    monkeypatch.setattr(Options, "count", lambda _options, _usual: 1)
    talker = msgspec.convert(model_config(dict.fromkeys(TOKENS, 1), 300), ModelConfig)
    codec = msgspec.convert(codec_config(), CodecConfig)
    with torch.inference_mode(), card():
        model = SimpleNamespace(
            talker=pretended(Talker, talker.talker, torch.bfloat16),
            decoder=pretended(CodecDecoder, codec.decoder_config, torch.float32),
            config=talker,
            prompts=SimpleNamespace(pad=torch.zeros(1, talker.talker.hidden_size, device="cuda", dtype=torch.bfloat16)),
        )
        bench = SimpleNamespace(model=model, card=PretendedCard(), options=Options(quick=True))
        titles = [table.title for table in frames.run(bench)]
    assert "Where a frame goes, 1 stream" in titles
    assert {"talker", "predictor", (1, 12)} <= {key for recorder in made for key in recorder.runs}


def pretended(kind, config, dtype):
    with torch.device("meta"):
        made = kind(config)
    state = {name: torch.empty(tensor.shape, device="cuda", dtype=dtype) for name, tensor in made.state_dict().items()}
    made.load_state_dict(state, assign=True)
    made.requires_grad_(requires_grad=False)
    made.prepare()
    return made


@pytest.mark.heavy
def test_it_runs_without_a_card_and_says_that_it_is_a_rehearsal(tmp_path):
    figures, page = tmp_path / "figures.json", tmp_path / "page.md"
    line = ["frames", "--device=cpu", "--size=tiny", "--quick", f"--json={figures}", f"--markdown={page}"]
    ran = CliRunner().invoke(main, line)
    assert ran.exit_code == 0, ran.output
    assert "REHEARSAL" in ran.output
    assert "A rehearsal on a CPU" in page.read_text(encoding="utf-8")
    found = json.loads(figures.read_text(encoding="utf-8"))
    titles = [table["title"] for table in found["tables"]]
    assert "A frame of so many streams" in titles
    assert "Where a frame goes, 1 stream" in titles
    rows = [row for table in found["tables"] for row in table["rows"]]
    assert all(row["median"] > 0 for row in rows if row["unit"] == "GB/s")
    assert all(row["target"] is None for row in rows)


def test_figures_of_a_rehearsal_are_none_for_the_results(tmp_path):
    line = ["--device=cpu", "--size=tiny", f"--markdown={tmp_path / 'RESULTS.md'}"]
    refused = CliRunner().invoke(main, line)
    assert refused.exit_code == 2
    assert "rehearsal" in refused.output


def test_a_machine_without_a_card_is_told_what_it_can_do(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    ran = CliRunner().invoke(main, ["frames"])
    assert ran.exit_code == 1
    assert "--device cpu" in ran.output
