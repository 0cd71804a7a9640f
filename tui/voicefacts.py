"""Everything about one voice, and what the doctor says of it, as names and values. Pure."""

from collections.abc import Mapping
from typing import Final

from ttsd.protocol.hearing import ClipFacts, Finding, Report
from ttsd.protocol.voices import Variant
from tui import words
from tui.language import t
from tui.phrasebook import told
from tui.voicerows import Row
from tui.widgets.facts import Fact

COLOURS: Final = {"fault": "$error", "warning": "$warning", "note": "$secondary"}
BULLETS: Final = {"fault": "✗", "warning": "!", "note": "·"}


def about(row: Row, reports: Mapping[str, Report], *, can_clone: bool | None) -> list[Fact]:
    """What matters most first."""
    voice, variant = row.voice, row.variant
    facts: list[Fact] = []
    if voice.problem:
        facts.append((t("broken"), voice.problem, "$error"))
    elif voice.kind == "profile" and can_clone is False:
        facts.append((t("engine"), t("the one that is loaded does not speak profiles"), "$warning"))
    if variant is None:
        facts.append((t("speaks"), ", ".join(words.language(code) for code in voice.languages) or "–", "$foreground"))
        facts.append((t("about"), voice.description or "–", "$foreground"))
        facts.append((t("kind"), t("built into the engine") if voice.kind == "built-in" else "–", "$quiet"))
    else:
        facts.append(_says(variant))
        if not voice.problem:
            facts += _doctor(reports.get(variant.revision))
        facts += [*_clip(row, variant), *_profile(row, variant)]
    if voice.folder:
        facts.append((t("folder"), voice.folder, "$primary"))
    return facts


def _says(variant: Variant) -> Fact:
    if variant.transcript:
        return t("says"), variant.transcript, "$foreground"
    return t("says"), t("(no transcript: only its timbre is taken)"), "$warning"


def _clip(row: Row, variant: Variant) -> list[Fact]:
    spoken = words.language(variant.language) if variant.language else t("language not said")
    length = words.duration(variant.duration_s) if variant.duration_s else t("length not known")
    facts: list[Fact] = [(t("clip"), t("{length}, {language}", length=length, language=spoken), "$foreground")]
    if row.voice.description:
        facts.append((t("about"), row.voice.description, "$foreground"))
    return facts


def _doctor(report: Report | None) -> list[Fact]:
    if report is None:
        return [(t("doctor"), t("looks at it …"), "$quiet")]
    return [
        (t("doctor"), verdict(report), _colour(report)),
        *findings(report),
        (t("measured"), measures(report.facts), "$quiet"),
    ]


def verdict(report: Report) -> str:
    """In one line."""
    if not report.sound:
        return t("A voice made of this clip cannot be trusted.")
    if any(finding.level == "warning" for finding in report.findings):
        return t("It can be used, and could be better.")
    return t("A good clip.")


def _colour(report: Report) -> str:
    return COLOURS[report.findings[0].level] if report.findings and report.findings[0].level != "note" else "$success"


def findings(report: Report) -> list[Fact]:
    """Each finding with its remedy, the worst first."""
    return [("", _finding(finding), COLOURS[finding.level]) for finding in report.findings]


def _finding(finding: Finding) -> str:
    return f"{BULLETS[finding.level]} {told(finding.message)} {told(finding.remedy)}".rstrip()


def measures(facts: ClipFacts) -> str:
    """What was measured, as far as it could be."""
    parts = [t("{length} of speech", length=words.duration(facts.speech_s))]
    if facts.snr_db is not None:
        parts.append(t("{level:.0f} dB above noise", level=facts.snr_db))
    if facts.peak_dbfs is not None:
        parts.append(t("peak {level:.0f} dB", level=facts.peak_dbfs))
    if facts.bandwidth_hz is not None:
        parts.append(t("up to {limit:.1f} kHz", limit=facts.bandwidth_hz / 1000))
    if facts.pitch_hz is not None:
        parts.append(t("pitch {pitch:.0f} Hz", pitch=facts.pitch_hz))
    if facts.covered is not None:
        parts.append(t("transcript covers {share}", share=words.percent(facts.covered)))
    return " · ".join(parts)


def _profile(row: Row, variant: Variant) -> list[Fact]:
    voice, origin = row.voice, variant.provenance
    settings = t("seed {seed}, speed {speed:g}", seed=voice.settings.seed, speed=voice.settings.speed)
    facts: list[Fact] = [(t("settings"), settings, "$foreground")]
    facts.append((t("consent"), voice.consent or t("not noted"), "$foreground" if voice.consent else "$quiet"))
    if origin.source or origin.added:
        added = origin.added.replace("T", " ").replace("Z", " UTC")
        origins = " · ".join(part for part in (origin.source, added, origin.added_by) if part)
        facts.append((t("from"), origins, "$foreground"))
    facts += [
        (t("mended") if place == 0 else "", told(repair), "$quiet") for place, repair in enumerate(origin.repairs)
    ]
    for place, each in enumerate(voice.variants):
        mine = "$foreground" if each.name == variant.name else "$quiet"
        clip = f"{each.name}  {words.duration(each.duration_s)}  {each.revision}"
        facts.append((t("variants") if place == 0 else "", clip, mine))
    return facts
