"""`ttsd check-config`: what is in force, where it comes from, and an old file written anew."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.needs import needs_root
from tests.unit.cli.conftest import Ran
from ttsd.cli.check_config import command
from ttsd.config import load_config
from ttsd.config.lines import line_of
from ttsd.protocol.errors import ConfigError
from ttsd.storage import token_file

TEXT = """# mine
[engine]  # what speaks
name = "fake"
keep_alive = true # as ever

[ "log" ]
level = "info"
'max_mb' = 3
[spools.books]
root = "/srv/books"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TTSD__LIMITS__MAX_QUEUE", "7")
    monkeypatch.setenv("TTSD__LOG__LEVEL", "debug")
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return path


def run(file: Path, *arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(command, ["--config", str(file), *arguments], input=answer)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("engine", 2),
        ("engine.keep_alive", 4),
        ("log.level", 7),
        ("log.max_mb", 8),
        ("spools.books.root", 10),
        ("limits.max_queue", None),
    ],
)
def test_a_key_is_found_in_its_line(key, line):
    assert line_of(TEXT, key) == line


def test_dotted_keys_are_found_too():
    assert line_of('http.listen = ""\nlog . level="x"\n', "log.level") == 2


def test_each_value_tells_where_it_comes_from(file):
    report = json.loads(run(file, "--json").stdout)
    origins = report["origins"]
    assert origins["engine.name"] == f"{file}:3"
    assert origins["spools.books.root"] == f"{file}:10"
    assert origins["limits.max_queue"] == "environment: TTSD__LIMITS__MAX_QUEUE"
    assert origins["log.level"] == "environment: TTSD__LOG__LEVEL"
    assert origins["speech.voice"] == "default"
    assert origins.keys() == load_config(file).config.flat.keys()


def test_what_differs_is_shown_and_every_key_when_asked_for(file):
    few, all_keys = run(file).stdout.splitlines(), run(file, "--effective").stdout.splitlines()
    assert any(line.split()[:4] == ["log.level", "=", '"debug"', "environment:"] for line in few)
    assert not any("speech.voice" in line for line in few)
    assert any(line.split() == ["speech.voice", "=", '""', "default"] for line in all_keys)
    assert "--migrate" in few[-1]


@pytest.mark.parametrize(
    ("wrong", "line"), [('level = "loud"', 7), ("levle = 1", 7), ("max_mb = -3", 8), ("[lgo]", 6), ("level = ", None)]
)
def test_what_is_wrong_is_pointed_at(file, wrong, line, monkeypatch):
    monkeypatch.delenv("TTSD__LOG__LEVEL")
    old = {7: 'level = "info"', 8: "'max_mb' = 3", 6: '[ "log" ]', None: 'level = "info"'}[line]
    file.write_text(TEXT.replace(old, wrong))
    done = run(file)
    assert done.exit_code != 0
    assert (f"{file}:{line}: {wrong}" in done.stderr) is (line is not None)


async def test_quiet_says_nothing_of_what_is_good_and_one_sentence_of_what_is_not(ttsd, tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("[engine]\nkeep_alive = true\n")
    assert await ttsd("check-config", "--quiet", TTSD_CONFIG=str(file)) == Ran(0, b"", "")
    file.write_text('[log]\nlevel = "loud"\n')
    done = await ttsd("check-config", "--quiet", TTSD_CONFIG=str(file))
    assert (done.status, done.out) == (3, b"")
    (sentence,) = done.err.splitlines()
    assert sentence.startswith(f'ttsd: {file}: [log] level = "loud" is not allowed: it takes ')


def test_a_token_file_that_the_daemon_would_refuse_is_refused(file, tmp_path):
    tokens = tmp_path / "tokens"
    file.write_text(f'[http]\ntoken_file = "{tokens}"\n')
    assert "cannot be read" in refusal(file)
    tokens.write_text("laptop:sha256:half\n")
    tokens.chmod(0o600)
    assert "its line 1 is no hashed token" in refusal(file)
    tokens.write_text("")
    token_file.add(tokens, "laptop", 0.0, None, admin=False)
    assert run(file).exit_code == 0


@needs_root
def test_a_token_file_that_is_closed_is_the_daemons_business(monkeypatch):
    with tempfile.TemporaryDirectory() as name:  # below a folder of pytest's nobody else may look
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "config.toml"
        file.write_text(f'[http]\ntoken_file = "{folder}/tokens"\n')
        token_file.add(folder / "tokens", "laptop", 0.0, None, admin=False)
        (folder / "tokens").chmod(0o600)
        os.seteuid(65534)
        try:
            assert run(file).exit_code == 0
            monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/ttsd")
            assert "Permission denied" in refusal(file)
        finally:
            os.seteuid(0)


def refusal(file: Path) -> str:
    refused = run(file).exception
    assert isinstance(refused, ConfigError)
    return refused.message


def test_an_old_value_is_written_as_today_and_all_else_stays(file):
    shown = run(file, "--migrate", answer="y\n").stdout
    assert "-keep_alive = true # as ever" in shown
    assert '+keep_alive = "forever" # as ever' in shown
    assert file.read_text() == TEXT.replace("keep_alive = true", 'keep_alive = "forever"')
    assert "nothing in it is outdated" in run(file, "--migrate").stdout
    assert load_config(file).advice == ()


def test_who_does_not_want_it_keeps_the_file(file):
    assert run(file, "--migrate", answer="n\n").exit_code != 0
    assert file.read_text() == TEXT
    assert run(file, "--migrate", "--yes").exit_code == 0
    assert file.read_text() != TEXT
