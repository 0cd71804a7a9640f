"""Blocks of the codec's decoder. Each is causal: its only look back is through a `Memory`."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ttsd.worker.qwen3.geometry import DecoderConfig


class Causal(nn.Module):
    """A module that needs the last `reach` columns of its input again: `past` is their shape, `axis` is time."""

    reach: int
    past: tuple[int, int]
    axis: int

    def __init__(self, channels: int, reach: int, axis: int = -1) -> None:
        super().__init__()
        self.reach = reach
        self.past = (channels, reach) if axis == -1 else (reach, channels)
        self.axis = axis


class Memory:
    """What came before, of B streams. This one remembers nothing: each stream begins, and silence was before it."""

    def __init__(self, frames: Tensor) -> None:
        self.frames = frames
        """How many frames each stream has behind it, [B] int64."""

    def extend(self, module: Causal, x: Tensor) -> Tensor:
        """`x` with the `reach` columns before it in front."""
        past = x.new_zeros((len(x), *module.past))
        return torch.cat((past, x), module.axis)

    def advance(self, frames: int) -> None:
        """All modules have seen `frames` more."""


# --- convolutions -----------------------------------------------------------------------------------


class CausalConv(Causal):
    """A convolution whose last tap lies on the present. [B, in, T] -> [B, out, T]"""

    def __init__(self, channels_in: int, channels_out: int, taps: int, dilation: int = 1, groups: int = 1) -> None:
        super().__init__(channels_in, reach=(taps - 1) * dilation)
        self.conv = nn.Conv1d(channels_in, channels_out, taps, dilation=dilation, groups=groups)

    def forward(self, x: Tensor, memory: Memory) -> Tensor:
        return self.conv(memory.extend(self, x) if self.reach else x)


class CausalUpsampling(Causal):
    """A transposed convolution with stride s and r·s taps, none of them in the past. [B, in, T] -> [B, out, T·s]

    Remembers its last r - 1 inputs: each output is a sum over r inputs, made here as one product of matrices, for
    which a CPU need not rearrange the weights on each call: torch's own takes 7 times as long at the widest layer.
    """

    def __init__(self, channels_in: int, channels_out: int, taps: int, stride: int) -> None:
        overlap, rest = divmod(taps, stride)
        assert not rest
        super().__init__(channels_in, reach=overlap - 1)
        self.conv = nn.ConvTranspose1d(channels_in, channels_out, taps, stride)
        self._overlap, self._stride = overlap, stride

    def forward(self, x: Tensor, memory: Memory) -> Tensor:
        batch, _, steps = x.shape
        x = memory.extend(self, x) if self.reach else x
        conv = self.conv
        products = x.transpose(1, 2).flatten(0, 1) @ conv.weight.flatten(1)  # [B·(r-1+T), out·r·s]
        parts = products.view(batch, steps + self.reach, conv.out_channels, self._overlap, self._stride)
        y = parts[:, self.reach :, :, 0]  # [B, T, out, s]
        for age in range(1, self._overlap):
            y = y + parts[:, self.reach - age : self.reach - age + steps, :, age]
        y = y.permute(0, 2, 1, 3).reshape(batch, conv.out_channels, steps * self._stride)
        return y + cast("Tensor", conv.bias)[:, None]


class SnakeBeta(nn.Module):
    """x + sin²(e^α x) / e^β, for each channel (Ziyin et al. 2020; two parameters in BigVGAN). [B, C, T] -> same"""

    frequency: Tensor
    strength: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def prepare(self) -> None:
        self.register_buffer("frequency", self.alpha.exp()[:, None], persistent=False)
        self.register_buffer("strength", 1 / (self.beta.exp() + 1e-9)[:, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(x, (x * self.frequency).sin_().square_(), self.strength)


class ResidualUnit(nn.Module):
    """Two convolutions beside a straight way. [B, C, T] -> same"""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.act1 = SnakeBeta(channels)
        self.conv1 = CausalConv(channels, channels, taps=7, dilation=dilation)
        self.act2 = SnakeBeta(channels)
        self.conv2 = CausalConv(channels, channels, taps=1)

    def forward(self, x: Tensor, memory: Memory) -> Tensor:
        hidden: Tensor = self.conv1(self.act1(x), memory)
        hidden = self.conv2(self.act2(hidden), memory)
        return hidden + x


class UpsamplingBlock(nn.Module):
    """More samples in half the channels. [B, C, T] -> [B, C/2, T·rate]"""

    def __init__(self, channels: int, rate: int) -> None:
        super().__init__()
        half = channels // 2
        first = [SnakeBeta(channels), CausalUpsampling(channels, half, taps=2 * rate, stride=rate)]
        self.block = nn.ModuleList([*first, *(ResidualUnit(half, dilation) for dilation in (1, 3, 9))])

    def forward(self, x: Tensor, memory: Memory) -> Tensor:
        snake, upsampling, *units = self.block
        x = upsampling(snake(x), memory)
        for unit in units:
            x = unit(x, memory)
        return x


class ConvNeXt(nn.Module):
    """A convolution of each channel alone, then two linear layers across them (Liu et al. 2022). [B, C, T] -> same"""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = CausalConv(channels, channels, taps=7, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)
        self.gamma = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor, memory: Memory) -> Tensor:
        hidden = self.norm(self.dwconv(x, memory).transpose(1, 2))
        hidden = self.pwconv2(functional.gelu(self.pwconv1(hidden)))
        return x + (self.gamma * hidden).transpose(1, 2)


# --- codebooks --------------------------------------------------------------------------------------


class _Codebook(nn.Module):
    """Entries as training leaves them: sums over all vectors that chose an entry, and how often that was."""

    def __init__(self, entries: int, width: int) -> None:
        super().__init__()
        self.cluster_usage = nn.Parameter(torch.ones(entries))
        self.embedding_sum = nn.Parameter(torch.zeros(entries, width))

    def entries(self) -> Tensor:
        return self.embedding_sum / self.cluster_usage.clamp(min=1e-5)[:, None]


class _Level(nn.Module):
    def __init__(self, entries: int, width: int) -> None:
        super().__init__()
        self._codebook = _Codebook(entries, width)

    def entries(self) -> Tensor:
        return self._codebook.entries()


class _Levels(nn.Module):
    def __init__(self, levels: int, entries: int, width: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Level(entries, width) for _ in range(levels))


class _Residual(nn.Module):
    """Codebooks whose entries add up, and a projection of the sum."""

    def __init__(self, levels: int, entries: int, width: int, width_out: int) -> None:
        super().__init__()
        self.vq = _Levels(levels, entries, width)
        self.output_proj = nn.Conv1d(width, width_out, 1, bias=False)

    def entries(self) -> list[Tensor]:
        return [cast("_Level", level).entries() for level in self.vq.layers]

    def forward(self, vectors: Tensor) -> Tensor:
        return functional.linear(vectors.sum(2), self.output_proj.weight[..., 0])  # [B, T, K, D] -> [B, T, out]


class Quantizer(nn.Module):
    """Codes to vectors: one semantic codebook and the acoustic ones. [B, T, K] int64 -> [B, codebook_dim, T]"""

    table: Tensor
    offsets: Tensor

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self._size = config.codebook_size
        width = config.codebook_dim // 2
        self._levels = config.num_quantizers
        self.rvq_first = _Residual(1, self._size, width, config.codebook_dim)
        self.rvq_rest = _Residual(self._levels - 1, self._size, width, config.codebook_dim)

    def prepare(self) -> None:
        table = torch.cat(self.rvq_first.entries() + self.rvq_rest.entries())
        offsets = torch.arange(self._levels, device=table.device) * self._size
        self.register_buffer("table", table, persistent=False)
        self.register_buffer("offsets", offsets, persistent=False)

    def forward(self, codes: Tensor) -> Tensor:
        vectors = functional.embedding(codes + self.offsets, self.table)  # [B, T, K, D]
        total: Tensor = self.rvq_first(vectors[:, :, :1]) + self.rvq_rest(vectors[:, :, 1:])
        return total.transpose(1, 2)
