"""An empty inbox, and one who takes what a watcher hands over."""

from pathlib import Path

import pytest

from tests.inboxes import Intake


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def intake(inbox: Path) -> Intake:
    return Intake(inbox)
