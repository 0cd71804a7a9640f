"""The frame step: a fixed number of slots on fixed buffers, one call for one frame of all of them."""

from typing import NamedTuple

import msgspec
import torch
from torch import Tensor

from ttsd.protocol.errors import TooLarge
from ttsd.worker.qwen3.layers import Chunk, Desk, Step
from ttsd.worker.qwen3.predictor import Pass
from ttsd.worker.qwen3.sampler import Rule, Rules, draw, key_of, settle, uniforms
from ttsd.worker.qwen3.talker import Talker


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How the codes of one request are drawn; the defaults are the published ones."""

    seed: int = 0
    greedy: bool = False
    temperature: float = 0.9
    top_k: int = 50
    """0: all."""
    top_p: float = 1.0
    repetition_penalty: float = 1.05
    """On code 0, for what this request has drawn as code 0; the prompt does not count."""
    predictor_greedy: bool = False
    predictor_temperature: float = 0.9
    predictor_top_k: int = 50
    predictor_top_p: float = 1.0
    min_frames: int = 2
    """Frames before the end of speech can be drawn."""


class Saved(NamedTuple):
    """Keys and values of a prompt's first positions: what a voice says before any text is known."""

    kv: Tensor
    """[layers, 2, kv_heads, positions, head_dim]"""

    @property
    def length(self) -> int:
        """Positions."""
        return self.kv.shape[-2]

    @property
    def size_bytes(self) -> int:
        return self.kv.nbytes


class Frames:
    """Owns what its slots remember: keys and values, positions, last hidden state and scores, codes drawn, settings.

    `admit` puts a request into a slot, each `step` makes one frame of every active slot, `release` forgets it. A slot's
    codes depend on its own prompt, text rows and settings alone. `step` reads and writes fixed buffers and waits for
    nothing, so that it can be recorded as a CUDA graph; a release or an admission between two replays is seen by the
    next one. Inference mode is the caller's.
    """

    SPAN_STEP = 128
    """`span` is a multiple of this."""

    def __init__(
        self, talker: Talker, *, slots: int, context: int, device: torch.device | str, dtype: torch.dtype
    ) -> None:
        """`context`: positions of one slot, prompt and frames together. `talker` is prepared."""
        config = talker.config
        self.slots = slots
        self.context = context
        self._talker = talker
        self._eos = config.codec_eos_token_id
        self._rotation = talker.rotation(context + 1)
        self._pass = Pass(talker.code_predictor, slots, device, dtype)
        self._rules = Rules(slots, config.vocab_size, device)
        self._other_rules = Rules(slots, config.code_predictor_config.vocab_size, device)
        self.position = torch.zeros(slots, dtype=torch.int64, device=device)
        """[slots]: positions used"""
        self.frame = torch.zeros(slots, dtype=torch.int64, device=device)
        """[slots]: frames made"""
        self.hidden = torch.zeros(slots, config.hidden_size, device=device, dtype=dtype)
        """[slots, hidden]: the talker's last hidden states"""
        self.logits = torch.zeros(slots, config.vocab_size, device=device, dtype=dtype)
        """[slots, vocabulary]: code 0 of the next frame, as the talker has it"""
        self._memory = _Memory(talker, slots, context, self.hidden)
        self._seen = torch.zeros(slots, config.vocab_size, dtype=torch.bool, device=device)
        self._keys = torch.zeros(slots, dtype=torch.int64, device=device)
        self._penalty = torch.ones(slots, 1, device=device)
        self._min_frames = torch.zeros(slots, dtype=torch.int64, device=device)
        self._numbers = torch.arange(config.num_code_groups, device=device)[:, None]
        self._uniform = torch.zeros(config.num_code_groups, slots, device=device)
        self._uniforms = list(self._uniform[:, :, None])
        self._bias = _biases(config.vocab_size, self._eos, device)

    # --- between frames -----------------------------------------------------------------------------

    def admit(self, slot: int, prompt: Tensor, settings: Settings, prefix: Saved | None = None) -> None:
        """Put a request into a slot: run its prompt [n, hidden], after the positions of `prefix` if there is one.

        Raises TooLarge when the prompt leaves no room for a frame.
        """
        start = prefix.length if prefix else 0
        end = start + len(prompt)
        if end >= self.context:
            raise TooLarge(
                f"the prompt takes {end} positions, and a slot has {self.context}; send less text, or a shorter clip"
            )
        self._clear(slot)
        self._set(slot, settings)
        if prefix:
            self._memory.kv[:, :, slot, :, :start].copy_(prefix.kv)
        desk = Desk(self._talker.config, 1, len(prompt), self.hidden)
        chunk = Chunk(desk, self._memory.kv[:, :, slot : slot + 1], start)
        rows = prompt.to(self.hidden, copy=True)
        turns = self._rotation.run(start, len(prompt))
        for number, (layer, turn) in enumerate(zip(self._talker.layers, turns, strict=True)):
            layer.run(rows, turn, desk, chunk, number)
        self.hidden[slot] = self._talker.norm(rows[-1:])[0]
        self.position[slot] = end
        self._score()

    def save_prefix(self, slot: int, length: int) -> Saved:
        """A copy of a slot's first positions, for `admit`."""
        return Saved(self._memory.kv[:, :, slot, :, :length].clone())

    def release(self, slot: int) -> None:
        """Forget a slot's request; its memory is wiped, so that not even a NaN is left for the next one."""
        self._clear(slot)
        self._memory.kv[:, :, slot].zero_()
        self._rules.put(slot, None)
        self._other_rules.put(slot, None)

    def span(self, longest: int) -> int:
        """The `span` to step with when `longest` is the most positions that an active slot has used."""
        steps = longest // self.SPAN_STEP + 1
        return min(self.context, steps * self.SPAN_STEP)

    def _clear(self, slot: int) -> None:
        for buffer in (self.position, self.frame, self.hidden, self.logits, self._seen):
            buffer[slot].zero_()

    def _set(self, slot: int, settings: Settings) -> None:
        own = settings
        self._rules.put(slot, Rule(own.greedy, own.temperature, own.top_k, own.top_p))
        self._other_rules.put(
            slot,
            Rule(own.predictor_greedy, own.predictor_temperature, own.predictor_top_k, own.predictor_top_p),
        )
        self._penalty[slot] = own.repetition_penalty
        self._min_frames[slot] = own.min_frames
        self._keys[slot] = key_of(own.seed)

    # --- one frame ----------------------------------------------------------------------------------

    def step(self, text_rows: Tensor, active: Tensor, eos_allowed: Tensor, span: int = 0) -> Tensor:
        """One frame of every active slot.

        text_rows [slots, hidden]: what is added to the frame's embedding. active [slots], bool: the others stay as they
        are. eos_allowed [slots], bool. span: positions looked at, more than any active slot has used; 0 is all.
        → [slots, codebooks], int64, good until the next step: −1 for slots that are not active. A slot whose code 0 is
        the end of speech has no frame (the other codes mean nothing) and does not go on.
        """
        codes = self._pass.codes
        self._draw_uniforms()
        draw(self._settled(eos_allowed), self._rules, self._uniforms[0], self._pass.drawn[0])
        going = active & (codes[0] != self._eos)
        self._pass.run(self.hidden, self._choose)
        self._advance(self._talker.frame_rows(codes.t()) + text_rows, going, span or self.context)
        self._remember(codes[0], going)
        return codes.t().masked_fill(~active[:, None], -1)

    def _draw_uniforms(self) -> None:
        if self._rules.greedy and self._other_rules.greedy:
            return
        drawn = uniforms(self._keys, self.frame, len(self._numbers), self._numbers)
        torch.mul(drawn[:1], self._rules.sampled, out=self._uniform[:1])
        torch.mul(drawn[1:], self._other_rules.sampled, out=self._uniform[1:])

    def _settled(self, eos_allowed: Tensor) -> Tensor:
        may_end = (eos_allowed & (self.frame >= self._min_frames)).long()
        return settle(self.logits, self._seen, self._penalty, self._bias.index_select(0, may_end))

    def _choose(self, codebook: int, scores: Tensor, out: Tensor) -> None:
        draw(scores, self._other_rules, self._uniforms[codebook], out)

    def _advance(self, rows: Tensor, going: Tensor, span: int) -> None:
        place = self._memory.place(self.position, going, span)
        for number, (layer, turn) in enumerate(zip(self._talker.layers, self._rotation.at(self.position), strict=True)):
            layer.run(rows, turn, self._memory.desk, place, number)
        self.hidden.copy_(torch.where(going[:, None], self._talker.norm(rows), self.hidden))
        self._score()

    def _score(self) -> None:
        # Always all slots at once: a product of another shape could round differently.
        torch.mm(self.hidden, self._talker.head, out=self.logits)

    def _remember(self, drawn: Tensor, going: Tensor) -> None:
        self.position += going
        self.frame += going
        index = drawn[:, None]
        self._seen.scatter_(1, index, self._seen.gather(1, index) | going[:, None])


def _biases(vocabulary: int, eos: int, device: torch.device | str) -> Tensor:
    """[2, vocabulary]: without and with the end of speech; no other of the last 1024 ids, which are control codes."""
    bias = torch.zeros(2, vocabulary, device=device)
    bias[:, vocabulary - 1024 :] = -torch.inf
    bias[1, eos] = 0.0
    return bias


class _Memory:
    """Keys and values of all slots. Each has one position more than it may use: what is not kept is written there."""

    def __init__(self, talker: Talker, slots: int, context: int, like: Tensor) -> None:
        config = talker.config
        shape = (config.num_hidden_layers, 2, slots, config.num_key_value_heads, context + 1, config.head_dim)
        self.kv = like.new_zeros(shape)
        """[layers, 2, slots, kv_heads, context + 1, head_dim]"""
        self.desk = Desk(config, slots, 1, like)
        self._step = Step(self.desk)
        self._context = context
        self._layers = list(self.kv)
        self._steps = torch.arange(context, device=like.device)
        self._hidden = torch.full((), -torch.inf).to(like)
        self._seen = torch.zeros(()).to(like)
        self._spans: dict[int, list[tuple[Tensor, Tensor]]] = {}

    def place(self, position: Tensor, going: Tensor, span: int) -> "_Place":
        """The memory of one step at each slot's own position."""
        where = torch.where(going, position, self._context)[:, None, None, None].expand(self.desk.new.shape)
        bias = torch.where(self._steps[:span] <= position[:, None], self._seen, self._hidden)[:, None]
        bias = bias.expand(-1, self.kv.shape[3], -1).flatten(0, 1)[:, None]
        return _Place(self._layers, self.desk.new, where, bias, self._views(span), self._step)

    def _views(self, span: int) -> list[tuple[Tensor, Tensor]]:
        """Keys [slots · kv_heads, head_dim, span] and values [slots · kv_heads, span, head_dim] of each layer."""
        if span not in self._spans:
            both = self.kv.flatten(2, 3)[:, :, :, :span]
            self._spans[span] = [(keys.mT, values) for keys, values in both]
        return self._spans[span]


class _Place(NamedTuple):
    layers: list[Tensor]
    new: Tensor
    where: Tensor
    bias: Tensor
    views: list[tuple[Tensor, Tensor]]
    step: Step

    def attend(self, layer: int) -> Tensor:
        """See `Memory`."""
        self.layers[layer].scatter_(3, self.where, self.new)
        return self.step.attend(*self.views[layer], self.bias)
