"""The command line without a daemon: help, usage, exit codes, weight of the imports."""

import asyncio
import sys
from typing import Any

import pytest

from ttsd.cli import SUMMARIES, commands
from ttsd.cli.exits import exit_code, explain
from ttsd.protocol.errors import ConfigError, DaemonUnreachable, NotFound, PlaybackFailed, TtsdError


@pytest.mark.parametrize("command", [[], *([name] for name in SUMMARIES), ["jobs", "list"], ["jobs", "watch"]])
async def test_every_command_has_help_with_examples(ttsd: Any, command: list[str]) -> None:
    ran = await ttsd(*command, "--help")
    assert ran.status == 0
    assert f"Usage: ttsd {' '.join(command)}".strip() in ran.out.decode()
    assert b"Example" in ran.out


def test_the_lines_of_help_name_commands_that_exist() -> None:
    import click

    context = click.Context(commands, info_name="ttsd")
    for name in SUMMARIES:
        found = commands.get_command(context, name)
        assert found is not None
        assert found.help


async def test_version(ttsd: Any) -> None:
    from ttsd import __version__

    assert (await ttsd("--version")).out.decode() == f"ttsd, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["srve"],
        ["say", "x", "-f", "file.txt"],
        ["say", "x", "--format", "wav"],
        ["say", "x", "-o", "x.mp3"],
        ["say", "x", "-o", "x.wav", "--format", "pcm"],
        ["say", "x", "-o", "."],
        ["say", "x", "--speed", "9"],
        ["jobs", "cancel"],
        ["jobs", "list", "--state", "lost"],
    ],
)
async def test_wrong_usage_exits_2_and_says_what_is_right(ttsd: Any, arguments: list[str]) -> None:
    ran = await ttsd(*arguments)
    assert ran.status == 2
    assert "Usage: ttsd" in ran.err
    assert "Error: " in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["status", "--json"],
        ["jobs", "list"],
        ["jobs", "show", "x"],
        ["jobs", "cancel", "x", "y"],
        ["jobs", "watch"],
        ["say", "x", "-o", "x.wav"],
        ["say", "-o", "-"],
    ],
)
async def test_no_daemon_exits_4_in_one_line(ttsd: Any, arguments: list[str], tmp_path: Any) -> None:
    ran = await ttsd(*arguments, "--socket", "none.sock")
    assert (ran.status, ran.out) == (4, b"")
    assert ran.err.startswith("ttsd: no daemon answers on none.sock; start one with `ttsd serve`")
    assert ran.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == []


async def test_unreadable_text_exits_1(ttsd: Any, tmp_path: Any) -> None:
    assert "no.txt: cannot be read: No such file" in (await ttsd("say", "-f", "no.txt")).err
    (tmp_path / "latin.txt").write_bytes("Grüße".encode("latin-1"))
    ran = await ttsd("say", "-f", "latin.txt")
    assert ran.status == 1
    assert "not UTF-8" in ran.err


async def test_an_output_that_cannot_be_written_exits_1(ttsd: Any) -> None:
    ran = await ttsd("say", "x", "-o", "missing/x.wav")
    assert ran.status == 1
    assert "missing/x.wav: cannot be written: No such file or directory" in ran.err


async def test_serve_exits_3_on_a_bad_config_in_one_line(ttsd: Any, tmp_path: Any) -> None:
    (tmp_path / "bad.toml").write_text('[engine]\nname = "loud"\n')
    ran = await ttsd("serve", "--config", "bad.toml")
    assert ran.status == 3
    assert ran.err.startswith('ttsd: bad.toml: [engine] name = "loud"')
    assert ran.err.count("\n") == 1


async def test_shell_completion_knows_the_commands(ttsd: Any) -> None:
    ran = await ttsd(_TTSD_COMPLETE="bash_complete", COMP_WORDS="ttsd s", COMP_CWORD="1")
    assert {line.split(b",")[1] for line in ran.out.splitlines()} == {b"serve", b"say", b"status"}


async def modules_after(*arguments: str, env: dict[str, str]) -> set[str]:
    """What is imported once `ttsd ARGUMENTS` has run."""
    program = f"import sys; from ttsd.cli import run; run({list(arguments)!r}); print(*sys.modules, file=sys.stderr)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, env=env, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    return set(err.decode().splitlines()[-1].split())


async def test_help_imports_none_of_the_commands(env: dict[str, str]) -> None:
    modules = await modules_after("--help", env=env)
    assert not modules & {"asyncio", "msgspec", "ttsd.cli.say", "ttsd.client"}


async def test_say_imports_only_what_it_needs(env: dict[str, str]) -> None:
    modules = await modules_after("say", "x", "-o", "-", "--socket", "none.sock", env=env)
    assert "ttsd.client" in modules
    needless = {"wsproto", "h11", "ttsd.config", "sounddevice", "starlette", "numpy", "torch", "textual"}
    assert modules & needless == set()


def test_each_error_has_its_exit_code() -> None:
    codes = {ConfigError: 3, DaemonUnreachable: 4, NotFound: 1, PlaybackFailed: 1, TtsdError: 1}
    assert {kind: exit_code(kind("x")) for kind in codes} == codes


def test_errors_of_tasks_side_by_side_are_explained_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(ExceptionGroup("tasks", [ExceptionGroup("inner", [DaemonUnreachable("gone")])])) == 4
    assert explain(ExceptionGroup("tasks", [BrokenPipeError()])) == 1
    assert capsys.readouterr().err == "ttsd: gone\n"


def test_a_bug_is_not_explained_away() -> None:
    with pytest.raises(ZeroDivisionError):
        explain(ZeroDivisionError())
