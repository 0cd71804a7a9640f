"""The official package, as far as it speaks without a card, in an environment of its own: `make oracle` builds it."""

import contextlib
import importlib.machinery
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

STAND_INS = ("sox", "onnxruntime", "torchaudio", "torchaudio.compliance", "torchaudio.compliance.kaldi", "einops")
"""What the package imports for its 25 Hz models alone."""


@contextlib.contextmanager
def stand_ins() -> Iterator[None]:
    """Empty modules for those, while the package is imported: later searches must find the truth."""
    from transformers.utils import is_torchaudio_available

    is_torchaudio_available()  # it remembers the true answer
    added = [name for name in STAND_INS if name not in sys.modules]
    for name in added:
        module = types.ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        module.__getattr__ = lambda _name: None  # type: ignore[method-assign]
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    try:
        yield
    finally:
        for name in added:
            del sys.modules[name]


def load(folder: Path):
    """The official model on a checkpoint, float32 on the CPU."""
    import torch

    with stand_ins():
        from qwen_tts import Qwen3TTSModel

    torch.set_num_threads(1)
    return Qwen3TTSModel.from_pretrained(str(folder), dtype=torch.float32)
