"""What use costs: power as it was measured, and the hardware's months for as long as it worked. Pure."""

from typing import Final

from ttsd.protocol.usage import PER_CLIPS, USUAL_CHARACTERS, Cost, Prices, Used

J_PER_KWH: Final = 3_600_000
MONTH_S: Final = 365.25 / 12 * 86_400


def cost(used: Used, prices: Prices) -> Cost:
    """What `used` cost."""
    power = used.energy_j / J_PER_KWH * prices.per_kwh if prices.per_kwh and used.energy_j is not None else None
    hardware = hardware_cost(used.engine_s, prices) if prices.hardware_per_month else None
    return Cost(power, hardware)


def hardware_cost(seconds: float, prices: Prices) -> float:
    """What the hardware costs in that time."""
    return seconds / MONTH_S * prices.hardware_per_month


def per_10k(whole: Cost, clips: float) -> Cost:
    """Of 10,000 clips, where `clips` cost `whole`; what it is not known where there were none."""
    return times(whole, PER_CLIPS / clips) if clips else Cost()


def per_10k_usual(whole: Cost, used: Used) -> Cost:
    """Of 10,000 clips of 30 characters, at the cost of a character."""
    return per_10k(whole, used.characters / USUAL_CHARACTERS)


def times(whole: Cost, factor: float) -> Cost:
    power, hardware = (None if part is None else part * factor for part in (whole.power, whole.hardware))
    return Cost(power, hardware)
