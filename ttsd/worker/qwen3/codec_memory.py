"""What the codec's decoder remembers of the streams that it makes sound for."""

import math
from typing import Final

import torch
from torch import Tensor

ALIGNED: Final = 8
"""Attention on a card wants rows of its mask to begin at multiples of so many numbers."""


class Plan:
    """How much a decoder remembers of a stream: its parts say, while they are built, what they need."""

    def __init__(self, window: int) -> None:
        self._window = window
        self.pasts: list[tuple[int, int]] = []
        """For each that asked: columns, and channels of each."""
        self.layers = 0
        self.width = 0

    def past(self, columns: int, channels: int) -> int:
        """Have the last so many columns of an input kept; returns the number of their place."""
        self.pasts.append((columns, channels))
        return len(self.pasts) - 1

    def layer(self, width: int) -> int:
        """Have keys and values of the window kept, so many numbers a frame; returns the layer's number."""
        self.width = width
        self.layers += 1
        return self.layers - 1

    @property
    def past_numbers(self) -> int:
        return sum(map(math.prod, self.pasts))

    def ring(self, frames: int) -> int:
        """Places for frames, so that those of one call do not overwrite what the first of them still looks back at."""
        return -(-(self._window - 1 + frames) // ALIGNED) * ALIGNED


class Memory:
    """What B streams remember: rolled on in place as the decoder's parts read it.

    The keys and values of frame n are in place n mod R of a ring, so that nothing of them is moved.
    """

    def __init__(self, plan: Plan, past: Tensor, heard: Tensor, frames: Tensor, rows: Tensor | None = None) -> None:
        """past [B, N]; heard [layers, slots, R, width] of which `rows` [B] are meant, or all in order; frames [B]."""
        pieces = torch.split(past, [columns * channels for columns, channels in plan.pasts], 1)
        self._pasts = [piece.view(-1, *shape) for piece, shape in zip(pieces, plan.pasts, strict=True)]
        self._heard = heard.unbind()
        self._rings = [layer.flatten(0, 1) for layer in self._heard]
        self._rows = rows
        self.ring = heard.shape[2]
        self.frames = frames
        """How many frames each stream has behind it, [B] int64."""
        numbers = torch.arange(len(frames), device=frames.device) if rows is None else rows
        self._first = (numbers * self.ring)[:, None]  # [B, 1]
        self.places = torch.arange(self.ring, device=frames.device)

    @classmethod
    def empty(cls, plan: Plan, streams: int, frames: int, like: Tensor) -> "Memory":
        """Of streams that begin, and silence was before them, for one call of so many frames."""
        return cls(
            plan,
            like.new_zeros(streams, plan.past_numbers),
            like.new_zeros(plan.layers, streams, plan.ring(frames), plan.width),
            like.new_zeros(streams, dtype=torch.int64),
        )

    def extend(self, place: int, x: Tensor) -> Tensor:
        """`x` [B, T, C] with the columns before it in front, [B, columns + T, C], contiguous."""
        past = self._pasts[place]
        whole = torch.cat((past, x), 1)
        past.copy_(whole[:, x.shape[1] :])
        return whole

    def enter(self, positions: Tensor) -> Tensor:
        """Where keys and values of new frames belong: positions [B, T] -> [B · T], for `hear`."""
        return (positions % self.ring + self._first).flatten()

    def hear(self, layer: int, where: Tensor, new: Tensor) -> Tensor:
        """Keep new keys and values, [B · T, width]; returns all, [B, R, width], of the last frames in ring order."""
        self._rings[layer].index_copy_(0, where, new)
        heard = self._heard[layer]
        return heard if self._rows is None else heard.index_select(0, self._rows)

    def advance(self, frames: int) -> None:
        """All parts have seen `frames` more."""
        self.frames.add_(frames)
