"""The app's own section, read as the daemon would read the file, and never in the way of the app."""

import msgspec
import pytest

from ttsd.client.preferences import Preferences, preferences
from ttsd.config import Tui


@pytest.fixture
def configured(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("ttsd.places.SYSTEM_CONFIG", tmp_path / "etc.toml")
    file = tmp_path / "ttsd" / "config.toml"
    file.parent.mkdir()

    def write(text: str) -> Preferences:
        file.write_text(text)
        return preferences({})

    return write


def test_without_a_file_everything_is_at_its_default(configured):
    assert preferences({}) == Preferences()


def test_the_defaults_are_those_of_the_configuration():
    own = msgspec.to_builtins(Preferences())
    assert msgspec.to_builtins(Tui()) == {key: own[key] for key in msgspec.to_builtins(Tui())}


def test_what_is_written_counts(configured):
    found = configured('[tui]\ntheme = "contrast-dark"\nlanguage = "zh"\n[tui.keys]\njobs = "alt+j"\n')
    assert (found.theme, found.language, found.keys, found.problem) == ("contrast-dark", "zh", {"jobs": "alt+j"}, "")
    assert found.source.endswith("ttsd/config.toml")


def test_the_environment_comes_first(configured):
    configured('[tui]\ntheme = "light"\n')
    assert preferences({"TTSD__TUI__THEME": "contrast-light"}).theme == "contrast-light"


@pytest.mark.parametrize("text", ['[tui]\ntheme = "mauve"\n', "[tui]\nkeys = 3\n", "[tui\n", "[engine]\nslots = -1\n"])
def test_what_is_wrong_is_said_and_keeps_nobody_out(configured, text):
    found = configured(text)
    assert "ttsd/config.toml" in found.problem
    assert (found.theme, found.keys) == ("dark", {})


def test_a_systems_file_that_only_others_may_read_counts_as_none(configured, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    (tmp_path / "etc.toml").write_text("[tui]\ntheme = 'light'\n")
    assert preferences({}) == Preferences()
