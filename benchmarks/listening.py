"""Twenty English sentences through the hot folder, and what a recogniser hears of them."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from benchmarks.daemon import Daemon, daemon
from benchmarks.options import Options
from benchmarks.programs import wait_for
from benchmarks.report import Table, Target, single

EARS: Final = Path(__file__).with_name("ears.py")
WER: Final = Target(10.0)
MOS: Final = Target(2.9, at_least=True)
SENTENCES: Final = (
    "The train to the coast leaves a little after seven in the morning.",
    "Please close the window before you turn on the heating.",
    "She found an old photograph between the pages of the book.",
    "Our friends are planting apple trees behind the garage.",
    "How long does it take to walk from here to the museum?",
    "The doctor will call you back as soon as the results arrive.",
    "He forgot his umbrella, so we waited under the bridge until the rain stopped.",
    "Turn left at the traffic lights and follow the river.",
    "A small group of students stayed behind to ask more questions.",
    "What a wonderful surprise to see all of you here tonight!",
    "The committee has not decided yet whether to repair the roof.",
    "Fresh bread and strong coffee are all I need on a Sunday.",
    "Nobody noticed that the painting was hanging upside down.",
    "My sister works as an engineer in a factory near the station.",
    "If the weather is good, we could have lunch in the garden.",
    "The last chapter explains why the experiment failed.",
    "Could you send me the address of the hotel, please?",
    "Thousands of people gathered in the square to hear the concert.",
    "The cat slept on the warm stones while the children played.",
    "It is difficult to describe the silence after the snow had fallen.",
)


class Heard(msgspec.Struct, frozen=True):
    """One line of `ears.py`."""

    file: str
    text: str
    mos: float
    speech: float
    seconds: float


def run(options: Options) -> Iterator[Table]:
    if options.ears is None:
        raise click.UsageError("listening needs --ears PYTHON; benchmarks/README.md says how to make that environment")
    with daemon({"spool.settle_s": 0.1}) as ttsd:
        heard = _listen(options.ears, _speak(ttsd))
    words = [_words(sentence) for sentence in SENTENCES]
    wrong = [distance(said, _words(one.text)) for said, one in zip(words, heard, strict=True)]
    qualities = [one.mos for one in heard]
    yield Table(
        f"{len(heard)} English sentences through the hot folder, engine builtin",
        (
            single("words recognised wrongly (WER)", sum(wrong) / sum(map(len, words)) * 100, "%", target=WER),
            single("DNSMOS overall, mean", sum(qualities) / len(qualities), "1-5", target=MOS),
            single("DNSMOS overall, lowest", min(qualities), "1-5"),
            single("fraction of the sound that is speech, lowest", min(one.speech for one in heard), "0-1"),
        ),
        tuple(_notes(heard, wrong)),
    )


def _speak(ttsd: Daemon) -> list[Path]:
    """Drop all sentences; the sound files, in order."""
    for number, sentence in enumerate(SENTENCES):
        (ttsd.spool / "inbox" / f"{number:02}.txt").write_text(sentence)
    outbox = ttsd.spool / "outbox"
    wait_for("all receipts", lambda: len(list(outbox.glob("*.json"))) == len(SENTENCES), timeout_s=120)
    return sorted(outbox.glob("*.wav"))


def _listen(python: Path, files: Sequence[Path]) -> list[Heard]:
    command = [python, EARS, *files]
    done = subprocess.run(command, capture_output=True, check=False, timeout=600)
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    return [msgspec.json.decode(line, type=Heard) for line in done.stdout.splitlines()]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest words to insert, delete or replace."""
    row = list(range(len(heard) + 1))
    for above, word in enumerate(said, 1):
        corner, row[0] = row[0], above
        for left, other in enumerate(heard, 1):
            corner, row[left] = row[left], min(row[left] + 1, row[left - 1] + 1, corner + (word != other))
    return row[-1]


def _notes(heard: Sequence[Heard], wrong: Sequence[int]) -> Iterator[str]:
    lowest = min(heard, key=lambda one: one.mos)
    yield f"lowest DNSMOS {lowest.mos:.2f}: {lowest.text}"
    yield f"{sum(one.seconds for one in heard):.0f} s of sound, recognised by Whisper base"
    for sentence, one, errors in zip(SENTENCES, heard, wrong, strict=True):
        if errors:
            yield f"{errors} wrong: {json.dumps(sentence)} was heard as {json.dumps(one.text)}"
