"""How the next take is spoken, as it is chosen on the speak page."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.jobs import NewJob
from ttsd.protocol.speech import Seed, Speed, Start, Style
from tui.language import later, t

Live = Literal["word", "clause", "line", "off"]
"""The smallest stretch of typed text that is heard at once; `off`: nothing, until it is asked for."""
MODES: Final[tuple[Live, ...]] = ("clause", "line", "off", "word")

Dial = Literal["clarity", "naturalness", "emotion", "speed", "seed"]
"""What can be turned up and down."""
DIALS: Final[Mapping[Dial, str]] = {
    "clarity": later("Crisper and slower, with longer pauses."),
    "naturalness": later("Breath, and pauses and tempo that vary."),
    "emotion": later("A wider range of pitch and tone."),
    "speed": later("How fast, at the same pitch."),
    "seed": later("Another number is another take of the same words."),
}
NAMES: Final[Mapping[Dial, str]] = {
    "clarity": later("clarity"),
    "naturalness": later("naturalness"),
    "emotion": later("emotion"),
    "speed": later("speed"),
    "seed": later("seed"),
}
USUAL_AMOUNT: Final = 50
MOST_SEED: Final = 9999
"""Of those that can be dialled; a seed that came from elsewhere may be larger."""


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Nothing chosen is the daemon's default."""

    voice: str | None = None
    language: str = ""
    live: Live = "clause"
    style: Style = Style()
    speed: Speed = 1.0
    seed: Seed = 0

    def start(self, *, seed: int | None = None) -> Start:
        """What opens a session; `seed` takes the place of the one chosen."""
        return Start(
            voice=self.voice,
            language=self.language,
            seed=self.seed if seed is None else seed,
            speed=self.speed,
            style=self.style,
            commit="clause" if self.live == "off" else self.live,
        )

    def job(self, text: str) -> NewJob:
        return NewJob(
            text=text, voice=self.voice, language=self.language, seed=self.seed, speed=self.speed, style=self.style
        )

    def value(self, dial: Dial) -> float | None:
        """`None`: as usual."""
        match dial:
            case "speed":
                return self.speed
            case "seed":
                return self.seed
            case _:
                return getattr(self.style, dial)

    def set(self, dial: Dial, value: float | None) -> "Settings":
        """With `dial` at `value`, or as near as it goes; `None`: as usual."""
        match dial:
            case "speed":
                return replace(self, speed=round(max(0.5, min(2.0, 1.0 if value is None else value)), 2))
            case "seed":
                return replace(self, seed=max(0, round(value or 0)))
            case _:
                amount = None if value is None else max(0, min(100, round(value)))
                return replace(self, style=replace(self.style, **{dial: amount}))

    def turned(self, dial: Dial, steps: float) -> "Settings":
        """So many steps up or down."""
        value = self.value(dial)
        match dial:
            case "speed":
                return self.set(dial, self.speed + 0.05 * steps)
            case "seed":
                return self.set(dial, self.seed + (steps if abs(steps) >= 1 else steps * 10))
            case _:
                return self.set(dial, (USUAL_AMOUNT if value is None else value) + 5 * steps)

    def next_mode(self) -> "Settings":
        return replace(self, live=MODES[(MODES.index(self.live) + 1) % len(MODES)])


def fraction(settings: Settings, dial: Dial) -> float:
    """Where `dial` stands, from 0 to 1."""
    value = settings.value(dial)
    match dial:
        case "speed":
            return (settings.speed - 0.5) / 1.5
        case "seed":
            return min(1.0, settings.seed / MOST_SEED)
        case _:
            return (USUAL_AMOUNT if value is None else value) / 100


def at_fraction(settings: Settings, dial: Dial, place: float) -> Settings:
    """With `dial` where it was put on its scale."""
    match dial:
        case "speed":
            return settings.set(dial, round((0.5 + 1.5 * place) * 20) / 20)
        case "seed":
            return settings.set(dial, place * MOST_SEED)
        case _:
            return settings.set(dial, place * 100)


def shown(settings: Settings, dial: Dial) -> str:
    """The value of `dial`, as it is read."""
    value = settings.value(dial)
    if dial == "speed":
        return f"×{settings.speed:g}"
    return t("usual") if value is None else f"{value:.0f}"


def impossible(settings: Settings, engine: EngineInfo | None) -> Mapping[Dial, str]:
    """The dials that change nothing with this engine and voice, and why."""
    if engine is None or engine.can_clone:
        return {}
    name = settings.voice or engine.default_voice
    voice = next((voice for voice in engine.voices if voice.name == name), None)
    if voice is None or voice.expressive:
        return {}
    return {"emotion": t("The voice {voice} has one range of pitch, whatever is asked for.", voice=name)}
