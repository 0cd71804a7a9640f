"""Acts one scenario out and says what came of it."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import DaemonProcess
from tests.faults.listeners import Heard
from tests.faults.scenarios import Scenario
from tests.faults.stage import Ready, Stage, Watch

USUAL: dict[str, dict[str, Any]] = {
    "fake": {"rtf": 0.1, "first_chunk_ms": 20},
    "spool": {"settle_s": 0.05, "rescan_s": 1.0},
}
"""Speech ten times as fast as it is played: long enough for things to happen meanwhile."""


class Outcome(NamedTuple):
    """What the run has shown."""

    live: Heard
    stream: Heard
    ready: Ready
    not_ready_s: float


def settings_of(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Of the daemon that it happens to."""
    names = USUAL.keys() | scenario.settings.keys()
    return {name: USUAL.get(name, {}) | scenario.settings.get(name, {}) for name in names}


def act_out(scenario: Scenario, make_daemon: Callable[..., DaemonProcess], hazards: Path, root: Path) -> Outcome:
    """Let it happen to a daemon under load. Fails when something is lost, made twice, or not told."""
    root.mkdir()
    stage = Stage(make_daemon(root, **settings_of(scenario)), hazards)
    stage.daemon.script.write_text(scenario.script)
    with scenario.around(stage) if scenario.around else contextlib.nullcontext():
        stage.open()
        with contextlib.ExitStack() as leaving, Watch(stage.daemon) as watch:
            scenario.act(stage)
            if scenario.told:
                stage.wait_told(scenario.told)
            live, stream = stage.heard()
            stage.daemon.wait_ready()
            for leave in stage.more:
                leaving.callback(leave)
        stage.verdict()
        if scenario.once:
            assert len(stage.lines(scenario.told)) == 1, stage.lines(scenario.told)
        assert not stage.lines("crashed")
        assert not any(line.startswith("Traceback") for line in stage.daemon.stderr.splitlines())
        return Outcome(live, stream, watch.ready, watch.not_ready_s)
