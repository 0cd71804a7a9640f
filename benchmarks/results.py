"""`RESULTS.md`: the figures of one report, as a reader wants them."""

from collections.abc import Iterator

from benchmarks.report import Report, Row, Table, lines, number

HEAD = """\
# Results

Taken with `python -m benchmarks --markdown benchmarks/RESULTS.md`.
[README.md](README.md) tells what is measured, and how.
"""


def render(report: Report) -> str:
    """The whole file."""
    return "\n".join([HEAD, *_about(report), *_missed(report.tables), *_tables(report)])


def _about(report: Report) -> Iterator[str]:
    machine = report.machine
    yield f"- ttsd {report.version}, {report.at}"
    yield f"- {machine['cpu']}, {machine['cores']} cores, {machine['memory']} of memory"
    yield f"- {machine['system']}, kernel {machine['kernel']}, Python {machine['python']}"
    shares = ", ".join(f"{name} {share:.0%}" for name, share in report.others.items())
    yield f"- share of the machine that other programs took meanwhile: {shares}"
    yield ""


def _missed(tables: tuple[Table, ...]) -> Iterator[str]:
    missed = [(table, row) for table in tables for row in table.rows if row.missed]
    yield "## Missed targets" if missed else "All targets are met."
    yield ""
    for table, row in missed:
        yield f"- {table.title}: {row.label}: {_figure(row)}, target {row.target}"
    if missed:
        yield ""


def _figure(row: Row) -> str:
    return f"{number(row.median)} {row.unit}"


def _tables(report: Report) -> Iterator[str]:
    yield "## All figures"
    yield ""
    yield "```"
    yield "\n\n".join("\n".join(lines(table)) for table in report.tables)
    yield "```"
    yield ""
