"""The transformer inside the codec's decoder: a window of frames, each seeing itself and the ones just before."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ttsd.worker.qwen3.codec_layers import Causal, Memory
from ttsd.worker.qwen3.geometry import DecoderConfig


class _Attention(Causal):
    """Attention over a window of W frames; remembers keys and values of the last W - 1, the keys turned already."""

    def __init__(self, config: DecoderConfig) -> None:
        width = config.num_key_value_heads * config.head_dim
        super().__init__(2 * width, reach=config.sliding_window - 1, axis=1)
        self._width, self._head = width, config.head_dim
        self._shared = config.num_attention_heads != config.num_key_value_heads
        queries = config.num_attention_heads * config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, queries, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, width, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, width, bias=False)
        self.o_proj = nn.Linear(queries, config.hidden_size, bias=False)

    def forward(self, x: Tensor, turn: "_Turn", mask: Tensor, memory: Memory) -> Tensor:
        keys = turn(self.k_proj(x), self._head)
        past = memory.extend(self, torch.cat((keys, self.v_proj(x)), -1))  # [B, W-1+T, 2·Hkv·D]
        heard = functional.scaled_dot_product_attention(
            self._heads(turn(self.q_proj(x), self._head)),
            self._heads(past[..., : self._width]),
            self._heads(past[..., self._width :]),
            mask,
            enable_gqa=self._shared,
        )
        return self.o_proj(heard.transpose(1, 2).flatten(2))

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], -1, self._head).transpose(1, 2)  # [B, N, H·D] -> [B, H, N, D]


class _Turn:
    """Rotary positions (Su et al. 2021), halves of a head paired: the angles of one call, [B, T, 1, D/2].

    Angles are exact to any position, in float64: only their differences count, and those must not wear out with the
    hours that a stream lasts.
    """

    def __init__(self, frames: Tensor, steps: int, frequencies: Tensor, dtype: torch.dtype) -> None:
        positions = frames[:, None] + torch.arange(steps, device=frames.device)
        angles = (positions[..., None] * frequencies)[:, :, None]
        self._cos, self._sin = angles.cos().to(dtype), angles.sin().to(dtype)

    def __call__(self, x: Tensor, head: int) -> Tensor:
        a, b = torch.chunk(x.view(*x.shape[:2], -1, head), 2, -1)  # [B, T, H, D/2] each
        return torch.cat((a * self._cos - b * self._sin, b * self._cos + a * self._sin), -1).flatten(2)


class _GatedLinear(nn.Module):
    """A feed-forward network with a SiLU gate."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class _LayerScale(nn.Module):
    """A factor for each channel, small at the start of training (Touvron et al. 2021)."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((config.hidden_size,), config.layer_scale_initial_scale))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x


class _Layer(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.self_attn = _Attention(config)
        self.mlp = _GatedLinear(config)
        self.input_layernorm = nn.RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = nn.RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.self_attn_layer_scale = _LayerScale(config)
        self.mlp_layer_scale = _LayerScale(config)

    def forward(self, x: Tensor, turn: _Turn, mask: Tensor, memory: Memory) -> Tensor:
        x = x + self.self_attn_layer_scale(self.self_attn(self.input_layernorm(x), turn, mask, memory))
        return x + self.mlp_layer_scale(self.mlp(self.post_attention_layernorm(x)))


class Transformer(nn.Module):
    """All layers between two projections. [B, T, latent_dim] -> same"""

    frequencies: Tensor

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self._window = config.sliding_window
        self._theta, self._head = config.rope_theta, config.head_dim
        self.input_proj = nn.Linear(config.latent_dim, config.hidden_size)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = nn.RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.output_proj = nn.Linear(config.hidden_size, config.latent_dim)

    def prepare(self) -> None:
        # Rounded to float32 as in training, so that they are the very frequencies that the weights know.
        exponents = torch.arange(0, self._head, 2, device=self.norm.weight.device).float() / self._head
        self.register_buffer("frequencies", (1 / self._theta**exponents).double(), persistent=False)

    def forward(self, x: Tensor, memory: Memory) -> Tensor:
        steps = x.shape[1]
        x = self.input_proj(x)
        turn = _Turn(memory.frames, steps, self.frequencies, x.dtype)
        mask = self._mask(memory.frames, steps, x.dtype)
        for layer in self.layers:
            x = layer(x, turn, mask, memory)
        return self.output_proj(self.norm(x))

    def _mask(self, frames: Tensor, steps: int, dtype: torch.dtype) -> Tensor:
        """What a frame may see of the W - 1 before the call and the T of the call: [B, 1, T, W-1+T], to be added."""
        before = self._window - 1
        key = torch.arange(-before, steps, device=frames.device)
        query = torch.arange(steps, device=frames.device)[:, None]
        near = (key <= query) & (key > query - self._window)
        real = key >= -frames[:, None]  # [B, N]: before its first frame a stream has none
        hidden = ~(near & real[:, None])
        return torch.zeros(hidden.shape, dtype=dtype, device=frames.device).masked_fill_(hidden, -torch.inf)[:, None]
