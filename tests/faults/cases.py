"""The faults as tests: one of each kind is among those that always run."""

import re
from collections.abc import Iterable
from typing import Final

import pytest

from tests.faults.scenarios import Scenario

QUICK: Final = frozenset({"worker killed", "daemon killed", "spool's disk full", "slow client"})


def cases(scenarios: Iterable[Scenario]) -> list[object]:
    """For `parametrize`."""
    return [pytest.param(each, id=_short(each), marks=_marks(each)) for each in scenarios]


def _marks(scenario: Scenario) -> tuple[pytest.MarkDecorator, ...]:
    return () if scenario.name in QUICK else (pytest.mark.heavy,)


def _short(scenario: Scenario) -> str:
    """Its name, for the command line."""
    return re.sub(r"\W+", "-", scenario.name).strip("-")
