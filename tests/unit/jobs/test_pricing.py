"""What a clip costs: by hand."""

import os
import pwd

import pytest

from ttsd.asker import account
from ttsd.jobs import pricing
from ttsd.jobs.billing import report, total_of
from ttsd.protocol.usage import Cost, Prices, Used

PRICES = Prices("¥", per_kwh=0.6, hardware_per_month=438.3, compared_per_10k_clips=120.0)
WORK = Used(
    clips=1000, reused=100, characters=30_000, audio_s=6000.0, engine_s=600.0, measured_s=600.0, energy_j=180_000
)
"""1,000 clips of 30 characters, ten minutes of a card at 300 W."""


def test_power_and_the_hardwares_months():
    cost = pricing.cost(WORK, PRICES)
    assert cost.power == pytest.approx(0.05 * 0.6)
    assert cost.hardware == pytest.approx(438.3 / (30.4375 * 24 * 6))
    assert cost.total == pytest.approx(0.03 + 0.1)


def test_ten_thousand_clips_as_they_were_and_of_the_usual_length():
    cost = pricing.cost(WORK, PRICES)
    assert pricing.per_10k(cost, WORK.clips).total == pytest.approx(cost.total * 10)
    assert pricing.per_10k_usual(cost, WORK).total == pytest.approx(cost.total * 10)
    longer = Used(clips=1000, characters=60_000)
    assert pricing.per_10k_usual(cost, longer).total == pytest.approx(cost.total * 5)


def test_what_is_not_known_is_not_nothing():
    unmeasured = Used(clips=1, characters=30, engine_s=60.0)
    assert pricing.cost(unmeasured, PRICES).power is None
    assert pricing.cost(unmeasured, PRICES).hardware is not None
    assert not pricing.cost(WORK, Prices()).known
    assert pricing.cost(WORK, Prices(per_kwh=0.6)) == Cost(pytest.approx(0.03), None)
    assert pricing.per_10k(Cost(1.0, 2.0), 0) == Cost()


def test_rows_are_priced_and_the_busiest_come_first():
    sums = {"ann": Used(characters=1), "bob": WORK}
    rows = report("voice", sums, PRICES)
    assert [row.name for row in rows] == ["bob", "ann"]
    assert [row.name for row in report("day", {"2026-11-01": Used(), "2026-11-02": WORK}, PRICES)] == [
        "2026-11-01",
        "2026-11-02",
    ]
    total = total_of(rows, PRICES)
    assert total.used.characters == 30_001
    assert total.cost.total == pytest.approx(rows[0].cost.total)


def test_users_have_the_names_of_their_accounts():
    (row,) = report("user", {account(os.getuid()): WORK}, PRICES)
    assert (row.name, row.who) == (f"uid {os.getuid()}", pwd.getpwuid(os.getuid()).pw_name)
    (voice,) = report("voice", {account(os.getuid()): WORK}, PRICES)
    assert not voice.who
