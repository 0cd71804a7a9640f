"""Another implementation, timed on request, by its own interpreter: a line on standard input, `took MS` on output.

    PYTHON benchmarks/gpu/peer.py qwen-tts|faster-qwen3-tts CHECKPOINT cuda|cpu CLIP

knows `first N` (until the first sound of a text, where it streams) and `whole N` (until all sound of N frames). Needs
nothing of this project but tests/oracle, which is beside it.
"""

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "oracle"))

import official
import torch
from cases import TRANSCRIPT

TEXT = "My quiet river visits it."


class Official:
    """`qwen-tts`: all sound at once."""

    def __init__(self, checkpoint: str, device: str, clip: str) -> None:
        on_card: dict[str, Any] = {"dtype": torch.bfloat16, "device_map": "cuda:0"}  # needs `accelerate`
        how = on_card if device == "cuda" else {"dtype": torch.float32}
        with official.stand_ins():
            from qwen_tts import Qwen3TTSModel
        self._model = Qwen3TTSModel.from_pretrained(checkpoint, **how)
        self._voice = self._model.create_voice_clone_prompt(clip, TRANSCRIPT)

    def first(self, _frames: int) -> None:
        """It has no first sound before the last."""

    def whole(self, frames: int) -> float:
        started = time.perf_counter()
        self._model.generate_voice_clone(
            text=TEXT, language="english", voice_clone_prompt=self._voice, max_new_tokens=frames + 1
        )
        return (time.perf_counter() - started) * 1000


class Faster:
    """`faster-qwen3-tts`: chunks of so many frames."""

    FIRST_CHUNK = 1

    def __init__(self, checkpoint: str, device: str, clip: str) -> None:
        with official.stand_ins():
            from faster_qwen3_tts import FasterQwen3TTS

            self._model = FasterQwen3TTS.from_pretrained(checkpoint, device=device, dtype=torch.bfloat16)
        self._clip = clip

    def first(self, frames: int) -> float:
        started = time.perf_counter()
        sound = self._spoken(frames, self.FIRST_CHUNK)
        next(sound)
        took = (time.perf_counter() - started) * 1000
        sound.close()
        return took

    def whole(self, frames: int) -> float:
        started = time.perf_counter()
        for _ in self._spoken(frames, 12):
            pass
        return (time.perf_counter() - started) * 1000

    def _spoken(self, frames: int, chunk: int) -> Any:
        return self._model.generate_voice_clone_streaming(
            text=TEXT,
            language="English",
            ref_audio=self._clip,
            ref_text=TRANSCRIPT,
            max_new_tokens=frames,
            chunk_size=chunk,
        )


KINDS = {"qwen-tts": Official, "faster-qwen3-tts": Faster}


def main() -> None:
    kind, checkpoint, device, clip = sys.argv[1:]
    model = KINDS[kind](checkpoint, device, clip)
    print("ready", flush=True)
    for line in sys.stdin:
        what, frames = line.split()
        with torch.inference_mode():
            took = getattr(model, what)(int(frames))
        print("took", "none" if took is None else took, flush=True)


if __name__ == "__main__":
    main()
