"""The forms about voices: what they ask, what is wrong with the answers, and what the daemon is told. Pure."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from ttsd.protocol.speech import LANGUAGES
from ttsd.protocol.voices import (
    ARCHIVE_SUFFIX,
    DEFAULT_VARIANT,
    PROFILE_PATTERN,
    VARIANT_PATTERN,
    NewVariant,
    PatchVoice,
    VoiceList,
    joined_reference,
)
from tui import words
from tui.language import t
from tui.paths import expanded
from tui.screens.form import Answers, Question, Wrong
from tui.voicerows import Row
from tui.widgets.picker import Choice

CLIPS: Final = (
    ".wav",
    ".flac",
    ".ogg",
    ".oga",
    ".opus",
    ".mp3",
    ".m4a",
    ".aac",
    ".aiff",
    ".aif",
    ".caf",
    ".webm",
    ".wma",
)
NUMBERS: Final[Mapping[str, Callable[[str], float]]] = {"speed": float, "seed": int}
_NAME: Final = re.compile(PROFILE_PATTERN)
_VARIANT: Final = re.compile(VARIANT_PATTERN)
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")


# --- a new voice ---


def new_voice(path: str, row: Row | None) -> list[Question]:
    """From a file."""
    clip = Question("clip", t("Clip"), path, "path", t("a sound file of 3 to 15 s; tab completes"), suffixes=CLIPS)
    name, *more = _about(proposed_name(path), "", "", row)
    return [clip, msgspec.structs.replace(name, hint=t("empty: as the file is called")), *more]


def recorded_voice(transcript: str, language: str, row: Row | None) -> list[Question]:
    """From the microphone."""
    return _about("", transcript, language, row)


def _about(name: str, transcript: str, language: str, row: Row | None) -> list[Question]:
    name = row.voice.name if row else name
    spoken = language or (row.languages[0] if row and row.languages else "")
    return [
        Question("name", t("Name"), name, hint=t("letters, digits, . _ -")),
        Question("variant", t("Variant"), "" if row else DEFAULT_VARIANT, hint=t("another mood: happy, calm, lively")),
        Question("transcript", t("Says"), transcript, "lines", t("every word of the clip, also “er” and “hm”")),
        Question("language", t("Language"), spoken, "choice", choices=languages()),
        Question("description", t("About"), row.voice.description if row else "", hint=t("a line for the list")),
        Question("consent", t("Consent"), row.voice.consent if row else "", hint=t("who agreed to it, when, for what")),
    ]


def languages() -> list[Choice]:
    """Those that a clip may be in."""
    return [(t("not said"), ""), *((words.language(code), code) for code in LANGUAGES)]


def proposed_name(path: str) -> str:
    """`Anna Smith.m4a` → `Anna-Smith`; empty when nothing of it may stand in a name."""
    return _NOT_IN_NAMES.sub("-", Path(path).stem).strip("-.")[:64] if path else ""


def name_of(answers: Mapping[str, str]) -> str:
    """As it is written, else as the file is called."""
    return answers["name"] or proposed_name(answers.get("clip", ""))


def wrong_with_new(answers: Mapping[str, str], voices: VoiceList | None) -> Wrong | None:
    """In one sentence, or nothing."""
    if "clip" in answers and not expanded(answers["clip"]).is_file():
        return Wrong(t("There is no such file."), "clip")
    known = voices.voices if voices else ()
    built_in = [voice.name.casefold() for voice in known if voice.kind == "built-in"]
    name = name_of(answers)
    if name.casefold() in built_in:
        return Wrong(t("The engine has a voice of that name: choose another."), "name")
    if answers["variant"] and not _VARIANT.fullmatch(answers["variant"]):
        return Wrong(t("A variant has 1 to 32 of small letters, digits, _ and -."), "variant")
    return wrong_with_name(name) or wrong_lengths(answers)


def wrong_with_name(name: str) -> Wrong | None:
    """In one sentence, or nothing."""
    if _NAME.fullmatch(name):
        return None
    return Wrong(t("A name has 1 to 64 letters, digits, . _ - and begins with no dot."), "name")


def wrong_lengths(answers: Mapping[str, str]) -> Wrong | None:
    """In one sentence, or nothing."""
    for line in ("description", "consent"):
        if len(answers[line]) > 400:
            return Wrong(t("A line has at most 400 letters."), line)
    if len(answers.get("transcript", "")) > 4000:
        return Wrong(t("A transcript has at most 4000 letters."), "transcript")
    return None


def new_variant(answers: Answers) -> NewVariant:
    """What the daemon is told."""
    fields = {key: value for key, value in answers.items() if key != "clip" and (value or key == "transcript")}
    return msgspec.convert({**fields, "name": name_of(answers)}, NewVariant)


def reference_of(new: NewVariant) -> str:
    return joined_reference(new.name, new.variant)


def exists(new: NewVariant, voices: VoiceList | None) -> bool:
    """Whether there is such a variant already."""
    found = [voice for voice in voices.voices if voice.name == new.name] if voices else []
    return any(variant.name == new.variant for voice in found for variant in voice.variants)


# --- what is there ---


def changing(row: Row) -> list[Question]:
    """Everything that may be changed of a profile."""
    voice, settings = row.voice, row.voice.settings
    language = row.languages[0] if row.languages else ""
    said = Question("transcript", t("Says"), row.variant.transcript if row.variant else "", "lines")
    return [
        Question("name", t("Name"), voice.name),
        Question("description", t("About"), voice.description, hint=t("a line for the list")),
        *([said] if row.variant else []),
        Question("language", t("Language"), language, "choice", choices=languages()),
        Question("speed", t("Speed"), f"{settings.speed:g}", hint=t("0.5 to 2")),
        Question("seed", t("Seed"), str(settings.seed), hint=t("0: the usual reading")),
        Question("consent", t("Consent"), voice.consent, hint=t("who agreed to it, when, for what")),
    ]


def wrong_with_changes(answers: Mapping[str, str]) -> Wrong | None:
    """In one sentence, or nothing."""
    numbers: dict[str, float] = {}
    for name, number in NUMBERS.items():
        try:
            numbers[name] = number(answers[name])
        except ValueError:
            return Wrong(t("Speed is a number such as 1.1, seed a whole number."), name)
    speed, seed = numbers["speed"], numbers["seed"]
    if not 0.5 <= speed <= 2:
        return Wrong(t("Speed is from 0.5 to 2."), "speed")
    if not 0 <= seed < 2**63:
        return Wrong(t("Seed is from 0 to {most}.", most=2**63 - 1), "seed")
    return wrong_with_name(answers["name"]) or wrong_lengths(answers)


def changes(answers: Answers, row: Row) -> PatchVoice | None:
    """What is different, or `None`."""
    asked = {question.name: question.value for question in changing(row)}
    fields: dict[str, str | float] = {key: value for key, value in answers.items() if value != asked[key]}
    for key, number in NUMBERS.items():
        if key in fields:
            fields[key] = number(answers[key])
    if "transcript" in fields and row.variant:
        fields["variant"] = row.variant.name
    return msgspec.convert(fields, PatchVoice) if fields else None


def exporting(row: Row) -> list[Question]:
    proposed = str(Path.cwd() / f"{row.voice.name}{ARCHIVE_SUFFIX}")
    return [Question("file", t("File"), proposed, "path", suffixes=(ARCHIVE_SUFFIX,))]


def importing(path: Path | None) -> list[Question]:
    file = Question("file", t("File"), str(path or ""), "path", t("tab completes"), suffixes=(ARCHIVE_SUFFIX,))
    return [file, Question("name", t("Name"), "", hint=t("as the file says"))]


def wrong_path(answers: Mapping[str, str]) -> Wrong | None:
    """Of a file to be written."""
    path = expanded(answers["file"])
    if answers["file"] and path.parent.is_dir() and not path.is_dir():
        return None
    return Wrong(t("There is no such folder."), "file")


def wrong_with_import(answers: Mapping[str, str]) -> Wrong | None:
    if not expanded(answers["file"]).is_file():
        return Wrong(t("There is no such file."), "file")
    return wrong_with_name(answers["name"]) if answers["name"] else None


def sentence(text: str) -> list[Question]:
    return [Question("sentence", t("Sentence"), text, "lines", t("empty: one of each voice's language"))]
