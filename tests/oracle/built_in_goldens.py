"""The codes the official package makes with speakers of the checkpoint's own, or of voices described in words.

python -c 'from pathlib import Path; from tests.checkpoints import write_tiny; write_tiny(Path("/tmp/own"), 3, kind="custom_voice")'
python tests/oracle/built_in_goldens.py /tmp/own tests/unit/worker/qwen3/goldens/built_in.json
python -c 'from pathlib import Path; from tests.checkpoints import write_tiny; write_tiny(Path("/tmp/words"), 4, kind="voice_design")'
python tests/oracle/built_in_goldens.py /tmp/words tests/unit/worker/qwen3/goldens/described.json
"""  # noqa: E501 — commands

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import official
import torch

TEXT = "Good morning to you."
FRAMES = 15
DESCRIBED = (  # no speaker, language, what the voice is like
    ("", "english", "An old sailor with a rough voice, speaking slowly."),
    ("", "auto", "年轻的女声，语气活泼。"),
    ("", "german", ""),
)
ASKED = (  # speaker, language, instruction
    ("vivian", "english", ""),
    ("eric", "chinese", ""),
    ("eric", "auto", "Speak softly."),
    ("vivian", "german", "Be happy!"),
)


def main() -> None:
    model = official.load(Path(sys.argv[1]))
    found = []
    asked_for = DESCRIBED if model.model.tts_model_type == "voice_design" else ASKED
    for speaker, language, instruct in asked_for:
        for layout in ("streaming", "text-first"):
            asked = model._tokenize_texts([model._build_instruct_text(instruct)])[0] if instruct else None
            codes, _ = model.model.generate(
                input_ids=model._tokenize_texts([model._build_assistant_text(TEXT)]),
                instruct_ids=[asked],
                languages=[language],
                speakers=[speaker] if speaker else None,
                non_streaming_mode=layout == "text-first",
                do_sample=False,
                subtalker_dosample=False,
                max_new_tokens=FRAMES + 1,
            )
            case = {"speaker": speaker, "language": language, "instruct": instruct, "layout": layout}
            found.append({**case, "codes": codes[0].tolist()})
    Path(sys.argv[2]).write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    with torch.inference_mode():
        main()
