"""The official package, timed on request: a line on standard input, milliseconds on standard output.

    python tests/oracle/timed.py CHECKPOINT [THREADS]

knows `frames N` (the mean of N frames of one stream, greedy) and `codec N` (the mean of N one-frame chunks with 25
frames of context). `python -m benchmarks qwen3` asks it by turns with ours.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cases
import official
import torch


class Model:
    """The official model with a voice."""

    def __init__(self, checkpoint: Path) -> None:
        self.model = official.load(checkpoint)
        self.voice = self.model.create_voice_clone_prompt((cases.clip(), cases.RATE_HZ), x_vector_only_mode=True)

    def frames(self, count: int) -> float:
        model = self.model
        ids = model._tokenize_texts([model._build_assistant_text("word " * count)])
        prompt = model._prompt_items_to_voice_clone_prompt(self.voice)
        started = time.perf_counter()
        made, _ = model.model.generate(
            input_ids=ids,
            ref_ids=[None],
            voice_clone_prompt=prompt,
            languages=["english"],
            do_sample=False,
            subtalker_dosample=False,
            max_new_tokens=count + 1,
            eos_token_id=model.model.config.talker_config.codec_pad_id,  # never drawn: the length is the same each time
        )
        return (time.perf_counter() - started) * 1000 / len(made[0])

    def codec(self, count: int) -> float:
        decoder = self.model.model.speech_tokenizer.model.decoder
        codes = torch.randint(0, decoder.config.codebook_size, (1, decoder.config.num_quantizers, 25 + count))
        started = time.perf_counter()
        for end in range(26, 26 + count):
            decoder(codes[..., end - 26 : end])
        return (time.perf_counter() - started) * 1000 / count


def main() -> None:
    model = Model(Path(sys.argv[1]))
    torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print("ready", flush=True)
    for line in sys.stdin:
        what, count = line.split()
        print(getattr(model, what)(int(count)), flush=True)


if __name__ == "__main__":
    with torch.inference_mode():
        main()
