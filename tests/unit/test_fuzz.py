"""Each fuzz target runs, and what it finds is told with the input."""

import importlib

import pytest

from tests.fuzz.__main__ import TARGETS, by_chance


@pytest.mark.parametrize("name", TARGETS)
def test_targets_take_their_seeds_and_what_comes_of_them(name: str):
    target = importlib.import_module(f"tests.fuzz.{name}")
    for seed in target.SEEDS[:4]:
        target.check(seed)
    assert by_chance(target.check, target.SEEDS, seconds=0.2) > 0


def test_a_finding_is_told_with_its_input(capsys):
    def check(data: bytes) -> None:
        assert data == b"seed"

    with pytest.raises(AssertionError):
        by_chance(check, [b"seed"], seconds=60)
    assert "by this input: b'" in capsys.readouterr().err
