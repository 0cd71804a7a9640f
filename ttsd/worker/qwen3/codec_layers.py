"""Blocks of the codec's decoder, made of the published tensors. Each is causal: its only look back is a `Memory`.

Sound in the making is [B, T, C], the channels of a step side by side.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from ttsd.worker.qwen3 import codec_published as published
from ttsd.worker.qwen3.codec_memory import Memory, Plan
from ttsd.worker.qwen3.codec_windows import Convolution, windows
from ttsd.worker.qwen3.product import Product


class Front:
    """Codes to what the transformer works on. [B, T, K] int64 -> [B · T, hidden]

    All of it is linear in the codebooks' entries: the projections of their sums, a convolution and the projection into
    the transformer are one product with the windows of the sums.
    """

    TAPS: Final = 3

    def __init__(
        self, quantizer: published.Quantizer, conv: nn.Conv1d, projection: nn.Linear, plan: Plan, size: int
    ) -> None:
        first, rest = quantizer.rvq_first, quantizer.rvq_rest
        self.table = torch.cat(first.entries() + rest.entries())  # [K · size, D]
        levels = len(self.table) // size
        self._offsets = torch.arange(levels, device=self.table.device) * size
        weight, bias = _linear_chain(
            torch.cat((first.output_proj.weight, rest.output_proj.weight), 1), conv, projection
        )
        self._product = Product(weight, bias)
        self._place = plan.past(self.TAPS - 1, 2 * self.table.shape[1])

    def __call__(self, codes: Tensor, memory: Memory) -> Tensor:
        vectors = functional.embedding(codes + self._offsets, self.table)  # [B, T, K, D]
        sums = torch.cat((vectors[:, :, 0], vectors[:, :, 1:].sum(2)), -1)
        seen = windows(memory.extend(self._place, sums), self.TAPS)
        return self._product(seen.reshape(codes.shape[0] * codes.shape[1], -1))


def _linear_chain(sums: Tensor, conv: nn.Conv1d, projection: nn.Linear) -> tuple[Tensor, Tensor]:
    """projection ∘ conv ∘ sums, as [hidden, taps · 2D] for windows of the codebooks' sums, and its bias."""
    dtype = sums.dtype
    exact = torch.promote_types(dtype, torch.float32)
    after, taps, before = (tensor.detach().to(exact) for tensor in (projection.weight, conv.weight, sums[..., 0]))
    weight = (after @ taps.flatten(1)).view(len(after), *taps.shape[1:])  # [hidden, codebook_dim, taps]
    assert conv.bias is not None
    bias = projection.bias + projection.weight @ conv.bias
    return (weight.transpose(1, 2) @ before).flatten(1).to(dtype), bias.to(dtype)


# --- convolutions -----------------------------------------------------------------------------------


class CausalConv:
    """A convolution whose last tap lies on the present. [B, T, C] -> [B, T, C_out]"""

    def __init__(self, conv: nn.Conv1d, plan: Plan) -> None:
        (taps,), (dilation,) = conv.kernel_size, conv.dilation
        self._place = plan.past((taps - 1) * dilation, conv.in_channels)
        self._run = Convolution(conv)

    def __call__(self, x: Tensor, memory: Memory) -> Tensor:
        return self._run(memory.extend(self._place, x))


class CausalUpsampling:
    """A transposed convolution with stride s and r · s taps, none of them in the past. [B, T, C] -> [B, T · s, C_out]

    Each output is a sum over r inputs; one product makes what every input gives to each of the r.
    """

    def __init__(self, conv: nn.ConvTranspose1d, plan: Plan, before: tuple[Tensor, Tensor] | None = None) -> None:
        """`before`: weight and bias of a projection that makes the input, to be part of the product; r is 1 then."""
        (taps,), (self._stride,) = conv.kernel_size, conv.stride
        self._parts = taps // self._stride
        assert taps % self._stride == 0
        assert conv.bias is not None
        weight = conv.weight.detach().transpose(1, 2).flatten(1).t()  # [r · s · C_out, C]
        bias = conv.bias.detach().repeat(self._stride)
        bias = functional.pad(bias, (0, len(weight) - len(bias)))  # once for each output: with the present
        if before is not None:
            weight, bias = weight @ before[0], bias + weight @ before[1]
        self._product = Product(weight, bias)
        self._place = plan.past(self._parts - 1, conv.in_channels) if self._parts > 1 else None

    def __call__(self, x: Tensor, memory: Memory) -> Tensor:
        batch, steps, _ = x.shape
        if self._place is not None:
            x = memory.extend(self._place, x)
        parts = self._product(x.flatten(0, 1)).view(batch, x.shape[1], self._parts, -1)  # [B, r-1+T, r, s · C_out]
        back = self._parts - 1
        y = parts[:, back:, 0]
        for age in range(1, self._parts):
            y = y + parts[:, back - age : back - age + steps, age]
        return y.reshape(batch, steps * self._stride, -1)


class LastConv:
    """A convolution to one channel: the sound, [B, T, C] -> [B, T].

    Each input times each tap first, then sums over the taps: the windows of so few outputs would be the greater work.
    """

    def __init__(self, conv: nn.Conv1d, plan: Plan) -> None:
        (self._taps,) = conv.kernel_size
        assert conv.bias is not None
        bias = functional.pad(conv.bias.detach(), (self._taps - 1, 0))  # once for each output: with the last tap
        self._product = Product(conv.weight.detach()[0].t(), bias)  # [taps, C]
        self._place = plan.past(self._taps - 1, conv.in_channels)

    def __call__(self, x: Tensor, memory: Memory) -> Tensor:
        batch, steps, _ = x.shape
        taps = self._taps
        each = self._product(memory.extend(self._place, x).flatten(0, 1))  # [B · (taps-1+T), taps]
        return each.as_strided((batch, steps, taps), ((taps - 1 + steps) * taps, taps, taps + 1)).sum(2)


# --- blocks -----------------------------------------------------------------------------------------


class SnakeBeta:
    """x + sin²(e^α x) / e^β, for each channel (Ziyin et al. 2020; two parameters in BigVGAN). [B, T, C] -> same"""

    ROW: Final = 256
    """Numbers that the tables have at least where they can: a CPU is slow at rows of a few channels."""

    def __init__(self, held: published.Snake, steps: int) -> None:
        """`steps`: T is a multiple of it."""
        channels = len(held.alpha)
        together = math.gcd(steps, max(1, self.ROW // channels))
        self._row = together * channels
        self._frequency = held.alpha.detach().exp().repeat(together)
        self._strength = (1 / (held.beta.detach().exp() + 1e-9)).repeat(together)

    def __call__(self, x: Tensor) -> Tensor:
        rows = x.reshape(-1, self._row)
        waves = (rows * self._frequency).sin_().square_()
        return torch.addcmul(rows, waves, self._strength).view(x.shape)


class ResidualUnit:
    """Two convolutions beside a straight way. [B, T, C] -> same"""

    def __init__(self, held: published.ResidualUnit, plan: Plan, steps: int) -> None:
        self._before = SnakeBeta(held.act1, steps)
        self._conv = CausalConv(held.conv1.conv, plan)
        self._between = SnakeBeta(held.act2, steps)
        self._mix = Product(held.conv2.conv.weight[..., 0], held.conv2.conv.bias)

    def __call__(self, x: Tensor, memory: Memory) -> Tensor:
        hidden = self._between(self._conv(self._before(x), memory))
        return self._mix(hidden.flatten(0, 1)).view(x.shape).add_(x)


class UpsamplingBlock:
    """More samples in half the channels. [B, T, C] -> [B, T · rate, C/2]"""

    def __init__(self, held: published.UpsamplingBlock, plan: Plan, steps: int) -> None:
        """`steps`: T is a multiple of it."""
        (self.rate,) = held.upsampling.conv.stride
        self._snake = SnakeBeta(held.snake, steps)
        self._upsampling = CausalUpsampling(held.upsampling.conv, plan)
        self._units = [ResidualUnit(unit, plan, steps * self.rate) for unit in held.units]
        published.give_up(held)

    def __call__(self, x: Tensor, memory: Memory) -> Tensor:
        x = self._upsampling(self._snake(x), memory)
        for unit in self._units:
            x = unit(x, memory)
        return x


class ConvNeXt:
    """A convolution of each channel alone, then two linear layers across them (Liu et al. 2022). [B, T, C] -> same"""

    def __init__(self, held: published.ConvNeXt, plan: Plan) -> None:
        conv, norm = held.dwconv.conv, held.norm
        (self._taps,) = conv.kernel_size
        self._place = plan.past(self._taps - 1, conv.in_channels)
        self._weight = conv.weight.detach()[:, 0].t().clone()  # [taps, C]
        assert conv.bias is not None
        self._bias = conv.bias.detach().clone()
        self._eps = norm.eps
        wide, narrow = held.pwconv1, held.pwconv2
        self._wide = Product(wide.weight * norm.weight, wide.bias + wide.weight @ norm.bias)
        self._narrow = Product(narrow.weight * held.gamma[:, None], narrow.bias * held.gamma)
        published.give_up(held)

    def __call__(self, x: Tensor, memory: Memory) -> Tensor:
        seen = windows(memory.extend(self._place, x), self._taps)
        hidden = (seen * self._weight).sum(2).add_(self._bias).flatten(0, 1)  # [B · T, C]
        hidden = functional.layer_norm(hidden, hidden.shape[1:], eps=self._eps)
        return self._narrow(functional.gelu(self._wide(hidden))).view(x.shape).add_(x)


class Stack:
    """From the latent to sound: a convolution and the upsampling blocks. [B, T, latent] -> [B, T · samples], in [-1, 1]

    On a CPU the second half of the blocks, where the samples are many and the weights few, takes a stream piece by
    piece: what is made there stays in the processor's cache.
    """

    PIECE: Final = 2**18
    """Numbers of a piece at its widest."""

    def __init__(self, held: nn.ModuleList, plan: Plan, steps: int) -> None:
        """`steps`: of the latent, for one frame."""
        first, *_, last = published.parts(held, published.Conv)
        (snake,) = published.parts(held, published.Snake)
        self._first = CausalConv(first.conv, plan)
        published.give_up(first)
        blocks: list[UpsamplingBlock] = []
        for block in published.parts(held, published.UpsamplingBlock):
            blocks.append(UpsamplingBlock(block, plan, steps))
            steps *= blocks[-1].rate
        self._snake = SnakeBeta(snake, steps)
        self._last = LastConv(last.conv, plan)
        half = len(blocks) // 2
        self._blocks, self._rest = blocks[:half], blocks[half:]
        frame = steps * last.conv.in_channels
        self._piece = max(1, self.PIECE // frame) * (steps // math.prod(block.rate for block in self._rest))

    def __call__(self, x: Tensor, memory: Memory) -> Tensor:
        x = self._first(x, memory)
        for block in self._blocks:
            x = block(x, memory)
        piece = x.shape[1] if x.is_cuda else self._piece
        return torch.cat([self._finish(part, memory) for part in torch.split(x, piece, 1)], 1)

    def _finish(self, x: Tensor, memory: Memory) -> Tensor:
        for block in self._rest:
            x = block(x, memory)
        return self._last(self._snake(x), memory).clamp_(-1, 1)
