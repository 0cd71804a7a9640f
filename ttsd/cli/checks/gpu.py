"""The cards, their driver and its device nodes: as the daemon sees them, else as we do."""

import asyncio
import importlib
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from ttsd.cli.checks import Finding, fail, ok, warn
from ttsd.cli.wording import plural, size
from ttsd.clock import wall
from ttsd.config import Config
from ttsd.protocol.health import GpuSample, Status
from ttsd.protocol.xid import REMEDIES, meaning
from ttsd.supervisor.card import driver_words
from ttsd.supervisor.gpu import Cards, Gpus
from ttsd.supervisor.serving import marked, needs_card

OLDEST_CUDA: Final = 12_000
"""What the CUDA builds of torch need of a driver, as NVML tells it: 12.0."""
PRESSURE: Final = 0.5
"""Others' part of a card's memory from which it is worth a line."""
NODES: Final = ("nvidiactl", "nvidia-uvm", "nvidia0")
HEAT: Final = frozenset({"sw_thermal", "hw_thermal", "hw_slowdown"})
PATIENCE_S: Final = 5.0
XID_LINE: Final = re.compile(r"NVRM: Xid \((?:PCI:)?([0-9a-f:.]+)\): (\d+)", re.IGNORECASE)


def cards(config: Config, status: Status | None, dev: Path = Path("/dev")) -> Iterator[Finding]:
    """Everything about them; a machine that needs none is well without."""
    logging.getLogger("ttsd").addHandler(logging.NullHandler())  # what the daemon would log, we tell
    wanted = needs_card(config, status.worker.engine if status else None)
    seen = _seen_by(status) if status else asyncio.run(Gpus(wall).sample())
    for card in seen.lost:
        mend = "nvidia-smi; when it does not show the card either: restart the machine, and see to its power and seat"
        yield fail(f"card {card.label}", "card-lost", f"{card.name} is lost: {card.reason}", mend)
    if not seen.gpus and not seen.lost:
        yield _none(wanted, dev)
    gpus = seen.gpus if status else marked(seen.gpus, os.environ)
    for card in gpus:
        yield from _card(card, ours=wanted and (card.serves or len(gpus) == 1))
    if gpus:
        yield from _driver(wanted)
    yield from _kernel_log(gpus)


def _seen_by(status: Status) -> Cards:
    health = status.health
    return Cards(health.gpus, health.lost_gpus, health.driver_error)


def _none(wanted: bool, dev: Path) -> Finding:
    """Why there is no card, where one is needed."""
    if not wanted:
        return ok("card", "none, and the engine needs none")
    nvml: Any = importlib.import_module("pynvml")
    try:
        nvml.nvmlInit()
    except nvml.NVMLError_LibRmVersionMismatch as error:
        found = f"the NVIDIA driver does not work: {driver_words(error)}, as after an update"
        return fail("driver", "driver-mismatch", found, "restart the machine")
    except nvml.NVMLError_LibraryNotFound:
        return fail("driver", "driver-missing", "no NVIDIA driver is installed, and the engine needs a GPU", _remedy())
    except nvml.NVMLError as error:
        return _nodes(dev) or fail("driver", "driver-silent", f"the NVIDIA driver answers: {error}", _remedy())
    return _nodes(dev) or fail("driver", "no-card", "the NVIDIA driver works and sees no card", "nvidia-smi -L; lspci")


def _remedy() -> str:
    return 'install it, then restart the machine; or set [engine] name = "builtin", or [engine] allow_cpu = true'


def _nodes(dev: Path) -> Finding | None:
    """The files through which a program reaches the card."""
    lacking = [name for name in NODES if not (dev / name).exists()]
    if lacking:
        found = f"{', '.join(str(dev / name) for name in lacking)}: not there, so no program reaches the card"
        return fail("driver", "nodes-missing", found, "sudo nvidia-modprobe -u -c 0; in a container: pass the card in")
    closed = [name for name in NODES if not os.access(dev / name, os.R_OK | os.W_OK, effective_ids=True)]
    if closed:
        found = f"this user may not use {', '.join(str(dev / name) for name in closed)}"
        return fail("driver", "nodes-denied", found, "sudo usermod -aG video,render $USER, then log in again")
    return None


def _driver(wanted: bool) -> Iterator[Finding]:
    nvml: Any = importlib.import_module("pynvml")
    try:
        nvml.nvmlInit()
        cuda: int = nvml.nvmlSystemGetCudaDriverVersion_v2()
        driver: str = nvml.nvmlSystemGetDriverVersion()
        modes = [nvml.nvmlDeviceGetPersistenceMode(nvml.nvmlDeviceGetHandleByIndex(0))]
    except nvml.NVMLError:
        return
    if wanted and cuda < OLDEST_CUDA:
        found = f"driver {driver} is for CUDA {cuda // 1000}.{cuda % 1000 // 10}; the engine needs 12.0 or later"
        yield fail("driver", "driver-old", found, "update the driver to 525 or later, then restart the machine")
    else:
        yield ok("driver", f"{driver}, for CUDA {cuda // 1000}.{cuda % 1000 // 10}")
    if wanted and 0 in modes:
        found = "persistence mode is off: the driver lets go of the card between programs, and each start takes longer"
        yield warn("driver", "persistence-off", found, "sudo systemctl enable --now nvidia-persistenced")


def _card(card: GpuSample, *, ours: bool) -> Iterator[Finding]:
    check = f"card {card.label}"
    used, total = card.memory_used_bytes, card.memory_total_bytes
    memory = f", {size(used)} of {size(total)} used" if used is not None and total is not None else ""
    the_workers = "; the worker's own" if card.serves else ""
    yield ok(check, f"{card.name}{memory}{the_workers}")
    yield from _errors(check, card)
    if card.throttle and HEAT & set(card.throttle):
        at = "" if card.temperature_c is None else f" at {card.temperature_c:.0f} °C"
        mend = "see to its fans, its dust and the air around it"
        yield warn(check, "card-hot", f"{card.name} is slowed down by heat{at}", mend)
    elif card.throttle and "power_brake" in card.throttle:
        found = f"{card.name} is slowed down because its power supply asks for it"
        yield warn(check, "card-power", found, "see to the power supply and its cables")
    if ours:
        yield from _pressure(check, card)


def _inner(sentence: str) -> str:
    """To stand within another sentence."""
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _errors(check: str, card: GpuSample) -> Iterator[Finding]:
    if card.xid is not None:
        meant = meaning(card.xid.number)
        found = f"{card.name} reported XID {card.xid.number}: {_inner(meant.sentence)}"
        yield warn(check, "card-xid", found, REMEDIES[meant.remedy])
    ecc = card.ecc
    if ecc is None:
        return
    if ecc.exhausted:
        found = f"{card.name} could not take bad memory out of use: its spare memory is used up"
        yield fail(check, "card-worn-out", found, "have the card replaced")
    elif ecc.pending:
        found = f"{card.name} has bad memory that is taken out of use by its next reset"
        yield warn(check, "card-reset", found, REMEDIES["reset"])
    if ecc.uncorrected:
        count = plural(ecc.uncorrected, "error")
        found = f"the memory of {card.name} had {count} that could not be corrected, since the driver was loaded"
        yield warn(check, "card-memory", found, REMEDIES["reset"])


def _pressure(check: str, card: GpuSample) -> Iterator[Finding]:
    """Memory that others hold on the card that our worker is to use."""
    others, total = card.memory_of(ours=False), card.memory_total_bytes
    if others is None or not total or others < PRESSURE * total:
        return
    largest = next((process for process in card.processes or () if not process.ours), None)
    who = f", most of them {largest.name or 'a process'} (pid {largest.pid})" if largest else ""
    found = f"other programs hold {size(others)} of {size(total)} on {card.name}{who}"
    yield warn(check, "card-shared", found, "end them, or give the worker another card: CUDA_VISIBLE_DEVICES=N")


def _kernel_log(seen: Sequence[GpuSample]) -> Iterator[Finding]:
    """XIDs of before the daemon started, where this user may read the kernel's log."""
    if any(card.xid for card in seen):
        return
    found = [(bus, int(number)) for line in _kernel_lines() for bus, number in XID_LINE.findall(line)]
    if found:
        bus, number = found[-1]
        meant = meaning(number)
        told = f"since the boot a card (PCI {bus}) reported XID {number}: {_inner(meant.sentence)}"
        yield warn("card", "card-xid", told, REMEDIES[meant.remedy])


def _kernel_lines() -> list[str]:
    journalctl = shutil.which("journalctl")
    if journalctl is None:
        return []
    command = [journalctl, "--dmesg", "--boot", "--quiet", "--output=cat", "--grep=NVRM: Xid"]
    try:
        # Nothing in it comes from outside.
        shown = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return shown.stdout.splitlines()
