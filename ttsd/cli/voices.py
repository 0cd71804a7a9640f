"""`ttsd voices`: those there are, and what is done with them."""

import asyncio
import shutil
import sys
from contextlib import aclosing
from pathlib import Path

import click

from ttsd.cli.exits import FAILED
from ttsd.cli.options import echo_json, json_option, socket_option
from ttsd.cli.sinks import Sink, output_sink
from ttsd.cli.voice_adding import add, export_voice, import_voice
from ttsd.cli.voice_file import check_file
from ttsd.cli.voice_wording import WIDE, details, rows, show_reports
from ttsd.client.sentences import AUDITION
from ttsd.client.voices import VoicesClient
from ttsd.protocol.speech import AudioFormat, SpeechRequest
from ttsd.protocol.voices import DEFAULT_VARIANT, PatchVoice, split_reference


@click.group(
    epilog="""\b
Examples:
  ttsd voices list
  ttsd voices add anna --audio anna.m4a --transcript "Good evening, this is the news."
  ttsd voices audition anna
  ttsd say --voice anna "Good morning."
  ttsd say --voice anna@happy "Good morning!"     another variant of hers"""
)
def command() -> None:
    """List, add, check, change, hear, export and import voices."""


command.add_command(add)
command.add_command(export_voice)
command.add_command(import_voice)


@command.command(
    "list",
    epilog="""\b
Examples:
  ttsd voices list
  ttsd voices list --json | jq -r '.voices[] | select(.languages | index("de")) | .name'""",
)
@socket_option
@json_option
def list_command(socket: str | None, *, as_json: bool) -> None:
    """List profiles, and the voices of the engine."""
    found = asyncio.run(VoicesClient(socket).voices())
    if as_json:
        echo_json(found)
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    for line in rows(found.voices, width):
        click.echo(line)
    profiles = any(voice.kind == "profile" for voice in found.voices)
    if not profiles:
        click.echo("no voice profiles yet; make one: ttsd voices add --help", err=True)
    elif found.can_clone is False:
        click.echo('this engine does not speak profiles; see `ttsd model`, or [speech] uncloned = "nearest"', err=True)


@command.command(
    epilog="""\b
Example:
  ttsd voices show anna"""
)
@click.argument("name")
@socket_option
@json_option
def show(name: str, socket: str | None, *, as_json: bool) -> None:
    """Show everything about one voice."""
    voice = asyncio.run(VoicesClient(socket).voice(name))
    if as_json:
        echo_json(voice)
        return
    for label, value in details(voice):
        click.echo(f"{click.style(label.ljust(9), dim=True)} {value}" if label else "")


@command.command(
    "set",
    epilog="""\b
Examples:
  ttsd voices set anna --transcript "Good evening, this is the evening news."
  ttsd voices set anna --variant happy --transcript "What a day!"
  ttsd voices set anna --speed 1.1 --consent "Anna, by e-mail of 2 March"

The same can be written into voice.toml in the voice's folder; it is read again when it changes.""",
)
@click.argument("name")
@click.option("--variant", default=DEFAULT_VARIANT, show_default=True, help="Whose transcript is meant.")
@click.option("--transcript", metavar="TEXT", help="What is said in the clip, word for word.")
@click.option("--language", metavar="L", help="Spoken in its clips: a code such as de.")
@click.option("--description", metavar="TEXT", help="A line for the list of voices.")
@click.option("--consent", metavar="TEXT", help="Who agreed to this voice being used, when, and for what.")
@click.option("--seed", type=click.IntRange(min=0), help="What the seeds of requests are counted from.")
@click.option("--speed", type=click.FloatRange(0.5, 2.0), help="What the speed of requests is multiplied by.")
@socket_option
@json_option
def set_command(name: str, socket: str | None, *, as_json: bool, **given: object) -> None:
    """Change what is said of a voice."""
    if all(value is None for key, value in given.items() if key != "variant"):
        raise click.UsageError("nothing to change: say what, see --help")
    changes = PatchVoice(**given)  # pyright: ignore[reportArgumentType] # the daemon checks them
    voice = asyncio.run(VoicesClient(socket).patch_voice(name, changes))
    echo_json(voice) if as_json else click.echo(f"voice {name} now has revision {voice.revision}")


@command.command(
    epilog="""\b
Example:
  ttsd voices rename anna anna-smith"""
)
@click.argument("name")
@click.argument("new")
@socket_option
@json_option
def rename(name: str, new: str, socket: str | None, *, as_json: bool) -> None:
    """Give a voice another name."""
    voice = asyncio.run(VoicesClient(socket).patch_voice(name, PatchVoice(name=new)))
    echo_json(voice) if as_json else click.echo(f"voice {name} is now {voice.name}")


@command.command(
    epilog="""\b
Examples:
  ttsd voices remove anna
  ttsd voices remove anna@happy --yes             one variant"""
)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@socket_option
def remove(name: str, socket: str | None, *, yes: bool) -> None:
    """Remove a voice with its clips, or one variant."""
    if not yes and sys.stdin.isatty():
        click.confirm(f"Remove voice {name} and its clips for good?", abort=True)
    voice, variant = split_reference(name)
    asyncio.run(VoicesClient(socket).remove_voice(voice, variant if "@" in name else None))
    click.echo(f"voice {name} is gone")


@command.command(
    epilog="""\b
Examples:
  ttsd voices check anna
  ttsd voices check anna@happy --json
  ttsd voices check anna --listen
  ttsd voices check ./new.m4a --transcript "Good evening, this is the news."

Exits 1 when a clip cannot be trusted."""
)
@click.argument("name", metavar="NAME|FILE")
@click.option("--transcript", default="", metavar="TEXT", help="What is said in FILE, word for word.")
@click.option("--language", default="auto", metavar="L", help="Of FILE; found out when not given.")
@click.option("--listen", is_flag=True, help="Have a recogniser hear NAME's clips; needs the extra ttsd[ears].")
@socket_option
@json_option
def check(name: str, transcript: str, language: str, socket: str | None, *, listen: bool, as_json: bool) -> int:
    """Have the doctor look at a voice's clips, or at a file that is no voice yet (no daemon is needed)."""
    if "/" in name or Path(name).is_file():
        if listen:
            raise click.UsageError("--listen is for voices: add the clip first, with `ttsd voices add`")
        return check_file(Path(name), transcript, language, as_json=as_json)
    voice, variant = split_reference(name)
    checked = asyncio.run(VoicesClient(socket).check_voice(voice, variant if "@" in name else None, listen=listen))
    if as_json:
        echo_json(checked)
    else:
        show_reports(checked, facts=True)
    return 0 if all(each.report.sound for each in checked.reports) else FAILED


@command.command(
    epilog="""\b
Examples:
  ttsd voices audition anna
  ttsd voices audition anna@happy "I won!"
  ttsd voices audition anna -o anna.wav"""
)
@click.argument("name")
@click.argument("text", required=False)
@click.option("--language", default="", metavar="L", help="Of the text; found out when not given.")
@click.option("--format", "form", type=click.Choice(["wav", "pcm"]), help="Format of the output.")
@click.option("-o", "--output", metavar="FILE", help="Save to FILE; `-`: stream to standard output.")
@socket_option
def audition(
    name: str, text: str | None, language: str, form: AudioFormat | None, output: str | None, socket: str | None
) -> None:
    """Hear a voice say TEXT, or a sentence of its own language."""
    asyncio.run(_audition(VoicesClient(socket), SpeechRequest(text or "", name, language), output, form))


async def _audition(client: VoicesClient, request: SpeechRequest, output: str | None, form: AudioFormat | None) -> None:
    if not request.text:
        voice = await client.voice(split_reference(request.voice or "")[0])
        spoken = "en" if len(voice.languages) != 1 else voice.languages[0]
        request = SpeechRequest(AUDITION[spoken], request.voice, request.language or spoken)
    async with _sink(output, form) as sink, aclosing(client.tts_stream(request)) as stream:
        async for pcm in stream:
            await sink.write(pcm)


def _sink(output: str | None, form: AudioFormat | None) -> Sink:
    if output is not None:
        return output_sink(output, form)
    from ttsd.cli.playing import Player

    return Player()
