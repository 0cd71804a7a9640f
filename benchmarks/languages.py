"""Everyday sentences of ten languages by every built-in voice, and of two languages at once, as they are heard."""

import itertools
import tomllib
import wave
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from benchmarks.daemon import Daemon
from benchmarks.hearing import Heard, errors_by_sound, listen, percent, recognised
from benchmarks.report import Row, Table, Target, single
from benchmarks.wire import get, stream
from ttsd.protocol.speech import BYTES_PER_SAMPLE, LANGUAGES, SAMPLE_RATE_HZ
from ttsd.protocol.voices import Voice, VoiceList
from ttsd.text.comparing import BY_CHARACTER, errors
from ttsd.text.segment import text_segments

SAYINGS: Final = Path(__file__).with_name("sayings.toml")
MIXED: Final = "mixed"
WRONG: Final = Target(25.0)
UNDERSTOOD: Final = Target(40.0)
"""Of Korean and Russian, which voices speak with an accent: a listener follows."""
WITHOUT_VOICE: Final = ("de", "ko", "ru")
"""No voice of Kokoro has them as its own language."""
KNOWN: Final = Target(90.0, at_least=True)
"""Share of sentences that the recogniser takes for the right language when it isn't told."""
SILENCE_S: Final = 0.06
FOUND: Final = 2 / 3
"""Share of a run's characters that must be heard for the run to be recognised."""
ALIKE: Final = Target(0.5)
ITSELF: Final = Target(0.5, at_least=True)
NOTED: Final = 160
"""Characters of what was heard that a note has: a recogniser may go on for ever about a sound it does not know."""
SAMPLE: Final = 3
"""Sentences of each voice in its own language."""


class Saying(NamedTuple):
    """A sentence, and the voice asked to say it; empty: the daemon's own choice."""

    text: str
    voice: str


class Take(NamedTuple):
    """A sentence that was spoken, and what was heard of it."""

    saying: Saying
    heard: Heard


def sayings() -> tuple[Mapping[str, Sequence[str]], Sequence[str]]:
    """Sentences by language, and the mixed ones."""
    found = tomllib.loads(SAYINGS.read_text())
    return found["languages"], found["mixed"]["texts"]


class Room:
    """A daemon, and the recogniser that listens to it; keeps the sound in `folder`."""

    def __init__(self, ttsd: Daemon, ears: Path, folder: Path) -> None:
        self._ttsd = ttsd
        self._ears = ears
        self._folder = folder
        self._count = 0

    def voices(self) -> list[Voice]:
        """The built-in ones."""
        _, body = get(self._ttsd.socket, "/v1/voices")
        return [voice for voice in msgspec.json.decode(body, type=VoiceList).voices if voice.kind == "built-in"]

    def takes(self, sayings: Sequence[Saying], language: str) -> list[Take]:
        """`sayings` spoken without a word about their language, and heard as `language`."""
        files = [self._kept(self._spoken(saying)) for saying in sayings]
        heard = listen(self._ears, files, f"--language={language}", "--no-mos")
        return [Take(*each) for each in zip(sayings, heard, strict=True)]

    def heard_in_pieces(self, text: str, languages: Iterable[str]) -> list[str]:
        """What is heard of the whole of `text` and of each piece between two silences, as each of `languages`."""
        pcm = self._spoken(Saying(text, ""))
        files = [self._kept(one) for one in (pcm, *pieces(pcm))]
        return [
            one.text
            for language in languages
            for one in listen(self._ears, files, f"--language={language}", "--no-mos")
        ]

    def _spoken(self, saying: Saying) -> bytes:
        return stream(self._ttsd.socket, saying.text, saying.voice or None, "auto").pcm

    def _kept(self, pcm: bytes) -> Path:
        self._count += 1
        file = self._folder / f"{self._count:03}.wav"
        with wave.open(str(file), "wb") as sound:
            sound.setparams((1, BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, 0, "NONE", ""))
            sound.writeframes(pcm)
        return file


def pieces(pcm: bytes) -> list[bytes]:
    """The parts of `pcm` between silences of `SILENCE_S` and more; where languages meet there is one."""
    found: list[bytes] = []
    begun = b""
    for silent, run in itertools.groupby(array("h", pcm), lambda sample: sample == 0):
        samples = array("h", run)
        if silent and len(samples) >= SILENCE_S * SAMPLE_RATE_HZ:
            found.append(begun)
            begun = b""
        else:
            begun += samples.tobytes()
    return [piece for piece in (*found, begun) if piece]


def run(room: Room, wanted: Sequence[str], count: int) -> Iterator[Table]:
    """The languages `wanted`, `count` sentences of each; then mixed sentences, then the voices beside each other."""
    by_language, mixed = sayings()
    voices = room.voices()
    takes: list[Take] = []
    for language in (code for code in by_language if code in wanted):
        spoken = room.takes(_plan(by_language[language][:count], language, voices), language)
        takes += spoken
        yield _language_table(language, spoken)
    if MIXED in wanted:
        yield _mixed_table(room, mixed[:count])
    if takes:
        yield voices_table(takes)


def _plan(texts: Sequence[str], language: str, voices: Sequence[Voice]) -> list[Saying]:
    """All sentences by the daemon's choice, and some by each voice that speaks the language, not the same for all.

    A voice says but one of a language that is not its own, unless nobody's own it is.
    """
    plan = [Saying(text, "") for text in texts]
    for voice in (voice for voice in voices if language in voice.languages):
        first = len(plan)
        several = SAMPLE if language in (voice.languages[0], *WITHOUT_VOICE) else 1
        plan += [Saying(texts[(first + number) % len(texts)], voice.name) for number in range(several)]
    return plan


# --- a language -------------------------------------------------------------------------------------


def _language_table(language: str, takes: Sequence[Take]) -> Table:
    usual = [take for take in takes if not take.saying.voice]
    rows = [
        single(_unit(language), _wrong(usual, language), "%", target=_target(language)),
        *_by_sound(usual, language),
        single("taken for this language, of the sentences", _known(usual, language), "%", target=KNOWN),
        single("how sure it is of that, mean", _mean([_surety(take, language) for take in usual]), "0-1"),
    ]
    for voice in dict.fromkeys(take.saying.voice for take in takes if take.saying.voice):
        some = [take for take in takes if take.saying.voice == voice]
        rows.append(single(f"{voice}, {len(some)} sentences: {_unit(language)}", _wrong(some, language), "%"))
    title = f"{LANGUAGES[language].capitalize()}: {len(usual)} sentences by the voice that is taken when none is named"
    return Table(title, tuple(rows), tuple(_mistakes(takes, language)))


def _unit(language: str) -> str:
    return "characters heard wrongly (CER)" if language in BY_CHARACTER else "words heard wrongly (WER)"


def _target(language: str) -> Target:
    return UNDERSTOOD if language in ("ko", "ru") else WRONG


def _by_sound(takes: Sequence[Take], language: str) -> Iterator[Row]:
    found = [errors_by_sound(take.saying.text, take.heard.text, language) for take in takes]
    counts = [one for one in found if one is not None]
    if counts:
        yield single("the same by sound alone (pinyin, kana)", percent(counts), "%")


def _wrong(takes: Sequence[Take], language: str) -> float:
    return percent([errors(take.saying.text, take.heard.text, language) for take in takes])


def _known(takes: Sequence[Take], language: str) -> float:
    return 100 * sum(take.heard.language == language for take in takes) / len(takes)


def _surety(take: Take, language: str) -> float:
    return take.heard.probability if take.heard.language == language else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _mistakes(takes: Sequence[Take], language: str) -> Iterator[str]:
    for saying, heard in takes:
        if (found := errors(saying.text, heard.text, language)).wrong:
            taken = "" if heard.language == language else f", taken for {heard.language}"
            yield f"{saying.voice or '-'} {found.wrong}/{found.of}{taken}: {saying.text} ▸ {heard.text[:NOTED]}"


# --- two languages at once --------------------------------------------------------------------------


def _mixed_table(room: Room, texts: Sequence[str]) -> Table:
    """A run counts as recognised when one way of listening has it: as a whole or piece by piece, as either language.

    Whisper takes a sound for one language; what is said in another it leaves out, translates or writes by its sound.
    """
    notes: list[str] = []
    shares: list[list[float]] = []
    for text in texts:
        runs = [(span.language, span.text) for segment in text_segments(text) for span in segment.spans]
        heard = room.heard_in_pieces(text, dict(runs))
        best = [max((recognised(run, one, code), one) for one in heard) for code, run in runs]
        shares.append([share for share, _ in best])
        found = " | ".join(f"{code} {share:.0%} {one}" for (code, _), (share, one) in zip(runs, best, strict=True))
        notes.append(f"{text} ▸ {found}")
    runs_found = [share >= FOUND for several in shares for share in several]
    whole = [all(share >= FOUND for share in several) for several in shares]
    return Table(
        f"{len(texts)} sentences in two languages",
        (
            single("sentences of which every run is recognised", 100 * _mean(whole), "%", target=KNOWN),
            single("runs recognised", 100 * _mean(runs_found), "%"),
        ),
        tuple(notes),
    )


# --- the voices -------------------------------------------------------------------------------------


def voices_table(takes: Sequence[Take]) -> Table:
    """How alike a voice's sentences are, and how alike two voices are, by the cosine of what their timbre is."""
    timbres: dict[str, list[tuple[float, ...]]] = {}
    for take in takes:
        if take.saying.voice:
            timbres.setdefault(take.saying.voice, []).append(take.heard.timbre)
    timbres = {name: several for name, several in timbres.items() if len(several) > 1}
    itself = {name: _mean(_cosines(several, several)) for name, several in timbres.items()}
    between = {
        (one, other): _mean(_cosines(timbres[one], timbres[other]))
        for one in timbres
        for other in timbres
        if one < other
    }
    alike = max(between, key=between.__getitem__, default=("", ""))
    changing = min(itself, key=itself.__getitem__)
    rows = [single(f"a voice beside itself, least ({changing})", itself[changing], "cosine", target=ITSELF)]
    if between:
        label = f"two voices, most ({' and '.join(alike)})"
        rows.append(single(label, between[alike], "cosine", target=ALIKE))
    return Table(
        f"{len(timbres)} voices: how alike two sentences sound",
        tuple(rows),
        tuple(_matrix(list(timbres), itself, between)),
    )


def _cosines(one: Sequence[tuple[float, ...]], other: Sequence[tuple[float, ...]]) -> list[float]:
    """Of every pair of two different sentences."""
    return [
        sum(a * b for a, b in zip(mine, yours, strict=True)) for mine in one for yours in other if mine is not yours
    ]


def _matrix(
    names: Sequence[str], itself: Mapping[str, float], between: Mapping[tuple[str, str], float]
) -> Iterator[str]:
    """Cosines in hundredths."""
    width = max(map(len, names))
    yield " " * width + "".join(f"{number:4}" for number in range(1, len(names) + 1)) + "  (hundredths)"
    for place, name in enumerate(names):
        others = (between[min(name, other), max(name, other)] for other in names[:place])
        yield name.ljust(width) + "".join(f"{round(100 * value):4}" for value in (*others, itself[name]))
