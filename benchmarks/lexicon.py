"""What lexicons of 10,000 entries add to a sentence, and what reading one takes."""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, spread
from benchmarks.texts import sentences
from ttsd.protocol.lexicon import MAX_ENTRIES, Entry
from ttsd.storage.lexicon_file import parse, written
from ttsd.text.lexicon import Layer, Lexicon
from ttsd.text.pronunciation import is_reading
from ttsd.text.segment import text_segments

ADDED: Final = Target(1.0)
_LETTERS: Final = "etaoinshrdlucmfwyp"
_HAN: Final = [chr(code) for code in range(0x4E00, 0x4E00 + 1500)]
T = TypeVar("T")


def run(options: Options) -> Iterator[Table]:
    count = options.count(1000)
    yield _added("An English sentence of 58 characters", list(itertools.islice(sentences(7), count)), _latin_words())
    yield _added("A Chinese sentence of 40 characters", list(_chinese(count)), _han_words())
    yield _reading()


def _added(title: str, texts: list[str], words: Iterator[str]) -> Table:
    entries = [Entry(word, "something else") for word in itertools.islice(words, MAX_ENTRIES)]
    lexicon = Lexicon([Layer(entries)] * 3)
    text_segments(texts[0])
    without = [_ms(lambda text=text: text_segments(text))[0] for text in texts]
    timed = [_ms(lambda text=text: text_segments(text, lexicon=lexicon)) for text in texts]
    added = [took - plain for (took, _), plain in zip(timed, without, strict=True)]
    acted = sum(bool(segment.lexicon) for _, segments in timed for segment in segments)
    usual = spread("without a lexicon", without)
    rows = (
        usual,
        spread("with three of 10,000 entries", [took for took, _ in timed]),
        spread("added", added, target=ADDED),
    )
    return Table(title, rows, (f"an entry acted in {acted} of {len(texts)} sentences",))


def _reading() -> Table:
    entries = tuple(Entry(word, "something else") for word in itertools.islice(_latin_words(), MAX_ENTRIES))
    data = written(entries).encode()
    file_ms, _ = _ms(lambda: parse(data, is_reading))
    layer_ms, _ = _ms(lambda: Layer(entries))
    rows = (Row("the file, by the daemon", "ms", file_ms), Row("made ready, in prep", "ms", layer_ms))
    return Table(f"Reading a lexicon of 10,000 entries ({len(data) >> 10} KiB), once", rows)


def _ms(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    done = work()
    return (time.perf_counter() - started) * 1000, done


def _latin_words() -> Iterator[str]:
    """Words that look like words, those of the sentences among them."""
    draw = random.Random(11)
    common = sorted({word.strip(".").lower() for text in itertools.islice(sentences(7), 300) for word in text.split()})
    yield from common[::4]
    seen = set(common)
    while True:
        word = "".join(draw.choices(_LETTERS, k=draw.randint(3, 10)))
        if word not in seen:
            seen.add(word)
            yield word


def _han_words() -> Iterator[str]:
    draw = random.Random(12)
    seen: set[str] = set()
    while True:
        word = "".join(draw.choices(_HAN, k=draw.randint(2, 4)))
        if word not in seen:
            seen.add(word)
            yield word


def _chinese(count: int) -> Iterator[str]:
    draw = random.Random(13)
    for _ in range(count):
        yield "".join(draw.choices(_HAN, k=20)) + "，" + "".join(draw.choices(_HAN, k=20)) + "。"
