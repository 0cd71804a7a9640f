"""The markup parser under random input: `python -m tests.fuzz.markup [-max_total_time=60]` (needs atheris)."""

import sys

from ttsd.text.markup import MAX_PAUSE_MS, literal, marked, plain, taken_apart
from ttsd.text.normalize import blocks, clean


def check(data: bytes) -> None:
    """Whatever comes, nothing is raised, nothing outside of markup is lost or doubled, and pauses are bounded."""
    text = clean(data.decode("utf-8", "replace"))
    apart = taken_apart(marked(text))
    rest = iter(text)
    assert all(character in rest for character in apart.text)
    assert all(0 <= mark.start < mark.end <= len(apart.text) for mark in apart.marks)
    assert all(0 <= pause.ms <= MAX_PAUSE_MS for pause in apart.pauses)
    assert plain(marked(literal(text))) == text
    blocks(data.decode("utf-8", "replace"))


def main() -> None:
    import atheris  # type: ignore[import-not-found]  # not among the usual test needs: no wheels for some Pythons

    atheris.instrument_all()
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
