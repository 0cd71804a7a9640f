"""One card, or one instance of a card in MIG mode: finding them, and reading one, through NVML."""

import math
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final, TypeVar

import psutil

from ttsd.protocol.health import Ecc, GpuProcess, GpuSample, Throttle, label

MOST_PROCESSES: Final = 16
EIGHTHS: Final = 8
"""The memory of a card is cut into so many parts for instances."""

THROTTLES: Final[dict[int, Throttle]] = {
    0x04: "power_cap",
    0x08: "hw_slowdown",
    0x10: "sync_boost",
    0x20: "sw_thermal",
    0x40: "hw_thermal",
    0x80: "power_brake",
}
"""Bits of nvml.h's `nvmlClocksEventReasons`; those left out (idle, clocks that somebody has set) slow nothing down."""

T = TypeVar("T")


class Card:
    """A device of the driver, as it was found; its handles are worth nothing once the session is closed."""

    def __init__(self, nvml: Any, index: int, whole: Any, mig: tuple[int, Any] | None = None) -> None:
        """`whole` is the card's handle, `mig` place and handle of an instance. Raises NVMLError."""
        self.index = index
        self.mig = mig[0] if mig else None
        self.handle = mig[1] if mig else whole
        self.whole = whole
        self.uuid: str = nvml.nvmlDeviceGetUUID(self.handle)
        self.name: str = _mig_name(nvml, self.handle, whole) if mig else nvml.nvmlDeviceGetName(whole)

    @property
    def label(self) -> str:
        """As in `GpuSample`."""
        return label(self.index, self.mig)


def found(nvml: Any, index: int) -> Iterator[Card]:
    """The card at `index`; in MIG mode its instances, where it has some. Raises NVMLError."""
    whole = nvml.nvmlDeviceGetHandleByIndex(index)
    instances = list(_instances(nvml, whole))
    if not instances:
        yield Card(nvml, index, whole)
    for mig in instances:
        yield Card(nvml, index, whole, mig)


def _instances(nvml: Any, whole: Any) -> Iterator[tuple[int, Any]]:
    """Place and handle of each; none on a card that is not in MIG mode, or cannot be."""
    try:
        mode, _pending = nvml.nvmlDeviceGetMigMode(whole)
        places: int = nvml.nvmlDeviceGetMaxMigDeviceCount(whole) if mode else 0
    except nvml.NVMLError as error:
        _raise_if_dead(nvml, error)
        return
    for place in range(places):
        try:
            yield place, nvml.nvmlDeviceGetMigDeviceHandleByIndex(whole, place)
        except nvml.NVMLError as error:
            _raise_if_dead(nvml, error)


def _mig_name(nvml: Any, handle: Any, whole: Any) -> str:
    """As the driver calls it, `NVIDIA H100 MIG 1g.10gb`; older drivers only tell what it consists of."""
    name: str = nvml.nvmlDeviceGetName(whole)
    try:
        own: str = nvml.nvmlDeviceGetName(handle)
    except nvml.NVMLError:
        own = ""
    if "MIG" in own:
        return own
    try:
        parts = nvml.nvmlDeviceGetAttributes_v2(handle)
        total: int = nvml.nvmlDeviceGetMemoryInfo(whole).total
    except nvml.NVMLError:
        return f"{name} MIG"
    profile = mig_profile(
        parts.gpuInstanceSliceCount, parts.computeInstanceSliceCount, parts.memorySizeMB * 2**20, total
    )
    return f"{name} MIG {profile}"


def mig_profile(slices: int, compute_slices: int, memory_bytes: int, card_bytes: int) -> str:
    """`3g.40gb`, or `1c.3g.40gb` where it shares the slices: its memory is told in eighths of the card's."""
    eighths = math.ceil(memory_bytes / card_bytes * EIGHTHS)
    memory_gb = round(eighths / EIGHTHS * math.ceil(card_bytes / 2**30))
    compute = f"{compute_slices}c." if compute_slices != slices else ""
    return f"{compute}{slices}g.{memory_gb}gb"


def read(nvml: Any, card: Card, ours: Collection[int]) -> GpuSample:
    """The card now; `ours` are the pids of our workers. Raises NVMLError when the card or its driver is gone."""
    ask = _Ask(nvml)
    whole, handle = card.whole, card.handle
    memory = ask(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
    sample = GpuSample(
        index=card.index,
        mig=card.mig,
        name=card.name,
        uuid=card.uuid,
        memory_used_bytes=memory and memory.used,
        memory_total_bytes=memory and memory.total,
        # Of an instance no driver tells how busy it is; that the card is would say little of it.
        utilisation=ask(lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100),
        temperature_c=ask(lambda: float(nvml.nvmlDeviceGetTemperature(whole, nvml.NVML_TEMPERATURE_GPU))),
        power_w=ask(lambda: nvml.nvmlDeviceGetPowerUsage(whole) / 1000),
        power_limit_w=ask(lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(whole) / 1000),
        sm_clock_mhz=ask(lambda: float(nvml.nvmlDeviceGetClockInfo(whole, nvml.NVML_CLOCK_SM))),
        memory_clock_mhz=ask(lambda: float(nvml.nvmlDeviceGetClockInfo(whole, nvml.NVML_CLOCK_MEM))),
        # By its old name: older drivers know no other.
        throttle=ask(lambda: throttles(nvml.nvmlDeviceGetCurrentClocksThrottleReasons(whole))),
        processes=_processes(nvml, handle, ask, ours),
        ecc=_ecc(nvml, whole, ask),
    )
    ask.raise_if_nothing_was_told()
    return sample


class _Ask:
    """Reads figure by figure: one that a card or driver may not tell is not worth losing the others for."""

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        self._told = False
        self._refusal: Exception | None = None

    def __call__(self, figure: Callable[[], T]) -> T | None:
        """The figure, or `None`. Raises NVMLError when there is no card, or no driver, to ask."""
        try:
            value = figure()
        except self._nvml.NVMLError as error:
            _raise_if_dead(self._nvml, error)
            if isinstance(error, self._nvml.NVMLError_Unknown):
                self._refusal = error
            return None
        self._told = True
        return value

    def raise_if_nothing_was_told(self) -> None:
        """So it is in a container that lost its devices: the driver says "unknown error", and nothing else."""
        if not self._told and self._refusal is not None:
            raise self._refusal


def _raise_if_dead(nvml: Any, error: Exception) -> None:
    dead = (
        nvml.NVMLError_GpuIsLost,
        nvml.NVMLError_ResetRequired,
        nvml.NVMLError_Uninitialized,
        nvml.NVMLError_DriverNotLoaded,
        nvml.NVMLError_LibRmVersionMismatch,
    )
    if isinstance(error, dead):
        raise error


def _ecc(nvml: Any, whole: Any, ask: _Ask) -> Ecc | None:
    def count(counter: int) -> int:
        return nvml.nvmlDeviceGetTotalEccErrors(whole, nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, counter)

    # Cards up to Volta retire pages, later ones map rows to spare ones.
    rows = ask(lambda: nvml.nvmlDeviceGetRemappedRows(whole))
    pages = ask(lambda: nvml.nvmlDeviceGetRetiredPagesPendingStatus(whole)) if rows is None else None
    pending = rows[2] if rows is not None else pages
    ecc = Ecc(
        uncorrected=ask(lambda: count(nvml.NVML_VOLATILE_ECC)),
        uncorrected_ever=ask(lambda: count(nvml.NVML_AGGREGATE_ECC)),
        pending=None if pending is None else bool(pending),
        exhausted=None if rows is None else bool(rows[3]),
    )
    return None if ecc == Ecc() else ecc


def _processes(nvml: Any, handle: Any, ask: _Ask, ours: Collection[int]) -> tuple[GpuProcess, ...] | None:
    computing = ask(lambda: nvml.nvmlDeviceGetComputeRunningProcesses_v3(handle))
    if computing is None:
        return None
    drawing = ask(lambda: nvml.nvmlDeviceGetGraphicsRunningProcesses_v3(handle)) or ()
    held: dict[int, int | None] = {process.pid: process.usedGpuMemory for process in (*computing, *drawing)}
    largest = sorted(held.items(), key=lambda item: -(item[1] or 0))[:MOST_PROCESSES]
    return tuple(GpuProcess(pid, bytes_, pid in ours, _name(pid)) for pid, bytes_ in largest)


def driver_words(error: Exception) -> str:
    """What an NVMLError says; clearer than the driver where that is needed."""
    if type(error).__name__ == "NVMLError_LibRmVersionMismatch":
        return "its library and its kernel module are of different versions"
    return str(error)


def throttles(bits: int) -> tuple[Throttle, ...]:
    """The reasons in a mask of the driver."""
    return tuple(reason for bit, reason in THROTTLES.items() if bits & bit)


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except (psutil.Error, ValueError):
        return ""
