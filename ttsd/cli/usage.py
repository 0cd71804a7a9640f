"""`ttsd usage`: what was spoken, for whom, with what work, and what a clip costs."""

import asyncio
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import click

from ttsd.cli.options import echo_json, json_option, socket_option
from ttsd.cli.since import FORMS, since
from ttsd.cli.wording import one_line
from ttsd.client import TtsdClient
from ttsd.clock import wall
from ttsd.protocol.usage import PER_CLIPS, USUAL_CHARACTERS, By, Cost, UsageReport, UsageRow, Used

DOORS: Final = {
    "live": "live",
    "stream": "streams",
    "http": "jobs",
    "spool": "folder",
    "batch": "batch",
}
HEADINGS: Final = ("clips", "reused", "characters", "audio", "engine", "energy", "cost")
UNKNOWN: Final = "-"
LEAST_NAME: Final = 8
LEAST_AMOUNT: Final = 0.001


@click.command(
    epilog="""\b
Examples:
  ttsd usage
  ttsd usage --since 12h --by user
  ttsd usage --since 2026-11-01 --by day
  ttsd usage --json | jq .per_10k_usual"""
)
@click.option("--since", "since_text", default="30d", show_default=True, metavar="WHEN", help=f"From when on: {FORMS}.")
@click.option(
    "--by",
    type=click.Choice(["voice", "door", "user", "day"]),
    default="voice",
    show_default=True,
    help="What it is told apart by.",
)
@socket_option
@json_option
def command(since_text: str, by: By, socket: str | None, *, as_json: bool) -> None:
    """Show what was spoken, and what it cost.

    A clip is a segment: a sentence or so. Engine is the worker's time; those who were spoken to at once share it,
    and the power drawn in it, equally. Prices are set in [usage] of the configuration. Who is no administrator sees
    their own use.
    """
    report = asyncio.run(TtsdClient(socket).usage(by, since(since_text, wall())))
    if as_json:
        echo_json(report)
        return
    for line in lines(report, shutil.get_terminal_size().columns if sys.stdout.isatty() else None):
        click.echo(line.rstrip())


def lines(report: UsageReport, width: int | None = None) -> Iterator[str]:
    """The report as text; names are cut where it would be wider than `width`."""
    if report.recorded_since_s is None:
        yield "Nothing was spoken in this time."
        return
    yield from _table(report, width)
    yield ""
    yield from _costs(report)


def _table(report: UsageReport, width: int | None) -> Iterator[str]:
    headings = HEADINGS if report.total.cost.known else HEADINGS[:-1]
    cells = [_cells(row, report)[: len(headings)] for row in (*report.rows, report.total)]
    widths = [max(len(heading), *(len(row[column]) for row in cells)) for column, heading in enumerate(headings)]
    names = [_name(row, report.by) for row in report.rows] + ["all"]
    room = max(map(len, (report.by, *names)))
    if width is not None:
        room = max(LEAST_NAME, min(room, width - sum(each + 2 for each in widths)))
    yield click.style(_line(report.by, headings, room, widths), dim=True)
    for name, row in zip(names[:-1], cells, strict=False):
        yield _line(one_line(name, room), row, room, widths)
    yield click.style(_line("all", cells[-1], room, widths), bold=True)


def _line(name: str, cells: Sequence[str], room: int, widths: Sequence[int]) -> str:
    return name.ljust(room) + "".join(f"  {cell.rjust(width)}" for cell, width in zip(cells, widths, strict=True))


def _name(row: UsageRow, by: By) -> str:
    match by:
        case "door":
            return DOORS.get(row.name, row.name)
        case "user":
            return row.who or row.name
        case _:
            return row.name


def _cells(row: UsageRow, report: UsageReport) -> tuple[str, ...]:
    used = row.used
    return (
        f"{used.clips:,}",
        f"{used.reused / used.clips:.0%}" if used.clips else UNKNOWN,
        f"{used.characters:,}",
        span(used.audio_s),
        span(used.engine_s),
        energy(used),
        money(row.cost.total, report.prices.currency) if row.cost.known else UNKNOWN,
    )


def _costs(report: UsageReport) -> Iterator[str]:
    prices, total = report.prices, report.total
    if not total.cost.known:
        yield from _unpriced(report)
        return
    rows = [
        (f"{PER_CLIPS:,} clips", report.per_10k, _as_they_were(total.used)),
        (f"  of {USUAL_CHARACTERS} characters", report.per_10k_usual, _compared(report)),
    ]
    told = [(name, money(cost.total, prices.currency), note) for name, cost, note in rows if cost.known]
    told.insert(1, ("", "", _parts(report.per_10k, prices.currency)))
    if report.hardware_all_the_time is not None:
        share = total.used.engine_s / max(1.0, report.until_s - max(report.since_s, report.recorded_since_s or 0))
        whole = money(report.hardware_all_the_time, prices.currency)
        told.append(("hardware, idle or not", whole, f"in this time, of which it worked {percent(share)}"))
    room = max(len(amount) for _, amount, _ in told)
    for name, amount, note in told:
        yield f"{name.ljust(21)}  {click.style(amount.rjust(room), bold=True)}  {click.style(note, dim=True)}"
    yield from _unmeasured(report)


def _as_they_were(used: Used) -> str:
    characters = used.characters / used.clips if used.clips else 0.0
    return f"as they were, {characters:.0f} characters each"


def _parts(cost: Cost, currency: str) -> str:
    parts = [("power", cost.power), ("hardware while it worked", cost.hardware)]
    return " + ".join(f"{name} {money(amount, currency)}" for name, amount in parts if amount is not None)


def _compared(report: UsageReport) -> str:
    elsewhere = report.prices.compared_per_10k_clips
    if not elsewhere:
        return ""
    less = 1 - report.per_10k_usual.total / elsewhere
    verdict = f"{percent(less)} less" if less >= 0 else f"{percent(-less)} more"
    return f"{verdict} than {money(elsewhere, report.prices.currency)} elsewhere"


def _unpriced(report: UsageReport) -> Iterator[str]:
    if report.prices.per_kwh:
        yield from _unmeasured(report)
    else:
        yield "To see what a clip costs, set price_per_kwh and hardware_cost_per_month in [usage]."


def _unmeasured(report: UsageReport) -> Iterator[str]:
    used = report.total.used
    if not report.prices.per_kwh or not used.engine_s:
        return
    if used.energy_j is None:
        yield "Power was not measured: no card that we use tells it. Costs are without it."
    elif used.measured_s < 0.99 * used.engine_s:
        share = percent(used.measured_s / used.engine_s)
        yield f"Power was measured for {share} of the engine's time; what the rest drew is not in the costs."


def span(seconds: float) -> str:
    """`0.4 s`, `12 s`, `48 min`, `28.4 h`, `1,204 h`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    return f"{hours:,.1f} h" if hours < 100 else f"{hours:,.0f} h"


def energy(used: Used) -> str:
    """`0.4 Wh`, `380 Wh`, `1.9 kWh`; a dash where nobody measured it."""
    if used.energy_j is None:
        return UNKNOWN
    energy_wh = used.energy_j / 3600
    if 0 < energy_wh < 0.1:
        return "<0.1 Wh"
    if energy_wh < 1000:
        return f"{energy_wh:.1f} Wh" if energy_wh < 10 else f"{energy_wh:.0f} Wh"
    return f"{energy_wh / 1000:,.1f} kWh"


def money(amount: float, currency: str) -> str:
    """`¥1,204.50`, `¥0.023`, `<¥0.001`; `CHF 2.00`."""
    if not amount or amount >= 0.1:
        digits, below = f"{amount:,.2f}", ""
    elif amount >= LEAST_AMOUNT:
        digits, below = f"{amount:.2g}", ""
    else:
        digits, below = f"{LEAST_AMOUNT:g}", "<"
    return f"{below}{currency} {digits}" if currency[-1:].isalpha() else f"{below}{currency}{digits}"


def percent(share: float) -> str:
    """`0.3%`, `42%`, `99.98%`: never rounded to none or all."""
    if 0.99 < share < 1:
        return f"{share:.2%}"
    return f"{share:.1%}" if abs(share) < 0.1 else f"{share:.0%}"
