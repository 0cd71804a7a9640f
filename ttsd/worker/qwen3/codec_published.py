"""The codec decoder's tensors under the names of the published checkpoint, below `decoder.`: they are held, not run.

What runs is made of them once they are loaded, part by part; each part is given up as soon as that is done, so that the
weights are in memory once.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn

from ttsd.worker.qwen3.geometry import DecoderConfig
from ttsd.worker.qwen3.layers import Norm

T = TypeVar("T", bound=nn.Module)


def parts(modules: nn.Module, kind: type[T]) -> list[T]:
    """What a `ModuleList` holds, by its type."""
    return [module for module in modules.children() if isinstance(module, kind)]


def give_up(module: nn.Module) -> None:
    """Free what the parameters of a module take."""
    for part in module.modules():
        for name, _ in list(part.named_parameters(recurse=False)):
            delattr(part, name)


# --- codebooks --------------------------------------------------------------------------------------


class _Codebook(nn.Module):
    """Entries as training leaves them: sums over all vectors that chose an entry, and how often that was."""

    def __init__(self, entries: int, width: int) -> None:
        super().__init__()
        self.cluster_usage = nn.Parameter(torch.ones(entries))
        self.embedding_sum = nn.Parameter(torch.zeros(entries, width))


class _Level(nn.Module):
    def __init__(self, entries: int, width: int) -> None:
        super().__init__()
        self._codebook = _Codebook(entries, width)

    def entries(self) -> Tensor:
        """[codebook_size, width]"""
        book = self._codebook
        return (book.embedding_sum / book.cluster_usage.clamp(min=1e-5)[:, None]).detach()


class _Levels(nn.Module):
    def __init__(self, levels: int, entries: int, width: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Level(entries, width) for _ in range(levels))


class Residual(nn.Module):
    """Codebooks whose entries add up, and a projection of the sum."""

    def __init__(self, levels: int, entries: int, width: int, width_out: int) -> None:
        super().__init__()
        self.vq = _Levels(levels, entries, width)
        self.output_proj = nn.Conv1d(width, width_out, 1, bias=False)

    def entries(self) -> list[Tensor]:
        """The entries of each level."""
        return [level.entries() for level in parts(self.vq.layers, _Level)]


class Quantizer(nn.Module):
    """One semantic codebook, and the acoustic ones."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        width, acoustic = config.codebook_dim // 2, config.num_quantizers - 1
        self.rvq_first = Residual(1, config.codebook_size, width, config.codebook_dim)
        self.rvq_rest = Residual(acoustic, config.codebook_size, width, config.codebook_dim)


# --- transformer ------------------------------------------------------------------------------------


class Attention(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        queries, shared = (n * config.head_dim for n in (config.num_attention_heads, config.num_key_value_heads))
        self.q_proj = nn.Linear(config.hidden_size, queries, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, shared, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, shared, bias=False)
        self.o_proj = nn.Linear(queries, config.hidden_size, bias=False)


class GatedLinear(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)


class LayerScale(nn.Module):
    """A factor for each channel, small at the start of training (Touvron et al. 2021)."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((config.hidden_size,), config.layer_scale_initial_scale))


class Layer(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = GatedLinear(config)
        self.input_layernorm = Norm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = Norm(config.hidden_size, config.rms_norm_eps)
        self.self_attn_layer_scale = LayerScale(config)
        self.mlp_layer_scale = LayerScale(config)


class Transformer(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.input_proj = nn.Linear(config.latent_dim, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = Norm(config.hidden_size, config.rms_norm_eps)
        self.output_proj = nn.Linear(config.hidden_size, config.latent_dim)


# --- convolutions -----------------------------------------------------------------------------------


class Conv(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, taps: int, dilation: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels_in, channels_out, taps, dilation=dilation, groups=groups)


class Upsampling(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, taps: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose1d(channels_in, channels_out, taps, stride)


class Snake(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))


class ResidualUnit(nn.Module):
    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.act1 = Snake(channels)
        self.conv1 = Conv(channels, channels, taps=7, dilation=dilation)
        self.act2 = Snake(channels)
        self.conv2 = Conv(channels, channels, taps=1)


class UpsamplingBlock(nn.Module):
    def __init__(self, channels: int, rate: int) -> None:
        super().__init__()
        half = channels // 2
        first = (Snake(channels), Upsampling(channels, half, taps=2 * rate, stride=rate))
        self.block = nn.ModuleList((*first, *(ResidualUnit(half, dilation) for dilation in (1, 3, 9))))

    @property
    def snake(self) -> Snake:
        return parts(self.block, Snake)[0]

    @property
    def upsampling(self) -> Upsampling:
        return parts(self.block, Upsampling)[0]

    @property
    def units(self) -> list[ResidualUnit]:
        return parts(self.block, ResidualUnit)


class ConvNeXt(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = Conv(channels, channels, taps=7, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)
        self.gamma = nn.Parameter(torch.ones(channels))


class Stage(nn.ModuleList):
    """More steps of the latent."""

    def __init__(self, channels: int, ratio: int) -> None:
        super().__init__((Upsampling(channels, channels, ratio, ratio), ConvNeXt(channels)))

    @property
    def upsampling(self) -> Upsampling:
        return parts(self, Upsampling)[0]

    @property
    def convnext(self) -> ConvNeXt:
        return parts(self, ConvNeXt)[0]
