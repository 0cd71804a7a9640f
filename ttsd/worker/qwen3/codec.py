"""The codec's decoder: 16 codes a frame to 1920 samples, and exact streams of it for many voices at once."""

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

from ttsd.worker.qwen3.codec_layers import (
    Causal,
    CausalConv,
    CausalUpsampling,
    ConvNeXt,
    Memory,
    Quantizer,
    SnakeBeta,
    UpsamplingBlock,
)
from ttsd.worker.qwen3.codec_transformer import Transformer
from ttsd.worker.qwen3.geometry import DecoderConfig

MOST_FRAMES: Final = 32
"""Frames computed in one go: what a long reference needs of memory has a bound."""

_Prepared = SnakeBeta | Quantizer | Transformer


class CodecDecoder(nn.Module):
    """Codes to sound, strictly causal: no sample depends on a later frame.

    Parameters bear the names of the published tensors below `decoder.`. Once they are loaded, and on their device,
    call `prepare`.
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        latent, channels = config.latent_dim, config.decoder_dim
        self.samples_per_frame = math.prod((*config.upsampling_ratios, *config.upsample_rates))
        self.quantizer = Quantizer(config)
        self.pre_conv = CausalConv(config.codebook_dim, latent, taps=3)
        self.pre_transformer = Transformer(config)
        self.upsample = nn.ModuleList(
            nn.ModuleList((CausalUpsampling(latent, latent, ratio, ratio), ConvNeXt(latent)))
            for ratio in config.upsampling_ratios
        )
        blocks = [UpsamplingBlock(channels >> depth, rate) for depth, rate in enumerate(config.upsample_rates)]
        last = channels >> len(blocks)
        ends = (CausalConv(latent, channels, taps=7), SnakeBeta(last), CausalConv(last, 1, taps=7))
        self.decoder = nn.ModuleList((ends[0], *blocks, *ends[1:]))
        self.requires_grad_(requires_grad=False)

    def prepare(self) -> None:
        """Derive from the parameters what is the same for every frame."""
        for module in self.modules():
            if isinstance(module, _Prepared):
                module.prepare()

    def forward(self, codes: Tensor, memory: Memory | None = None) -> Tensor:
        """Sound of B streams, in [-1, 1], from where `memory` left off, or else from their beginning.

        [B, T, K] int64, each from 0 to codebook_size - 1 -> [B, T · samples_per_frame]
        """
        memory = memory or Memory(codes.new_zeros(len(codes)))
        x: Tensor = self.pre_conv(self.quantizer(codes), memory)
        x = self.pre_transformer(x.transpose(1, 2), memory).transpose(1, 2)
        for stage in self.upsample:
            for layer in stage.children():
                x = layer(x, memory)
        *stack, snake, last = self.decoder
        for layer in stack:
            x = layer(x, memory)
        x = last(snake(x), memory)
        memory.advance(codes.shape[1])
        return x[:, 0].clamp(-1, 1)


class CodecStream:
    """Owns what each of a number of slots remembers of the sound it has made so far, in fixed buffers.

    That is, for every convolution, plain, dilated or transposed, its last inputs; for every layer of the transformer
    the keys and values of the last 71 frames; and how many frames there were. So any splitting of a stream into chunks
    gives the sound of one pass over all of it, and no slot hears another. At the published size 5.2 MB a slot in
    float32.

    Raises torch.OutOfMemoryError (CUDA) or RuntimeError (CPU) when there is no room for the buffers.
    """

    def __init__(self, decoder: CodecDecoder, slots: int, device: torch.device | str, dtype: torch.dtype) -> None:
        self._decoder = decoder
        self._device = torch.device(device)
        self._modules = [module for module in decoder.modules() if isinstance(module, Causal) and module.reach]
        width = sum(math.prod(module.past) for module in self._modules)
        self._state = torch.zeros((slots, width), device=device, dtype=dtype)
        self._frames = torch.zeros(slots, device=device, dtype=torch.int64)
        self._single = [
            _RollingMemory(self._modules, state, frames)
            for state, frames in zip(torch.split(self._state, 1), torch.split(self._frames, 1), strict=True)
        ]

    @property
    def slot_bytes(self) -> int:
        """Memory that one slot takes."""
        return self._state[0].nbytes + self._frames[0].nbytes

    def decode(self, slots: Tensor | Sequence[int], codes: Tensor) -> Tensor:
        """Sound of the next T frames of some slots; the others stay as they are.

        `slots` are B different numbers; on a card give them as a tensor there, int64, or the host waits. `codes`
        [B, T, K] int64. Returns [B, T · samples_per_frame], in [-1, 1].
        """
        pieces = torch.split(codes, MOST_FRAMES, 1)
        if self._device.type == "cpu":
            return torch.cat([self._row(int(slot), row, pieces) for row, slot in enumerate(slots)])
        rows = slots if isinstance(slots, Tensor) else torch.tensor(slots, device=self._device)
        return torch.cat([self._together(rows, piece) for piece in pieces], 1)

    def _row(self, slot: int, row: int, pieces: Sequence[Tensor]) -> Tensor:
        # On a CPU each slot alone: libraries choose how to add up by the size of a batch, and a slot's samples must
        # not depend in a single bit on who else speaks.
        memory = self._single[slot]
        return torch.cat([self._decoder(piece[row : row + 1], memory) for piece in pieces], 1)

    def _together(self, rows: Tensor, codes: Tensor) -> Tensor:
        state, frames = self._state.index_select(0, rows), self._frames.index_select(0, rows)
        sound = self._decoder(codes, _RollingMemory(self._modules, state, frames))
        self._state.index_copy_(0, rows, state)
        self._frames.index_copy_(0, rows, frames)
        return sound

    def reset(self, slot: int) -> None:
        """Forget everything: the slot begins a new stream."""
        self._state[slot].zero_()
        self._frames[slot].zero_()

    def save(self, slot: int) -> dict[str, Tensor]:
        """A copy of what a slot remembers, on this device: `state` [N] and `frames` [1]; see `load`."""
        return {"state": self._state[slot].clone(), "frames": self._frames[slot : slot + 1].clone()}

    def load(self, slot: int, saved: dict[str, Tensor]) -> None:
        """Go on from what `save` gave, here or in another process; any device and dtype.

        Raises ValueError when it is not of this decoder's shape.
        """
        if saved["state"].shape != self._state[slot].shape:
            raise ValueError(f"a codec state of {saved['state'].numel()} values, not {self._state.shape[1]}")
        self._state[slot].copy_(saved["state"])
        self._frames[slot : slot + 1].copy_(saved["frames"])


class _RollingMemory(Memory):
    """Memory of B streams in one tensor [B, N], rolled on in place as the modules read it."""

    def __init__(self, modules: Sequence[Causal], state: Tensor, frames: Tensor) -> None:
        super().__init__(frames)
        parts = torch.split(state, [math.prod(module.past) for module in modules], 1)
        self._pasts = {m: part.view(len(frames), *m.past) for m, part in zip(modules, parts, strict=True)}

    def extend(self, module: Causal, x: Tensor) -> Tensor:
        past = self._pasts[module]
        whole = torch.cat((past, x), module.axis)
        past.copy_(whole.narrow(module.axis, x.shape[module.axis], module.reach))
        return whole

    def advance(self, frames: int) -> None:
        self.frames.add_(frames)
