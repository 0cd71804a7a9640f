"""`python -m tests.faults [WORDS]`: act faults out, one after another, and write docs/faults.md with the times.

With WORDS only those that have them in their name; of the others the page keeps the times it has.
"""

import contextlib
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

from tests.conftest import DaemonProcess
from tests.faults.acting import Outcome, act_out
from tests.faults.scenarios import ALL, Scenario
from tests.faults.table import DOCUMENT, document, rows_of, time_of
from tests.torture import compiled


def main() -> None:
    words = " ".join(sys.argv[1:])
    times = {row[0]: row[-1] for row in rows_of(DOCUMENT.read_text())} if DOCUMENT.exists() else {}
    with tempfile.TemporaryDirectory(prefix="ttsd-faults-", ignore_cleanup_errors=True) as folder:
        hazards = compiled(Path(folder))
        for number, scenario in enumerate(each for each in ALL if words in each.name):
            began = time.monotonic()
            with makers() as make:
                outcome = act_out(scenario, make, hazards, Path(folder) / str(number))
            check(scenario, outcome)
            times[scenario.name] = time_of(outcome)
            print(f"{scenario.name}: not ready for {times[scenario.name]} ({time.monotonic() - began:.1f} s in all)")
            DOCUMENT.write_text(document(times))


@contextlib.contextmanager
def makers() -> Generator[Any]:
    """As the fixture `make_daemon`."""
    made: list[DaemonProcess] = []

    def make(root: Path, **settings: dict[str, Any]) -> DaemonProcess:
        made.append(DaemonProcess(root, **settings))
        return made[-1]

    try:
        yield make
    finally:
        for daemon in made:
            if daemon.process is not None and daemon.process.poll() is None:
                daemon.kill()


def check(scenario: Scenario, outcome: Outcome) -> None:
    """The suite has more to say; this keeps a wrong page from being written."""
    assert (outcome.live, outcome.stream) == (scenario.live, scenario.stream), (scenario.name, outcome)


if __name__ == "__main__":
    main()
