"""No shell reads what others wrote: programs are started from lists of words, and secrets are never among them."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ttsd.cli import SUMMARIES

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("ttsd", "tui") for path in (ROOT / folder).rglob("*.py"))
SHELLS = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "pty.spawn"}
SHELLS |= {"asyncio.create_subprocess_shell", "loop.subprocess_shell"}
SECRETS = ("token", "password", "secret", "key")


def shells(tree: ast.AST) -> Iterator[int]:
    """The lines that could start one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in SHELLS or name.endswith("subprocess_shell"):
                yield node.lineno
            for keyword in node.keywords:
                if keyword.arg == "shell" and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value):
                    yield node.lineno
        elif isinstance(node, (ast.List, ast.Tuple)) and node.elts and _is_shell(node.elts[0]):
            yield node.lineno


def _is_shell(first: ast.expr) -> bool:
    """Of a line of words, the program."""
    return isinstance(first, ast.Constant) and str(first.value).rpartition("/")[2] in ("sh", "bash", "dash", "env")


@pytest.mark.parametrize(
    "line", ['os.system("ls")', "subprocess.run(x, shell=True)", 'run(["sh", "-c", x])', "loop.subprocess_shell(x)"]
)
def test_a_shell_would_be_found(line: str):
    assert list(shells(ast.parse(line))) == [1]


def test_no_line_of_ours_starts_a_shell():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        for line in shells(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(SOURCES) > 100
    assert found == []


def options(command: click.Command) -> Iterator[str]:
    """Every option of a command and of those below it."""
    for parameter in command.params:
        yield from parameter.opts
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from options(below)


def test_no_option_takes_a_secret_for_everybody_to_see():
    commands = [importlib.import_module(f"ttsd.cli.{name.replace('-', '_')}").command for name in SUMMARIES]
    found = {option for command in commands for option in options(command)}
    assert "--json" in found
    assert [option for option in found if any(word in option for word in SECRETS)] == []
