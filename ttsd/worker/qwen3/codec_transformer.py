"""The transformer inside the codec's decoder: a window of frames, each seeing itself and the ones just before.

Norm weights, layer scales and the scale of the scores are part of the matrices beside them.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from ttsd.worker.qwen3 import codec_published as published
from ttsd.worker.qwen3.codec_memory import Memory, Plan
from ttsd.worker.qwen3.geometry import DecoderConfig
from ttsd.worker.qwen3.layers import Scale
from ttsd.worker.qwen3.product import Product

_COMPLEX: Final = {torch.float64: torch.complex128}
"""The type of a rotation; in single precision for all but these."""


class Turns:
    """Rotary positions (Su et al. 2021) as complex numbers of length 1, by which pairs of a head's numbers are turned.

    Angles are exact to any position, in float64: only their differences count, and those must not wear out with the
    hours that a stream lasts.
    """

    def __init__(self, config: DecoderConfig, like: Tensor) -> None:
        # Rounded to float32 as in training, so that they are the very frequencies that the weights know.
        exponents = torch.arange(0, config.head_dim, 2, device=like.device).float() / config.head_dim
        self._frequencies = (1 / config.rope_theta**exponents).double()
        self._one = self._frequencies.new_ones(())
        self._dtype = _COMPLEX.get(like.dtype, torch.complex64)

    def __call__(self, positions: Tensor) -> Tensor:
        """[B, T] -> [B · T, 1, D/2] complex"""
        angles = positions.flatten()[:, None, None] * self._frequencies
        return torch.polar(self._one, angles).to(self._dtype)


class Call:
    """What is the same for all layers when T frames are heard."""

    def __init__(self, memory: Memory, steps: int, window: int, turns: Turns, dtype: torch.dtype) -> None:
        positions = memory.frames[:, None] + torch.arange(steps, device=memory.frames.device)
        self.memory = memory
        self.shape = len(positions), steps
        self.turn = turns(positions)
        self.where = memory.enter(positions)
        age = (positions[..., None] - memory.places) % memory.ring  # of what each place holds, [B, T, R]
        hidden = age > positions.clamp(max=window - 1)[..., None]  # too old, or from before the stream, or to come
        self.mask = torch.zeros_like(hidden, dtype=dtype).masked_fill_(hidden, -torch.inf)[:, None]  # [B, 1, T, R]


class Layer:
    """Attention and a gated feed-forward network, both beside a straight way. [B · T, hidden] -> same"""

    def __init__(self, config: DecoderConfig, held: published.Layer, plan: Plan) -> None:
        own, mlp = held.self_attn, held.mlp
        self._queries, self._shared = config.num_attention_heads, config.num_key_value_heads
        self._head = config.head_dim
        self._number = plan.layer(2 * self._shared * self._head)
        scale = config.head_dim**-0.5
        rows = (_paired(own.q_proj.weight * scale, self._head), _paired(own.k_proj.weight, self._head))
        self._before = Scale(held.input_layernorm, weighted=False)
        self._qkv = Product(torch.cat((*rows, own.v_proj.weight)) * held.input_layernorm.weight)
        self._out = Product(own.o_proj.weight * held.self_attn_layer_scale.scale[:, None])
        self._between = Scale(held.post_attention_layernorm, weighted=False)
        both = torch.cat((mlp.gate_proj.weight, mlp.up_proj.weight))
        self._both = Product(both * held.post_attention_layernorm.weight)
        self._down = Product(mlp.down_proj.weight * held.mlp_layer_scale.scale[:, None])
        published.give_up(held)

    def __call__(self, x: Tensor, call: Call) -> Tensor:
        x = self._out(self._attend(self._qkv(self._before(x)), call)).add_(x)
        gate, up = self._both(self._between(x)).chunk(2, -1)
        return self._down(functional.silu(gate).mul_(up)).add_(x)

    def _attend(self, qkv: Tensor, call: Call) -> Tensor:
        """[B · T, (Hq + 2 · Hkv) · D] -> [B · T, Hq · D]"""
        turned, batch, dtype = self._queries + self._shared, call.shape[0], qkv.dtype
        heads = qkv.to(call.turn.real.dtype).view(len(qkv), -1, self._head // 2, 2)
        torch.view_as_complex(heads[:, :turned]).mul_(call.turn)
        heads = heads.flatten(2).to(dtype)  # [B · T, Hq + 2 · Hkv, D]
        heard = call.memory.hear(self._number, call.where, heads[:, self._queries :].flatten(1))
        keys, values = heard.view(batch, -1, 2, self._shared, self._head).permute(2, 0, 3, 1, 4)  # [B, Hkv, R, D]
        seen = functional.scaled_dot_product_attention(
            heads[:, : self._queries].view(*call.shape, -1, self._head).transpose(1, 2),
            keys,
            values,
            call.mask,
            scale=1.0,
            enable_gqa=self._queries != self._shared,
        )
        return seen.transpose(1, 2).flatten(2).flatten(0, 1)


class Transformer:
    """All layers, and the last norm without its weight. [B · T, hidden] -> same"""

    def __init__(self, config: DecoderConfig, held: published.Transformer, plan: Plan) -> None:
        self._window = config.sliding_window
        self._turns = Turns(config, held.norm.weight)
        self._layers = [Layer(config, layer, plan) for layer in published.parts(held.layers, published.Layer)]
        self._after = Scale(held.norm, weighted=False)

    def __call__(self, x: Tensor, memory: Memory) -> Tensor:
        call = Call(memory, len(x) // len(memory.frames), self._window, self._turns, x.dtype)
        for layer in self._layers:
            x = layer(x, call)
        return self._after(x)


def _paired(weight: Tensor, head: int) -> Tensor:
    """Rows of each head in another order: the halves that rotary positions pair lie side by side."""
    return weight.view(-1, 2, head // 2, weight.shape[1]).transpose(1, 2).flatten(0, 2)
