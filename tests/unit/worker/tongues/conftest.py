"""The built-in engine with all its voices, once for all tests; `make` has pulled their styles into the environment."""

import sys
from pathlib import Path

import pytest

from tests.needs import require
from ttsd.models import styles
from ttsd.protocol.engine import EngineConfig
from ttsd.worker.builtin import Builtin
from ttsd.worker.tongues import espeak, loading
from ttsd.worker.tongues.espeak import Espeak


@pytest.fixture(scope="session")
def installed() -> Espeak:
    found = espeak.find()
    require(found, f"needs espeak-ng: {espeak.INSTALL}")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def all_voices(installed: Espeak) -> Builtin:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CACHE_DIRECTORY", str(Path(sys.prefix) / "cache"))
        assert loading.is_installed(), f"make installs it for the tests: {loading.EXTRA}"
        assert not styles.missing(), f"make pulls them for the tests: CACHE_DIRECTORY={sys.prefix}/cache {loading.PULL}"
        engine = Builtin(EngineConfig("builtin", slots=2))
        engine.load(lambda progress, note: None)
    return engine
