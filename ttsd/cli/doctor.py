"""`ttsd doctor`: what is wrong, and how to mend it."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import click

from ttsd.cli.checks import Finding, Verdict, daemon, gpu, limits, machine, model, network, service, storage
from ttsd.cli.exits import FAILED
from ttsd.cli.options import config_option, echo_json, json_option, socket_option
from ttsd.cli.wording import plural
from ttsd.client import TtsdClient

COLOURS: Final[dict[Verdict, str]] = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


@click.command(
    epilog="""\b
Examples:
  ttsd doctor
  ttsd doctor --json | jq '.[] | select(.verdict != "ok")'

Exits 1 when something has failed."""
)
@config_option
@socket_option
@json_option
def command(config_file: str | None, socket: str | None, *, as_json: bool) -> int:
    """Check configuration, directories, socket, engine, cards, sound and service."""
    findings = list(_examine(config_file, socket))
    if as_json:
        echo_json(findings)
    else:
        _show(findings)
    return FAILED if any(finding.verdict is Verdict.FAIL for finding in findings) else 0


def _examine(config_file: str | None, socket: str | None) -> Iterator[Finding]:
    """A daemon that answers is asked; otherwise we look at what it would need to start."""
    yield machine.python()
    loaded, finding = storage.configuration(config_file, socket)
    yield finding
    status, findings = asyncio.run(daemon.answer(TtsdClient(socket)))
    yield from findings
    if status is not None:
        yield from daemon.running(status, loaded)
        yield from storage.disks(status)
    else:
        yield from storage.directories(loaded.config)
        yield model.parts(loaded.config)
        yield from model.checkpoint(loaded.config)
        yield limits.open_files()
        yield limits.watching()
    yield from limits.mounts(loaded.config)
    yield from network.network(loaded.config)
    yield machine.formats(loaded.config)
    yield from gpu.cards(loaded.config, status)
    yield machine.sound()
    yield from service.systemd()
    yield from service.clock()


def _show(findings: Sequence[Finding]) -> None:
    for finding in findings:
        verdict = click.style(finding.verdict.value.ljust(4), fg=COLOURS[finding.verdict], bold=True)
        click.echo(f"{verdict}  {finding.check.ljust(8)} {finding.found}")
        if finding.mend:
            click.echo(f"{'':16}{click.style('→', fg=COLOURS[finding.verdict])} {finding.mend}")
    counts = Counter(finding.verdict for finding in findings)
    click.echo(f"\n{plural(counts[Verdict.FAIL], 'failure')}, {plural(counts[Verdict.WARN], 'warning')}")
