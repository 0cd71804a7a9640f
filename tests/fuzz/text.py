"""Fuzzes the text front end by hand: `python tests/fuzz/text.py --seconds 60`.

With atheris installed (`pip install atheris`) it is guided by coverage; else hypothesis makes the texts. What fails
is printed with the text that does it, and the exit status is 1.
"""

import argparse
import contextlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

try:
    import atheris  # pyright: ignore[reportMissingImports, reportMissingModuleSource]
except ImportError:
    atheris = None

with atheris.instrument_imports(include=["ttsd.text"]) if atheris else contextlib.nullcontext():
    from ttsd.text.normalize import speakable
    from ttsd.text.phrases import Phrases
    from ttsd.text.segment import text_segments
from ttsd.protocol.errors import NothingToSay, UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES


def check(text: str, language: str = "auto") -> None:
    """Raises AssertionError, or whatever the front end did not mean to raise."""
    try:
        for segment in text_segments(text, language):
            assert speakable(segment.text)
            assert segment.text.isprintable()
            assert {span.language for span in segment.spans} <= LANGUAGES.keys()
    except (NothingToSay, UnsupportedLanguage):
        pass
    whole, parts = Phrases(), Phrases()
    assert whole.feed(text) == [phrase for letter in text for phrase in parts.feed(letter)]


def guided(seconds: int) -> None:
    def one(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        language = provider.PickValueInList(["auto", *LANGUAGES])
        check(provider.ConsumeUnicode(400), language)

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}"], one)
    atheris.Fuzz()


def unguided(seconds: int) -> None:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    pieces = st.sampled_from(
        ["Dr. ", "3.", "p.m. ", "「", "」", "“", "”", "。", "今天", "これ", "한국", "Привет", "[pause ", "{a|b}"]
    )

    @settings(deadline=None, max_examples=500, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(pieces | st.characters(), max_size=60).map("".join), st.sampled_from(["auto", *LANGUAGES]))
    def round_(text: str, language: str) -> None:
        check(text, language)

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        round_()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    if atheris:
        guided(seconds)
    else:
        print("atheris is not installed: unguided, by hypothesis")
        unguided(seconds)


if __name__ == "__main__":
    main()
