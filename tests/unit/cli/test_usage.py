"""What `ttsd usage` writes: amounts, columns that fit, and what it says where something is not known."""

from datetime import datetime

import click
import msgspec
import pytest

from ttsd.cli.since import since
from ttsd.cli.usage import energy, lines, money, percent, span
from ttsd.jobs.billing import report, total_of
from ttsd.jobs.pricing import per_10k, per_10k_usual
from ttsd.protocol.usage import By, Prices, UsageReport, UsageRow, Used

PRICES = Prices("¥", 0.6, 400.0, 120.0)
BUSY = Used(12_431, 2300, 401_220, 102_240.0, 2460.0, 2460.0, 684_000.0)


def made(sums: dict[str, Used], prices: Prices = PRICES, by: By = "voice") -> UsageReport:
    rows = report(by, sums, prices)
    total = total_of(rows, prices)
    whole = per_10k(total.cost, total.used.clips), per_10k_usual(total.cost, total.used)
    return UsageReport(0.0, 86_400.0, 0.0, by, rows, total, prices, *whole, prices.hardware_per_month / 30 or None)


def written(report: UsageReport, width: int | None = 80) -> list[str]:
    return [click.unstyle(line) for line in lines(report, width)]


@pytest.mark.parametrize("width", [80, 100])
def test_names_are_cut_where_the_line_would_be_too_long(width):
    name = "the-narrator-with-a-very-long-name-indeed-that-nobody-types"
    found = written(made({name: BUSY, "ann": BUSY}), width)
    assert max(map(len, found)) <= width
    assert found[1].startswith("ann")
    assert "…" in found[2]
    assert name in "\n".join(written(made({name: BUSY}), None))


def test_users_are_called_what_the_daemon_calls_them():
    """Its accounts are not ours where its socket was forwarded from another machine; an older one names nobody."""
    row = UsageRow("uid 0", BUSY, who="ann")
    report = msgspec.structs.replace(made({}, by="user"), rows=(row, UsageRow("uid 0", BUSY)))
    assert [line[:6].rstrip() for line in written(report)[1:3]] == ["ann", "uid 0"]


def test_what_ten_thousand_clips_cost():
    head, _, _, _, *costs = written(made({"ann": BUSY}))
    assert head.split()[-1] == "cost"
    assert [line.split()[:2] for line in costs] == [
        ["10,000", "clips"],
        ["power", "¥0.092"],
        ["of", "30"],
        ["hardware,", "idle"],
    ]
    assert costs[2].endswith("99.70% less than ¥120.00 elsewhere")
    assert "which it worked 2.8%" in costs[3]


def test_dearer_than_elsewhere_is_said_too():
    assert "more than ¥0.10 elsewhere" in "\n".join(written(made({"ann": BUSY}, Prices("¥", 0.6, 400.0, 0.1))))


def test_without_prices_there_is_no_column_of_them():
    found = written(made({"ann": BUSY}, Prices()))
    assert found[0].split()[-1] == "energy"
    assert "set price_per_kwh and hardware_cost_per_month in [usage]" in found[-1]


def test_power_that_was_measured_for_a_part_of_the_time_is_called_that():
    half = Used(10, 0, 300, 60.0, 10.0, 5.0, 100.0)
    assert "Power was measured for 50% of the engine's time" in written(made({"ann": half}))[-1]
    none = Used(10, 0, 300, 60.0, 10.0)
    assert written(made({"ann": none}))[-1].startswith("Power was not measured")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0.0, "¥", "¥0.00"),
        (0.00002, "¥", "<¥0.001"),
        (0.0234, "€", "€0.023"),
        (1204.5, "¥", "¥1,204.50"),
        (2.0, "CHF", "CHF 2.00"),
        (2.0, "", "2.00"),
    ],
)
def test_amounts(amount, currency, text):
    assert money(amount, currency) == text


def test_times_energies_and_shares():
    assert [span(s) for s in (0.44, 12, 2880, 102_240, 4_334_400)] == ["0.4 s", "12 s", "48 min", "28.4 h", "1,204 h"]
    assert [energy(Used(energy_j=j)) for j in (None, 0.0, 36.0, 1440.0, 1.37e6, 6.9e6)] == [
        "-", "0.0 Wh", "<0.1 Wh", "0.4 Wh", "381 Wh", "1.9 kWh",
    ]  # fmt: skip
    assert [percent(share) for share in (0.003, 0.42, 0.9998, 1.0, 1.5)] == ["0.3%", "42%", "99.98%", "100%", "150%"]


NOW_S = datetime(2026, 11, 30, 12).astimezone().timestamp()


@pytest.mark.parametrize(
    ("text", "since_s"),
    [
        ("30d", NOW_S - 30 * 86_400),
        (" 12 H ", NOW_S - 12 * 3600),
        ("2w", NOW_S - 14 * 86_400),
        ("999999d", 0.0),
        ("all", 0.0),
        ("2026-11-01", datetime(2026, 11, 1).astimezone().timestamp()),
        ("2026-11-30 08:30", datetime(2026, 11, 30, 8, 30).astimezone().timestamp()),
    ],
)
def test_since_when(text, since_s):
    assert since(text, NOW_S) == since_s


@pytest.mark.parametrize(
    "text", ["", "30", "d30", "-3d", "1.5d", "yesterday", "2026-13-01", "2026-12-01", "9" * 30 + "d"]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(click.BadParameter):
        since(text, NOW_S)
