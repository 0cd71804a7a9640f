"""The codec's encoder: from a clip to its frames of codes.

The encoder half of Mimi (Défossez et al. 2024, arXiv:2410.00037): convolutions down to 25 Hz, a causal transformer, one
more convolution to 12.5 Hz, and residual vector quantisation. Modules are named as the tensors under `encoder.` in the
codec's checkpoint. It attends to the whole clip, where Mimi itself looks back 10 s: so does the official package, and
clips longer than that have its codes only in this way.
"""

from typing import Any, Final

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 — torch's own name for it

from ttsd.protocol.errors import ConfigError


class _Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What decides a number here of `encoder_config`; defaults are those of Mimi as published."""

    num_filters: int = 64
    hidden_size: int = 512
    intermediate_size: int = 2048
    num_hidden_layers: int = 8
    num_attention_heads: int = 8
    num_key_value_heads: int = 8
    head_dim: int | None = None
    upsampling_ratios: tuple[int, ...] = (8, 6, 5, 4)
    kernel_size: int = 7
    last_kernel_size: int = 3
    residual_kernel_size: int = 3
    num_residual_layers: int = 1
    dilation_growth_rate: int = 2
    compress: int = 2
    codebook_size: int = 2048
    codebook_dim: int = 256
    vector_quantization_hidden_dimension: int = 256
    num_quantizers: int = 32
    num_semantic_quantizers: int = 1
    norm_eps: float = 1e-5
    rope_theta: float = 10_000.0

    @property
    def head(self) -> int:
        return self.head_dim or self.hidden_size // self.num_attention_heads


_FIXED: Final[dict[str, Any]] = {
    "audio_channels": 1,
    "use_causal_conv": True,
    "use_conv_shortcut": False,
    "pad_mode": "constant",
    "hidden_act": "gelu",
    "attention_bias": False,
}
"""Keys of `encoder_config` that every published checkpoint has at one value; another one is refused."""


class ReferenceEncoder(nn.Module):
    """Load the weights, and it is ready. Raises ConfigError for a geometry that Mimi does not have."""

    def __init__(self, encoder_config: dict[str, Any], valid_quantizers: int) -> None:
        super().__init__()
        shape = _shape(encoder_config, valid_quantizers)
        self.encoder = _Convolutions(shape)
        self.encoder_transformer = _Transformer(shape)
        self.downsample = _Halving(shape.hidden_size)
        self.quantizer = _SplitQuantizer(shape, valid_quantizers)

    def codes(self, wave: Tensor) -> Tensor:
        """[n] samples at 24 kHz → [⌈n / 1920⌉, valid quantizers] int64"""
        x = self.encoder(wave[None, None].to(self.downsample.conv.weight))
        x = self.encoder_transformer(x.transpose(1, 2)).transpose(1, 2)
        return self.quantizer(self.downsample(x))[0]


def _shape(config: dict[str, Any], valid_quantizers: int) -> _Shape:
    for key, value in _FIXED.items():
        if config.get(key, value) != value:
            raise _refused(f"{key} is {config[key]!r}; this engine encodes with {value!r}")
    try:
        shape = msgspec.convert(config, _Shape)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from error
    if not shape.num_semantic_quantizers < valid_quantizers <= shape.num_quantizers:
        raise _refused(f"num_quantizers is {shape.num_quantizers}, and {valid_quantizers} of them are to be kept")
    return shape


def _refused(what: str) -> ConfigError:
    return ConfigError(f"speech_tokenizer/config.json: encoder_config: {what}", param="qwen3.model")


class _CausalConv(nn.Module):
    """A convolution that sees no future: padded on the left, and on the right up to a whole stride."""

    def __init__(
        self, taken: int, made: int, kernel: int, *, stride: int = 1, dilation: int = 1, bias: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv1d(taken, made, kernel, stride, dilation=dilation, bias=bias)
        self._left = (kernel - 1) * dilation + 1 - stride
        self._stride = stride
        self._pad_mode = "constant"

    def forward(self, x: Tensor) -> Tensor:
        """[B, taken, T] → [B, made, ⌈T / stride⌉]"""
        right = -x.shape[-1] % self._stride
        return self.conv(F.pad(x, (self._left, right), mode=self._pad_mode))


class _Halving(_CausalConv):
    """To half the rate, where the clip's first and last frames are repeated instead of silence."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 4, stride=2, bias=False)
        self._pad_mode = "replicate"


class _Residual(nn.Module):
    def __init__(self, channels: int, kernel: int, dilation: int, compress: int) -> None:
        super().__init__()
        hidden = channels // compress
        narrow = _CausalConv(channels, hidden, kernel, dilation=dilation)
        self.block = nn.Sequential(nn.ELU(), narrow, nn.ELU(), _CausalConv(hidden, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x)


class _Convolutions(nn.Module):
    """[B, 1, n] samples → [B, hidden, ⌈n / 960⌉]"""

    def __init__(self, shape: _Shape) -> None:
        super().__init__()
        channels = shape.num_filters
        layers: list[nn.Module] = [_CausalConv(1, channels, shape.kernel_size)]
        for ratio in reversed(shape.upsampling_ratios):
            layers += [
                _Residual(channels, shape.residual_kernel_size, shape.dilation_growth_rate**i, shape.compress)
                for i in range(shape.num_residual_layers)
            ]
            layers += [nn.ELU(), _CausalConv(channels, 2 * channels, 2 * ratio, stride=ratio)]
            channels *= 2
        layers += [nn.ELU(), _CausalConv(channels, shape.hidden_size, shape.last_kernel_size)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class _Transformer(nn.Module):
    def __init__(self, shape: _Shape) -> None:
        super().__init__()
        self.layers = nn.ModuleList([_Layer(shape) for _ in range(shape.num_hidden_layers)])
        self._head, self._theta = shape.head, shape.rope_theta

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, hidden] → [B, T, hidden]"""
        turn = self._angles(x)
        for layer in self.layers:
            x = layer(x, turn)
        return x

    def _angles(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines, [T, head] each; made in float32 whatever the weights are."""
        pairs = torch.arange(0, self._head, 2, device=x.device).float() / self._head
        positions = torch.arange(x.shape[1], device=x.device).float()
        angles = torch.outer(positions, 1 / self._theta**pairs).repeat(1, 2)
        return angles.cos().to(x.dtype), angles.sin().to(x.dtype)


class _Scale(nn.Module):
    """A gain for each channel (LayerScale, arXiv:2103.17239)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x


class _Layer(nn.Module):
    def __init__(self, shape: _Shape) -> None:
        super().__init__()
        self.input_layernorm = nn.LayerNorm(shape.hidden_size, eps=shape.norm_eps)
        self.self_attn = _Attention(shape)
        self.self_attn_layer_scale = _Scale(shape.hidden_size)
        self.post_attention_layernorm = nn.LayerNorm(shape.hidden_size, eps=shape.norm_eps)
        self.mlp = _Mlp(shape)
        self.mlp_layer_scale = _Scale(shape.hidden_size)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        x = x + self.self_attn_layer_scale(self.self_attn(self.input_layernorm(x), turn))
        return x + self.mlp_layer_scale(self.mlp(self.post_attention_layernorm(x)))


class _Mlp(nn.Module):
    def __init__(self, shape: _Shape) -> None:
        super().__init__()
        self.fc1 = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.fc2 = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class _Attention(nn.Module):
    def __init__(self, shape: _Shape) -> None:
        super().__init__()
        wide, narrow = shape.num_attention_heads * shape.head, shape.num_key_value_heads * shape.head
        self.q_proj = nn.Linear(shape.hidden_size, wide, bias=False)
        self.k_proj = nn.Linear(shape.hidden_size, narrow, bias=False)
        self.v_proj = nn.Linear(shape.hidden_size, narrow, bias=False)
        self.o_proj = nn.Linear(wide, shape.hidden_size, bias=False)
        self._head, self._shared = shape.head, wide != narrow

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        query, key, value = (
            projection(x).unflatten(2, (-1, self._head)).transpose(1, 2)  # [B, heads, T, head]
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        seen = F.scaled_dot_product_attention(
            _turned(query, *turn), _turned(key, *turn), value, is_causal=True, enable_gqa=self._shared
        )
        return self.o_proj(seen.transpose(1, 2).flatten(2))


def _turned(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Rotary positions: the first half of a head's channels turned against the second."""
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-second, first), dim=-1) * sines


class _SplitQuantizer(nn.Module):
    """Code 0 (what is said) and codes 1… (how it sounds): two quantizers of the same latents, side by side."""

    def __init__(self, shape: _Shape, count: int) -> None:
        super().__init__()
        semantic = shape.num_semantic_quantizers
        self.semantic_residual_vector_quantizer = _Quantizer(shape, semantic)
        self.acoustic_residual_vector_quantizer = _Quantizer(shape, count - semantic)

    def forward(self, x: Tensor) -> Tensor:
        """[B, hidden, T] → [B, T, count]"""
        halves = (self.semantic_residual_vector_quantizer(x), self.acoustic_residual_vector_quantizer(x))
        return torch.cat(halves, dim=2)


class _Quantizer(nn.Module):
    def __init__(self, shape: _Shape, count: int) -> None:
        super().__init__()
        self.input_proj = nn.Conv1d(shape.hidden_size, shape.vector_quantization_hidden_dimension, 1, bias=False)
        self.layers = nn.ModuleList([_Stage(shape) for _ in range(count)])

    def forward(self, x: Tensor) -> Tensor:
        """[B, hidden, T] → [B, T, count]: each codebook takes what those before it have left."""
        rest = self.input_proj(x).transpose(1, 2)
        indices: list[Tensor] = []
        for layer in self.layers:
            index, entry = layer(rest)
            rest = rest - entry
            indices.append(index)
        return torch.stack(indices, dim=2)


class _Stage(nn.Module):
    def __init__(self, shape: _Shape) -> None:
        super().__init__()
        self.codebook = _Codebook(shape)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """[B, T, D] → the nearest entries: indices [B, T], and the entries [B, T, D]"""
        entries = self.codebook.entries()
        index = torch.cdist(x.float(), entries[None].float()).argmin(dim=-1)
        return index, F.embedding(index, entries)


class _Codebook(nn.Module):
    """The checkpoint has sums and counts of a running mean; an entry is their quotient."""

    embed_sum: Tensor
    cluster_usage: Tensor

    def __init__(self, shape: _Shape) -> None:
        super().__init__()
        self.register_buffer("embed_sum", torch.zeros(shape.codebook_size, shape.codebook_dim))
        self.register_buffer("cluster_usage", torch.ones(shape.codebook_size))

    def entries(self) -> Tensor:
        """[codebook size, D]"""
        return self.embed_sum / self.cluster_usage.clamp(min=1e-5)[:, None]
