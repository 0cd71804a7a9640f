"""The lines above and below the pages: how it is spoken, and how far it is heard."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

import msgspec
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.events import Click
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from tui import words
from tui.bars import line
from tui.keys import key_of
from tui.language import later, t
from tui.phrasebook import told
from tui.playback import Sound
from tui.settings import DIALS, NAMES, Live, Settings, shown
from tui.take import Take
from tui.widgets.lasting import Lasting
from tui.widgets.pressable import pressable

METERS: Final = ((84, 12), (0, 6))
"""Cells of the level meter, from so many of the line on."""
HOME_SOCKET: Final = "/tmp/ttsd.sock"  # noqa: S108 — of the user's own machine, where nothing else is known
SIGN: Final = 2
"""Cells of the sign that tells whether it plays."""
COLOURS: Final = ("plain", "quiet", "faint", "accent", "loud", "warning", "error")
_APART: Final = "  "
LIVE: Final[Mapping[Live, str]] = {
    "word": later("● each word"),
    "clause": later("● each clause"),
    "line": later("● each line"),
    "off": later("○ when asked"),
}
"""When what is typed is heard."""


def settings_line(settings: Settings, default_voice: str, width: int, *, dials: bool) -> Content:
    """Voice, language, when typing is heard and, without `dials` below, where they stand; each can be clicked.

    Each has its key, and its name where there is room for all of them.
    """
    usual = t("default")
    voice = words.plain(settings.voice) if settings.voice else f"{usual} ({default_voice})" if default_voice else usual
    language = {"": usual, "auto": t("by the text")}.get(settings.language, words.language(settings.language))
    shown = [
        (key_of("speak-voice", "^t"), t("voice"), voice, "screen.voice"),
        (key_of("speak-language", "^l"), t("language"), language, "screen.language"),
        (key_of("speak-live", "F9"), t("live"), t(LIVE[settings.live]), "screen.toggle_live"),
    ]
    if not dials:
        shown.append((key_of("speak-style", "Alt+S"), t("style"), _style(settings), "screen.dials"))
    lines = [
        Content(" " * apart).join(_setting(*each, named=named) for each in shown)
        for apart, named in ((3, True), (2, True), (3, False))
    ]
    return next((line for line in lines if line.cell_length <= width), lines[-1])


def _style(settings: Settings) -> str:
    """What was turned away from the usual."""
    turned = [
        shown(settings, dial) if dial == "speed" else f"{t(NAMES[dial])} {shown(settings, dial)}"
        for dial in DIALS
        if settings.value(dial) != Settings().value(dial)
    ]
    return ", ".join(turned) or t("usual")


def _setting(key: str, name: str, value: str, action: str, *, named: bool) -> Content:
    name = f" {name} " if named else " "
    return pressable(Content.assemble((key, "$accent"), (name, "$quiet"), (value, "$foreground")), action)


class Heard(msgspec.Struct, frozen=True):
    """Where the listener is (samples), whether he hears something, how loud (0..1), and the cushion before him."""

    at: int = 0
    playing: bool = False
    held: bool = False
    level: float = 0.0
    cushion_s: float = 0.0


Part = tuple[str, str]
"""A piece of the line and its colour, one of `COLOURS`."""


class Deck(Lasting, Widget):
    """Shows a line of parts, many times a second; a click on its sign pauses the sound, or goes on."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"deck--{name}" for name in COLOURS}

    def __init__(self) -> None:
        super().__init__()
        self._parts: Sequence[Part] = ()

    def show(self, parts: Sequence[Part]) -> None:
        if parts != self._parts:
            self._parts = parts
            self.refresh(Region(0, 0, self.content_size.width, 1))

    def render_line(self, y: int) -> Strip:
        parts = self._parts if y == 0 else ()
        segments = [Segment(text, self._style(colour)) for text, colour in parts]
        cells = sum(cell_len(text) for text, _ in parts)
        width = self.content_size.width
        return Strip([*segments, Segment(" " * (width - cells), self._style("plain"))], max(width, cells))

    def _style(self, colour: str) -> Style:
        return self.get_component_rich_style(f"deck--{colour}")

    async def on_click(self, event: Click) -> None:
        if 0 <= event.x - self.gutter.left < SIGN:
            await self.run_action("screen.toggle_sound")


def deck_line(take: Take, heard: Heard, width: int) -> list[Part]:
    """Where the listener is and how loud it is there; then how the sound came, as much of it as there is room for."""
    loud, rest = line(heard.level**0.6, next(cells for least, cells in METERS if width >= least))
    shown: list[Part] = [
        ("▶ ", "accent") if heard.playing else ("‖ ", "accent") if heard.held else ("■ ", "quiet"),
        (words.clock(heard.at / SAMPLE_RATE_HZ), "plain" if take.samples else "quiet"),
        (f" / {words.clock(take.length_s)}  ", "quiet"),
        (loud, "loud"),
        (rest, "faint"),
    ]
    room = width - sum(cell_len(text) for text, _ in shown)
    for fact in _facts(take, heard):
        cells = len(_APART) + sum(cell_len(text) for text, _ in fact)
        if cells > room:
            fits = room - len(_APART) if take.error else 0
            return (
                [*shown, (_APART, "plain"), (words.fitted(fact[0][0], fits).rstrip(), "error")] if fits > 1 else shown
            )
        shown += ((_APART, "plain"), *fact)
        room -= cells
    return shown


def _facts(take: Take, heard: Heard) -> Iterator[tuple[Part, ...]]:
    if take.error:
        yield ((words.plain(told(take.error)), "error"),)
        return
    if take.first_sound_ms is not None:
        yield (f"{t('first sound')} ", "quiet"), (words.milliseconds(take.first_sound_ms), "plain")
    if take.rtf is not None:
        yield ("RTF ", "quiet"), (f"{take.rtf:.2f}", "plain" if take.rtf < 1 else "warning")
    if take.samples:
        yield ((words.counted(take.underruns, "gap"), "warning" if take.underruns else "quiet"),)
        yield ((f"{t('buffer')} {words.milliseconds(heard.cushion_s * 1000)}", "quiet"),)


def silence_notice(sound: Sound, home: str) -> Content:
    """Why nothing is heard, and the ways out; `home` is the command that brings the sound to where the user sits."""
    note = t(sound.note)
    parts = [
        ("♪ ", "bold $warning"),
        (f"{words.plain(note[:1].upper() + note[1:])}.", "$warning"),
        (f" {t('Text is spoken all the same:')} ", "$foreground"),
        ("^s", "$accent"),
        (f" {t('saves it to a file.')}", "$foreground"),
    ]
    if home:
        parts += [(f" {t('Or hear it at home, with this in a terminal there:')}\n", "$foreground"), (home, "$accent")]
    return Content.assemble(*parts)


def owed_notice() -> Content:
    """What becomes of text that nobody is there to speak."""
    return Content.assemble(
        ("… ", "bold $warning"),
        (f"{t('The daemon is away: what you write is spoken when it is back.')} ", "$warning"),
        (key_of("speak-stop", "Esc"), "$accent"),
        (f" {t('leaves it unspoken.')}", "$foreground"),
    )


def home_command(environ: Mapping[str, str], socket: str) -> str:
    """What to run at the other end of an SSH connection; empty when there is none.

    `SSH_CONNECTION` has the addresses and ports of client and server, in this order: sshd(8).
    """
    connection = environ.get("SSH_CONNECTION", "").split()
    if len(connection) != 4 or not socket:
        return ""
    _, _, host, port = connection
    user = environ.get("LOGNAME") or environ.get("USER", "")
    options = ["-fNo", "StreamLocalBindUnlink=yes", *([] if port == "22" else ["-p", port])]
    there = shlex.join([*options, "-L", f"{HOME_SOCKET}:{socket}", f"{user}@{host}" if user else host])
    return f"ssh {there} && ttsd-tui --socket {HOME_SOCKET}"
