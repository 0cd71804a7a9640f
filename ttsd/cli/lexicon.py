"""`ttsd lexicon`: how words are spoken."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final, TypeVar

import click

from ttsd.cli.options import echo_json, json_option, socket_option
from ttsd.cli.wording import plural
from ttsd.client import TtsdClient
from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.protocol.lexicon import Entry, LexiconChange, LexiconTrial, Placed, Scope
from ttsd.protocol.speech import LANGUAGES, LanguageOrNone, Segment, Span
from ttsd.storage.lexicon_file import LONGEST_BYTES, from_csv, to_csv

ARROW: Final = "→"
F = TypeVar("F", bound=Callable[..., Any])


def whose(command: F) -> F:
    """The options that say which lexicon is meant; without them it is the user's own."""
    command = click.option("--all", "for_all", is_flag=True, help="The lexicon of everybody.")(command)
    return click.option("--voice", metavar="V", help="The lexicon of this voice, for whoever speaks with it.")(command)


def _scope(voice: str | None, *, for_all: bool) -> Scope:
    if voice and for_all:
        raise click.UsageError("--voice and --all are two lexicons; name one")
    return "voice" if voice else "all" if for_all else "user"


@click.group(
    epilog="""\b
Examples:
  ttsd lexicon add OpenAI "open A I"
  ttsd lexicon add 重庆 "chóng qìng" --all
  ttsd lexicon add lead /lɛd/ --voice heart
  ttsd lexicon test "OpenAI opens an office in 重庆."

\b
An entry of your own goes before one of the voice, and that before one for everybody;
of two that fit at the same place the longer word counts. Markup in a text goes before all."""
)
def command() -> None:
    """Say how words are spoken: for you, for a voice, for everybody."""


@command.command(
    epilog="""\b
SPOKEN is a respelling ("open A I"), or a reading: IPA between slashes (/lɛd/), pinyin with
tones for Chinese words ("chóng qìng" or "chong2 qing4"), kana for Japanese ones.

\b
Examples:
  ttsd lexicon add kubectl "cube control"
  ttsd lexicon add US "U S" --case
  ttsd lexicon add chat /ʃa/ --language fr
  ttsd lexicon add ology "ollogy" --part"""
)
@click.argument("written")
@click.argument("spoken")
@whose
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Only in text of this language.")
@click.option("--case", is_flag=True, help="Only with these capitals.")
@click.option("--part", is_flag=True, help="As part of longer words, too.")
@socket_option
@json_option
def add(
    written: str,
    spoken: str,
    voice: str | None,
    language: LanguageOrNone | None,
    socket: str | None,
    **flags: bool,
) -> None:
    """Say how WRITTEN is spoken; what was said of it before is replaced."""
    entry = Entry(written, spoken, language or "", flags["case"], not flags["part"])
    change = LexiconChange((entry,), _scope(voice, for_all=flags["for_all"]), voice)
    page = asyncio.run(TtsdClient(socket).lexicon_add(change))
    _show(page.entries, as_json=flags["as_json"])


@command.command(
    "list",
    epilog="""\b
Examples:
  ttsd lexicon list
  ttsd lexicon list --all
  ttsd lexicon list --voice heart --json""",
)
@whose
@socket_option
@json_option
def list_command(voice: str | None, socket: str | None, *, for_all: bool, as_json: bool) -> None:
    """List your entries and everybody's, or those of one lexicon."""
    scope = _scope(voice, for_all=for_all) if voice or for_all else None
    page = asyncio.run(TtsdClient(socket).lexicon(scope, voice))
    _show(page.entries, as_json=as_json)
    if not page.entries and not as_json:
        click.echo('no entries; ttsd lexicon add OpenAI "open A I" makes one', err=True)


@command.command(
    epilog="""\b
Examples:
  ttsd lexicon remove OpenAI
  ttsd lexicon remove chat --language fr --all"""
)
@click.argument("written")
@whose
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Only the entry for this language.")
@socket_option
@json_option
def remove(
    written: str, voice: str | None, language: str | None, socket: str | None, *, for_all: bool, as_json: bool
) -> None:
    """Forget how WRITTEN is spoken."""
    scope = _scope(voice, for_all=for_all)
    page = asyncio.run(TtsdClient(socket).lexicon_remove(written, scope, voice, language))
    if as_json:
        echo_json(page)
    else:
        click.echo(f"removed {', '.join(str(placed.entry) for placed in page.entries)}")


@command.command(
    "import",
    epilog="""\b
The table has a header with the columns written and spoken, and, if you like,
language, case and whole (true or false).

\b
Examples:
  ttsd lexicon import names.csv
  ttsd lexicon import names.csv --all --replace
  ttsd lexicon export | ssh other ttsd lexicon import -""",
)
@click.argument("file", type=click.File("rb"))
@whose
@click.option("--replace", is_flag=True, help="Forget the entries that are not in the table.")
@socket_option
@json_option
def import_command(file: BinaryIO, voice: str | None, socket: str | None, **flags: bool) -> None:
    """Take over the entries of a CSV FILE (- is standard input)."""
    data = file.read(LONGEST_BYTES + 1)
    if len(data) > LONGEST_BYTES:
        raise TooLarge(f"the table has over {LONGEST_BYTES >> 20} MB")
    try:
        entries = from_csv(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadRequest(f"the table is not UTF-8 text (byte {error.start})") from error
    scope = _scope(voice, for_all=flags["for_all"])
    change = LexiconChange(entries, scope, voice, flags["replace"])
    page = asyncio.run(TtsdClient(socket).lexicon_add(change))
    if flags["as_json"]:
        echo_json(page)
    else:
        click.echo(f"{plural(len(page.entries), 'word')} taken over")


@command.command(
    epilog="""\b
Examples:
  ttsd lexicon export > mine.csv
  ttsd lexicon export --voice heart > heart.csv"""
)
@whose
@socket_option
def export(voice: str | None, socket: str | None, *, for_all: bool) -> None:
    """Print a lexicon as CSV."""
    page = asyncio.run(TtsdClient(socket).lexicon(_scope(voice, for_all=for_all), voice))
    click.echo(to_csv(placed.entry for placed in page.entries), nl=False)


@command.command(
    epilog="""\b
Examples:
  ttsd lexicon test "他要和(hè)诗, then OpenAI."
  ttsd lexicon test "Dr. Who owes £5." --voice heart
  ttsd lexicon test - < chapter.txt"""
)
@click.argument("text")
@click.option("--voice", metavar="V", help="In this voice, with its lexicon.")
@click.option("--language", metavar="L", default="", help="Language of the text; found out by itself without it.")
@socket_option
@json_option
def test(text: str, voice: str | None, language: str, socket: str | None, *, as_json: bool) -> None:
    """Show how TEXT (- is standard input) will be read: segments, languages, words, what the lexicons changed."""
    if text == "-":
        text = sys.stdin.read()
    if not text:
        raise click.UsageError("there is no text")
    tried = asyncio.run(TtsdClient(socket).lexicon_test(LexiconTrial(text, voice, language)))
    if as_json:
        echo_json(tried)
        return
    for number, segment in enumerate(tried.segments, 1):
        for line in explained(number, segment):
            click.echo(line)


def explained(number: int, segment: Segment) -> Iterator[str]:
    """A segment for people: as written, by language as the engine gets it, what acted, and the pause."""
    if segment.pause_before_ms:
        yield f"   (silence of {segment.pause_before_ms} ms)"
    yield f"{number:>2} {segment.text}"
    yield from (f"   {span.language}  {_span(span)}" for span in segment.spans)
    yield from (f"   lexicon  {entry}" for entry in segment.lexicon)
    if segment.pause_after_ms:
        yield f"   (silence of {segment.pause_after_ms} ms)"


def _span(span: Span) -> str:
    if span.reading:
        return f"{span.text} {ARROW} [{span.reading}]"
    return f"{span.text} {ARROW} {span.say}" if span.say else span.text


def _show(entries: Sequence[Placed], *, as_json: bool) -> None:
    if as_json:
        echo_json({"entries": entries})
        return
    for placed in entries:
        click.echo(_row(placed))


def _row(placed: Placed) -> str:
    entry = placed.entry
    notes = [placed.voice or {"user": "yours", "all": "everybody"}.get(placed.scope, placed.scope)]
    notes += [f"in {entry.language}"] if entry.language else []
    notes += ["with these capitals"] if entry.case else []
    notes += [] if entry.whole else ["also in words"]
    return f"{entry.written} {ARROW} {entry.spoken}   ({', '.join(notes)})"
