"""Checkpoints that do not clone, but have speakers of their own or take a description: the official codes."""

import json
from pathlib import Path

import pytest
import torch

from tests.checkpoints import write_tiny
from tests.oracle.cases import clip
from ttsd.protocol.errors import BadRequest, CannotClone
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.clip import Clip
from ttsd.worker.qwen3.frames import Settings
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.pacing import Pacing
from ttsd.worker.qwen3.prompt import Layout, Speaker
from ttsd.worker.qwen3.window import generate

FOLDER = Path(__file__).parent / "goldens"
GOLDENS = json.loads((FOLDER / "built_in.json").read_text())
DESCRIBED = json.loads((FOLDER / "described.json").read_text())


def loaded(folder: Path, seed: int, kind: str) -> Model:
    model = Model(Checkpoint.open(write_tiny(folder / kind, seed, kind=kind)), torch.device("cpu"), torch.float32)
    model.load(lambda _progress, _note: None)
    return model


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Model:
    return loaded(tmp_path_factory.mktemp("checkpoint"), 3, "custom_voice")


@pytest.fixture(scope="module")
def describing(tmp_path_factory) -> Model:
    return loaded(tmp_path_factory.mktemp("checkpoint"), 4, "voice_design")


def spoken(model: Model, case, speaker: Speaker, language: int | None):
    ids = model.tokenizer.text_ids("Good morning to you.")
    instruct = model.tokenizer.instruct_ids(case["instruct"])
    prompt = model.prompts.build(ids, speaker, language, Layout(case["layout"]), instruct)
    pacing = Pacing(len(prompt.trailing), len(ids), 15, guarded=False)
    return generate(model, prompt, Settings(greedy=True, predictor_greedy=True), pacing)


@pytest.mark.parametrize("case", GOLDENS, ids=lambda case: f"{case['speaker']}/{case['language']}/{case['layout']}")
def test_the_codes_are_the_official_ones(own, case):
    with torch.inference_mode():
        vector, language = own.prompts.built_in(case["speaker"], case["language"])
        assert spoken(own, case, Speaker(vector), language) == case["codes"]


@pytest.mark.parametrize("case", DESCRIBED, ids=lambda case: f"{case['language']}/{case['layout']}")
def test_a_voice_described_in_words_has_the_official_codes(describing, case):
    with torch.inference_mode():
        made = spoken(describing, case, Speaker(), describing.prompts.language(case["language"]))
    assert made == case["codes"]


def test_it_has_its_own_voices_and_takes_no_other(own):
    with pytest.raises(BadRequest, match="eric, vivian"):
        own.prompts.built_in("nobody", "en")
    with pytest.raises(CannotClone, match="base model"):
        own.clone(Clip(clip()), None)
