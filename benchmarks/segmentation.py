"""Where sentences end and which language is where: ours beside public libraries, on the tests' corpora, in one run.

`python -m benchmarks segmentation` takes the libraries that are installed and names those that are not; they are for
this alone: `.venv/bin/pip install -r benchmarks/segmentation.txt`. Figures are F1 in percent; times are CPU time.
"""

import importlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, single
from tests.corpora import ends, f1, runs, sentence_cases, span_cases
from ttsd.protocol.speech import LANGUAGES
from ttsd.text.language import spans
from ttsd.text.scripts import CJK, CYRILLIC, LATIN
from ttsd.text.sentences import sentences

Split = Callable[[str, str], Iterable[str]]
Label = Callable[[str], Iterable[tuple[str, str]]]
"""A text to its runs: language and text."""

INSTALL: Final = "pip install -r benchmarks/segmentation.txt"
SENTENCES: Final = Target(97.0, at_least=True)
SPANS: Final = Target(95.0, at_least=True)
PACE: Final = Target(12.0)
"""Five megabytes a minute."""
_SCRIPT_RUN: Final = re.compile(
    rf"[^{LATIN}{CJK}{CYRILLIC}]*(?:[{LATIN}][^{CJK}{CYRILLIC}]*|[{CJK}][^{LATIN}{CYRILLIC}]*|[{CYRILLIC}][^{LATIN}{CJK}]*)"
)
"""What somebody would cut a text into who had only a library for whole texts."""
BYTES: Final = 40_000
"""Of each language, for the time."""
LINGUA: Final = "CHINESE ENGLISH JAPANESE KOREAN GERMAN FRENCH RUSSIAN PORTUGUESE SPANISH ITALIAN"


class _Library(NamedTuple):
    name: str
    make: Callable[[Any], Any]
    """From the imported module to what is measured."""


def _sentencex(module: Any) -> Split:
    split = vars(module)["segment"]
    return lambda text, language: split(language, text)


def _sentence_stream(module: Any) -> Split:
    return lambda text, language: module.stream_to_sentences([text])


def _pysbd(module: Any) -> Split:
    known = importlib.import_module("pysbd.languages").LANGUAGE_CODES
    made: dict[str, Any] = {}

    def split(text: str, language: str) -> Iterable[str]:
        code = language if language in known else "en"
        if code not in made:
            made[code] = module.Segmenter(language=code, clean=False)
        return made[code].segment(text)

    return split


def _lingua_parts(module: Any) -> Label:
    detector = _lingua(module)

    def label(text: str) -> Iterator[tuple[str, str]]:
        for part in detector.detect_multiple_languages_of(text):
            yield part.language.iso_code_639_1.name.lower(), text[part.start_index : part.end_index]

    return label


def _lingua_sentences(module: Any) -> Label:
    detector = _lingua(module)

    def one(text: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else "en"

    return _by_sentence(one)


def _lingua_runs(module: Any) -> Label:
    detector = _lingua(module)

    def label(text: str) -> Iterator[tuple[str, str]]:
        for run in _SCRIPT_RUN.findall(text):
            found = detector.detect_language_of(run)
            yield found.iso_code_639_1.name.lower() if found else "en", run

    return label


def _lingua(module: Any) -> Any:
    languages = [getattr(module.Language, name) for name in LINGUA.split()]
    return module.LanguageDetectorBuilder.from_languages(*languages).with_preloaded_language_models().build()


def _langid(module: Any) -> Label:
    module.set_languages(list(LANGUAGES))
    return _by_sentence(lambda text: module.classify(text)[0])


def _by_sentence(one: Callable[[str], str]) -> Label:
    """Sentences (ours), each in the language that a library says; they have no finer answer."""
    return lambda text: [(one(part), part) for part in sentences(text, "en")]


SPLITTERS: Final = {
    "sentencex": _Library("sentencex", _sentencex),
    "sentence-stream": _Library("sentence_stream", _sentence_stream),
    "pysbd (pt, ko as en)": _Library("pysbd", _pysbd),
}
LABELLERS: Final = {
    "lingua, its parts": _Library("lingua", _lingua_parts),
    "lingua, by run of a script": _Library("lingua", _lingua_runs),
    "lingua, by sentence": _Library("lingua", _lingua_sentences),
    "py3langid, by sentence": _Library("py3langid", _langid),
    "langid, by sentence": _Library("langid", _langid),
}


def run(options: Options) -> Iterator[Table]:
    splitters, missing = _installed(SPLITTERS)
    ours: dict[str, Any] = {"ttsd": sentences}
    yield from _sentence_tables(ours | splitters, missing, options)
    labellers, missing = _installed(LABELLERS)
    ours = {"ttsd": lambda text: [(span.language, span.text) for span in spans(text)]}
    yield from _span_tables(ours | labellers, missing, options)


def _installed(libraries: dict[str, _Library]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What can be measured here, and a note about what cannot."""
    found: dict[str, Any] = {}
    missing: list[str] = []
    for label, library in libraries.items():
        try:
            module = importlib.import_module(library.name)
        except ImportError:
            missing.append(library.name)
        else:
            found[label] = library.make(module)
    return found, (f"not installed: {', '.join(dict.fromkeys(missing))}; {INSTALL}",) if missing else ()


def _sentence_tables(splitters: dict[str, Split], notes: tuple[str, ...], options: Options) -> Iterator[Table]:
    scores = {
        name: {language: _sentence_score(split, [language]) for language in LANGUAGES}
        for name, split in splitters.items()
    }
    total = [_score(name, _sentence_score(split, list(LANGUAGES)), SENTENCES) for name, split in splitters.items()]
    yield Table("sentence boundaries, ten languages", tuple(total), notes)
    yield from _by_language("sentence boundaries", scores, SENTENCES)
    whole = {language: _long([case.text for case in sentence_cases(language)], options) for language in LANGUAGES}
    rows = [_pace(name, list(whole.items()), lambda item, split=split: list(split(item[1], item[0])))
            for name, split in splitters.items()]  # fmt: skip
    yield Table("sentences: time", tuple(rows), notes)


def _sentence_score(split: Split, languages: Sequence[str]) -> float:
    cases = [case for language in languages for case in sentence_cases(language)]
    found = [ends(split(case.text, case.language)) for case in cases]
    return f1([ends(case.expected) for case in cases], found)


def _span_tables(labellers: dict[str, Label], notes: tuple[str, ...], options: Options) -> Iterator[Table]:
    cases = span_cases()
    expected = [runs(case.expected) for case in cases]
    found = {name: [runs(label(case.text)) for case in cases] for name, label in labellers.items()}
    yield Table(
        f"language runs of {len(cases)} mixed texts",
        tuple(_score(name, f1(expected, parts), SPANS) for name, parts in found.items()),
        notes,
    )
    scores = {
        name: {language: f1(_of(expected, language), _of(parts, language)) for language in LANGUAGES}
        for name, parts in found.items()
    }
    yield from _by_language("language runs", scores, SPANS)
    plain = [_score(name, _plain_score(label), None) for name, label in labellers.items()]
    yield Table("letters in the right language, texts in one language (the sentences' corpus)", tuple(plain), notes)
    text = _long([case.text for case in cases], options)
    rows = [_pace(name, [text], lambda item, label=label: list(label(item))) for name, label in labellers.items()]
    yield Table("language runs: time", tuple(rows), notes)


def _of(parts: list[frozenset[Any]], language: str) -> list[frozenset[Any]]:
    return [frozenset(run for run in one if run[2] == language) for one in parts]


def _plain_score(label: Label) -> float:
    """Share of letters; a name or a foreign word in such a text counts against everybody."""
    right = whole = 0
    for language in LANGUAGES:
        for case in sentence_cases(language):
            for start, end, found in runs(label(case.text)):
                right += (end - start) * (found == language)
                whole += end - start
    return right / whole


def _by_language(title: str, scores: dict[str, dict[str, float]], target: Target) -> Iterator[Table]:
    for language, name in LANGUAGES.items():
        rows = (_score(who, of[language], target) for who, of in scores.items())
        yield Table(f"{title}: {name}", tuple(rows))


def _score(name: str, value: float, target: Target | None) -> Row:
    return single(name, 100 * value, "%", target=target if name == "ttsd" else None)


def _long(texts: Sequence[str], options: Options) -> str:
    text = " ".join(texts)
    return text * max(1, options.count(BYTES) // len(text.encode()))


def _pace(name: str, items: Sequence[Any], work: Callable[[Any], Any]) -> Row:
    """CPU seconds for a megabyte, after one turn to warm up."""
    work(items[0])
    start = time.process_time()
    for item in items:
        work(item)
    spent_s = time.process_time() - start
    size = sum(len((item if isinstance(item, str) else item[1]).encode()) for item in items)
    return single(name, spent_s / size * 1e6, "s/MB", target=PACE if name == "ttsd" else None)
