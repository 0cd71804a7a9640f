"""What is asked of the official package and of ours: texts, languages, modes and layouts. Needs numpy alone."""

import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np

RATE_HZ = 24_000
TRANSCRIPT = "Well, this is how I speak."
MIXED = "Hello，今天会议推迟到3 p.m."
TEXTS = {
    "zh": "今天天气很好，我们去公园散步吧。",
    "en": "The train to the coast leaves a little after seven.",
    "ja": "今日はいい天気ですね。",
    "ko": "오늘은 날씨가 좋네요.",
    "de": "Größe und Straße sind schöne Wörter.",
    "fr": "L'été dernier, j'ai mangé des crêpes.",
    "ru": "Съешь ещё этих мягких булок.",
    "pt": "A ação não é só coração.",
    "es": "¿Dónde está el niño? ¡Mañana!",
    "it": "Perché l'università è così?",
    "auto": MIXED,
}


class Case(NamedTuple):
    """One request, greedy."""

    text: str
    language: str
    mode: str = "icl"
    layout: str = "streaming"
    penalty: float = 1.05
    frames: int = 24

    @property
    def name(self) -> str:
        return f"{self.mode}/{self.layout}/{self.language}/{self.penalty:g}/{self.text[:12]}"


def cases() -> list[Case]:
    """Every language in every way of cloning; then what is at the edges."""
    every = [
        Case(text, language, mode, layout)
        for mode, layout in (("icl", "streaming"), ("icl", "text-first"), ("xvector", "streaming"))
        for language, text in TEXTS.items()
    ]
    long = " ".join(TEXTS[code] for code in ("en", "de", "fr", "es", "it"))
    edges = [
        Case(text, language, mode, layout, penalty, frames)
        for mode, layout in (
            ("icl", "streaming"),
            ("icl", "text-first"),
            ("xvector", "streaming"),
            ("xvector", "text-first"),
        )
        for text, language, penalty, frames in (
            ("A", "en", 1.05, 24),
            ("好", "auto", 1.0, 24),
            (long, "en", 1.0, 40),
            (MIXED, "zh", 1.3, 100),
        )
    ]
    return every + edges


def clip(seconds: float = 3.03, seed: int = 0) -> np.ndarray:
    """A sound with a pitch that moves and some noise, float32; the same on every machine."""
    draw = np.random.RandomState(seed)
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * 180 * time_s + 4 * np.sin(2 * np.pi * 1.5 * time_s)
    return (0.3 * np.sin(phase) + 0.04 * draw.standard_normal(len(time_s))).astype(np.float32)


def write_clip(path: Path, seconds: float = 3.0, seed: int = 0) -> Path:
    """That sound as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((clip(seconds, seed) * 32767).astype("<i2").tobytes())
    return path
