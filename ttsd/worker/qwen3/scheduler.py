"""The one thread that steps the model: streams join and leave at frame boundaries, each at its own pace."""

import heapq
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from typing import Final, NamedTuple

import torch
from torch import Tensor

from ttsd.protocol.engine import Reason
from ttsd.protocol.errors import EngineFailed, TtsdError
from ttsd.worker.out_of_memory import is_out_of_memory
from ttsd.worker.qwen3.frames import INSANE, Frames, Settings
from ttsd.worker.qwen3.memory import Saved
from ttsd.worker.qwen3.model import Model
from ttsd.worker.qwen3.pacing import Pacing
from ttsd.worker.qwen3.prompt import Prompt
from ttsd.worker.qwen3.sounding import Due, Sound, sounding_for
from ttsd.worker.qwen3.sounding import Saved as SavedSound
from ttsd.worker.qwen3.voices import Prefix

POLL_S: Final = 0.02
"""How often a listener looks whether its request was cancelled; a frame takes as long."""


class Start(NamedTuple):
    """Where a voice's streams begin; what is none is made for each of them."""

    prefix: Prefix | None = None
    primed: SavedSound | None = None
    """The codec's state after the reference clip, where the voice continues one."""


class Stream:
    """One request on its way through the model; iterate over it in any one thread, once."""

    def __init__(self, prompt: Prompt, settings: Settings, pacing: Pacing, start: Start | None = None) -> None:
        self.prompt = prompt
        self.settings = settings
        self.pacing = pacing
        self.start = start or Start()
        self.codes: list[Tensor] = []
        """Frames not decoded yet, [codebooks] each."""
        self.gone = threading.Event()
        self.news: queue.SimpleQueue[Sound | Reason | Exception] = queue.SimpleQueue()
        self._more: queue.SimpleQueue[tuple[Tensor, int, bool]] = queue.SimpleQueue()

    def append(self, rows: Tensor, tokens: int, *, last: bool) -> None:
        """More text, from any thread: its rows [n, hidden], and how many of them are tokens of the text."""
        self._more.put((rows, tokens, last))

    def take_appended(self, frames: Frames, slot: int) -> None:
        """Let slot and pacing have what was appended. Raises TooLarge."""
        while not self._more.empty():
            rows, tokens, last = self._more.get()
            frames.extend(slot, rows)
            self.pacing.extend(len(rows), tokens, last=last)

    def sound(
        self, cancelled: threading.Event, listen: "Callable[[Stream], None] | None" = None
    ) -> Generator[Sound, None, Reason]:
        """Blocks of samples as they are made; returns why it ended. Raises TtsdError, MemoryError.

        `listen` is called meanwhile, again and again, to `append` what was written.
        """
        try:
            while not cancelled.is_set():
                if listen is not None:
                    listen(self)
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

    def __init__(
        self, model: Model, slots: int, *, context: int, text_rows: int, on_frame: Callable[[float, int], None]
    ) -> None:
        self._on_frame = on_frame
        self._eos = model.config.talker.codec_eos_token_id
        with torch.inference_mode():
            self._frames = Frames(
                model.talker, model.prompts.pad, slots=slots, context=context, text_rows=text_rows, device=model.device
            )
            self._sounding = sounding_for(model, slots)
            self._frames.warm_up(slots)
            self._sounding.warm_up()
        self._free = list(range(slots))
        """A heap: the lowest comes first, as a step takes all slots up to the highest that is used."""
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
        self._sounding.close()

    # --- the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with torch.inference_mode():
                while self._rest():
                    self._turn()
        except Exception as error:  # noqa: BLE001 — the border: whoever listens is told, whatever it was
            self._fail_all(MemoryError(str(error)) if is_out_of_memory(error) else error)
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
        ready = {slot: stream for slot, stream in list(self._streams.items()) if self._has_text(slot, stream)}
        if not ready:
            time.sleep(POLL_S / 4)  # every stream waits for text that is being typed
            return
        started = time.perf_counter()
        codes = self._frames.step({slot: stream.pacing.push for slot, stream in ready.items()}).cpu()
        due = [one for slot, stream in ready.items() for one in self._hear(slot, stream, codes[slot])]
        self._sounding.decode(due)
        for slot, stream in ready.items():
            if stream.pacing.reason is not None:
                self._leave(slot)
                self._sounding.afterwards(partial(stream.news.put, stream.pacing.reason))
        self._on_frame(time.perf_counter() - started, len(ready))

    def _take_in(self) -> None:
        """One at a time: a prefill must not make the others stutter."""
        with self._arrived:
            stream = self._waiting.popleft() if self._waiting and self._free else None
        if stream is None or stream.gone.is_set():
            return
        slot = heapq.heappop(self._free)
        self._streams[slot] = stream
        try:
            self._frames.admit(slot, stream.prompt, stream.settings, self._prefix(slot, stream))
            self._sounding.begin(slot, stream.start.primed)
        except TtsdError as error:
            self._refuse(slot, stream, error)

    def _prefix(self, slot: int, stream: Stream) -> Saved | None:
        """The first positions of a voice are run by themselves, whether they were before or not: to the same bits."""
        prefix = stream.start.prefix
        if prefix is None or not self._frames.learns:
            return None
        if prefix.saved is None:
            prefix.saved = self._frames.learn(slot, stream.prompt.rows[: stream.prompt.fixed])
        return prefix.saved

    def _has_text(self, slot: int, stream: Stream) -> bool:
        try:
            stream.take_appended(self._frames, slot)
        except TtsdError as error:
            self._refuse(slot, stream, error)
            return False
        return not stream.pacing.waiting

    def _hear(self, slot: int, stream: Stream, codes: Tensor) -> list[Due]:
        """Keep a frame's codes; those of its stream that are to be heard now."""
        if int(codes[0]) == INSANE:
            what = "the model made numbers that are none (NaN or infinity); try another seed"
            self._refuse(slot, stream, EngineFailed(what))
            return []
        end = int(codes[0]) == self._eos
        stream.pacing.made(end=end)
        if not end:
            stream.codes.append(codes)
        due: list[Due] = []
        while frames := stream.pacing.due():
            due.append(Due(slot, torch.stack(stream.codes[:frames]), stream.news.put))
            del stream.codes[:frames]
            stream.pacing.decoded(frames)
        return due

    def _refuse(self, slot: int, stream: Stream, error: Exception) -> None:
        self._leave(slot)
        self._sounding.afterwards(partial(stream.news.put, error))

    def _leave(self, slot: int) -> None:
        del self._streams[slot]
        self._frames.release(slot)
        heapq.heappush(self._free, slot)

    def _fail_all(self, error: Exception) -> None:
        with self._arrived:
            self._closing = True
            for stream in (*self._streams.values(), *self._waiting):
                stream.news.put(error)
