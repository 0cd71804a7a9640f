"""The text front end: segments can be spoken, and a stream gives the same phrases however it is cut."""

from ttsd.protocol.errors import NothingToSay, UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES
from ttsd.text.normalize import speakable
from ttsd.text.phrases import Phrases
from ttsd.text.segment import text_segments

ASKED = ("auto", *LANGUAGES)
SEEDS = [
    bytes([number]) + text.encode()
    for number in range(len(ASKED))
    for text in (
        "Dr. Smith came at 3.30 p.m. “Really?” he said (twice). [pause 1s] {a|b} 5%, $3.50, 1/2",
        "「今天」は2026年3月4日です。これは한국 것이다. Привет, мир! 3,5 км.",
    )
]


def check(data: bytes) -> None:
    """The first byte chooses the language that is asked for, the others are the text."""
    asked = ASKED[data[0] % len(ASKED)] if data else "auto"
    text = data[1:].decode("utf-8", "replace")
    try:
        for segment in text_segments(text, asked):
            assert speakable(segment.text)
            assert segment.text.isprintable()
            assert {span.language for span in segment.spans} <= LANGUAGES.keys()
    except (NothingToSay, UnsupportedLanguage):
        pass
    whole, parts = Phrases(), Phrases()
    assert whole.feed(text) == [phrase for letter in text for phrase in parts.feed(letter)]
