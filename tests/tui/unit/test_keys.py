"""Names of what keys do, and what `[tui] keys` may say."""

import pytest
from textual.binding import Binding

from tui.keys import is_key, named, names, objections, shown, use


def test_a_binding_is_named_by_its_page_and_what_it_is_called():
    bindings = named("jobs", [Binding("r", "act('retry')", "Retry"), Binding("c", "act('cancel')", "Stop job")])
    assert names(bindings) == {"jobs-retry", "jobs-stop-job"}
    assert names(named("", [Binding("f3", "mode('jobs')", "Jobs"), Binding("x", "y")])) == {"jobs"}


@pytest.mark.parametrize("key", ["f12", "a", "ctrl+o", "alt+left", "f1,1", "ctrl+shift+p", "enter", "+", "é", "页"])
def test_keys(key):
    assert is_key(key)


@pytest.mark.parametrize("key", ["", "f99", "ctrl", "hold+a", "ctrl+", "a b", "ctrl+o,", "F12"])
def test_no_keys(key):
    assert not is_key(key)


def test_what_is_wrong_is_said_of_each():
    found = objections({"jobs": "alt+j", "jobz": "a", "logs": "f99"}, ["jobs", "logs"])
    assert found == ['"jobz" names nothing that keys do', 'logs = "f99": no such key']


@pytest.mark.parametrize(
    ("key", "display", "keymap", "expected"),
    [
        ("f6,ctrl+enter", "F6", {}, "F6"),
        ("f6", "F6", {"x": "ctrl+o"}, "^o"),
        ("f6", "F6", {"x": "alt+j,f4"}, "Alt+J"),
        ("f6", "F6", {"x": "ctrl+shift+p"}, "Shift+^p"),
        ("page_down", None, {}, "Page down"),
        ("r", None, {}, "r"),
    ],
)
def test_how_a_key_is_shown(key, display, keymap, expected):
    use(keymap)
    assert shown(Binding(key, "do", key_display=display, id="x")) == expected


@pytest.fixture(autouse=True)
def _keys_as_they_are():
    yield
    use({})
