"""What a recogniser hears: twenty English sentences through the hot folder, then ten languages and their voices."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from benchmarks import languages
from benchmarks.daemon import TMPFS, Daemon, daemon, private_folder
from benchmarks.hearing import Heard, listen, percent
from benchmarks.languages import MIXED
from benchmarks.options import Options
from benchmarks.programs import wait_for
from benchmarks.report import Table, Target, single
from ttsd.models.local import models_dir
from ttsd.models.styles import missing
from ttsd.protocol.speech import LANGUAGES
from ttsd.text.comparing import Errors, errors

FOLDER: Final = "folder"
"""What `--languages` calls the sentences through the hot folder."""
ALL: Final = 10
"""Sentences of a language."""
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


def run(options: Options) -> Iterator[Table]:
    if options.ears is None:
        raise click.UsageError("listening needs --ears PYTHON; benchmarks/README.md says how to make that environment")
    wanted = options.languages.split(",") if options.languages else [FOLDER, *LANGUAGES, MIXED]
    if unknown := set(wanted) - {FOLDER, *LANGUAGES, MIXED}:
        raise click.UsageError(f"no language: {', '.join(unknown)}; there are {FOLDER} {' '.join(LANGUAGES)} {MIXED}")
    if FOLDER in wanted:
        with daemon({"spool.settle_s": 0.1}) as ttsd:
            yield _hot_folder(listen(options.ears, _speak(ttsd), "--language=en"))
    if set(wanted) - {FOLDER}:
        if missing():
            raise click.UsageError("the built-in voices are missing: ttsd model pull voices")
        with daemon(models=models_dir()) as ttsd, private_folder(TMPFS) as folder:
            yield from languages.run(languages.Room(ttsd, options.ears, folder), wanted, options.count(ALL))


def _hot_folder(heard: Sequence[Heard]) -> Table:
    counts = [errors(said, one.text, "en") for said, one in zip(SENTENCES, heard, strict=True)]
    qualities = [one.mos for one in heard if one.mos is not None]
    return Table(
        f"{len(heard)} English sentences through the hot folder, engine builtin",
        (
            single("words recognised wrongly (WER)", percent(counts), "%", target=WER),
            single("DNSMOS overall, mean", sum(qualities) / len(qualities), "1-5", target=MOS),
            single("DNSMOS overall, lowest", min(qualities), "1-5"),
            single("fraction of the sound that is speech, lowest", min(one.speech for one in heard), "0-1"),
        ),
        tuple(_notes(heard, counts)),
    )


def _speak(ttsd: Daemon) -> list[Path]:
    """Drop all sentences; the sound files, in order."""
    for number, sentence in enumerate(SENTENCES):
        (ttsd.spool / "inbox" / f"{number:02}.txt").write_text(sentence)
    outbox = ttsd.spool / "outbox"
    wait_for("all receipts", lambda: len(list(outbox.glob("*.json"))) == len(SENTENCES), timeout_s=120)
    return sorted(outbox.glob("*.wav"))


def _notes(heard: Sequence[Heard], counts: Sequence[Errors]) -> Iterator[str]:
    lowest, text = min((one.mos, one.text) for one in heard if one.mos is not None)
    yield f"lowest DNSMOS {lowest:.2f}: {text}"
    yield f"{sum(one.seconds for one in heard):.0f} s of sound, recognised by Whisper base"
    for sentence, one, count in zip(SENTENCES, heard, counts, strict=True):
        if count.wrong:
            yield f"{count.wrong} wrong: {json.dumps(sentence)} was heard as {json.dumps(one.text)}"
