"""What was spoken, for whom, with what work, and what that cost: `GET /v1/usage`."""

import enum
from typing import Final, Literal

import msgspec

By = Literal["voice", "door", "user", "day"]
"""What usage is told apart by."""
PER_CLIPS: Final = 10_000
USUAL_CHARACTERS: Final = 30
"""Length of the clip that costs are compared by."""
UPLOADED: Final = "(uploaded)"
"""Stands for the voice of a clip that came with its request."""
OTHERS: Final = "(others)"
"""Stands for those that are too many to be told apart."""
NOBODY: Final = "(unknown)"


class UsageDoor(enum.StrEnum):
    """Where a text came in: sessions and streams besides the doors of jobs."""

    LIVE = "live"
    STREAM = "stream"
    HTTP = "http"
    """Jobs asked for over HTTP."""
    SPOOL = "spool"
    BATCH = "batch"


class Used(msgspec.Struct, frozen=True):
    """What was delivered, and what it took."""

    clips: int = 0
    """Segments, a sentence or so each."""
    reused: int = 0
    """Of these: out of the clip store, without work."""
    characters: int = 0
    """As the text is written."""
    audio_s: float = 0.0
    engine_s: float = 0.0
    """Share of the time in which the worker spoke: what speaks at once shares it equally."""
    measured_s: float = 0.0
    """How much of `engine_s` had its power measured."""
    energy_j: float | None = None
    """Drawn by the card in `measured_s`; `None`: none of it was measured."""

    def __add__(self, other: "Used") -> "Used":
        energies = [energy for energy in (self.energy_j, other.energy_j) if energy is not None]
        return Used(
            self.clips + other.clips,
            self.reused + other.reused,
            self.characters + other.characters,
            self.audio_s + other.audio_s,
            self.engine_s + other.engine_s,
            self.measured_s + other.measured_s,
            sum(energies) if energies else None,
        )


class Account(msgspec.Struct, frozen=True):
    """Whose it is."""

    voice: str
    door: UsageDoor
    user: str


class Prices(msgspec.Struct, frozen=True):
    """The keys of `[usage]` that are amounts of money; 0: not told."""

    currency: str = ""
    per_kwh: float = 0.0
    hardware_per_month: float = 0.0
    compared_per_10k_clips: float = 0.0


class Cost(msgspec.Struct, frozen=True):
    """In the currency of `Prices`; `None` where the price or the figure is not known."""

    power: float | None = None
    hardware: float | None = None
    """Its share for as long as it worked."""

    @property
    def known(self) -> bool:
        return self.power is not None or self.hardware is not None

    @property
    def total(self) -> float:
        return (self.power or 0.0) + (self.hardware or 0.0)


class UsageRow(msgspec.Struct, frozen=True):
    """One voice, door, user or day."""

    name: str
    used: Used
    cost: Cost = Cost()
    who: str = ""
    """Of a user: the same by the name of their account, where it has one."""


class UsageReport(msgspec.Struct, frozen=True):
    """Answer of `GET /v1/usage`."""

    since_s: float
    """From the beginning of this hour, of this day where it is long ago."""
    until_s: float
    recorded_since_s: float | None
    """When the first of it was used; `None`: nothing was."""
    by: By
    rows: tuple[UsageRow, ...]
    total: UsageRow
    prices: Prices
    per_10k: Cost = Cost()
    """Of 10,000 clips as they were."""
    per_10k_usual: Cost = Cost()
    """Of 10,000 clips of 30 characters."""
    hardware_all_the_time: float | None = None
    """What the hardware cost from the first use to the end, working or not."""
