"""Odd times are told of once each, and usual ones not at all."""

import asyncio

import pytest
from structlog.testing import capture_logs

from ttsd.timekeeping import keep_time


class Times:
    """Clocks that stand where they are put, and a sleep that puts them there."""

    def __init__(self, *naps: tuple[float, float]) -> None:
        self.wall_s, self.steady_s = 1000.0, 0.0
        self._naps = list(naps)

    async def sleep(self, _seconds: float) -> None:
        if not self._naps:
            raise asyncio.CancelledError
        wall_s, steady_s = self._naps.pop(0)
        self.wall_s += wall_s
        self.steady_s += steady_s


@pytest.mark.parametrize(
    ("nap", "told"),
    [
        ((1.0, 1.0), []),
        ((1.4, 1.0), []),
        ((86_401.0, 1.0), [("clock.jumped", 86_400.0)]),
        ((-86_399.0, 1.0), [("clock.jumped", -86_400.0)]),
        ((4.0, 4.0), [("daemon.overslept", 3.0)]),
    ],
)
async def test_what_is_told(monkeypatch: pytest.MonkeyPatch, nap: tuple[float, float], told: list[tuple[str, float]]):
    times = Times((1.0, 1.0), nap, (1.0, 1.0))
    monkeypatch.setattr(asyncio, "sleep", times.sleep)
    with capture_logs() as lines, pytest.raises(asyncio.CancelledError):
        await keep_time(lambda: times.wall_s, lambda: times.steady_s)
    assert [(line["event"], line["by_s"]) for line in lines] == told
