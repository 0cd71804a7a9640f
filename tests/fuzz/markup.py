"""The markup parser: nothing is raised, nothing outside of markup is lost or doubled, and pauses are bounded."""

from ttsd.text.markup import MAX_PAUSE_MS, literal, marked, plain, taken_apart
from ttsd.text.normalize import blocks, clean

SEEDS = [text.encode() for text in ("和(hè) [pause 1.5s] {lead|lɛd} *so*", r"漢字(かんじ) \[pause 1s] {a|b} f(x)")]


def check(data: bytes) -> None:
    text = clean(data.decode("utf-8", "replace"))
    apart = taken_apart(marked(text))
    rest = iter(text)
    assert all(character in rest for character in apart.text)
    assert all(0 <= mark.start < mark.end <= len(apart.text) for mark in apart.marks)
    assert all(0 <= pause.ms <= MAX_PAUSE_MS for pause in apart.pauses)
    assert plain(marked(literal(text))) == text
    blocks(data.decode("utf-8", "replace"))
