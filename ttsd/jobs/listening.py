"""A voice's reports, and what a recogniser hears beside them."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ttsd.audio.reference.findings import heard as has_speech
from ttsd.audio.reference.findings import worst_first
from ttsd.audio.reference.findings_ears import likeness, words
from ttsd.protocol.voices import DEFAULT_VARIANT, VariantReport, Voice
from ttsd.supervisor.hearing import Clip, recognise_clips


async def listened(voice: Voice, reports: Sequence[VariantReport]) -> tuple[VariantReport, ...]:
    """The reports with the findings of listening; variants are held against the neutral clip.

    Raises CannotListen when the packages for it are missing.
    """
    languages = {each.variant: each.report.facts.language for each in reports}
    wanted = set(languages) if set(languages) == {DEFAULT_VARIANT} else {*languages, DEFAULT_VARIANT}
    variants = {variant.name: variant for variant in voice.variants if variant.name in wanted}
    clips = [
        Clip(Path(voice.folder) / each.clip, each.transcript, each.language or languages.get(name, ""))
        for name, each in variants.items()
    ]
    heard = dict(zip(variants, await recognise_clips(clips), strict=True))
    made: list[VariantReport] = []
    for name, report in ((each.variant, each.report) for each in reports):
        found = list(report.findings)
        if has_speech(report.facts):  # in noise a recogniser hears what is not there
            found.append(words(variants[name].transcript, heard[name]))
            if name != DEFAULT_VARIANT and DEFAULT_VARIANT in heard:
                found.append(likeness(heard[DEFAULT_VARIANT], heard[name]))
        made.append(VariantReport(name, msgspec.structs.replace(report, findings=worst_first(found))))
    return tuple(made)
