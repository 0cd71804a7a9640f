"""`ttsd voices add`, `export` and `import`: clips and archives on their way in and out."""

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from ttsd.cli.exits import complain
from ttsd.cli.options import echo_json, json_option, socket_option
from ttsd.cli.voice_wording import show_reports
from ttsd.client.voices import VoicesClient
from ttsd.config import language_asked
from ttsd.protocol.errors import BadRequest, TtsdError
from ttsd.protocol.voices import (
    ARCHIVE_SUFFIX,
    DEFAULT_VARIANT,
    NAME_RULE,
    CheckedVoice,
    NewVariant,
    joined_reference,
)

RECORDED_S: Final = 10.0
STDIN: Final = "-"
RULES: Final = {
    "name": NAME_RULE,
    "variant": "a variant's name has 1 to 32 of small letters, digits, _ - and begins with a letter or digit",
}


class Wanted(msgspec.Struct, frozen=True):
    """The command line of `add`, checked by click."""

    name: str
    audio: str | None
    record: float | None
    transcript: str | None
    transcript_file: str | None
    variant: str
    language: str
    description: str | None
    consent: str | None
    denoise: bool
    strict: bool
    replace: bool


@click.command(
    epilog="""\b
Examples:
  ttsd voices add anna --audio anna.m4a --transcript "Good evening, this is the news." --language en
  ttsd voices add anna --variant happy --audio anna-happy.wav --transcript-file happy.txt
  ttsd voices add me --record --transcript "The quick brown fox jumps over the lazy dog."
  ttsd voices add anna --audio noisy.mp3 --transcript "…" --denoise --replace

\b
A good clip: 3 to 15 seconds, one speaker, no music, no echo; the transcript has every word of it,
also "er" and "hm". Say where the right to use the voice comes from with --consent."""
)
@click.argument("name")
@click.option("--audio", metavar="CLIP", help="The clip: WAV, FLAC, OGG, MP3, M4A …; `-`: standard input.")
@click.option(
    "--record", is_flag=False, flag_value=RECORDED_S, type=click.FloatRange(1, 60), metavar="[SECONDS]",
    help=f"Record it from the microphone, {RECORDED_S:g} seconds if none are said.",
)  # fmt: skip
@click.option("--transcript", metavar="TEXT", help="What is said in the clip, word for word; empty: take its timbre.")
@click.option("--transcript-file", metavar="FILE", help="The same, in a UTF-8 text file.")
@click.option("--variant", default=DEFAULT_VARIANT, show_default=True, help="Another way of speaking: happy, calm …")
@click.option("--language", default="", metavar="L", help="Spoken in the clip: code or English name.")
@click.option("--description", metavar="TEXT", help="A line for the list of voices.")
@click.option("--consent", metavar="TEXT", help="Who agreed to this voice being used, when, and for what.")
@click.option("--denoise", is_flag=True, help="Clean it of steady noise, gently; the original is kept too.")
@click.option("--strict", is_flag=True, help="Refuse the clip if the doctor finds fault with it.")
@click.option("--replace", is_flag=True, help="Take the place of what has this name and variant.")
@socket_option
@json_option
def add(*, socket: str | None, as_json: bool, **given: Any) -> None:
    """Make a voice of a clip, or add a variant to one."""
    wanted = Wanted(**given)
    new = _new(wanted)
    filename, audio = _audio(wanted, new.transcript)
    checked = asyncio.run(VoicesClient(socket).add_voice(new, filename, audio))
    if as_json:
        echo_json(checked)
        return
    name = joined_reference(checked.voice.name, new.variant)
    show_reports(checked)
    click.echo(f'To hear it: ttsd voices audition {name}   To use it: ttsd say --voice {name} "…"')


def _new(wanted: Wanted) -> NewVariant:
    fields = {
        name: getattr(wanted, name)
        for name in ("name", "variant", "description", "consent", "denoise", "strict", "replace")
    }
    fields["transcript"] = _transcript(wanted)
    fields["language"] = _language(wanted.language)
    try:
        return msgspec.convert(fields, NewVariant)
    except msgspec.ValidationError as error:
        bad = next((key for key in RULES if f"$.{key}`" in str(error)), "")
        raise click.UsageError(f"{fields[bad]!r}: {RULES[bad]}" if bad else str(error)) from error


def _transcript(wanted: Wanted) -> str:
    if wanted.transcript is not None and wanted.transcript_file is not None:
        raise click.UsageError("give --transcript or --transcript-file, not both")
    if wanted.transcript_file is not None:
        file = Path(wanted.transcript_file)
        try:
            return file.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadRequest(f"{file}: cannot be read as UTF-8 text: {error}") from error
    if wanted.transcript is None:
        raise click.UsageError(
            "say what is said in the clip with --transcript or --transcript-file "
            "(--transcript '' takes the timbre alone, and is less like the voice)"
        )
    return wanted.transcript.strip()


def _language(name: str) -> str:
    try:
        code = language_asked(name) if name else ""
    except BadRequest as error:
        raise click.UsageError(error.message) from None
    return "" if code == "auto" else code


def _audio(wanted: Wanted, transcript: str) -> tuple[str, bytes]:
    if (wanted.audio is None) == (wanted.record is None):
        raise click.UsageError("give a clip with --audio, or record one with --record")
    if wanted.record is not None:
        from ttsd.cli.microphone import record

        if transcript:
            click.echo(f"Read aloud: {click.style(transcript, bold=True)}", err=True)
        return "recording.wav", record(wanted.record)
    assert wanted.audio is not None
    if wanted.audio == STDIN:
        return "", sys.stdin.buffer.read()
    return Path(wanted.audio).name, read_file(Path(wanted.audio))


def read_file(file: Path) -> bytes:
    """Raises BadRequest."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadRequest(f"{file}: cannot be read: {error.strerror}") from error


@click.command(
    "export",
    epilog=f"""\b
Examples:
  ttsd voices export anna -o anna{ARCHIVE_SUFFIX}
  ttsd voices export anna -o - | ssh other ttsd voices import -""",
)
@click.argument("name")
@click.option("-o", "--output", metavar="FILE", help=f"Else NAME{ARCHIVE_SUFFIX} here; `-`: standard output.")
@socket_option
def export_voice(name: str, output: str | None, socket: str | None) -> None:
    """Write a voice with all its variants into one file."""
    data = asyncio.run(_exported(VoicesClient(socket), name))
    if output == STDIN:
        sys.stdout.buffer.write(data)
        return
    path = Path(output or f"{name}{ARCHIVE_SUFFIX}")
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TtsdError(f"{path}: cannot be written: {error.strerror}") from error
    complain(f"{path} holds voice {name}")


async def _exported(client: VoicesClient, name: str) -> bytes:
    async with aclosing(client.export_voice(name)) as pieces:
        return b"".join([piece async for piece in pieces])


@click.command(
    "import",
    epilog=f"""\b
Examples:
  ttsd voices import anna{ARCHIVE_SUFFIX}
  ttsd voices import anna{ARCHIVE_SUFFIX} --name anna-2
  ttsd voices import anna{ARCHIVE_SUFFIX} --replace""",
)
@click.argument("file")
@click.option("--name", help="Call it so; else as the file says.")
@click.option("--replace", is_flag=True, help="Take the place of a voice of that name.")
@socket_option
@json_option
def import_voice(file: str, name: str | None, socket: str | None, *, replace: bool, as_json: bool) -> None:
    """Take a voice out of a file that `export` wrote; everything in it is checked."""
    data = sys.stdin.buffer.read() if file == STDIN else read_file(Path(file))
    checked: CheckedVoice = asyncio.run(VoicesClient(socket).import_voice(data, name, replace=replace))
    if as_json:
        echo_json(checked)
    else:
        show_reports(checked)
