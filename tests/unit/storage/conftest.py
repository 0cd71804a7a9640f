"""A spool of a test's own."""

from pathlib import Path

import pytest

from ttsd.storage.spool import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(tmp_path / "spool")
    spool.prepare()
    return spool
