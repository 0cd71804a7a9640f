"""Voices and what the doctor says of them, as people read it."""

from collections.abc import Iterator, Sequence
from typing import Final

import click

from ttsd.cli.wording import duration, one_line, plural
from ttsd.protocol.hearing import ClipFacts, Level, Report
from ttsd.protocol.voices import CheckedVoice, Variant, Voice, joined_reference

COLOURS: Final[dict[Level, str]] = {"fault": "red", "warning": "yellow", "note": "cyan"}
WIDE: Final = 10_000


def rows(voices: Sequence[Voice], width: int) -> Iterator[str]:
    """A line for each voice, in columns."""
    names = max((len(voice.name) for voice in voices), default=0)
    languages = max((len(_languages(voice)) for voice in voices), default=0)
    for voice in voices:
        colour = "red" if voice.problem else "green" if voice.kind == "profile" else "white"
        head = f"{voice.name.ljust(names)}  {voice.kind.ljust(8)}  {_languages(voice).ljust(languages)}"
        room = max(20, width - names - languages - 16)
        yield f"{click.style('●', fg=colour)} {head}  {one_line(_remark(voice), room)}".rstrip()


def _languages(voice: Voice) -> str:
    return " ".join(voice.languages) or "-"


def _remark(voice: Voice) -> str:
    if voice.problem:
        return f"broken: {voice.problem}"
    more = [joined_reference(voice.name, variant.name) for variant in voice.variants[1:]]
    words = [voice.description, f"also {', '.join(more)}" if more else ""]
    return "; ".join(filter(None, words))


def details(voice: Voice) -> Iterator[tuple[str, str]]:
    """What `show` prints, line by line."""
    yield "name", voice.name
    yield "kind", voice.kind
    if voice.problem:
        yield "broken", voice.problem
    yield "languages", _languages(voice)
    for label, value in (("about", voice.description), ("consent", voice.consent), ("folder", voice.folder)):
        if value:
            yield label, value
    if voice.kind == "profile":
        yield "seed", str(voice.settings.seed)
        yield "speed", f"{voice.settings.speed:g}"
        yield "revision", voice.revision
    for variant in voice.variants:
        yield from _variant(voice, variant)


def _variant(voice: Voice, variant: Variant) -> Iterator[tuple[str, str]]:
    facts = [f"{duration(variant.duration_s)} of {variant.language or 'an unnamed language'}", variant.clip]
    yield "", ""
    yield "voice", click.style(joined_reference(voice.name, variant.name), bold=True)
    yield "clip", ", ".join(facts)
    yield "says", variant.transcript or "(no transcript: only its timbre is taken)"
    origin = variant.provenance
    if origin.source or origin.added:
        by = f" by {origin.added_by}" if origin.added_by else ""
        yield "from", f"{origin.source or 'a clip'}, {origin.added}{by}"
    yield "revision", variant.revision


def show_reports(checked: CheckedVoice, *, facts: bool = False) -> None:
    """What the doctor says, on standard output."""
    for each in checked.reports:
        show_report(joined_reference(checked.voice.name, each.variant), each.report, facts=facts)


def show_report(name: str, report: Report, *, facts: bool = False) -> None:
    """The same of one clip, called `name`."""
    click.echo(f"{click.style(name, bold=True)}: {_verdict(report)}")
    if facts:
        click.echo(f"  {_facts(report.facts)}")
    for finding in report.findings:
        level = click.style(f"{finding.level}:", fg=COLOURS[finding.level])
        click.echo(f"  {level} {finding.message} {finding.remedy}".rstrip())
    for repair in report.repairs:
        click.echo(f"  mended: {repair}")


def _verdict(report: Report) -> str:
    serious = [finding for finding in report.findings if finding.level != "note"]
    if not serious:
        return click.style("a good clip", fg="green")
    if report.sound:
        return click.style(plural(len(serious), "thing") + " could be better", fg="yellow")
    return click.style("not to be trusted", fg="red")


def _facts(facts: ClipFacts) -> str:
    known = [
        f"{facts.container} {facts.codec}, {facts.sample_rate_hz} Hz, {plural(facts.channels, 'channel')}",
        f"{facts.duration_s:.1f} s, {facts.speech_s:.1f} s of it speech",
        "" if facts.snr_db is None else f"signal to noise {facts.snr_db:.0f} dB",
        "" if facts.peak_dbfs is None else f"peak {facts.peak_dbfs:.1f} dBFS",
        "" if facts.syllables_per_s is None else f"{facts.syllables_per_s:.1f} syllables a second",
    ]
    return "; ".join(filter(None, known))
