"""Checkpoints with speakers of their own: the official codes, instructions and dialects included; and no cloning."""

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

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "built_in.json").read_text())


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Model:
    folder = write_tiny(tmp_path_factory.mktemp("checkpoint") / "own", 3, kind="custom_voice")
    model = Model(Checkpoint.open(folder), torch.device("cpu"), torch.float32)
    model.load(lambda _progress, _note: None)
    return model


@pytest.mark.parametrize("case", GOLDENS, ids=lambda case: f"{case['speaker']}/{case['language']}/{case['layout']}")
def test_the_codes_are_the_official_ones(own, case):
    ids = own.tokenizer.text_ids("Good morning to you.")
    with torch.inference_mode():
        vector, language = own.prompts.built_in(case["speaker"], case["language"])
        instruct = own.tokenizer.instruct_ids(case["instruct"])
        prompt = own.prompts.build(ids, Speaker(vector), language, Layout(case["layout"]), instruct)
        pacing = Pacing(len(prompt.trailing), len(ids), 15, guarded=False)
        made = generate(own, prompt, Settings(greedy=True, predictor_greedy=True), pacing)
    assert made == case["codes"]


def test_it_has_its_own_voices_and_takes_no_other(own):
    with pytest.raises(BadRequest, match="eric, vivian"):
        own.prompts.built_in("nobody", "en")
    with pytest.raises(CannotClone, match="base model"):
        own.clone(Clip(clip()), None)
