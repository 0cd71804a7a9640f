"""The codec's decoder: 16 codes a frame to 1920 samples, and exact streams of it for many voices at once."""

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

from ttsd.worker.qwen3 import codec_published as published
from ttsd.worker.qwen3.codec_layers import CausalUpsampling, ConvNeXt, Front, Stack
from ttsd.worker.qwen3.codec_memory import Memory, Plan
from ttsd.worker.qwen3.codec_transformer import Transformer
from ttsd.worker.qwen3.geometry import DecoderConfig

MOST_FRAMES: Final = 16
"""Frames computed in one go: what a long reference needs of memory has a bound."""


class CodecDecoder(nn.Module):
    """Codes to sound, strictly causal: no sample depends on a later frame.

    Parameters bear the names of the published tensors below `decoder.`. Once they are loaded, and on their device,
    call `prepare`, which makes of them what runs.
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        latent, channels = config.latent_dim, config.decoder_dim
        self.samples_per_frame = math.prod((*config.upsampling_ratios, *config.upsample_rates))
        self.quantizer = published.Quantizer(config)
        self.pre_conv = published.Conv(config.codebook_dim, latent, taps=Front.TAPS)
        self.pre_transformer = published.Transformer(config)
        self.upsample = nn.ModuleList(published.Stage(latent, ratio) for ratio in config.upsampling_ratios)
        blocks = [
            published.UpsamplingBlock(channels >> depth, rate) for depth, rate in enumerate(config.upsample_rates)
        ]
        last = channels >> len(blocks)
        ends = (published.Conv(latent, channels, taps=7), published.Snake(last), published.Conv(last, 1, taps=7))
        self.decoder = nn.ModuleList((ends[0], *blocks, *ends[1:]))
        self.requires_grad_(requires_grad=False)
        self._config = config

    def prepare(self) -> None:
        """Make what runs. The parameters are given up."""
        config, transformer = self._config, self.pre_transformer
        self.plan = Plan(config.sliding_window)
        self._front = Front(self.quantizer, self.pre_conv.conv, transformer.input_proj, self.plan, config.codebook_size)
        published.give_up(self.quantizer)
        self._transformer = Transformer(config, transformer, self.plan)
        out = transformer.output_proj
        before = (out.weight * transformer.norm.weight, out.bias)
        self._upsample: list[CausalUpsampling | ConvNeXt] = []
        for stage in published.parts(self.upsample, published.Stage):
            self._upsample.append(CausalUpsampling(stage.upsampling.conv, self.plan, before))
            self._upsample.append(ConvNeXt(stage.convnext, self.plan))
            before = None
            published.give_up(stage)
        self._stack = Stack(self.decoder, self.plan, math.prod(config.upsampling_ratios))
        published.give_up(self)

    def forward(self, codes: Tensor) -> Tensor:
        """Sound of B streams, in [-1, 1], from their beginning.

        [B, T, K] int64, each from 0 to codebook_size - 1 -> [B, T · samples_per_frame]
        """
        streams, frames, _ = codes.shape
        return self.go_on(codes, Memory.empty(self.plan, streams, frames, self._front.table))

    def go_on(self, codes: Tensor, memory: Memory) -> Tensor:
        """The same from where `memory` left off; it goes along."""
        batch, frames, _ = codes.shape
        x = self._transformer(self._front(codes, memory), memory).view(batch, frames, -1)
        for layer in self._upsample:
            x = layer(x, memory)
        sound = self._stack(x, memory)
        memory.advance(frames)
        return sound


class CodecStream:
    """Owns what each of a number of slots remembers of the sound it has made so far, in fixed buffers.

    That is, for every convolution, plain, dilated or transposed, its last inputs; for every layer of the transformer
    the keys and values of the last frames; and how many frames there were. So any splitting of a stream into chunks
    gives the sound of one pass over all of it, and no slot hears another. At the published size 6.3 MB a slot in
    float32.

    Raises torch.OutOfMemoryError (CUDA) or RuntimeError (CPU) when there is no room for the buffers.
    """

    def __init__(self, decoder: CodecDecoder, slots: int, device: torch.device | str, dtype: torch.dtype) -> None:
        self._decoder = decoder
        self._device = torch.device(device)
        plan = decoder.plan
        self._past = torch.zeros((slots, plan.past_numbers), device=device, dtype=dtype)
        self._heard = torch.zeros((plan.layers, slots, plan.ring(MOST_FRAMES), plan.width), device=device, dtype=dtype)
        self._frames = torch.zeros(slots, device=device, dtype=torch.int64)
        ones = [slice(slot, slot + 1) for slot in range(slots if self._device.type == "cpu" else 0)]
        self._alone = [Memory(plan, self._past[one], self._heard[:, one], self._frames[one]) for one in ones]

    @property
    def slot_bytes(self) -> int:
        """Memory that one slot takes."""
        return sum(tensor.nbytes for tensor in self._slot(0).values())

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
        memory = self._alone[slot]
        return torch.cat([self._decoder.go_on(piece[row : row + 1], memory) for piece in pieces], 1)

    def _together(self, rows: Tensor, codes: Tensor) -> Tensor:
        past, frames = self._past.index_select(0, rows), self._frames.index_select(0, rows)
        sound = self._decoder.go_on(codes, Memory(self._decoder.plan, past, self._heard, frames, rows))
        self._past.index_copy_(0, rows, past)
        self._frames.index_copy_(0, rows, frames)
        return sound

    def reset(self, slot: int) -> None:
        """Forget everything: the slot begins a new stream."""
        for tensor in self._slot(slot).values():
            tensor.zero_()

    def save(self, slot: int) -> dict[str, Tensor]:
        """A copy of what a slot remembers, on this device; see `load`."""
        return {name: tensor.clone() for name, tensor in self._slot(slot).items()}

    def load(self, slot: int, saved: dict[str, Tensor]) -> None:
        """Go on from what `save` gave, here or in another process; any device and dtype.

        Raises ValueError when it is not of this decoder's shape.
        """
        own = self._slot(slot)
        wanted, given = ({name: list(tensor.shape) for name, tensor in state.items()} for state in (own, saved))
        if wanted != given:
            raise ValueError(f"a codec state of the shape {given}, not {wanted}")
        for name, tensor in own.items():
            tensor.copy_(saved[name])

    def _slot(self, slot: int) -> dict[str, Tensor]:
        """`past` [N], `heard` [layers, R, width], `frames` [1]: views."""
        return {
            "past": self._past[slot],
            "heard": self._heard[:, slot],
            "frames": self._frames[slot : slot + 1],
        }
