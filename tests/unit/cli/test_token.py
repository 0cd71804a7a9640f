"""`ttsd token`."""

from pathlib import Path

import msgspec
import pytest

from tests.unit.cli.conftest import Run
from ttsd.api.guard import Guard
from ttsd.config import Config, Http
from ttsd.protocol.tokens import TokenList
from ttsd.storage.token_file import read


async def test_tokens_are_made_listed_and_revoked(ttsd: Run, tmp_path: Path):
    (tmp_path / "config.toml").write_text(f'[http]\ntoken_file = "{tmp_path}/tokens"\n')
    config = ("--config", "config.toml")
    made = await ttsd("token", "add", "laptop", "--days", "90", "--admin", *config)
    assert (made.status, made.err) == (0, "ttsd: this is the only time that it is shown\n")
    found = read(tmp_path / "tokens").find(made.out.decode().strip())
    assert found is not None
    assert (found.name, found.admin) == ("laptop", True)
    listed = await ttsd("token", "list", *config)
    assert listed.out.decode().split()[:4] == ["laptop", "until", found.expires, "admin"]
    (told,) = msgspec.json.decode((await ttsd("token", "list", "--json", *config)).out, type=TokenList).tokens
    assert (told.name, told.expires, told.admin, told.used_s) == ("laptop", found.expires, True, None)
    assert (await ttsd("token", "revoke", "laptop", *config)).status == 0
    assert (await ttsd("token", "list", *config)).out == b""
    again = await ttsd("token", "revoke", "laptop", *config)
    assert (again.status, "there is no token 'laptop'" in again.err) == (1, True)


async def test_a_token_of_the_old_kind_is_kept_when_one_is_added(ttsd: Run, tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    file.chmod(0o600)
    made = await ttsd("token", "add", "laptop", "--file", str(file))
    assert made.status == 0
    assert "is called old now" in made.err
    assert [token.name for token in read(file).tokens] == ["old", "laptop"]
    assert read(file).find("s3cret") is not None
    assert b"nothing to do" in (await ttsd("token", "migrate", "--file", str(file))).out


async def test_without_a_file_the_key_is_named(ttsd: Run):
    nothing = await ttsd("token", "list")
    assert (nothing.status, "[http] token_file" in nothing.err) == (3, True)


async def test_a_file_below_home_is_the_same_for_all(ttsd: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "config.toml").write_text('[http]\ntoken_file = "~/tokens"\n')
    made = await ttsd("token", "add", "laptop", "--config", "config.toml", HOME=str(tmp_path))
    assert (made.status, (tmp_path / "tokens").exists()) == (0, True)
    monkeypatch.setenv("HOME", str(tmp_path))
    guard = Guard(Config(http=Http(token_file="~/tokens")), tmp_path / "uses")
    assert guard.tokens.find(made.out.decode().strip()) is not None
