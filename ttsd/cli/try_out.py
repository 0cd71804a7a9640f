"""`make run`: a daemon of its own below `./var`, a sample to speak, and what to try next."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import click

from ttsd.cli.exits import complain
from ttsd.cli.wording import duration
from ttsd.client import TtsdClient
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.jobs import Job

HOME: Final = Path("var")
SOCKET: Final = Path("run/ttsd/ttsd.sock")
READY_S: Final = 120.0
SPOKEN_S: Final = 60.0
LOOK_S: Final = 0.1
TEXT: Final = "docs/hot-folder.md"
"""A text of ours that is English throughout, for the built-in voice speaks nothing else."""
SAMPLE_NAME: Final = "welcome.txt"
SAMPLE: Final = """\
Welcome to ttsd, the speech daemon.

You dropped a text file into a folder, and this is what came out. No account, no network, no graphics card:
the voice you hear lives on this machine. Drop another file, or type something and listen while you type.
"""


def environment(home: Path) -> dict[str, str]:
    """Every place of the daemon below `home`, whatever this user's own configuration says."""
    places = {
        "TTSD_CONFIG": str(home.parent / "config.toml"),
        "TTSD__DAEMON__SOCKET": str(home / SOCKET),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TTSD__SPOOL__ROOT": str(home / "spool"),
    }
    inherited = {name: value for name, value in os.environ.items() if name != "TTSD_SOCKET"}
    return inherited | places


@asynccontextmanager
async def daemon(home: Path, env: Mapping[str, str]) -> AsyncGenerator["asyncio.subprocess.Process"]:
    """`ttsd serve`, for as long as the block runs; its messages go to a file."""
    log = home / "daemon.log"
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ttsd.cli", "serve", env=env, stderr=stderr
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def until_ready(client: TtsdClient, process: "asyncio.subprocess.Process", log: Path) -> None:
    """Wait for the engine. Raises TtsdError with the daemon's last words when it ends before."""
    async with asyncio.timeout(READY_S):
        while True:
            if process.returncode is not None:
                raise TtsdError(last_words(log))
            try:
                if (await client.readiness()).ready:
                    return
            except TtsdError:
                pass  # not listening yet
            await asyncio.sleep(LOOK_S)


def last_words(log: Path) -> str:
    return f"the daemon did not start; {log} says why:\n{log.read_text(errors='replace').strip()}"


def drop_sample(inbox: Path) -> None:
    """The way any program should: under an ignored name first, then renamed."""
    part = inbox / f"{SAMPLE_NAME}.part"
    part.write_text(SAMPLE, encoding="utf-8")
    part.rename(inbox / SAMPLE_NAME)


async def until_spoken(client: TtsdClient, earlier: Collection[Job]) -> Job:
    """The sample's job, once it has ended."""
    ids = {job.id for job in earlier}
    async with asyncio.timeout(SPOKEN_S):
        while True:
            for job in (await client.jobs(limit=5)).jobs:
                if job.id not in ids and job.state.final:
                    return job
            await asyncio.sleep(LOOK_S)


def guide(home: Path, job: Job) -> str:
    """What has happened, and what to try next."""
    result = f"{job.output} ({duration(job.audio_s)} of speech)" if job.output else f"nothing: {job.error}"
    spool = home.relative_to(Path.cwd()) / "spool"
    commands = (
        ("make tui", "the terminal app: hear it while you type"),
        (f"cp {TEXT} {spool}/inbox/", f"a text, web page, book or table; its speech comes to {spool}/outbox/"),
        (f"export TTSD_SOCKET={home / SOCKET}", "for the commands:"),
        ('.venv/bin/ttsd say "Good morning." -o hello.wav', "without -o, it is played"),
        (".venv/bin/ttsd status", "and `ttsd doctor`, when something is wrong"),
    )
    lines = "\n".join(f"  {command:<48}  {note}" for command, note in commands)
    return f"""
  Dropped  {spool / "inbox" / SAMPLE_NAME}
  Spoken   {result}

Try next, in another terminal:

{lines}

Ctrl-C stops the daemon.
"""


async def try_out(home: Path) -> int:
    """Run until the daemon ends, or Ctrl-C."""
    (home / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    env = environment(home)
    client = TtsdClient(home / SOCKET)
    async with daemon(home, env) as process:
        click.echo("Starting the daemon …")
        await until_ready(client, process, home / "daemon.log")
        earlier = (await client.jobs(limit=5)).jobs
        drop_sample(home / "spool" / "inbox")
        click.echo(guide(home, await until_spoken(client, earlier)))
        code = await process.wait()
    if code:
        complain(f"the daemon has ended ({code}), {home / 'daemon.log'} may say why; nothing is lost: make run goes on")
    return int(code != 0)


def main() -> int:
    try:
        return asyncio.run(try_out(HOME.absolute()))
    except KeyboardInterrupt:
        click.echo("\nStopped. What was spoken stays in ./var; `make clean` removes it.")
        return 0
    except TimeoutError:
        complain(f"the daemon took too long; see {HOME / 'daemon.log'}")
    except TtsdError as error:
        complain(error.message)
    return 1


if __name__ == "__main__":
    sys.exit(main())
