"""An empty inbox, one who takes what a watcher hands over, and what can befall a daemon."""

from pathlib import Path

import pytest

from tests.inboxes import Intake
from tests.torture import compiled


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def intake(inbox: Path) -> Intake:
    return Intake(inbox)


@pytest.fixture(scope="session")
def hazards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of them; see tests/hazard.c."""
    return compiled(tmp_path_factory.mktemp("hazards"))
