"""What a slot remembers from frame to frame beside keys and values: where it is, what it drew, what text is to come."""

from typing import NamedTuple

import torch
from torch import Tensor

from ttsd.protocol.errors import TooLarge
from ttsd.worker.qwen3.geometry import TalkerConfig


class State(NamedTuple):
    """Of all slots, on the device."""

    position: Tensor
    """[slots]: positions used"""
    frame: Tensor
    """[slots]: frames made"""
    hidden: Tensor
    """[slots, hidden]: the talker's last hidden state"""
    logits: Tensor
    """[slots, vocabulary]: code 0 of the next frame, as the talker has it"""
    seen: Tensor
    """[slots, vocabulary], bool: codes 0 that were drawn"""
    text_end: Tensor
    """[slots]: which text row all frames take from there on"""
    key: Tensor
    """[slots]: of the noise"""
    penalty: Tensor
    """[slots, 1]"""
    min_frames: Tensor
    """[slots]"""
    going: Tensor
    """[slots], bool: told by the host, whether a slot makes a frame"""
    push: Tensor
    """[slots]: told by the host, what is added to the score of the end of speech"""

    @staticmethod
    def empty(config: TalkerConfig, slots: int, like: Tensor) -> "State":
        """That of slots nobody has used; `like`: any tensor of the device and dtype."""
        device = like.device
        return State(
            position=torch.zeros(slots, dtype=torch.int64, device=device),
            frame=torch.zeros(slots, dtype=torch.int64, device=device),
            hidden=like.new_zeros(slots, config.hidden_size),
            logits=like.new_zeros(slots, config.vocab_size),
            seen=torch.zeros(slots, config.vocab_size, dtype=torch.bool, device=device),
            text_end=torch.zeros(slots, dtype=torch.int64, device=device),
            key=torch.zeros(slots, dtype=torch.int64, device=device),
            penalty=torch.ones(slots, 1, device=device),
            min_frames=torch.zeros(slots, dtype=torch.int64, device=device),
            going=torch.zeros(slots, dtype=torch.bool, device=device),
            push=torch.zeros(slots, device=device),
        )

    def first(self, slots: int) -> "State":
        """Views of the first so many slots."""
        return State(*(buffer[:slots] for buffer in self))

    def forget(self, slot: int) -> None:
        """As if nobody had used it."""
        for buffer in self:
            buffer[slot].zero_()

    def drew(self, codes: Tensor, going: Tensor) -> None:
        """A frame more for those `going` [slots], whose code 0 is among `codes` [slots]."""
        self.position.add_(going)
        self.frame.add_(going)
        index = codes[:, None]
        self.seen.scatter_(1, index, self.seen.gather(1, index) | going[:, None])


class TextRows:
    """Owns the text rows that trail each slot's prompt: one for each frame, then a pad row for all that follow."""

    def __init__(self, slots: int, most: int, pad: Tensor) -> None:
        """`most` rows in a slot; `pad` [1, hidden]."""
        self._pad = pad
        self._rows = pad.new_zeros(slots, most + 1, pad.shape[1])
        self._starts = torch.arange(slots, device=pad.device) * (most + 1)
        self._used = [0] * slots

    def extend(self, slot: int, rows: Tensor, state: State) -> None:
        """More rows [n, hidden] of a slot. Raises TooLarge when it has no room for them."""
        start = self._used[slot]
        end = start + len(rows)
        if end >= self._rows.shape[1]:
            raise TooLarge(f"the text has more than {self._rows.shape[1] - 1} tokens; send it in sentences")
        self._rows[slot, start:end].copy_(rows)
        self._rows[slot, end].copy_(self._pad[0])
        state.text_end[slot].fill_(end)
        self._used[slot] = end

    def wipe(self, slot: int) -> None:
        """Leave nothing of it, not even a number that is none."""
        self._rows[slot, : self._used[slot] + 1].zero_()
        self._used[slot] = 0

    def next(self, state: State) -> Tensor:
        """[slots, hidden]: those that the next frames take, of the first slots that `state` is of."""
        which = self._starts[: len(state.frame)] + torch.minimum(state.frame, state.text_end)
        return self._rows.flatten(0, 1).index_select(0, which)
