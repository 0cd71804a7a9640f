"""The lines above and below the pages: how it is spoken, and how far it is heard. Pure text."""

from typing import Final

from textual.content import Content

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from tui import words
from tui.bars import line
from tui.narrator import Settings
from tui.playback import Sound
from tui.take import Take
from tui.widgets.pressable import pressable

METER: Final = 12


def settings_line(settings: Settings, default_voice: str, *, live: bool) -> Content:
    """Voice, language and whether typing is heard, each with its key; each can be clicked."""
    voice = settings.voice or (f"default ({default_voice})" if default_voice else "default")
    language = {"": "default", "auto": "by the text"}.get(settings.language, words.language(settings.language))
    return Content("   ").join(
        (
            _setting("^t", "voice", voice, "screen.voice"),
            _setting("^l", "language", language, "screen.language"),
            _setting("F6", "live", "● as you type" if live else "○ when asked", "screen.toggle_live"),
        )
    )


def _setting(key: str, name: str, value: str, action: str) -> Content:
    return pressable(Content.assemble((key, "$accent"), (f" {name} ", "$quiet"), (value, "$foreground")), action)


def deck_line(take: Take, *, heard: int, playing: bool, level: float) -> Content:
    """Where the listener is, how loud it is there, and how long the first sound took."""
    loud, rest = line(level**0.6, METER)
    parts: list[tuple[str, str]] = [
        ("▶", "$accent") if playing else ("■", "$quiet"),
        (f" {words.clock(heard / SAMPLE_RATE_HZ)}", "$foreground" if take.samples else "$quiet"),
        (f" / {words.clock(take.length_s)}  ", "$quiet"),
        (loud, "$secondary"),
        (rest, "$faint"),
    ]
    if take.first_sound_ms is not None:
        parts += [("   first sound ", "$quiet"), (words.milliseconds(take.first_sound_ms), "$foreground")]
    if take.error:
        parts.append((f"   {words.plain(take.error)}", "$error"))
    return Content.assemble(*parts)


def silence_notice(sound: Sound) -> Content:
    """Why nothing is heard, and the way out."""
    return Content.assemble(
        ("♪ ", "bold $warning"),
        (f"{words.plain(sound.note[:1].upper() + sound.note[1:])}.", "$warning"),
        (" Text is spoken all the same: ", "$foreground"),
        ("^s", "$accent"),
        (" saves it to a file.", "$foreground"),
    )
