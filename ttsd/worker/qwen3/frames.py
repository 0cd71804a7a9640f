"""The frame step: a fixed number of slots on fixed buffers, one call for one frame of all that are ready."""

from collections.abc import Mapping
from functools import partial
from typing import Final, NamedTuple

import msgspec
import torch
from torch import Tensor

from ttsd.protocol.errors import TooLarge
from ttsd.worker.qwen3.layers import Desk
from ttsd.worker.qwen3.memory import Prefill, Remembered, Saved, Steps
from ttsd.worker.qwen3.pacing import NEVER
from ttsd.worker.qwen3.predictor import Pass
from ttsd.worker.qwen3.product import Product
from ttsd.worker.qwen3.prompt import Prompt
from ttsd.worker.qwen3.recording import recorder_for
from ttsd.worker.qwen3.sampler import Drawing, Rule, Rules, draw, key_of, settle, uniforms
from ttsd.worker.qwen3.state import State, TextRows
from ttsd.worker.qwen3.talker import Talker

WAITING: Final = -1
"""In the place of codes: the slot made no frame."""
INSANE: Final = -2
"""In the place of codes: the slot's hidden state is not finite."""


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


class _Company(NamedTuple):
    """The first n slots, as one step takes them."""

    slots: int
    state: State
    desk: Desk
    predictor: Pass
    uniform: Tensor
    """[codebooks, n]"""
    uniforms: list[Tensor]
    """The same, [n, 1] for each codebook"""


class _Sight(NamedTuple):
    """How much there is to be seen by attention."""

    busy: int
    """Slots up to the highest that is ready."""
    span: int
    """Positions up to the longest's next."""


class Frames:
    """Owns what its slots remember: keys and values, text to come, last hidden state and scores, codes drawn, settings.

    `admit` puts a request into a slot, each `step` makes one frame of every slot that is ready, `release` forgets it. A
    slot's codes depend on its own prompt, text rows and settings alone. A step runs the first 4, 8, 16 … slots: give
    the lowest free one to who comes. On a card it is a recorded call, see `recording`. Inference mode is the caller's.
    """

    SPAN_STEP: Final = 128
    """On a CPU the positions looked back at are a multiple of this; on a card they are a power of two times 256."""

    def __init__(
        self, talker: Talker, pad: Tensor, *, slots: int, context: int, text_rows: int, device: torch.device | str
    ) -> None:
        """`context`: positions of one slot, prompt and frames together. `text_rows`: as many may trail a prompt.

        `talker` is prepared; `pad` [1, hidden] is the text row of a frame that has no text.
        """
        config = talker.config
        self._device = torch.device(device)
        # On a CPU fewer rows are added up in another order, and nobody's codes may depend on who else is there.
        self._fewest = Product.ALIKE if self._device.type == "cpu" else 1
        self.slots = max(slots, self._fewest)
        self.context = context
        self._talker = talker
        self._eos = config.codec_eos_token_id
        self._rotation = talker.rotation(context + 1)
        self._recorder = recorder_for(device)
        self._rules = Rules(self.slots, config.vocab_size, device)
        self._other_rules = Rules(self.slots, config.code_predictor_config.vocab_size, device)
        self._text = TextRows(self.slots, text_rows, pad)
        self.state = State.empty(config, self.slots, pad)
        self._remembered = Remembered(talker, self.slots, context, pad)
        self._prefill = Prefill(talker, self._remembered, context, self._recorder)
        self._numbers = torch.arange(config.num_code_groups, device=device)[:, None]
        self._bias = _bias(config.vocab_size, self._eos, device)
        self._companies: dict[int, _Company] = {}
        self._busy: dict[int, Steps] = {}
        self._used = [0] * self.slots
        self.learns = self._device.type == "cpu"
        """Whether a learned prefix saves anything: on a card a whole prompt is one recorded call."""
        self._told: list[float] = []
        self._to_tell = torch.zeros(2, self.slots, pin_memory=self._device.type == "cuda")

    # --- between frames -----------------------------------------------------------------------------

    def admit(self, slot: int, prompt: Prompt, settings: Settings, prefix: Saved | None = None) -> None:
        """Put a request into a slot: run its prompt, from behind the positions of `prefix` on if there is one.

        Raises TooLarge when the prompt leaves no room for a frame.
        """
        end = len(prompt.rows)
        if end >= self.context:
            raise TooLarge(
                f"the prompt takes {end} positions, and a slot has {self.context}; send less text, or a shorter clip"
            )
        self._forget(slot)
        self._set(slot, settings)
        self.extend(slot, prompt.trailing)
        start = prefix.length if prefix else 0
        if prefix:
            self._remembered.put(slot, prefix)
        self._used[slot] = end
        self.state.hidden[slot] = self._prefill.run(slot, prompt.rows[start:], start)[0]
        self.state.position[slot].fill_(end)
        # By itself, the others' scores stay; and not as one row, whose sums could be rounded differently.
        row = self.state.hidden[slot].expand(Product.ALIKE, -1).contiguous()
        self.state.logits[slot] = self._talker.head(row)[0]

    def extend(self, slot: int, rows: Tensor) -> None:
        """More text rows [n, hidden] for the frames to come, one each; pad rows follow the last of them.

        Raises TooLarge when there are more than the slot has room for.
        """
        self._text.extend(slot, rows, self.state)

    def learn(self, slot: int, rows: Tensor) -> Saved:
        """The first positions of prompts to come, [n, hidden], run in a slot that is free; see `admit`."""
        self._prefill.run(slot, rows)
        self._used[slot] = len(rows)
        return self._remembered.save(slot, len(rows))

    def release(self, slot: int) -> None:
        """Forget a slot's request; its memory is wiped, so that not even a NaN is left for the next one."""
        self._forget(slot)
        self._rules.put(slot, None)
        self._other_rules.put(slot, None)

    def _forget(self, slot: int) -> None:
        self.state.forget(slot)
        self._remembered.wipe(slot, self._used[slot])
        self._text.wipe(slot)
        self._used[slot] = 0
        self._told = []

    def _set(self, slot: int, settings: Settings) -> None:
        own = settings  # numbers are filled in, here and elsewhere: to assign one copies it, and the host waits
        self._rules.put(slot, Rule(own.greedy, own.temperature, own.top_k, own.top_p))
        self._other_rules.put(
            slot,
            Rule(own.predictor_greedy, own.predictor_temperature, own.predictor_top_k, own.predictor_top_p),
        )
        self.state.penalty[slot] = own.repetition_penalty
        self.state.min_frames[slot].fill_(own.min_frames)
        self.state.key[slot].fill_(key_of(own.seed))

    # --- one frame ----------------------------------------------------------------------------------

    def step(self, ready: Mapping[int, float]) -> Tensor:
        """One frame of each slot in `ready`; the others stay as they are. The host waits for nothing.

        The value is what is added to the score of the end of speech: 0, `NEVER`, or more than 0 to hurry it.
        → [n, codebooks] int64, with n > each slot, good until the next step: `WAITING` for slots that are not ready,
        `INSANE` for those whose numbers are none any more. A slot whose code 0 is the end of speech has no frame (the
        other codes mean nothing) and does not go on.
        """
        busy = max(ready) + 1
        company = self._company(busy)
        span = self._span(max(self._used[slot] for slot in ready))
        rules, others = self._rules.first(company.slots), self._other_rules.first(company.slots)
        if self._device.type != "cpu":
            busy = company.slots  # fewer calls to record
        key = ("frame", company.slots, span, rules.course, others.course)
        call = partial(self._frame, company, _Sight(busy, span), rules, others)
        if not self._recorder.knows(key):
            self._tell({})  # while it warms up, nobody goes on
            self._recorder.record(key, call)
        self._tell(ready)
        for slot in ready:
            self._used[slot] += 1
        return self._recorder.run(key, call)

    def warm_up(self, slots: int) -> None:
        """On a card: record what a step of up to so many slots and their prompts take, before anybody waits for it."""
        if self._device.type != "cuda":
            return
        self._prefill.warm_up()
        self._set(0, Settings())
        most = 0
        while most < slots:
            most = self._company(most + 1).slots
            for used in (0, 256):
                self._used[0] = used
                self.step({0: NEVER, most - 1: NEVER})
        self.release(0)
        self.release(most - 1)

    def _company(self, slots: int) -> _Company:
        """That of the fewest slots that are enough."""
        size = self._fewest
        while size < slots:
            size *= 2
        size = min(size, self.slots)
        if size not in self._companies:
            kv, codebooks = self._remembered.kv, self._talker.config.num_code_groups
            uniform = torch.zeros(codebooks, size, device=self._device)
            self._companies[size] = _Company(
                size,
                self.state.first(size),
                Desk(self._talker.config, size, 1, kv),
                Pass(self._talker.code_predictor, size, kv),
                uniform,
                list(uniform[:, :, None]),
            )
        return self._companies[size]

    def _steps(self, company: _Company, busy: int) -> Steps:
        if busy not in self._busy:
            self._busy[busy] = Steps(self._remembered, company.desk, busy)
        return self._busy[busy]

    def _span(self, longest: int) -> int:
        """How far back to look when `longest` is the most positions that a slot has used: the next is among them."""
        if self._device.type == "cpu":
            span = (longest // self.SPAN_STEP + 1) * self.SPAN_STEP
        else:
            span = 256
            while span <= longest:
                span *= 2
        return min(self.context, span)

    def _tell(self, ready: Mapping[int, float]) -> None:
        """Let the device know who goes on, where it does not know it yet."""
        pushes = [ready.get(slot, torch.nan) for slot in range(self.slots)]
        if pushes == self._told:
            return
        self._to_tell[0] = torch.tensor([float(slot in ready) for slot in range(self.slots)])
        self._to_tell[1] = torch.tensor([ready.get(slot, 0.0) for slot in range(self.slots)])
        self.state.going.copy_(self._to_tell[0], non_blocking=True)
        self.state.push.copy_(self._to_tell[1], non_blocking=True)
        self._told = pushes

    def _frame(self, company: _Company, sight: _Sight, rules: Drawing, others: Drawing) -> Tensor:
        state, predictor = company.state, company.predictor
        codes = predictor.codes
        self._draw_uniforms(company, rules, others)
        draw(self._settled(state), rules, company.uniforms[0], predictor.drawn[0])
        going = state.going & (codes[0] != self._eos)

        def choose(codebook: int, scores: Tensor, out: Tensor) -> None:
            draw(scores, others, company.uniforms[codebook], out)

        predictor.run(state.hidden, sight.busy, choose)
        rows = self._talker.frame_rows(codes.t()) + self._text.next(state)
        self._advance(company, rows, going, sight)
        state.drew(codes[0], going)
        made = codes.t().masked_fill(~torch.isfinite(state.hidden).all(1, keepdim=True), INSANE)
        return made.masked_fill_(~state.going[:, None], WAITING)

    def _draw_uniforms(self, company: _Company, rules: Drawing, others: Drawing) -> None:
        if rules.greedy and others.greedy:
            return
        drawn = uniforms(company.state.key, company.state.frame, len(self._numbers), self._numbers)
        torch.mul(drawn[:1], rules.sampled, out=company.uniform[:1])
        torch.mul(drawn[1:], others.sampled, out=company.uniform[1:])

    def _settled(self, state: State) -> Tensor:
        scores = settle(state.logits, state.seen, state.penalty, self._bias)
        push = torch.where(state.frame >= state.min_frames, state.push, NEVER)
        scores[:, self._eos] += push
        return scores

    def _advance(self, company: _Company, rows: Tensor, going: Tensor, sight: _Sight) -> None:
        state, desk = company.state, company.desk
        place = self._steps(company, sight.busy).place(state.position[: sight.busy], going[: sight.busy], sight.span)
        turns = self._rotation.at(state.position)
        for number, (layer, turn) in enumerate(zip(self._talker.layers, turns, strict=True)):
            layer.run(rows, turn, desk, place, number)
        state.hidden.copy_(torch.where(going[:, None], self._talker.norm(rows), state.hidden))
        self._talker.head.into(state.hidden, state.logits)


def _bias(vocabulary: int, eos: int, device: torch.device | str) -> Tensor:
    """[vocabulary]: none of the last 1024 ids, which are control codes, but the end of speech."""
    bias = torch.zeros(vocabulary, device=device)
    bias[vocabulary - 1024 :] = -torch.inf
    bias[eos] = 0.0
    return bias
