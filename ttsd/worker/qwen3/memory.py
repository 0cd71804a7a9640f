"""Keys and values of the talker: what each slot remembers, and the running of prompts into it."""

from typing import Final, NamedTuple

import torch
from torch import Tensor

from ttsd.worker.qwen3.layers import Chunk, Desk, Step
from ttsd.worker.qwen3.recording import Recorder
from ttsd.worker.qwen3.talker import Talker


class Saved(NamedTuple):
    """Keys and values of a prompt's first positions: what a voice says before any text is known."""

    kv: Tensor
    """[layers, 2, kv_heads, positions, head_dim]"""

    @property
    def length(self) -> int:
        """Positions."""
        return self.kv.shape[-2]

    @property
    def size_bytes(self) -> int:
        return self.kv.nbytes


class Remembered:
    """Owns keys and values of all slots. Each has one position more than it may use: what is not kept goes there."""

    def __init__(self, talker: Talker, slots: int, context: int, like: Tensor) -> None:
        config = talker.config
        shape = (config.num_hidden_layers, 2, slots, config.num_key_value_heads, context + 1, config.head_dim)
        self.kv = like.new_zeros(shape)
        """[layers, 2, slots, kv_heads, context + 1, head_dim]"""

    def put(self, slot: int, saved: Saved, start: int = 0) -> None:
        """Write some positions."""
        self.kv[:, :, slot, :, start : start + saved.length].copy_(saved.kv)

    def save(self, slot: int, length: int) -> Saved:
        """A copy of a slot's first positions."""
        return Saved(self.kv[:, :, slot, :, :length].clone())

    def wipe(self, slot: int, length: int) -> None:
        """Leave nothing of a slot's first positions: a number that is none would reach those who come after."""
        self.kv[:, :, slot, :, :length].zero_()
        self.kv[:, :, slot, :, -1].zero_()


class Steps:
    """One position of each slot in one call; only the first `busy` of them have anything to see."""

    def __init__(self, remembered: Remembered, desk: Desk, busy: int) -> None:
        kv = remembered.kv[:, :, :busy]
        self._new = desk.new[:, :busy]
        self._step = Step(desk, busy)
        self._layers = list(kv)
        self._heads = kv.shape[3]
        self._dump = kv.shape[4] - 1
        self._numbers = torch.arange(self._dump, device=kv.device)
        self._hidden = torch.full((), -torch.inf).to(kv)
        self._seen = torch.zeros(()).to(kv)
        both = kv.flatten(2, 3)  # [layers, 2, busy · kv_heads, positions, head_dim]
        self._both = [tuple(layer) for layer in both]
        self._spans: dict[int, list[tuple[Tensor, Tensor]]] = {}

    def place(self, position: Tensor, going: Tensor, span: int) -> "_Place":
        """The memory of one step, each slot at its own position [busy]; those not `going` keep nothing."""
        where = torch.where(going, position, self._dump)[:, None, None, None].expand(self._new.shape)
        bias = torch.where(self._numbers[:span] <= position[:, None], self._seen, self._hidden)[:, None]
        bias = bias.expand(-1, self._heads, -1).flatten(0, 1)[:, None]
        return _Place(self._layers, self._new, where, bias, self._views(span), self._step)

    def _views(self, span: int) -> list[tuple[Tensor, Tensor]]:
        """Keys [busy · kv_heads, head_dim, span] and values [busy · kv_heads, span, head_dim] of each layer."""
        if span not in self._spans:
            self._spans[span] = [(keys[:, :span].mT, values[:, :span]) for keys, values in self._both]
        return self._spans[span]


class _Place(NamedTuple):
    layers: list[Tensor]
    new: Tensor
    where: Tensor
    bias: Tensor
    views: list[tuple[Tensor, Tensor]]
    step: Step

    def attend(self, layer: int) -> Tensor:
        """See `layers.Memory`."""
        self.layers[layer].scatter_(3, self.where, self.new)
        return self.step.attend(*self.views[layer], self.bias)


class Prefill:
    """Runs prompts through the talker and leaves what they say in a slot's memory.

    On a card a prompt is padded to one of a few lengths, so that its run is a recorded call too; what is longer than
    these is rare, and launched kernel by kernel.
    """

    LENGTHS: Final = (64, 128, 256, 512, 1024)

    def __init__(self, talker: Talker, remembered: Remembered, context: int, recorder: Recorder) -> None:
        self._talker = talker
        self._remembered = remembered
        self._rotation = talker.rotation(context + 1)
        self._lengths = [length for length in self.LENGTHS if length <= context] if remembered.kv.is_cuda else []
        self._recorder = recorder
        self._padded: dict[int, _Padded] = {}

    def run(self, slot: int, rows: Tensor, start: int = 0) -> Tensor:
        """rows [n, hidden], at positions from `start` on → [1, hidden], the hidden state of the last of them."""
        length = next((length for length in self._lengths if length >= len(rows) and not start), None)
        if length is not None:
            return self._replay(slot, rows, length)
        kv = self._remembered.kv
        desk = Desk(self._talker.config, 1, len(rows), kv)
        chunk = Chunk(desk, kv[:, :, slot : slot + 1], start)
        return self._through(rows.to(kv, copy=True), desk, chunk, start)[-1:]

    def warm_up(self) -> None:
        """Record all lengths."""
        for length in self._lengths:
            self._recorded(length)

    def _recorded(self, length: int) -> "_Padded":
        if length not in self._padded:
            kv = self._padded[max(self._padded)].kv if self._padded else self._staging()
            self._padded[length] = padded = _Padded(self._talker, kv, length)
            self._recorder.record(("prompt", length), lambda: self._run_padded(padded))
        return self._padded[length]

    def _staging(self) -> Tensor:
        """[layers, 2, 1, kv_heads, positions, head_dim], for the longest; all lengths use it in turn."""
        kv = self._remembered.kv
        return kv.new_zeros(*kv.shape[:2], 1, kv.shape[3], self._lengths[-1], kv.shape[5])

    def _replay(self, slot: int, rows: Tensor, length: int) -> Tensor:
        padded = self._recorded(length)
        padded.rows[: len(rows)].copy_(rows)
        padded.rows[len(rows) :].zero_()  # a weight of 0 does not hide a NaN that was left there
        padded.last.fill_(len(rows) - 1)
        hidden = self._recorder.run(("prompt", length), lambda: self._run_padded(padded))
        self._remembered.put(slot, Saved(padded.kv[:, :, 0, :, : len(rows)]))
        return hidden

    def _run_padded(self, padded: "_Padded") -> Tensor:
        chunk = Chunk(padded.desk, padded.kv, 0)
        return self._through(padded.rows.clone(), padded.desk, chunk, 0).index_select(0, padded.last)

    def _through(self, rows: Tensor, desk: Desk, chunk: Chunk, start: int) -> Tensor:
        turns = self._rotation.run(start, len(rows))
        for number, (layer, turn) in enumerate(zip(self._talker.layers, turns, strict=True)):
            layer.run(rows, turn, desk, chunk, number)
        return self._talker.norm(rows)


class _Padded:
    """Buffers of a prompt of a fixed length; what stands behind its end is seen by nothing before it."""

    def __init__(self, talker: Talker, kv: Tensor, length: int) -> None:
        self.kv = kv
        self.rows = kv.new_zeros(length, talker.config.hidden_size)
        self.last = torch.zeros(1, dtype=torch.int64, device=kv.device)
        self.desk = Desk(talker.config, 1, length, kv)
