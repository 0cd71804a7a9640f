"""The distribution from which the official package draws code 0, as transformers puts its processors together.

    python tests/oracle/sampling.py CHECKPOINT

reads a case a line on standard input, {"scores": […], "history": […], "settings": {…}}, and answers with the shares of
all codes.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import official
import torch
from transformers import GenerationConfig, LogitsProcessorList


def main() -> None:
    talker = official.load(Path(sys.argv[1])).model.talker
    eos = talker.config.codec_eos_token_id
    suppressed = [code for code in range(talker.config.vocab_size - 1024, talker.config.vocab_size) if code != eos]
    print("ready", flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        scores, history = torch.tensor([case["scores"]]), torch.tensor([case["history"]], dtype=torch.long)
        asked = GenerationConfig(do_sample=True, suppress_tokens=suppressed, **case["settings"])
        processors = talker._get_logits_processor(
            generation_config=asked,
            input_ids_seq_length=0,
            encoder_input_ids=history,
            prefix_allowed_tokens_fn=None,
            logits_processor=LogitsProcessorList(),
            device="cpu",
        )
        print(json.dumps(processors(history, scores).softmax(-1)[0].tolist()), flush=True)


if __name__ == "__main__":
    with torch.inference_mode():
        main()
