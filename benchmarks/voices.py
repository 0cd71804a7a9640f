"""Voice profiles: how long adding one takes without the model, and what speaking with one adds to a request."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.daemon import daemon
from benchmarks.options import Options
from benchmarks.report import Table, Target, spread
from benchmarks.texts import sentences
from benchmarks.wire import stream
from tests.spoken_clips import clip
from ttsd.client.voices import VoicesClient
from ttsd.config import Limits
from ttsd.protocol.voices import NewVariant
from ttsd.storage.voices import Voices

ADDED_S: Final = Target(1.0)
HIT_MS: Final = Target(1.0)
CLIP_S: Final = 10.0
WORDS: Final = "The birch canoe slid on the smooth planks, and the sheet was glued to the dark blue background."
BUILT_IN: Final = "tone"


def run(options: Options) -> Iterator[Table]:
    audio = clip(seconds=CLIP_S)
    with daemon({"engine.name": "fake", "fake.can_clone": True, "limits.max_voices": 10_000}) as ttsd:
        added = [_add_s(ttsd.socket, f"voice-{number}", audio) for number in range(options.count(30))]
        yield Table(
            f"Adding a voice, a WAV of {CLIP_S:g} s, without the model",
            (
                spread("the first one: the examining process starts", added[:1], "s", target=ADDED_S),
                spread("each further one", added[1:], "s", target=ADDED_S),
            ),
            ("upload, decoding, the doctor, the mended copy, everything synced to the disk (tmpfs here)",),
        )
        yield _hits(ttsd.socket, ttsd.base / "state/ttsd/voices", options.count(200))


def _add_s(socket: Path, name: str, audio: bytes) -> float:
    started = time.perf_counter()
    new = NewVariant(name, WORDS, language="en")
    asyncio.run(VoicesClient(socket).add_voice(new, "clip.wav", audio))
    return time.perf_counter() - started


def _hits(socket: Path, folder: Path, count: int) -> Table:
    """Each way first every other time, no text twice."""
    taken: dict[str, list[float]] = {BUILT_IN: [], "voice-0": []}
    texts = sentences(seed=7)
    for voice in taken:
        for text in itertools.islice(texts, 5):
            stream(socket, text, voice)
    for number in range(count):
        text = next(texts)
        for voice in sorted(taken, reverse=bool(number % 2)):
            taken[voice].append(stream(socket, text, voice).first_ms)
    added = [profile - built_in for built_in, profile in zip(*taken.values(), strict=True)]
    reference = spread("first byte, built-in voice", taken[BUILT_IN])
    return Table(
        "A profile that is known already, engine fake",
        (
            reference,
            spread("first byte, profile", taken["voice-0"], against=reference),
            spread("added, sentence by sentence", added, target=HIT_MS),
            spread("of it in the daemon: is the profile still what was read?", _looks_ms(folder, count), target=HIT_MS),
        ),
        ("each request has a connection of its own; both ways speak the same texts",),
    )


def _looks_ms(folder: Path, count: int) -> list[float]:
    store = Voices(folder, Limits())
    store.find("voice-0")
    taken: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        assert store.exists("voice-0")
        assert store.at_hand("voice-0") is not None
        taken.append((time.perf_counter() - started) * 1000)
    return taken
