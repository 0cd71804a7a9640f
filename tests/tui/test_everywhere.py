"""What is the same on every page: keys by another name, themes, what is remembered, and the app in another language."""

import signal

import psutil
import pytest
from msgspec.structs import replace
from textual.events import Key
from textual.widgets import Input

from ttsd.client.preferences import Preferences
from tui.memory import Memory
from tui.theme import THEMES
from tui.widgets.keyline import KeyLine
from tui.widgets.topbar import TopBar


def said(app) -> list[str]:
    return [f"{one.title}: {one.message}" for one in app._notifications]


async def test_keys_from_the_configuration_work_and_are_shown(replay, running, until, screen_text):
    wishes = Preferences(keys={"jobs": "alt+j", "speak-clear": "f11"}, source="config.toml")
    async with running(replay, size=(110, 30), preferences=wishes) as (app, pilot, _):
        await until(lambda: app.state.status and "Alt+J Jobs" in str(app.screen.query_one(TopBar).render()))
        assert "F11 Clear" in str(app.screen.query_one(KeyLine).render())
        await pilot.press("h", "i")
        await pilot.press("f8")
        assert app.screen._composer.text == "hi"
        await pilot.press("f11")
        assert app.screen._composer.text == ""
        await pilot.press("f3")
        assert app.current_mode == "speak"
        await pilot.press("alt+j")
        assert app.current_mode == "jobs"


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Preferences(keys={"jobz": "f12"}, source="/c.toml"), '/c.toml: [tui] keys: "jobz" names nothing that keys do'),
        (Preferences(keys={"jobs": "f77"}, source="/c.toml"), '/c.toml: [tui] keys: jobs = "f77": no such key'),
        (Preferences(problem="/c.toml: not valid TOML"), "/c.toml: not valid TOML"),
    ],
)
async def test_a_configuration_that_is_wrong_is_told_and_left_aside(replay, running, until, wishes, message):
    async with running(replay, preferences=wishes) as (app, pilot, _):
        await until(lambda: said(app) == [f"The configuration is not taken over: {message}"])
        await pilot.press("f3")
        assert app.current_mode == "jobs"


async def test_the_theme_is_the_configured_one_until_another_is_chosen(replay, running, until, tmp_path):
    wishes = Preferences(theme="contrast-light")
    async with running(replay, preferences=wishes) as (app, _, _):
        assert app.theme == "ttsd-contrast-light"
        await until(lambda: app.state.status)
        app.theme = "ttsd-light"
        await until(lambda: Memory(tmp_path / "app").recall().theme == "ttsd-light")
    async with running(replay, preferences=wishes) as (app, _, _):
        assert app.theme == "ttsd-light"


@pytest.mark.parametrize("theme", [theme for theme in THEMES if "contrast" in theme.name], ids=lambda theme: theme.name)
def test_in_high_contrast_every_text_stands_out(theme):
    """WCAG 2.1, 1.4.6: a contrast of 7 at least, what is of lesser weight included."""
    from textual.color import Color

    def luminance(colour: str) -> float:
        parts = [part / 255 for part in Color.parse(colour).rgb]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    texts = [theme.primary, theme.secondary, theme.accent, theme.foreground, theme.success, theme.warning, theme.error]
    texts += [theme.variables[name] for name in ("quiet", "faint", "footer-description-foreground")]
    for text in texts:
        darker, lighter = sorted((luminance(text), luminance(theme.background)))
        assert (lighter + 0.05) / (darker + 0.05) >= 7.0, text


async def test_help_is_searched_by_typing(replay, running, until, screen_text):
    async with running(replay, size=(110, 70)) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("ctrl+g")
        await until(lambda: "jobs-retry" in screen_text(app))
        await pilot.press(*"queue again")
        await until(lambda: "This list of keys" not in screen_text(app))
        assert "Queue a failed or stopped job again" in screen_text(app)
        await pilot.press("escape")
        await until(lambda: len(app.screen_stack) == 1)


async def test_another_language_opens_the_app_anew(replay, running, until, tmp_path):
    async with running(replay) as (app, _, _):
        await until(lambda: app.state.status)
        chinese = next(command for command in app.get_system_commands(app.screen) if command.title == "简体中文")
        chinese.callback()
        await until(lambda: not app.is_running)
    assert app.again
    assert Memory(tmp_path / "app").recall().language == "zh"


# --- settings ---


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The file of this user's daemon, with a comment in it."""
    file = tmp_path / "config" / "ttsd" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('# mine\n[log]\nlevel = "info"  # quiet\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return file


@pytest.fixture
def here(config, replay):
    """The configuration file of a daemon on this machine; the test's own process stands for it."""
    this = psutil.Process()
    replay.now = replace(replay.now, config_file=str(config), pid=this.pid, started_s=this.create_time())
    return config


async def open_settings(app, pilot, until, *search: str) -> None:
    await until(lambda: app.state.status)
    await pilot.press("f12")
    await until(lambda: app.screen.query("SettingsList") and app.screen._list.setting)
    await pilot.press("slash", *search, "enter")
    await pilot.pause()


async def test_a_setting_is_changed_in_the_file_with_its_comments_kept(
    replay, running, until, here, screen_text, monkeypatch
):
    told: list[tuple[int, int]] = []
    monkeypatch.setattr("os.kill", lambda pid, number: told.append((pid, number)))
    async with running(replay, size=(120, 36)) as (app, pilot, _):
        await open_settings(app, pilot, until, *"log.level")
        assert '"debug" or "error"' in screen_text(app)
        await pilot.press("enter")
        await until(lambda: len(app.screen_stack) == 3)
        await pilot.press("up", "up", "enter")
        await until(lambda: '"debug"' in here.read_text())
        assert here.read_text() == '# mine\n[log]\nlevel = "debug"  # quiet\n'
        await until(lambda: any("Written" in text for text in said(app)))
        await until(lambda: "read it now?" in screen_text(app))
        await pilot.press("y")
        await until(lambda: told == [(psutil.Process().pid, signal.SIGHUP)])
        await pilot.press("escape", "escape")
        await until(lambda: len(app.screen_stack) == 1)


async def test_a_setting_of_the_daemons_environment_says_so(replay, running, until, here, screen_text):
    replay.now = replace(replay.now, overrides={"log.level": "TTSD__LOG__LEVEL"})
    async with running(replay, size=(120, 36)) as (app, pilot, _):
        await open_settings(app, pilot, until, *"log.level")
        assert "TTSD__LOG__LEVEL in its environment, which counts more than" in screen_text(app)
        await pilot.press("slash", *["backspace"] * 9, *"log.keep", "enter")
        await until(lambda: "TTSD__LOG__LEVEL" not in screen_text(app))


async def test_a_value_that_is_not_allowed_is_refused_with_what_is(replay, running, until, here):
    before = here.read_text()
    async with running(replay, size=(120, 36)) as (app, pilot, _):
        await open_settings(app, pilot, until, *"engine.slots")
        await pilot.press("enter")
        await until(lambda: len(app.screen_stack) == 3)
        await pilot.press("9", "9", "enter")
        await until(lambda: any("a whole number from 0 to 64" in text for text in said(app)))
    assert here.read_text() == before


async def test_where_the_app_may_not_write_it_shows_the_change_and_the_command(
    replay, running, until, here, screen_text, monkeypatch
):
    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ttsd.client.settings.replace_text", refuse)
    async with running(replay, size=(120, 36)) as (app, pilot, _):
        await open_settings(app, pilot, until, *"settle_s")
        await pilot.press("enter")
        await until(lambda: len(app.screen_stack) == 3)
        await pilot.press("5", "enter")
        await until(lambda: "+settle_s = 5" in screen_text(app))
        assert f"sudoedit {here}" in app.screen._commands
        assert "sudoedit" in screen_text(app)


# --- the tour ---


async def test_the_first_run_begins_a_tour_that_ends_with_a_spoken_sentence(
    replay, running, until, screen_text, tmp_path
):
    async with running(replay, first_run=True) as (app, pilot, _):
        await until(lambda: "1/5" in screen_text(app))
        await pilot.press("h", "i")  # it takes no key from who writes
        assert app.screen._composer.text == "hi"
        for step in ("2/5", "3/5", "4/5", "5/5"):
            app.post_message(Key("alt+n", "n"))  # as terminals send it: with its letter
            await until(lambda step=step: step in screen_text(app))
        assert app.screen._composer.text == "hi"
        await pilot.press("alt+n")
        await until(lambda: any("This is how I sound" in phrase.text for phrase in app.narrator.take.phrases))
        assert "5/5" not in screen_text(app)
    assert Memory(tmp_path / "app").recall().toured


async def test_the_tour_can_be_left_and_taken_again(replay, running, until, screen_text):
    async with running(replay, size=(120, 30), first_run=True) as (app, pilot, _):
        await until(lambda: "1/5" in screen_text(app))
        await pilot.press("f3")
        line = screen_text(app)
        assert "1/5" not in line
        await pilot.press("f1")
        tour = app.screen.query_one("Tour")
        tour.action_leave()
        await until(lambda: not app.screen.query("Tour"))
        assert not app.narrator.take.phrases
        await pilot.press("alt+n")
        await until(lambda: "1/5" in screen_text(app))


async def test_a_long_message_is_cut_in_its_toast_and_whole_in_the_palette(replay, running, until, screen_text):
    async with running(replay, size=(100, 30)) as (app, pilot, _):
        await until(lambda: app.state.status)
        app.tell("[red]first[/] " + "many words " * 40 + "LAST", "A report", "error")
        await until(lambda: any(text.endswith("…") and "LAST" not in text for text in said(app)))
        await pilot.press("ctrl+p", *"messages", "enter")
        await until(lambda: "A report" in screen_text(app) and "LAST" in screen_text(app))
        assert "[red]first[/]" in screen_text(app)
        await pilot.press("escape")
        await until(lambda: len(app.screen_stack) == 1)


async def test_ctrl_c_says_how_to_leave(replay, running, until):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("ctrl+c")
        await until(lambda: "Ctrl+C copies what is selected: ^q leaves." in said(app))


async def test_who_has_seen_it_is_not_asked_again(replay, running, until):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.pause()
        assert not app.screen.query("Tour")


# --- sizes ---


@pytest.mark.parametrize("size", [(59, 24), (80, 14), (20, 5)])
async def test_a_terminal_that_is_too_small_is_told_so(replay, running, until, screen_text, size):
    async with running(replay, size=size) as (app, pilot, _):
        await until(lambda: "too small" in " ".join(screen_text(app).split()))
        assert "F6" not in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await until(lambda: "F6" in screen_text(app) and "too small" not in screen_text(app))


@pytest.mark.parametrize("size", [(60, 15), (300, 60)])
async def test_every_page_stands_in_the_smallest_and_the_widest_terminal(replay, running, until, screen_text, size):
    async with running(replay, size=size) as (app, pilot, _):
        await until(lambda: app.state.status)
        for key, mode in (("f2", "voices"), ("f3", "jobs"), ("f4", "health"), ("f5", "logs"), ("f1", "speak")):
            await pilot.press(key)
            await until(lambda mode=mode: app.current_mode == mode and app.screen.is_mounted)
            await until(lambda: "^p more" in screen_text(app))
            assert screen_text(app).splitlines()[0].startswith(" F1 Speak")


async def test_settings_of_a_daemon_on_another_machine_are_not_this_machines(replay, running, until, config):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f12")
        await until(lambda: any("another machine" in text for text in said(app)))
        assert len(app.screen_stack) == 1


async def test_the_cursor_of_settings_passes_over_titles(replay, running, until, here):
    async with running(replay, size=(120, 36)) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f12")
        await until(lambda: app.screen.query("SettingsList") and app.screen._list.setting)
        walked = []
        for key in ("home", "down", "down", "up", "up", "up"):
            await pilot.press(key)
            walked.append(app.screen._list.setting.name)
        first, last, following = "daemon.socket", "daemon.drain_s", "engine.name"
        assert walked == [first, last, following, last, first, first]


@pytest.mark.parametrize("page", ["f2", "f3", "f5"])
async def test_what_is_typed_in_one_breath_with_the_search_key_is_searched(replay, running, until, page):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press(page)
        await until(lambda: app.screen.query("#search") and app.screen.focused)
        for character in "/noi":
            app.post_message(Key("slash" if character == "/" else character, character))
        search = app.screen.query_one("#search", Input)
        await until(lambda: search.value == "noi")
        for character in "/a":
            app.post_message(Key("slash" if character == "/" else character, character))
        await until(lambda: search.value == "noi/a")
