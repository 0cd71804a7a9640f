"""`befall(scenario)`: let it happen, and hold what came of it against what is said of it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.acting import act_out
from tests.faults.scenarios import Scenario
from tests.faults.stage import Ready
from tests.needs import require

LOOK_ALIKE = {Ready.WAITS: Ready.STAYS}
"""That a connection waits is seen by its own client, not by one who looks at `/readyz` now and then."""


@pytest.fixture
def befall(make_daemon: Callable[..., Any], hazards: Path, tmp_path: Path) -> Callable[[Scenario], None]:
    def it_happens(scenario: Scenario) -> None:
        require(not scenario.root or os.geteuid() == 0, "needs root: to mount, or to change limits of others")
        outcome = act_out(scenario, make_daemon, hazards, tmp_path / "d")
        assert (outcome.live, outcome.stream) == (scenario.live, scenario.stream)
        assert outcome.ready is LOOK_ALIKE.get(scenario.ready, scenario.ready)

    return it_happens
