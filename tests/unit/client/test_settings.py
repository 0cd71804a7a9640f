"""A configuration file shown and changed by a client: checked, comments kept, and never half written."""

import pytest
import tomli

from ttsd.client.settings import Setting, SettingsFile, as_toml
from ttsd.config import Config, load_config
from ttsd.protocol.errors import ConfigError, Forbidden

TEXT = """# mine
[log]
level = "info"  # quiet

[speech]
# voice = "heart"
"""


@pytest.fixture
def file(tmp_path) -> SettingsFile:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return SettingsFile(path)


def setting(file: SettingsFile, name: str) -> Setting:
    return next(one for one in file.settings() if one.name == name)


def test_every_key_is_there_with_its_sentence_and_what_it_takes(tmp_path):
    found = SettingsFile(tmp_path / "none.toml").settings()
    flat = set(Config().flat)
    assert {one.name for one in found} == flat
    assert all(one.sentence and one.allowed and one.value == one.default for one in found)


def test_a_change_is_written_with_all_comments_kept(file):
    change = file.change(setting(file, "log.level"), "debug")
    assert '-level = "info"  # quiet\n+level = "debug"  # quiet' in change.diff
    assert file.file.read_text() == TEXT
    change.write()
    assert file.file.read_text() == TEXT.replace('"info"', '"debug"')
    assert setting(file, "log.level").value == "debug"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("speech.voice", "sky", "sky"),
        ("speech.voice", '"sky"', "sky"),
        ("engine.slots", " 3 ", 3),
        ("engine.languages", '["en", "zh"]', ["en", "zh"]),
        ("spool.polling", "true", True),
        ("tui.keys", '{ jobs = "alt+j" }', {"jobs": "alt+j"}),
    ],
)
def test_values_are_taken_as_people_write_them(file, name, text, value):
    file.change(setting(file, name), text).write()
    section, key = name.split(".")
    assert tomli.loads(file.file.read_text())[section][key] == value
    load_config(file.file, {})


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("engine.slots", "many", "a whole number from 0 to 64"),
        ("log.level", "loud", '"debug" or'),
        ("gpu.vram_restart", "2", ""),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(file, name, text, says):
    with pytest.raises(ConfigError) as caught:
        file.change(setting(file, name), text)
    assert str(file.file) in caught.value.message
    assert says in caught.value.message
    assert file.file.read_text() == TEXT


def test_what_a_change_needs_is_told(file):
    needs = {one.name: one.takes_over for one in file.settings()}
    assert (needs["log.level"], needs["daemon.socket"], needs["tui.theme"]) == ("reload", "restart", "app")


def test_where_this_user_may_not_write_the_change_is_refused_whole(file, monkeypatch):
    change = file.change(setting(file, "log.level"), "debug")

    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ttsd.client.settings.replace_text", refuse)
    with pytest.raises(Forbidden, match="cannot be written by this user"):
        change.write()
    assert file.file.read_text() == TEXT
    assert change.by_hand == f"sudoedit {file.file}"


def test_a_file_that_is_wrong_already_says_what(file):
    file.file.write_text("[log]\nlevel = 3\n")
    with pytest.raises(ConfigError, match=r"\[log\] level = 3"):
        file.settings()


@pytest.mark.parametrize("value", ["", "a", 3, 0.5, True, [], ["a", "b"], {"jobs": "f3"}])
def test_a_shown_value_is_toml(value):
    assert tomli.loads(f"value = {as_toml(value)}")["value"] == value
