"""What the voices page says and draws around its list. Pure."""

from typing import Final

from textual.content import Content

from ttsd.protocol.voices import VoiceList as Voices
from tui import words
from tui.bars import columns, squeezed
from tui.language import later, t
from tui.voicerows import Row
from tui.widgets.pressable import pressable

DRAWN_ROWS: Final = 3
PROFILE: Final = later("The engine's own voices cannot be changed: only profiles.")
NO_CLIP: Final = later("It has no clip.")


def against(action: str, row: Row) -> str | None:
    """Why this cannot be done to this voice."""
    profile = row.voice.kind == "profile"
    match action:
        case "clip":
            return None if row.drawable else t(NO_CLIP)
        case "use" | "hear" if row.voice.problem:
            return t("It is broken: see beside it what is wrong.")
        case "edit" | "export" | "variant" | "variant_recorded" if profile and row.variant is None:
            return t("It is broken: see beside it what is wrong.")
        case "edit" | "export" | "variant" | "variant_recorded" | "remove":
            return None if profile else t(PROFILE)
        case _:
            return None


def summary(voices: Voices | None, shown: int, *, searched: bool) -> Content:
    """How many there are, in one line."""
    profiles = [voice for voice in voices.voices if voice.kind == "profile"] if voices else []
    built_in = len(voices.voices) - len(profiles) if voices else 0
    parts: list[tuple[str, str]] = [
        (str(len(profiles)), "bold $success" if profiles else "$quiet"),
        (f" {t('profile') if len(profiles) == 1 else t('profiles')}   ", "$quiet"),
        (str(built_in), "bold $foreground" if built_in else "$quiet"),
        (f" {t('of the engine')}", "$quiet"),
    ]
    if searched:
        parts.append((f"   {t('showing {count}', count=shown)}", "$accent"))
    elif voices and voices.can_clone is False and profiles:
        parts.append((f"   {t('not for this engine')}", "$warning"))
    return Content.assemble(*parts)


def stage(row: Row | None, mark: str, sentence: str, playing: str) -> Content:
    """Who says what: the voice under the cursor, the marked one, and the sentence."""
    mine = row.reference if row else "–"
    said = f"“{words.plain(sentence)}”" if sentence else t("a sentence of its language")
    return Content("   ").join(
        (
            _speaker("a", mine, "screen.hear('a')", playing == mine),
            _speaker("b", mark or t("m marks one"), "screen.hear('b')", bool(mark) and playing == mark),
            pressable(Content.assemble(("s ", "$accent"), (said, "$quiet")), "screen.sentence"),
        )
    )


def _speaker(key: str, name: str, action: str, sounds: bool) -> Content:
    glyph = ("▶ ", "$accent") if sounds else ("  ", "")
    style = "bold $accent" if sounds else "$foreground"
    return pressable(Content.assemble(glyph, (f"{key} ", "$accent"), (words.plain(name), style)), action)


def drawing(levels: list[float], width: int, heard: float) -> Content:
    """A clip as a skyline, what was heard of it in another colour."""
    shown = squeezed(levels, width)
    split = round(heard * len(shown))
    lines = columns([level**0.6 for level in shown], DRAWN_ROWS)
    return Content("\n").join(
        Content.assemble((line[:split], "$accent"), (line[split:], "$secondary")) for line in lines
    )
