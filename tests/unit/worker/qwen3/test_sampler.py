"""The sampler draws from the official distribution, with noise that depends on nothing but its key."""

import pytest
import torch

from ttsd.worker.qwen3.sampler import Rule, Rules, draw, key_of, processed, settle, uniforms

VOCABULARY = 40
RULES = [
    Rule(greedy=False, temperature=0.9, top_k=12, top_p=1.0),
    Rule(greedy=False, temperature=1.0, top_k=0, top_p=1.0),
    Rule(greedy=False, temperature=0.7, top_k=0, top_p=0.8),
    Rule(greedy=False, temperature=1.4, top_k=5, top_p=0.6),
    Rule(greedy=False, temperature=1.0, top_k=100, top_p=0.05),
]


def rules_of(*rules, vocabulary=VOCABULARY):
    made = Rules(len(rules), vocabulary, "cpu")
    for slot, rule in enumerate(rules):
        made.put(slot, rule)
    return made.first(len(rules))


def scores_of(rows, seed=0, vocabulary=VOCABULARY):
    return torch.randn(rows, vocabulary, generator=torch.Generator().manual_seed(seed)) * 2


def warped(scores, rule):
    """One row of scores as the official package's processors leave it, said another way: code by code."""
    heat = [score / rule.temperature for score in scores.tolist()]
    falling = sorted(range(len(heat)), key=lambda code: -heat[code])
    kept = falling[: rule.top_k or None]
    if rule.top_p < 1:
        shares = torch.tensor([heat[code] for code in kept], dtype=torch.float64).softmax(0).tolist()
        kept = [code for place, code in enumerate(kept) if sum(shares[:place]) < rule.top_p]
    return torch.tensor([heat[code] if code in kept else -torch.inf for code in range(len(heat))])


@pytest.mark.parametrize("seed", range(5))
def test_each_slot_is_processed_by_its_own_rule(seed):
    scores = scores_of(len(RULES), seed)
    made = processed(scores, rules_of(*RULES))
    for slot, rule in enumerate(RULES):
        torch.testing.assert_close(made[slot], warped(scores[slot], rule), rtol=1e-6, atol=1e-6)


def test_codes_that_tie_with_the_last_may_be_drawn():
    scores = torch.tensor([[3.0, 1.0, 2.0, 2.0, 2.0]])
    made = processed(scores, rules_of(Rule(greedy=False, temperature=1.0, top_k=2, top_p=1.0), vocabulary=5))
    assert made.isfinite().tolist() == [[True, False, True, True, True]]


def test_codes_come_as_often_as_their_shares_say():
    drawn, at_once = 20_000, 200
    keys = torch.tensor([key_of(seed) for seed in range(drawn)])
    uniform = uniforms(keys, torch.full((drawn,), 3), 16, torch.arange(16)[:, None])[7, :, None]
    for rule in RULES[:4]:
        scores = scores_of(1, 9)
        rules, out = rules_of(*[rule] * at_once), torch.zeros(drawn, 1, dtype=torch.int64)
        for noise, codes in zip(uniform.split(at_once), out.split(at_once), strict=True):
            draw(scores.expand(at_once, -1), rules, noise, codes)
        expected = processed(scores, rules_of(rule))[0].softmax(0) * drawn
        counts = torch.bincount(out[:, 0], minlength=VOCABULARY)
        assert counts[expected == 0].sum() == 0
        frequent = expected > 5
        chi2 = ((counts - expected)[frequent] ** 2 / expected[frequent]).sum()
        freedom = int(frequent.sum()) - 1
        assert chi2 < freedom + 4 * (2 * max(freedom, 1)) ** 0.5


def test_noise_is_splitmix64():
    # The first numbers for seed 1234567, as implementations of SplitMix64 agree on them.
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    made = uniforms(torch.tensor([1234567]), torch.tensor([0]), 4, torch.arange(4)[:, None])
    assert made[:, 0].tolist() == [((number >> 42) + 0.5) / 2**22 for number in published]
    assert uniforms(torch.tensor([1234567]), torch.tensor([1]), 2, torch.arange(2)[:, None])[0, 0] == made[2, 0]


def test_noise_is_uniform_and_its_neighbours_have_nothing_in_common():
    keys = torch.tensor([key_of(seed) for seed in range(500)])
    made = torch.stack([uniforms(keys, torch.full((500,), frame), 16, torch.arange(16)[:, None]) for frame in range(8)])
    assert made.min() > 0
    assert made.max() < 1
    flat = (made - 0.5).flatten()
    assert abs(float(flat.mean())) < 4 * (1 / 12 / flat.numel()) ** 0.5
    for dim in range(3):
        here, there = made.narrow(dim, 0, made.shape[dim] - 1), made.narrow(dim, 1, made.shape[dim] - 1)
        correlation = torch.corrcoef(torch.stack((here.flatten(), there.flatten())))[0, 1]
        assert abs(float(correlation)) < 0.02


def test_a_slot_draws_the_same_in_any_company():
    scores, uniform = scores_of(len(RULES)), torch.rand(len(RULES), 1, generator=torch.Generator().manual_seed(1))
    together = torch.zeros(len(RULES), 1, dtype=torch.int64)
    draw(scores, rules_of(*RULES), uniform, together)
    for slot, rule in enumerate(RULES):
        alone = torch.zeros(1, 1, dtype=torch.int64)
        draw(scores[slot : slot + 1], rules_of(rule), uniform[slot : slot + 1], alone)
        assert alone[0] == together[slot]


def test_greedy_takes_the_likeliest_beside_others_that_draw():
    greedy = Rule(greedy=True, temperature=0.9, top_k=50, top_p=0.5)
    scores = scores_of(2)
    for rules in (rules_of(greedy, greedy), rules_of(greedy, RULES[1])):
        out = torch.zeros(2, 1, dtype=torch.int64)
        draw(scores, rules, torch.tensor([[0.0], [0.3]]), out)
        assert out[0] == scores[0].argmax()


def test_the_largest_uniform_number_draws_a_code_that_may_be_drawn():
    scores = scores_of(3, vocabulary=3072).clamp(-0.1, 0.1)
    scores[:, 3000:] = -torch.inf
    rules = rules_of(*[Rule(greedy=False, temperature=1.0, top_k=0, top_p=1.0)] * 3, vocabulary=3072)
    out = torch.zeros(3, 1, dtype=torch.int64)
    draw(scores, rules, torch.full((3, 1), 1 - 2**-23), out)
    assert int(out.max()) < 3000


def test_scores_that_are_no_numbers_still_give_a_code():
    rules, out = rules_of(RULES[0]), torch.zeros(1, 1, dtype=torch.int64)
    draw(torch.full((1, VOCABULARY), torch.nan), rules, torch.tensor([[0.5]]), out)
    assert 0 <= int(out) < VOCABULARY


def test_a_free_slot_has_no_say_in_how_the_others_are_drawn():
    rules = Rules(3, 100, "cpu")
    rules.put(1, RULES[3])
    rules.put(2, RULES[1])
    assert rules.first(1).course == (True, False, 64)
    assert rules.first(2).course == (False, True, 64)
    assert rules.first(3).course == (False, True, 100)
    rules.put(1, None)
    assert rules.first(2).greedy
    assert not rules.first(3).nucleus


def test_the_penalty_is_on_what_was_drawn_and_forbidden_codes_stay_so():
    scores = torch.tensor([[2.0, -2.0, 1.0, 3.0]])
    seen = torch.tensor([[True, True, False, False]])
    bias = torch.tensor([[0.0, 0.0, 0.0, -torch.inf]])
    made = settle(scores, seen, torch.tensor([[2.0]]), bias)
    assert made.tolist() == [[1.0, -4.0, 1.0, -torch.inf]]
