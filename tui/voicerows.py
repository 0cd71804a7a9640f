"""Voices as rows of a list: one for each variant, those of a voice together. Pure."""

from collections.abc import Iterable
from typing import Final

import msgspec

from ttsd.protocol.voices import DEFAULT_VARIANT, Variant, Voice, joined_reference
from tui import words


class Row(msgspec.Struct, frozen=True):
    """A variant of a profile; a built-in voice, or a broken profile, has none."""

    voice: Voice
    variant: Variant | None = None
    first: bool = True
    """Of its voice."""

    @property
    def reference(self) -> str:
        """How a request names it."""
        return joined_reference(self.voice.name, self.variant.name) if self.variant else self.voice.name

    @property
    def languages(self) -> tuple[str, ...]:
        """What it speaks or is spoken in, as codes; none: not said."""
        if self.variant is None:
            return self.voice.languages
        return (self.variant.language,) if self.variant.language else ()

    @property
    def drawable(self) -> Variant | None:
        """The variant, when it has a clip that can be looked at."""
        return None if self.voice.problem else self.variant


def rows(voices: Iterable[Voice], search: str = "") -> list[Row]:
    """Those in which every word of `search` is found, in the order of `voices`."""
    wanted = search.casefold().split()
    found = [row for voice in voices for row in _of(voice)]
    return [row for row in found if all(word in _said(row) for word in wanted)] if wanted else found


def _of(voice: Voice) -> list[Row]:
    if not voice.variants:
        return [Row(voice)]
    return [Row(voice, variant, place == 0) for place, variant in enumerate(voice.variants)]


def _said(row: Row) -> str:
    spoken = [f"{code} {words.language(code)}" for code in row.languages]
    transcript = row.variant.transcript if row.variant else ""
    return " ".join((row.reference, row.voice.kind, row.voice.description, *spoken, transcript)).casefold()


def label(row: Row) -> str:
    """Its name as the list shows it: further variants below the voice's name."""
    if row.variant is None or (row.first and row.variant.name == DEFAULT_VARIANT):
        return row.voice.name
    return row.reference if row.first else f"  @{row.variant.name}"


LANGUAGES_SHOWN: Final = 3


def spoken(codes: tuple[str, ...]) -> str:
    """`en`, `en zh`, `en zh es +4`."""
    more = len(codes) - LANGUAGES_SHOWN
    return " ".join(codes[:LANGUAGES_SHOWN]) + (f" +{more}" if more > 0 else "")


def choices(voices: Iterable[Voice]) -> list[tuple[str, str]]:
    """What a picker offers: each usable variant, with its description, and how a request names it."""
    return [
        (
            f"{words.plain(label(row))}  {words.plain(row.voice.description) if row.first else ''}".rstrip(),
            row.reference,
        )
        for row in rows(voices)
        if not row.voice.problem
    ]
