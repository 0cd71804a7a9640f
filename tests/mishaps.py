"""What befalls a spool and its daemon, drawn from a seed: the same script for the same seed."""

import itertools
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

WORDS: Final = (
    "small",
    "green",
    "river",
    "seven",
    "open",
    "winter",
    "paper",
    "quiet",
    "stone",
    "early",
    "letter",
    "wide",
)
SUFFIXES: Final = (".txt", ".txt", ".md", ".html", ".srt", ".vtt", ".csv", ".jsonl", ".json")
FORMATS: Final = ("wav", "wav", "flac", "mp3", "opus", "m4a")


class Drop(NamedTuple):
    """A file comes into the inbox: renamed in, or written there piece by piece."""

    name: str
    data: bytes
    how: Literal["moved", "copied"]


class Edit(NamedTuple):
    """Another version of a file: in the place of the one that waits, or after the one that was taken."""

    name: str
    data: bytes


class Move(NamedTuple):
    """A file gets another name in the inbox, unless it was taken."""

    name: str
    to: str


class Delete(NamedTuple):
    """A file is taken out of the inbox again, unless the daemon was quicker."""

    name: str


class Cancel(NamedTuple):
    name: str


class Redo(NamedTuple):
    """Another take of a sentence, if the file is done."""

    name: str
    segment: int
    seed: int


class Submit(NamedTuple):
    """A text over HTTP."""

    title: str
    text: str


class Kill(NamedTuple):
    """With -9: at a random time, and a fuse for the daemon's next life, in operations on files."""

    whom: Literal["daemon", "tree", "worker"]
    after_s: float
    fuse: int


class Freeze(NamedTuple):
    """A process stands still for a moment."""

    whom: Literal["daemon", "worker"]
    for_s: float


Step = Drop | Edit | Move | Delete | Cancel | Redo | Submit | Kill | Freeze


class Mix(NamedTuple):
    """What a script is made of."""

    kills: int
    suffixes: tuple[str, ...] = SUFFIXES
    formats: tuple[str, ...] = FORMATS
    longest_life_s: float = 1.5
    files_a_kill: int = 2
    longest_words: int = 5
    """Of a sentence."""


def script(seed: int, mix: Mix) -> Iterator[Step]:
    """Endless variety, `mix.kills` kills; what happens to a file happens soon after it came, or some kills later."""
    chance = random.Random(seed)
    numbers = itertools.count()
    later: dict[int, list[Step]] = defaultdict(list)
    for number in range(mix.kills):
        for _ in range(mix.files_a_kill):
            drop, *fate = _file(chance, next(numbers), mix)
            yield drop
            later[number + chance.choice((0, 1, 1, 2))] += fate
        yield from later.pop(number, ())
        if chance.random() < 0.2:
            yield Freeze(chance.choice(("daemon", "worker")), chance.uniform(0.05, 0.4))
        whom = chance.choice(("daemon", "daemon", "tree", "worker"))
        yield Kill(whom, chance.uniform(0, mix.longest_life_s), int(10 ** chance.uniform(0.5, 3)))
    yield from itertools.chain.from_iterable(later.values())


def _file(chance: random.Random, number: int, mix: Mix) -> Iterator[Step]:
    """A file, and what happens to it later; each has one fate."""
    suffix = chance.choice(mix.suffixes)
    name = f"{chance.choice(('', '', 'sub/', 'tone/', 'a/b/'))}{number:04}{suffix}"
    data = document(chance, suffix, mix)
    yield Drop(name, data, chance.choice(("moved", "copied")))
    match chance.randrange(8):
        case 0:
            yield Edit(name, document(chance, suffix, mix))
        case 1:
            yield Move(name, f"moved/{number:04}{suffix}")
        case 2:
            yield Delete(name)
        case 3:
            yield Cancel(name)
        case 4 | 5:
            yield Redo(name, 0, chance.randrange(1, 1000))
        case 6:
            yield Submit(f"text {number}", sentence(chance, mix))
        case _:
            pass


def files(seed: int, count: int, mix: Mix) -> list[Drop]:
    """Some files, and nothing that happens to them."""
    chance = random.Random(seed)
    suffixes = (mix.suffixes[number % len(mix.suffixes)] for number in range(count))
    return [
        Drop(f"{number:04}{suffix}", document(chance, suffix, mix), "moved") for number, suffix in enumerate(suffixes)
    ]


def sentence(chance: random.Random, mix: Mix) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randrange(2, mix.longest_words + 1))).capitalize() + "."


def document(chance: random.Random, suffix: str, mix: Mix) -> bytes:
    """A small document of this type, some with settings of their own."""
    said = [sentence(chance, mix) for _ in range(chance.randrange(1, 4))]
    match suffix:
        case ".txt" | ".md":
            captions = chance.choice(("none", "none", "both"))
            top = f'format = "{chance.choice(mix.formats)}"\ncaptions = "{captions}"'
            return f"+++\n{top}\n+++\n{' '.join(said)}\n".encode()
        case ".html":
            return f"<html><body>{''.join(f'<p>{each}</p>' for each in said)}</body></html>".encode()
        case ".srt" | ".vtt":
            point = "," if suffix == ".srt" else "."
            cues = [
                f"{n}\n00:00:0{n}{point}000 --> 00:00:0{n}{point}900\n{each}\n" for n, each in enumerate(said, 1)
            ]  # fmt: skip
            return (("WEBVTT\n\n" if suffix == ".vtt" else "") + "\n".join(cues)).encode()
        case ".csv":
            return "".join(f"{line}\n" for line in ("text", *said)).encode()
        case ".json":
            return json.dumps([{"text": each} for each in said]).encode()
        case _:
            return "".join(json.dumps({"text": each, "id": f"row{n}"}) + "\n" for n, each in enumerate(said)).encode()
