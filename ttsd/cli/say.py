"""`ttsd say`: one text, spoken through the daemon."""

import asyncio
import codecs
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from ttsd.cli.exits import FAILED, AlreadyTold, complain
from ttsd.cli.options import socket_option, style_options, taken_style
from ttsd.cli.pipes import read_chunks
from ttsd.cli.sinks import Sink, output_sink
from ttsd.client import LiveSession, TtsdClient
from ttsd.protocol.errors import BadRequest, NothingToSay, Stopping, TtsdError
from ttsd.protocol.speech import (
    AudioFormat,
    ClientMessage,
    End,
    Ended,
    Flush,
    SpeakError,
    SpeechRequest,
    Start,
    Style,
    Text,
)

STDIN: Final = "-"


class Wanted(msgspec.Struct, frozen=True):
    """The command line, checked."""

    text: tuple[str, ...]
    file: str | None
    voice: str | None
    language: str
    form: AudioFormat | None
    seed: int
    speed: float
    style: Style
    output: str | None
    socket: str | None


@click.command(
    epilog="""\b
Examples:
  ttsd say "Good morning."                       play it
  ttsd say -f chapter.txt -o chapter.wav         save it
  ttsd say "Good morning." -o - --format wav | ffmpeg -i - morning.mp3
  echo "As it comes." | ttsd say -o - | aplay -t raw -f S16_LE -r 24000 -c 1
  tail -f notes.txt | ttsd say                   read aloud while it is written

Sound on standard output is raw PCM: signed 16 bit, 24000 Hz, one channel."""
)
@click.argument("text", nargs=-1)
@click.option("-f", "--file", metavar="FILE", type=click.Path(), help="Speak a text file (UTF-8); `-`: standard input.")
@click.option("--voice", metavar="NAME", help="Voice; the daemon's own when not given.")
@click.option(
    "--language", default="", metavar="L", help="Code, English name or auto; the daemon's own when not given."
)
@click.option("--format", "form", type=click.Choice(["wav", "pcm"]), help="Format of the output.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Another seed, another reading.")
@click.option("--speed", type=click.FloatRange(0.5, 2.0), default=1.0, show_default=True)
@style_options
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Save to FILE; `-`: stream to standard output.")
@socket_option
def command(**given: Any) -> int:
    """Speak TEXT. Without TEXT, or with `-`, what comes on standard input is spoken while it arrives."""
    wanted = Wanted(style=taken_style(given), **given)
    return asyncio.run(_say(wanted, _text(wanted)))


def _text(wanted: Wanted) -> str | None:
    """The text to speak; `None`: what will come on standard input."""
    if wanted.text and wanted.file:
        raise click.UsageError("give a text or a file, not both")
    if wanted.file and wanted.file != STDIN:
        return _read(Path(wanted.file))
    if wanted.text and wanted.text != (STDIN,):
        return " ".join(wanted.text)
    if not (wanted.text or wanted.file) and sys.stdin.isatty():
        raise click.UsageError("nothing to say: give a TEXT, a file with -f, or `-` to type it here")
    return None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadRequest(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadRequest(f"{file}: not UTF-8 text; convert it with `iconv -t utf-8`") from error


def _sink(wanted: Wanted) -> Sink:
    if wanted.output is not None:
        return output_sink(wanted.output, wanted.form)
    if wanted.form is not None:
        raise click.UsageError("--format needs -o: what is played has no format")
    from ttsd.cli.playing import Player

    return Player()


async def _say(wanted: Wanted, text: str | None) -> int:
    client = TtsdClient(wanted.socket)
    async with _sink(wanted) as sink:
        if text is None:
            start = Start(wanted.voice, wanted.language, wanted.seed, wanted.speed, wanted.style)
            return await _speak_live(client, start, sink)
        request = SpeechRequest(
            text, wanted.voice, wanted.language, seed=wanted.seed, speed=wanted.speed, style=wanted.style
        )
        async with aclosing(client.tts_stream(request)) as stream:
            async for pcm in stream:
                await sink.write(pcm)
    return 0


async def _speak_live(client: TtsdClient, start: Start, sink: Sink) -> int:
    """Text up and sound down side by side, until everything that came on standard input was spoken."""
    async with client.speak() as session, asyncio.TaskGroup() as group:
        await session.send(start)
        feeding = group.create_task(_feed(session))
        status = await _hear(session, sink)
        feeding.cancel()
    return status


async def _feed(session: LiveSession) -> None:
    # When the session is gone, the listening side knows why.
    with suppress(Stopping):
        async for message in _typed():
            await session.send(message)


async def _typed() -> AsyncGenerator[ClientMessage]:
    """Standard input as messages. At a terminal, every line is spoken when it is finished."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    interactive = sys.stdin.isatty()
    try:
        async for data in read_chunks(sys.stdin.fileno()):
            if text := decoder.decode(data):
                yield Text(text)
            if interactive:
                yield Flush()
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise BadRequest("what came on standard input is not UTF-8 text") from error
    yield End()


async def _hear(session: LiveSession, sink: Sink) -> int:
    """Exit status. What could not be spoken is told at once, and the rest goes on when the daemon does."""
    told = ""
    try:
        async for message in session:
            match message:
                case bytes():
                    await sink.write(message)
                case SpeakError(message=told):
                    complain(told)
                case Ended(samples=samples):
                    _check_spoken(samples, told)
                    break
                case _:
                    pass
    except TtsdError as error:
        # A session that ends with a fault is closed with the same words.
        if told.startswith(error.message):
            raise AlreadyTold(told) from error
        raise
    return FAILED if told else 0


def _check_spoken(samples: int, told: str) -> None:
    """Raises TtsdError when nothing was: then there is nothing to save either."""
    if not samples:
        raise AlreadyTold(told) if told else NothingToSay("there is nothing to say: no words came on standard input")
