"""Drawing codes: the distribution that the official package draws from, and noise that depends on nothing but its key.

Noise is SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014) used as the
counter-based generator that it is: number n of a stream is a mix of key + n · γ. The key is made of the seed, n counts
frames and codebooks; so a request draws the same codes in any slot, in any company, on any device.
"""

from typing import Final

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


class Rules:
    """The rules of all slots on the device; to set one waits for nothing."""

    def __init__(self, slots: int, vocabulary: int, device: torch.device | str) -> None:
        self._vocabulary = vocabulary
        self.temperature = torch.ones(slots, 1, device=device)
        self.last = torch.zeros(slots, 1, dtype=torch.int64, device=device)
        """The rank of the last of the top k."""
        self.top_p = torch.full((slots, 1), 2.0, device=device)
        self.sampled = torch.zeros(slots, device=device)
        """1 where a slot draws, 0 where it takes the likeliest: its noise is multiplied by this."""
        self._rules: list[Rule | None] = [None] * slots
        self._recorded = torch.device(device).type == "cuda"
        self.greedy = not self._recorded
        """No slot draws. On a card nothing may branch on this: a call is recorded once, and replayed for all."""
        self.nucleus = self._recorded
        """Some slot has a top_p, or may have one in a recorded call."""
        self.width = vocabulary if self._recorded else 1
        """As many of the likeliest codes are looked at: no slot has a larger top_k."""

    def put(self, slot: int, rule: Rule | None) -> None:
        """Set a slot's rule, or none when it is free."""
        self._rules[slot] = rule
        if rule is None:
            rule = Rule(greedy=True, temperature=1.0, top_k=1, top_p=1.0)
        self.temperature[slot] = 1.0 if rule.greedy else rule.temperature
        top_k = min(rule.top_k or self._vocabulary, self._vocabulary)
        self.last[slot] = 0 if rule.greedy else top_k - 1
        self.top_p[slot] = 2.0 if rule.greedy or rule.top_p >= 1.0 else rule.top_p
        self.sampled[slot] = 0.0 if rule.greedy else 1.0
        if not self._recorded:
            rules = [rule for rule in self._rules if rule is not None and not rule.greedy]
            self.greedy = not rules
            self.nucleus = any(rule.top_p < 1.0 for rule in rules)
            self.width = max((rule.top_k or self._vocabulary for rule in rules), default=1)
            self.width = min(self.width, self._vocabulary)


def processed(scores: Tensor, rules: Rules) -> Tensor:
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


def draw(scores: Tensor, rules: Rules, uniform: Tensor, out: Tensor) -> None:
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
