"""The daemon and its helpers are killed, or told things: it comes out as docs/faults.md says, and nothing is lost."""

from collections.abc import Callable

import pytest

from tests.faults.cases import cases
from tests.faults.scenarios import DAEMON, Scenario

# httpcore2 leaves a socket open that found nobody to connect to.
pytestmark = pytest.mark.filterwarnings("ignore:.*socket.socket.*:pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize("scenario", cases(DAEMON))
def test_a_fault(scenario: Scenario, befall: Callable[[Scenario], None]) -> None:
    befall(scenario)
