"""Drawing codes: the distribution that the official package draws from, and noise that depends on nothing but its key.

Noise is SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014) used as the
counter-based generator that it is: number n of a stream is a mix of key + n · γ. The key is made of the seed, n counts
frames and codebooks; so a request draws the same codes in any slot, in any company, on any device.
"""

from typing import Final, NamedTuple

import msgspec
import torch
from torch import Tensor

_WORD: Final = 1 << 64
_GAMMA: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
UNIFORM_BITS: Final = 22
"""Bits of a uniform number. Two fewer than float32 has, so that u · mass is always less than mass."""


class Rule(msgspec.Struct, frozen=True):
    """How a code is drawn: temperature, then the top_k likeliest, then of these the likeliest that make up top_p."""

    greedy: bool
    temperature: float
    top_k: int
    """0: all."""
    top_p: float


class Drawing(NamedTuple):
    """The rules of some slots, as one call takes them."""

    temperature: Tensor
    """[slots, 1]"""
    last: Tensor
    """[slots, 1]: the rank of the last of the top k"""
    top_p: Tensor
    """[slots, 1]: 2 where all that is ranked may be drawn"""
    sampled: Tensor
    """[slots]: 1 where a slot draws, 0 where it takes the likeliest: its noise is multiplied by this"""
    greedy: bool
    """No slot draws."""
    nucleus: bool
    """Some slot has a top_p."""
    width: int
    """As many of the likeliest codes are looked at: no slot has a larger top_k."""

    @property
    def course(self) -> tuple[bool, bool, int]:
        """What decides which operations a call is made of."""
        return self.greedy, self.nucleus, self.width


class Rules:
    """Owns the rules of all slots on the device; to set one waits for nothing."""

    USUAL_WIDTH = 64
    """Room for the published top_k of 50; who asks for more has all codes ranked."""

    def __init__(self, slots: int, vocabulary: int, device: torch.device | str) -> None:
        self._vocabulary = vocabulary
        self._temperature = torch.ones(slots, 1, device=device)
        self._last = torch.zeros(slots, 1, dtype=torch.int64, device=device)
        self._top_p = torch.full((slots, 1), 2.0, device=device)
        self._sampled = torch.zeros(slots, device=device)
        self._rules: list[Rule | None] = [None] * slots
        self._first: dict[int, Drawing] = {}

    def put(self, slot: int, rule: Rule | None) -> None:
        """Set a slot's rule, or none when it is free."""
        self._rules[slot] = rule
        self._first.clear()
        if rule is None:
            rule = Rule(greedy=True, temperature=1.0, top_k=1, top_p=1.0)
        self._temperature[slot] = 1.0 if rule.greedy else rule.temperature
        self._last[slot] = 0 if rule.greedy else self._ranks(rule) - 1
        self._top_p[slot] = 2.0 if rule.greedy or rule.top_p >= 1.0 else rule.top_p
        self._sampled[slot].fill_(0.0 if rule.greedy else 1.0)

    def first(self, slots: int) -> Drawing:
        """The rules of the first so many slots; good until the next `put`."""
        if slots not in self._first:
            rules = [rule for rule in self._rules[:slots] if rule is not None and not rule.greedy]
            ranks = max((self._ranks(rule) for rule in rules), default=1)
            self._first[slots] = Drawing(
                self._temperature[:slots],
                self._last[:slots],
                self._top_p[:slots],
                self._sampled[:slots],
                greedy=not rules,
                nucleus=any(rule.top_p < 1.0 for rule in rules),
                width=min(self.USUAL_WIDTH, self._vocabulary) if ranks <= self.USUAL_WIDTH else self._vocabulary,
            )
        return self._first[slots]

    def _ranks(self, rule: Rule) -> int:
        return min(rule.top_k or self._vocabulary, self._vocabulary)


def processed(scores: Tensor, rules: Drawing) -> Tensor:
    """scores [slots, vocabulary] → the same by temperature, float32, −inf where a code may not be drawn.

    What ties with the last that may be drawn may be drawn too.
    """
    scores = scores.float() / rules.temperature
    ranked = scores.topk(rules.width, -1).values
    lowest = ranked.gather(1, rules.last)
    if rules.nucleus:
        lowest = torch.maximum(lowest, _last_of_nucleus(ranked, lowest, rules.top_p))
    return scores.masked_fill_(scores < lowest, -torch.inf)


def _last_of_nucleus(ranked: Tensor, lowest: Tensor, top_p: Tensor) -> Tensor:
    """[slots, 1]: a score stays while those before it make less than top_p (Holtzman et al. 2020)."""
    shares = ranked.masked_fill(ranked < lowest, -torch.inf).softmax(-1)
    stays = (shares.cumsum(-1) - shares < top_p).sum(-1, keepdim=True)
    return ranked.gather(1, stays.sub_(1).clamp_(min=0))


def draw(scores: Tensor, rules: Drawing, uniform: Tensor, out: Tensor) -> None:
    """scores [slots, vocabulary] and uniform [slots, 1] → out [slots, 1]: the inverse of the distribution function."""
    if rules.greedy:
        torch.argmax(scores, -1, keepdim=True, out=out)
        return
    sums = processed(scores, rules).softmax(-1).cumsum_(-1)
    torch.searchsorted(sums, sums[:, -1:] * uniform, right=True, out=out)
    out.clamp_(max=scores.shape[-1] - 1)  # where scores are NaN, the search ends behind the last code


def key_of(seed: int) -> int:
    """A signed 64-bit stream key; seeds that differ by one have keys that have nothing in common."""
    mixed = (seed * _GAMMA + _GAMMA) % _WORD
    for shift, factor in ((30, _FIRST), (27, _SECOND), (31, 1)):
        mixed = ((mixed ^ (mixed >> shift)) * factor) % _WORD
    return _signed(mixed)


def uniforms(keys: Tensor, frames: Tensor, codebooks: int, numbers: Tensor) -> Tensor:
    """Keys and frame numbers [slots] → [codebooks, slots] in (0, 1), float32.

    `numbers` is arange(codebooks)[:, None].
    """
    word = keys + (frames * codebooks + numbers + 1) * _signed(_GAMMA)
    for shift, factor in ((30, _FIRST), (27, _SECOND)):
        word = (word ^ ((word >> shift) & ((1 << 64 - shift) - 1))) * _signed(factor)
    # SplitMix64's last step, word ^ (word >> 31), leaves the 31 highest bits as they are, and only those are used.
    high = (word >> (64 - UNIFORM_BITS)) & ((1 << UNIFORM_BITS) - 1)
    return (high.float() + 0.5) * 2.0**-UNIFORM_BITS


def _signed(word: int) -> int:
    return word - _WORD if word >= _WORD // 2 else word


def settle(scores: Tensor, seen: Tensor, penalty: Tensor, bias: Tensor) -> Tensor:
    """Code 0's scores [slots, vocabulary] with the repetition penalty (Keskar et al. 2019) on what was `seen`.

    penalty [slots, 1]; bias [slots, vocabulary] is −inf where a code is not allowed.
    """
    scores = scores.float()
    repeated = torch.where(scores < 0, scores * penalty, scores / penalty)
    return torch.where(seen, repeated, scores) + bias
