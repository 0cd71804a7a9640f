"""The decoder layer that talker and code predictor share, and the memories over which it attends.

Pre-norm layers with RMS norm (Zhang and Sennrich 2019), grouped-query attention whose queries and keys are normed head
by head, rotary positions over split halves (Su et al. 2021) and a gated SiLU MLP. All weights of a layer become four
matrices; the head norms' weights and the scale of the scores are part of the rotation, see `Rotation`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, Protocol, cast

import torch
import torch.nn.functional as F  # noqa: N812 — its name everywhere
from torch import Tensor, nn

from ttsd.worker.qwen3.geometry import Stack
from ttsd.worker.qwen3.product import Product


class Norm(nn.Module):
    """An RMS norm's weight, as the checkpoint has it. What runs is a `Scale`."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))
        self.eps = eps


_length: Final = cast("Callable[..., Tensor]", torch.linalg.vector_norm)  # pyright: ignore[reportUnknownMemberType]


class Scale:
    """y = x / sqrt(mean(x²) + eps) · weight over the last dimension.

    PyTorch has one kernel for it on CUDA, and a slow composite on the CPU.
    """

    def __init__(self, norm: Norm, dtype: torch.dtype | None = None, *, weighted: bool = True) -> None:
        """As the weight is, or as `dtype`. `weighted` is false where the weight is part of what comes after."""
        weight = norm.weight.detach().to(dtype=dtype or norm.weight.dtype)
        self._weight = weight if weighted else None
        self._eps = norm.eps
        self._fused = weight.is_cuda or weight.dtype != torch.float32
        self._floor = weight.new_full((1,), norm.eps)
        self._share = 1 / len(weight)

    def __call__(self, x: Tensor) -> Tensor:
        """[..., width] → the same"""
        if self._fused:
            return F.rms_norm(x, x.shape[-1:], self._weight, self._eps)
        length = _length(x, dim=-1, keepdim=True)
        scaled = x * torch.addcmul(self._floor, length, length, value=self._share).rsqrt_()
        return scaled if self._weight is None else scaled.mul_(self._weight)


class Turn(NamedTuple):
    """A rotation of queries and keys: x·cos + swapped(x)·sin, each [slots or 1, steps, 1, group + 1, head_dim]."""

    cos: Tensor
    sin_low: Tensor
    """The first half of sin, which goes with the second half of x …"""
    sin_high: Tensor
    """… and the second half, which goes with the first."""


class Rotation:
    """Rotary positions for all layers of a stack.

    With a head norm's weight w, rotate(w·x) = x·(w·cos) + swap(x)·(swap(w)·sin), where swap exchanges the halves and
    sin carries the sign; so norm weights and score scale are in the tables and cost nothing.
    """

    def __init__(self, shape: Stack, weights: Sequence[Tensor], positions: int) -> None:
        """`weights`: one [group + 1, head_dim] for each layer."""
        weight = torch.stack(list(weights))[:, None, None, None]
        steps = torch.arange(0, shape.head_dim, 2, dtype=torch.int64).float()
        angles = torch.arange(positions).float()[:, None] * (1 / (shape.rope_theta ** (steps / shape.head_dim)))
        # cos and sin are [positions, 1, 1, head_dim], so that turns are [slots, steps, 1, group + 1, head_dim]
        self._cos = torch.cat((angles.cos(), angles.cos()), -1).to(weight)[:, None, None]
        self._sin = torch.cat((-angles.sin(), angles.sin()), -1).to(weight)[:, None, None]
        self._weight = weight  # [layers, 1, 1, 1, group + 1, head_dim]
        self._swapped = weight.roll(shape.head_dim // 2, -1)

    def run(self, start: int, length: int) -> Iterable[Turn]:
        """The same positions for all slots, one turn for each layer."""
        cos, sin = self._cos[start : start + length], self._sin[start : start + length]
        return (Turn(w * cos, *(s * sin).chunk(2, -1)) for w, s in zip(self._weight, self._swapped, strict=True))

    def at(self, positions: Tensor) -> Iterable[Turn]:
        """[slots], one step each at its own position; one turn for each layer."""
        cos = self._weight * self._cos.index_select(0, positions)[:, None]
        sin = self._swapped * self._sin.index_select(0, positions)[:, None]
        low, high = sin.chunk(2, -1)
        return map(Turn, cos.unbind(), low.unbind(), high.unbind())


class Desk:
    """What the layers of a stack write in a call with a fixed number of rows, and views into it, made once.

    The projections' columns stand by key-value head: its group of queries, its key, its value.
    """

    def __init__(self, shape: Stack, slots: int, steps: int, like: Tensor) -> None:
        """`like`: any tensor of the device and dtype."""
        shared, head_dim = shape.num_key_value_heads, shape.head_dim
        group = shape.num_attention_heads // shared
        self.qkv = like.new_empty(slots * steps, shared * (group + 2) * head_dim)
        heads = self.qkv.view(slots, steps, shared, group + 2, head_dim)
        self.turned = heads[:, :, :, : group + 1]
        """Queries and keys, [slots, steps, kv_heads, group + 1, head_dim]"""
        self.queries = heads[:, :, :, :group].permute(0, 2, 3, 1, 4)
        """[slots, kv_heads, group, steps, head_dim]"""
        self.new = heads[:, :, :, group:].permute(3, 0, 2, 1, 4)
        """Keys and values, [2, slots, kv_heads, steps, head_dim]"""
        self.half = head_dim // 2
        self.turned_low, self.turned_high = self.turned.chunk(2, -1)
        self.both = like.new_empty(slots * steps, 2 * shape.intermediate_size)
        self.gate, self.up = self.both.chunk(2, -1)


class Memory(Protocol):
    """Keys and values of a call on a stack."""

    def attend(self, layer: int) -> Tensor:
        """Keep what is new on the desk, and look at all there is: → [slots · steps, heads · head_dim]"""
        ...


class _Attention(nn.Module):
    def __init__(self, shape: Stack) -> None:
        super().__init__()
        inner, shared = shape.num_attention_heads * shape.head_dim, shape.num_key_value_heads * shape.head_dim
        self.q_proj = nn.Linear(shape.hidden_size, inner, bias=False)
        self.k_proj = nn.Linear(shape.hidden_size, shared, bias=False)
        self.v_proj = nn.Linear(shape.hidden_size, shared, bias=False)
        self.o_proj = nn.Linear(inner, shape.hidden_size, bias=False)
        self.q_norm = Norm(shape.head_dim, shape.rms_norm_eps)
        self.k_norm = Norm(shape.head_dim, shape.rms_norm_eps)


class _Mlp(nn.Module):
    def __init__(self, shape: Stack) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.up_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.down_proj = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)


class Layer(nn.Module):
    """One layer. Holds the checkpoint's tensors until `prepare` fuses them, and gives them up."""

    turn_weight: Tensor
    """[group + 1, head_dim]: the head norms' weights of a group's queries, with the scale of the scores, and its key"""

    def __init__(self, shape: Stack) -> None:
        super().__init__()
        self.input_layernorm = Norm(shape.hidden_size, shape.rms_norm_eps)
        self.self_attn = _Attention(shape)
        self.post_attention_layernorm = Norm(shape.hidden_size, shape.rms_norm_eps)
        self.mlp = _Mlp(shape)
        self._shape = shape

    def prepare(self, dtype: torch.dtype) -> None:
        """Fuse the weights as `dtype`, once, after loading."""
        shape, own, mlp = self._shape, self.self_attn, self.mlp
        shared, group = shape.num_key_value_heads, shape.num_attention_heads // shape.num_key_value_heads
        parts = [part.weight.view(shared, -1, shape.hidden_size) for part in (own.q_proj, own.k_proj, own.v_proj)]
        self._before, self._qkv = _joined(self.input_layernorm, torch.cat(parts, 1).flatten(0, 1).to(dtype))
        both = torch.cat((mlp.gate_proj.weight, mlp.up_proj.weight)).to(dtype)
        self._between, self._both = _joined(self.post_attention_layernorm, both)
        self._out = Product(own.o_proj.weight.to(dtype))
        self._down = Product(mlp.down_proj.weight.to(dtype))
        query, key = own.q_norm.weight.to(dtype) * shape.head_dim**-0.5, own.k_norm.weight.to(dtype)
        self.turn_weight = torch.cat((query.expand(group, -1), key[None])).detach()
        self._heads = Scale(own.q_norm, dtype, weighted=False)
        del self.self_attn, self.mlp, self.input_layernorm, self.post_attention_layernorm

    def run(self, x: Tensor, turn: Turn, desk: Desk, memory: Memory, number: int) -> Tensor:
        """[slots · steps, hidden], in place; keys and values are kept in the memory as layer `number`'s."""
        self._qkv.into(self._before(x), desk.qkv)
        unit = self._heads(desk.turned)
        torch.mul(unit, turn.cos, out=desk.turned)
        desk.turned_low.addcmul_(unit[..., desk.half :], turn.sin_low)
        desk.turned_high.addcmul_(unit[..., : desk.half], turn.sin_high)
        self._out.onto(memory.attend(number), x)
        self._both.into(self._between(x), desk.both)
        return self._down.onto(F.silu(desk.gate).mul_(desk.up), x)


def _joined(norm: Norm, weight: Tensor) -> tuple[Scale, Product]:
    """A norm and the matrix behind it. In float32 the norm's weight becomes part of the matrix."""
    exact = weight.dtype == torch.float32
    if exact:
        weight = weight * norm.weight.to(weight.dtype)
    return Scale(norm, weight.dtype, weighted=not exact), Product(weight)


class Chunk:
    """Consecutive positions of some slots, from `start` on: a prompt, or the first two positions of the predictor."""

    def __init__(self, desk: Desk, kv: Tensor, start: int) -> None:
        """kv [layers, 2, slots, kv_heads, positions, head_dim]; each position sees itself and those before it."""
        length = desk.new.shape[3]
        self._desk = desk
        self._kv = kv[..., : start + length, :]
        self._new = self._kv[..., start:, :]
        seen = torch.ones(length, start + length, dtype=torch.bool, device=kv.device)
        self._mask = seen.tril_(start) if start else None

    def attend(self, layer: int) -> Tensor:
        """See `Memory`."""
        desk, (keys, values) = self._desk, self._kv[layer]
        self._new[layer].copy_(desk.new)
        query, causal = desk.queries.flatten(1, 2), self._mask is None
        seen = F.scaled_dot_product_attention(
            query, keys, values, self._mask, is_causal=causal, scale=1.0, enable_gqa=True
        )
        return seen.transpose(1, 2).flatten(2).flatten(0, 1)


class Step:
    """One position of each of the first `busy` slots; the other rows of the desk see nothing, and mean nothing.

    Who makes it keeps the new keys and values first.
    """

    def __init__(self, desk: Desk, busy: int) -> None:
        slots, shared, group, _, head_dim = desk.queries.shape
        self._query = desk.queries[:busy, :, :, 0].flatten(0, 1)  # [busy · kv_heads, group, head_dim]
        seen = desk.qkv.new_zeros(slots * shared, group, head_dim)
        self._seen = seen[: busy * shared]
        self._rows = seen.view(slots, -1)

    def attend(self, keys: Tensor, values: Tensor, bias: Tensor | None) -> Tensor:
        """keys [n, head_dim, positions], values [n, positions, head_dim], bias [n, 1, positions]; n = busy · kv_heads.

        → [slots, heads · head_dim]
        """
        query = self._query
        if query.is_cuda:
            mask = None if bias is None else bias[:, None].expand(-1, -1, query.shape[1], -1)
            seen = F.scaled_dot_product_attention(query[:, None], keys.mT[:, None], values[:, None], mask, scale=1.0)
            return seen.view(self._rows.shape)  # all slots are busy: fewer calls to record
        scores = torch.bmm(query, keys) if bias is None else torch.baddbmm(bias, query, keys)
        torch.bmm(scores.softmax(-1), values, out=self._seen)
        return self._rows
