"""Plain English sentences, none of them twice: a segment that was spoken before would come from the clip store."""

import random
from collections.abc import Iterator
from typing import Final

_ADJECTIVES: Final = (
    "quiet", "yellow", "patient", "narrow", "gentle", "bright", "careful", "distant", "empty", "famous",
    "heavy", "lively", "modern", "old", "proud", "quick", "round", "silver", "tall", "warm",
)  # fmt: skip
_NOUNS: Final = (
    "river", "teacher", "garden", "window", "captain", "market", "letter", "mountain", "kitchen", "engine",
    "painter", "village", "station", "doctor", "bridge", "farmer", "harbour", "picture", "singer", "forest",
)  # fmt: skip
_VERBS: Final = (
    "watches", "remembers", "follows", "crosses", "describes", "visits", "admires", "passes", "repairs", "welcomes",
    "studies", "protects", "leaves", "greets", "sketches", "measures", "notices", "borrows", "carries", "praises",
)  # fmt: skip
_ENDS: Final = (
    "before breakfast", "in the morning", "after the rain", "near the station", "without a word", "every winter",
    "with great care", "at the corner", "on Sunday", "under the trees", "beside the road", "in silence",
)  # fmt: skip


def sentences(seed: int = 0) -> Iterator[str]:
    """About fifty-eight characters each, three seconds of speech; the same ones for the same seed."""
    choose = random.Random(seed).choice
    seen: set[str] = set()
    while True:
        text = (
            f"The {choose(_ADJECTIVES)} {choose(_NOUNS)} {choose(_VERBS)} the {choose(_ADJECTIVES)} "
            f"{choose(_NOUNS)} {choose(_ENDS)}."
        )
        if text not in seen:
            seen.add(text)
            yield text


def short_sentences(seed: int = 0) -> Iterator[str]:
    """About twenty-eight characters each, 1.6 s of speech; there are 8,000 of them."""
    places = [(a, n, v) for a in _ADJECTIVES for n in _NOUNS for v in _VERBS]
    random.Random(seed).shuffle(places)
    for adjective, noun, verb in places:
        yield f"My {adjective} {noun} {verb} it."
