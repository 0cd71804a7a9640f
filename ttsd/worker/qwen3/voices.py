"""Voices made of reference clips: what the model needs of each, kept in memory and on disk."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, cast

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors_torch
from torch import Tensor

from ttsd.protocol.engine import ReferenceClip
from ttsd.worker.qwen3.clip import read_clip
from ttsd.worker.qwen3.codec import CodecStream
from ttsd.worker.qwen3.memory import Saved
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.prompt import Reference, Speaker
from ttsd.worker.reference import reference_bytes

load_file: Final = cast("Callable[..., dict[str, Tensor]]", safetensors_torch.load_file)  # pyright: ignore[reportUnknownMemberType]
save_file: Final = cast("Callable[..., None]", safetensors_torch.save_file)  # pyright: ignore[reportUnknownMemberType]

FORMAT: Final = 2
"""Of the files; another one is made anew."""


class Prefix:
    """What the first positions of a voice's prompts leave in the talker's memory, once they have run."""

    def __init__(self) -> None:
        self.saved: Saved | None = None


class Voice(NamedTuple):
    """A speaker, and what need not be made again for each text."""

    speaker: Speaker
    primed: dict[str, Tensor] | None
    """The codec's state after the reference clip, so that speech goes on from it without a seam."""
    prefixes: dict[tuple[int | None, bool], Prefix]
    """By language, and whether the clip is continued."""

    def prefix(self, language: int | None, *, continued: bool) -> Prefix:
        """That of the prompts in a language; `continued`: with the clip's own text and frames."""
        return self.prefixes.setdefault((language, continued), Prefix())

    @property
    def size_bytes(self) -> int:
        rows = None if self.speaker.reference is None else self.speaker.reference.rows
        kept = [*_tensors(self).values(), *([] if rows is None else [rows])]
        learned = [prefix.saved.size_bytes for prefix in list(self.prefixes.values()) if prefix.saved is not None]
        return sum(tensor.nbytes for tensor in kept) + sum(learned)


class Voices:
    """Owns the cache: the least recently used voices leave the memory when they take more than `max_bytes`.

    What takes long to make is kept on disk too: speaker vector, reference codes, the codec's state. Safe from several
    threads; one voice is made at a time. A file that is broken, or of another model, is made anew.
    """

    def __init__(self, model: Model, revision: str, folder: Path | None, max_bytes: int) -> None:
        self._model = model
        self._revision = revision
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._voices: OrderedDict[str, Voice] = OrderedDict()

    def get(self, clip: ReferenceClip) -> Voice:
        """The voice of a clip by the hash of its content; continued from it where there is a transcript.

        Raises BadRequest when the clip is not fit for it, CannotClone when the model is not, Unavailable when the file
        is another one by now.
        """
        key = self._key(clip.sha256, clip.transcript)
        with self._lock:
            voice = self._voices.pop(key, None) or self._from_disk(key, clip.transcript)
            if voice is None:
                voice = self._make(reference_bytes(clip), clip.transcript)
                self._to_disk(key, voice)
            self._voices[key] = voice
            self._shrink()
            return voice

    def _key(self, sha256: str, transcript: str) -> str:
        model = self._model
        told = (str(FORMAT), self._revision, model.device.type, str(model.dtype), sha256, transcript)
        return hashlib.sha256("\0".join(told).encode()).hexdigest()

    def _make(self, clip: bytes, transcript: str) -> Voice:
        speaker = self._model.clone(read_clip(clip), transcript or None)
        if speaker.reference is None:
            return Voice(speaker, None, {})
        model = self._model
        with torch.inference_mode():
            stream = CodecStream(model.decoder, 1, model.device, torch.float32)
            stream.decode(torch.zeros(1, dtype=torch.int64, device=model.device), speaker.reference.codes[None])
            return Voice(self._with_rows(speaker), stream.save(0), {})

    def _with_rows(self, speaker: Speaker) -> Speaker:
        assert speaker.reference is not None
        with torch.inference_mode():
            rows = self._model.prompts.reference_rows(speaker.reference.codes)
        return speaker._replace(reference=speaker.reference._replace(rows=rows))

    def _shrink(self) -> None:
        while len(self._voices) > 1 and sum(voice.size_bytes for voice in self._voices.values()) > self._max_bytes:
            self._voices.popitem(last=False)

    # --- on disk ------------------------------------------------------------------------------------

    def _from_disk(self, key: str, transcript: str) -> Voice | None:
        if self._folder is None:
            return None
        try:
            tensors = load_file(self._folder / f"{key}.safetensors", device=str(self._model.device))
            vector = tensors["vector"]
            if not transcript:
                return Voice(Speaker(vector), None, {})
            reference = Reference(self._model.tokenizer.ref_ids(transcript), tensors["codes"])
            primed = {name.removeprefix("primed."): t for name, t in tensors.items() if name.startswith("primed.")}
        except (OSError, SafetensorError, KeyError):
            return None
        return Voice(self._with_rows(Speaker(vector, reference)), primed, {})

    def _to_disk(self, key: str, voice: Voice) -> None:
        """A cache: a disk that does not take it is no error."""
        if self._folder is None:
            return
        hidden = self._folder / f".{key}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file({name: tensor.contiguous().cpu() for name, tensor in _tensors(voice).items()}, hidden)
            hidden.replace(self._folder / f"{key}.safetensors")
        except (OSError, SafetensorError):
            with suppress(OSError):
                hidden.unlink()


def _tensors(voice: Voice) -> dict[str, Tensor]:
    found = {f"primed.{name}": tensor for name, tensor in (voice.primed or {}).items()}
    if voice.speaker.vector is not None:
        found["vector"] = voice.speaker.vector
    if voice.speaker.reference is not None:
        found["codes"] = voice.speaker.reference.codes
    return found
