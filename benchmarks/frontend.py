"""The text front end, text to segments, in this process: ten languages, and what its process costs to start."""

import functools
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.options import Options
from benchmarks.report import Row, Table, Target, single, spread
from ttsd.text.normalize import blocks
from ttsd.text.segment import text_segments
from ttsd.text.verbal import verbalize

RATE: Final = Target(5.0, at_least=True)
SENTENCE: Final = Target(2.0)
TEXTS: Final = {
    "en": "The morning train left at 10:30, and nobody in the house was awake yet. Dr. Hill paid $3.50 for it.",
    "de": "Der Zug fuhr am 3. Oktober um 10:30 Uhr ab, und niemand war wach. Das kostete 3,50 € und z. B. Geduld.",
    "fr": "Le train est parti à 10h30 le 3 octobre, et personne dans la maison ne dormait. Cela coûtait 3,50 €.",
    "es": "El tren salió a las 10:30 del 3 de octubre, y nadie en la casa dormía todavía. Costaba 3,50 € por persona.",
    "it": "Il treno è partito alle 10:30 del 3 ottobre, e nella casa nessuno dormiva ancora. Costava 3,50 € a persona.",
    "pt": "O comboio partiu às 10h30 do dia 3 de outubro, e ninguém na casa dormia ainda. Custava R$ 3,50 por pessoa.",
    "ru": "Поезд ушёл в 10:30 3 октября, и никто в доме ещё не думал вставать. Это стоило 350 рублей с человека.",
    "zh": "火车在10月3日上午10:30开走了，屋子里还没有人起床。这花了他3.50元，他觉得很值得。",
    "ja": "電車は10月3日の午前10時30分に出て、家の中ではまだ誰も起きていなかった。料金は350円だった。",
    "ko": "기차는 10월 3일 오전 10시 30분에 떠났고, 집 안에서는 아직 아무도 일어나지 않았다. 요금은 3500원이었다.",
}
"""Two sentences of each, with a date or a time, an amount of money, and words as they come."""
PARAGRAPHS: Final = 200
MIXED: Final = "Hello，今天会议推迟到3 p.m."
IMPORTS: Final = "import time; t = time.perf_counter(); import {}; print((time.perf_counter() - t) * 1000)"


def run(options: Options) -> Iterator[Table]:
    yield _rates(options)
    yield _sentences(options)
    yield _starts(options)


def _rates(options: Options) -> Table:
    rows: list[Row] = []
    for language, text in TEXTS.items():
        whole = "\n\n".join(f"{_at(text, n)} {_at(text, n + PARAGRAPHS)}" for n in range(PARAGRAPHS))
        text_segments(whole[:1_000], "auto")
        size_mb = len(whole.encode()) / 1e6
        took = [
            _seconds(lambda text=whole: text_segments(text, "auto"), time.process_time) for _ in range(options.count(5))
        ]
        rows.append(single(f"{language}, {size_mb:.2f} MB", size_mb / min(took) * 60, "MB/min", target=RATE))
    return Table(
        "Whole front end (paragraphs, languages, sentences, words for figures), of CPU time, best run", tuple(rows)
    )


def _at(text: str, n: int) -> str:
    """`text` at another time and price: what is remembered of a sentence must not help with the next."""
    more, minutes = divmod(n, 50)
    text = re.sub(r"10(\D{1,2})30", rf"{10 + more}\g<1>{10 + minutes}", text)
    return re.sub(r"3([.,]?)50(0?)", rf"{1 + more}\g<1>{10 + minutes}\g<2>", text)


def _sentences(options: Options) -> Table:
    rows: list[Row] = []
    for language, text in (*TEXTS.items(), ("zh and en", MIXED)):
        text_segments(text)
        took = [_seconds(functools.partial(text_segments, text)) * 1e3 for _ in range(options.count(300))]
        rows.append(spread(f"two sentences, {language}" if text is not MIXED else MIXED, took, target=SENTENCE))
    plain = "The morning light fell across the floor, and nobody in the house had yet thought of getting up."
    rows.append(
        spread(
            "verbalize() alone, nothing to say", [_seconds(lambda: verbalize(plain, "en")) * 1e3 for _ in range(300)]
        )
    )
    rows.append(spread("blocks() alone", [_seconds(lambda: blocks(plain)) * 1e3 for _ in range(300)]))
    return Table("A text of two sentences", tuple(rows))


def _starts(options: Options) -> Table:
    """What the process pays before its first answer, and for the first text of a language."""
    rows = [
        spread(f"import {module}", [float(_python(IMPORTS.format(module))) for _ in range(options.count(10))])
        for module in ("ttsd.prep.loop", "ttsd.text.segment", "ttsd.text.verbal")
    ]
    for language, text in TEXTS.items():
        line = IMPORTS.format("ttsd.prep.loop") + (
            f"; from ttsd.text.segment import text_segments; t = time.perf_counter(); text_segments({text!r}); "
            "print((time.perf_counter() - t) * 1000)"
        )
        took = [float(_python(line).split()[-1]) for _ in range(options.count(5))]
        rows.append(spread(f"first text in {language}", took))
    return Table(
        "Start",
        tuple(rows),
        ("`ttsd.prep.loop` is the whole prep process; the first text compiles the forms of its language",),
    )


def _python(line: str) -> str:
    return subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True).stdout


def _seconds(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    call()
    return clock() - started
