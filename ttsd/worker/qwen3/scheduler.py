"""The one thread that steps the model: streams join and leave at frame boundaries, each at its own pace."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ttsd.protocol.engine import Reason
from ttsd.protocol.errors import EngineFailed, TtsdError
from ttsd.worker.qwen3.codec import CodecStream
from ttsd.worker.qwen3.frames import Frames, Settings
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.pacing import Pacing
from ttsd.worker.qwen3.prompt import Prompt

Saved = dict[str, Tensor]
Sound = NDArray[np.float32]

INSANE: Final = -2
"""In the place of codes: the model's state is not finite."""
POLL_S: Final = 0.02
"""How often a listener looks whether its request was cancelled; a frame takes as long."""


class Stream:
    """One request on its way through the model; iterate over it in any one thread, once."""

    def __init__(self, prompt: Prompt, settings: Settings, pacing: Pacing, primed: Saved | None = None) -> None:
        self.prompt = prompt
        self.settings = settings
        self.pacing = pacing
        self.primed = primed
        """The codec's state after the reference clip, where the voice continues one."""
        self.codes: list[Tensor] = []
        """Frames not decoded yet, [codebooks] each."""
        self.gone = threading.Event()
        self.news: queue.SimpleQueue[Sound | Reason | Exception] = queue.SimpleQueue()

    def sound(self, cancelled: threading.Event) -> Generator[Sound, None, Reason]:
        """Blocks of samples as they are made; returns why it ended. Raises TtsdError, MemoryError."""
        try:
            while not cancelled.is_set():
                try:
                    news = self.news.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                if isinstance(news, Exception):
                    raise news
                if isinstance(news, str):
                    return news
                yield news
            return "stop"
        finally:
            self.gone.set()


class Scheduler:
    """Owns the buffers of all slots and the thread that steps them."""

    def __init__(self, model: Model, slots: int, context: int, on_frame: Callable[[float, int], None]) -> None:
        self._model = model
        self._slots = slots
        self._on_frame = on_frame
        with torch.inference_mode():
            self._frames = Frames(model.talker, slots=slots, context=context, device=model.device, dtype=model.dtype)
            self._codec = CodecStream(model.decoder, slots, model.device, torch.float32)
        self._free = deque(range(slots))
        self._streams: dict[int, Stream] = {}
        self._waiting: deque[Stream] = deque()
        self._arrived = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="frames", daemon=True)
        self._thread.start()

    def submit(self, stream: Stream) -> None:
        """Have it spoken as soon as a slot is free. Raises EngineFailed when the thread has ended."""
        with self._arrived:
            if self._closing:
                raise EngineFailed("the engine has stopped")
            self._waiting.append(stream)
            self._arrived.notify()

    @property
    def waiting(self) -> int:
        """Streams that have no slot yet."""
        return len(self._waiting)

    def close(self) -> None:
        """End the thread after the frame it is at; streams under way are told."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        self._thread.join()

    # --- the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with torch.inference_mode():
                while self._rest():
                    self._turn()
        except torch.OutOfMemoryError as error:
            self._fail_all(MemoryError(str(error)))
        except Exception as error:  # noqa: BLE001 — the border: whoever listens is told, whatever it was
            self._fail_all(error)
        else:
            self._fail_all(EngineFailed("the engine was closed"))

    def _rest(self) -> bool:
        """Wait until there is something to do; false when it is over."""
        with self._arrived:
            while not self._closing and not self._waiting and not self._streams:
                self._arrived.wait()
            return not self._closing

    def _turn(self) -> None:
        """At a frame boundary: let go of who left, take in one who waits, and make a frame for all others."""
        for slot, stream in list(self._streams.items()):
            if stream.gone.is_set():
                self._leave(slot)
        self._take_in()
        ready = {slot: stream for slot, stream in self._streams.items() if not stream.pacing.waiting}
        if not ready:
            time.sleep(POLL_S / 4)  # every stream waits for text that is being typed
            return
        started = time.perf_counter()
        codes = self._step(ready)
        for slot, stream in ready.items():
            self._hear(slot, stream, codes[slot])
        self._on_frame(time.perf_counter() - started, len(ready))

    def _take_in(self) -> None:
        """One at a time: a prefill must not make the others stutter."""
        with self._arrived:
            stream = self._waiting.popleft() if self._waiting and self._free else None
        if stream is None or stream.gone.is_set():
            return
        slot = self._free.popleft()
        try:
            self._frames.admit(slot, stream.prompt.rows, stream.settings)
            self._codec.reset(slot)
            if stream.primed is not None:
                self._codec.load(slot, stream.primed)
        except TtsdError as error:
            self._free.append(slot)
            stream.news.put(error)
            return
        self._streams[slot] = stream

    def _step(self, ready: dict[int, Stream]) -> Tensor:
        """One frame for the slots in `ready`: their codes, on the host, [slots, codebooks]."""
        pad = self._model.prompts.pad[0]
        rows = [pad] * self._slots
        active, may_end = [False] * self._slots, [False] * self._slots
        for slot, stream in ready.items():
            row = stream.pacing.next_row
            rows[slot] = pad if row is None else stream.prompt.trailing[row]
            active[slot], may_end[slot] = True, stream.pacing.may_end
        device = self._model.device
        codes = self._frames.step(
            torch.stack(rows),
            torch.tensor(active).to(device, non_blocking=True),
            torch.tensor(may_end).to(device, non_blocking=True),
            self._span(ready),
        )
        sane = torch.isfinite(self._frames.hidden).all(1, keepdim=True)
        return torch.where(sane, codes, INSANE).cpu()

    def _span(self, ready: dict[int, Stream]) -> int:
        """How far back to look: on a CPU no farther than needed, on a card always the same."""
        if self._model.device.type != "cpu":
            return 0
        return self._frames.span(max(len(stream.prompt.rows) + stream.pacing.frames for stream in ready.values()))

    def _hear(self, slot: int, stream: Stream, codes: Tensor) -> None:
        if int(codes[0]) == INSANE:
            self._leave(slot)
            stream.news.put(EngineFailed("the model made numbers that are none (NaN or infinity); try another seed"))
            return
        end = int(codes[0]) == self._model.config.talker.codec_eos_token_id
        stream.pacing.made(end=end)
        if not end:
            stream.codes.append(codes)
        while frames := stream.pacing.due():
            block = self._decode(slot, stream.codes[:frames])
            del stream.codes[:frames]
            stream.pacing.decoded(frames)
            stream.news.put(block)
        if stream.pacing.reason is not None:
            self._leave(slot)
            stream.news.put(stream.pacing.reason)

    def _decode(self, slot: int, codes: list[Tensor]) -> Sound:
        """By itself: batched with others, the last bits would depend on who they are."""
        device = self._model.device
        frames = torch.stack(codes)[None].to(device)
        return self._codec.decode(torch.tensor([slot]).to(device), frames)[0].float().cpu().numpy()

    def _leave(self, slot: int) -> None:
        del self._streams[slot]
        self._frames.release(slot)
        self._free.append(slot)

    def _fail_all(self, error: Exception) -> None:
        with self._arrived:
            self._closing = True
            for stream in (*self._streams.values(), *self._waiting):
                stream.news.put(error)
