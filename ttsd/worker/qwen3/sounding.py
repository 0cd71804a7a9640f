"""From codes to sound for all streams: on a CPU at once, on a card beside the frames that are made meanwhile."""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ttsd.worker.qwen3.codec import CodecStream
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.pacing import RAMP_FRAMES
from ttsd.worker.qwen3.recording import Graphs

Saved = dict[str, Tensor]
Sound = NDArray[np.float32]


class Due(NamedTuple):
    """Frames of one slot that are to be heard now."""

    slot: int
    codes: Tensor
    """[frames, codebooks] int64, on the host; no more frames than a chunk has"""
    tell: Callable[[Sound | Exception], None]
    """Called with the samples, or with why there are none, from whatever thread."""


class Sounding(Protocol):
    """Owns what the codec remembers of each slot's sound."""

    def begin(self, slot: int, primed: Saved | None) -> None:
        """A new stream, from silence or from where a reference clip left off."""
        ...

    def decode(self, due: Sequence[Due]) -> None:
        """Have them heard; no slot is due twice in one call."""
        ...

    def afterwards(self, call: Callable[[], None]) -> None:
        """Call it once all that was given to `decode` is heard."""
        ...

    def warm_up(self) -> None:
        """Do what would make the first request slower than the next."""
        ...

    def close(self) -> None:
        """End what works beside; all that was given is heard before."""
        ...


class Direct:
    """On a CPU: one slot after another, so that nobody's last bits depend on who else is heard."""

    def __init__(self, model: Model, slots: int) -> None:
        self._codec = CodecStream(model.decoder, slots, model.device, torch.float32)

    def begin(self, slot: int, primed: Saved | None) -> None:
        _begin(self._codec, slot, primed)

    def decode(self, due: Sequence[Due]) -> None:
        for one in due:
            one.tell(self._codec.decode([one.slot], one.codes[None])[0].float().numpy())

    def afterwards(self, call: Callable[[], None]) -> None:
        call()

    def warm_up(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class Beside:
    """On a card: recorded calls on a CUDA stream of their own, several slots in one, and a thread that waits for them.

    Numbers of slots and frames of a call are of a few sizes, and what is missing is made up: slots by one that belongs
    to nobody, frames (a stream's last chunk alone is shorter) by whatever codes, as no sample depends on a later frame.
    """

    MOST: Final = 16
    """Slots in one call."""

    def __init__(self, model: Model, slots: int) -> None:
        self._device = model.device
        self._nobody = slots
        self._codec = CodecStream(model.decoder, slots + 1, model.device, torch.float32)
        self._samples = model.decoder.samples_per_frame
        self._codebooks = model.config.talker.num_code_groups
        self._stream = torch.cuda.Stream(model.device)
        self._await_others()
        self._graphs = Graphs()
        self._buffers: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}
        self._heard: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._tell, name="sound", daemon=True)
        self._thread.start()

    def begin(self, slot: int, primed: Saved | None) -> None:
        self._await_others()
        with self._aside():
            _begin(self._codec, slot, primed)
        for tensor in (primed or {}).values():
            tensor.record_stream(self._stream)  # the voice may be forgotten before it is read

    def decode(self, due: Sequence[Due]) -> None:
        sizes = {size: [one for one in due if _padded(len(one.codes)) == size] for size in RAMP_FRAMES}
        for size, group in sizes.items():
            for start in range(0, len(group), self.MOST):
                self._launch(group[start : start + self.MOST], size)

    def _launch(self, group: Sequence[Due], frames: int) -> None:
        slots = 1 << (len(group) - 1).bit_length()
        rows = torch.full((slots,), self._nobody, pin_memory=True)
        codes = torch.zeros(slots, frames, self._codebooks, dtype=torch.int64, pin_memory=True)
        for number, one in enumerate(group):
            rows[number] = one.slot
            codes[number, : len(one.codes)] = one.codes
        with self._aside():
            sound = self._replay(rows, codes)
            heard = torch.empty(sound.shape, dtype=torch.float32, pin_memory=True)
            heard.copy_(sound, non_blocking=True)
            done = torch.cuda.Event()
            done.record()
        self._heard.put(lambda: self._hand_out(group, heard, done))

    def _replay(self, rows: Tensor, codes: Tensor) -> Tensor:
        shape = (codes.shape[0], codes.shape[1])
        if shape not in self._buffers:
            self._buffers[shape] = (
                torch.full_like(rows, self._nobody, device=self._device),
                torch.zeros_like(codes, device=self._device),
            )
        own_rows, own_codes = self._buffers[shape]

        def call() -> Tensor:
            return self._codec.decode(own_rows, own_codes)

        if not self._graphs.knows(shape):
            self._graphs.record(shape, call)  # it warms up on nobody's sound
        own_rows.copy_(rows, non_blocking=True)
        own_codes.copy_(codes, non_blocking=True)
        return self._graphs.run(shape, call)

    def _hand_out(self, group: Sequence[Due], heard: Tensor, done: torch.cuda.Event) -> None:
        try:
            done.synchronize()
        except RuntimeError as error:  # the card has failed: nobody is left waiting
            for one in group:
                one.tell(error)
            return
        for one, samples in zip(group, heard.numpy(), strict=False):
            one.tell(samples[: len(one.codes) * self._samples])

    def afterwards(self, call: Callable[[], None]) -> None:
        self._heard.put(call)

    def warm_up(self) -> None:
        """Record all shapes that can come, the largest first: the others find room in its memory."""
        most = min(self.MOST, self._nobody)
        sizes = [1 << power for power in reversed(range((most - 1).bit_length() + 1))]
        with self._aside():
            for frames in reversed(RAMP_FRAMES):
                for slots in sizes:
                    rows = torch.full((slots,), self._nobody)
                    self._replay(rows, torch.zeros(slots, frames, self._codebooks, dtype=torch.int64))
            torch.cuda.current_stream().synchronize()

    def close(self) -> None:
        self._heard.put(None)
        self._thread.join()

    def _tell(self) -> None:
        while (call := self._heard.get()) is not None:
            call()

    def _await_others(self) -> None:
        """Go on when all is done that was begun elsewhere: buffers and voices are made on the usual stream."""
        self._stream.wait_stream(torch.cuda.current_stream(self._device))

    def _aside(self) -> AbstractContextManager[object]:
        return torch.cuda.stream(self._stream)


def _begin(codec: CodecStream, slot: int, primed: Saved | None) -> None:
    codec.reset(slot)
    if primed is not None:
        codec.load(slot, primed)


def _padded(frames: int) -> int:
    return next(size for size in RAMP_FRAMES if size >= frames)


def sounding_for(model: Model, slots: int) -> Sounding:
    """The one that fits the device."""
    return Beside(model, slots) if model.device.type == "cuda" else Direct(model, slots)
