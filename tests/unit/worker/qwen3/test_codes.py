"""The codes of whole requests, code by code what the official package makes of the same checkpoint (goldens)."""

import json
from pathlib import Path

import pytest
import torch

from tests.oracle.cases import TRANSCRIPT, Case, cases, clip
from ttsd.protocol.errors import UnsupportedLanguage
from ttsd.worker.qwen3.clip import Clip
from ttsd.worker.qwen3.frames import Settings
from ttsd.worker.qwen3.pacing import Pacing
from ttsd.worker.qwen3.prompt import Layout
from ttsd.worker.qwen3.window import generate, numbers

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "codes.json").read_text())


@pytest.fixture(scope="module")
def voices(model):
    heard = Clip(clip())
    return {"icl": model.clone(heard, TRANSCRIPT, exact=True), "xvector": model.clone(heard, None, exact=True)}


def test_the_reference_is_heard_as_the_official_package_hears_it(voices):
    assert numbers(voices["icl"].reference.codes) == GOLDENS["ref_codes"]
    assert numbers(voices["icl"].vector) == pytest.approx(GOLDENS["speaker"], abs=1e-5)
    assert torch.equal(voices["icl"].vector, voices["xvector"].vector)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_codes_are_the_official_ones(model, voices, case: Case):
    made, _ = spoken(model, voices, case)
    assert made == GOLDENS["cases"][case.name]


def test_some_of_them_end_by_themselves_and_some_do_not():
    frames = {case.name: case.frames for case in cases()}
    ended = [name for name, codes in GOLDENS["cases"].items() if len(codes) < frames[name]]
    assert 0 < len(ended) < len(frames)


def test_a_batch_of_uneven_texts_has_the_codes_that_each_has_alone():
    assert all(
        GOLDENS["cases"][name] == codes[: len(GOLDENS["cases"][name])] for name, codes in GOLDENS["batch"].items()
    )


def spoken(model, voices, case: Case):
    ids = model.tokenizer.text_ids(case.text)
    with torch.inference_mode():
        prompt = model.prompts.build(ids, voices[case.mode], model.prompts.language(case.language), Layout(case.layout))
        pacing = Pacing(len(prompt.trailing), len(ids), case.frames, guarded=False)
        settings = Settings(greedy=True, predictor_greedy=True, repetition_penalty=case.penalty)
        return generate(model, prompt, settings, pacing), pacing.reason


def test_languages_go_by_code_and_by_name_and_others_are_refused(model):
    prompts = model.prompts
    assert prompts.language("zh") == prompts.language("Chinese") == model.config.talker.codec_language_id["chinese"]
    assert prompts.language("Auto") is None
    with pytest.raises(UnsupportedLanguage, match="klingon"):
        prompts.language("klingon")
