"""The codes the official package makes, greedily, of every case.

    python tests/oracle/code_goldens.py CHECKPOINT OUT.json|- [CASE]...

CHECKPOINT is what `python -m tests.checkpoints` writes. The tests compare ours with them code by code:

    python -m tests.checkpoints /tmp/tiny && python tests/oracle/code_goldens.py /tmp/tiny \
        tests/unit/worker/qwen3/goldens/codes.json
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cases
import official
import torch

NAMES = {
    "zh": "chinese", "en": "english", "ja": "japanese", "ko": "korean", "de": "german", "fr": "french",
    "ru": "russian", "pt": "portuguese", "es": "spanish", "it": "italian", "auto": "auto",
}  # fmt: skip


def main() -> None:
    checkpoint, out, *wanted = sys.argv[1:]
    model = official.load(Path(checkpoint))
    clip = (cases.clip(), cases.RATE_HZ)
    voices = {
        "icl": model.create_voice_clone_prompt(clip, ref_text=cases.TRANSCRIPT),
        "xvector": model.create_voice_clone_prompt(clip, x_vector_only_mode=True),
    }
    found = {
        "ref_codes": voices["icl"][0].ref_code.tolist(),
        "speaker": voices["icl"][0].ref_spk_embedding.tolist(),
        "cases": {
            case.name: codes(model, voices[case.mode], [case])[0]
            for case in cases.cases()
            if not wanted or case.name in wanted
        },
    }
    if not wanted:
        same = ("icl", "streaming", 1.05)
        together = [case for case in cases.cases() if (case.mode, case.layout, case.penalty) == same]
        made = codes(model, voices["icl"], together)
        found["batch"] = {case.name: one for case, one in zip(together, made, strict=True)}
    text = json.dumps(found, ensure_ascii=False)
    if out == "-":
        print(text)
    else:
        Path(out).write_text(text + "\n", encoding="utf-8")


def codes(model, voice, batch) -> list[list[list[int]]]:
    """Codes of some cases that differ in text and language alone, in one batch of the official package."""
    first = batch[0]
    ids = model._tokenize_texts([model._build_assistant_text(case.text) for case in batch])
    spoken = voice[0].ref_text
    reference = model._tokenize_texts([model._build_ref_text(spoken)])[0] if spoken else None
    made, _ = model.model.generate(
        input_ids=ids,
        ref_ids=[reference] * len(batch),
        voice_clone_prompt=model._prompt_items_to_voice_clone_prompt(voice * len(batch)),
        languages=[NAMES[case.language] for case in batch],
        non_streaming_mode=first.layout == "text-first",
        do_sample=False,
        subtalker_dosample=False,
        repetition_penalty=first.penalty,
        max_new_tokens=first.frames + 1,  # the last one is never spoken
    )
    return [one.tolist() for one in made]


if __name__ == "__main__":
    with torch.inference_mode():
        main()
