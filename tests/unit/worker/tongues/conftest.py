"""The built-in engine with all its voices, once for all tests; `make` has pulled their styles into the environment."""

import sys
from pathlib import Path

import pytest

from ttsd.models import styles
from ttsd.protocol.engine import EngineConfig
from ttsd.worker.builtin import Builtin
from ttsd.worker.tongues import espeak, loading
from ttsd.worker.tongues.espeak import Espeak


@pytest.fixture(scope="session")
def installed() -> Espeak:
    found = espeak.find()
    if found is None:
        pytest.skip(f"no espeak-ng: {espeak.INSTALL}")
    return found


@pytest.fixture(scope="session")
def all_voices(installed: Espeak) -> Builtin:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CACHE_DIRECTORY", str(Path(sys.prefix) / "cache"))
        if not loading.is_installed() or styles.missing():
            pytest.skip(f"no voices: {loading.EXTRA}, then {loading.PULL} with CACHE_DIRECTORY={sys.prefix}/cache")
        engine = Builtin(EngineConfig("builtin", slots=2))
        engine.load(lambda progress, note: None)
    return engine
