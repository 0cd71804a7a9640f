"""Settings: every key of the configuration with its sentence, changed in the file or shown as a diff."""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Final, cast

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ttsd.client.settings import Change, Setting, SettingsFile, as_toml
from ttsd.protocol.errors import TtsdError
from tui.language import later, t
from tui.phrasebook import choice, told
from tui.widgets.settingslist import SettingsList
from tui.words import plain

NEEDS: Final = {
    "reload": later("A running daemon takes it over at a reload."),
    "restart": later("It counts once the daemon is started anew."),
    "app": later("It counts from the next start of this app."),
}


class SettingsScreen(ModalScreen[None]):
    """Shows the file's settings; writes a change, or shows how somebody else can."""

    CSS_PATH = "settings.tcss"
    AUTO_FOCUS = "SettingsList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave"),
        Binding("slash", "search", "Search"),
    ]

    def __init__(self, file: SettingsFile, overrides: Mapping[str, str], changed: Callable[[Change], None]) -> None:
        """`overrides`: the variable of each setting that the daemon has from its environment."""
        super().__init__()
        self._file = file
        self._overrides = overrides
        self._changed = changed
        self._settings: list[Setting] = []
        self._search = Input(placeholder=t("search  /"), compact=True)
        self._list = SettingsList()
        self._about = Static(id="about")

    def compose(self) -> ComposeResult:
        with Vertical(id="settings") as box:
            box.border_title = t("Settings")
            box.border_subtitle = t("enter change · / search · esc leave")
            yield self._search
            yield self._list
            yield self._about

    def on_mount(self) -> None:
        self._read()

    def _read(self) -> None:
        try:
            self._settings = self._file.settings()
        except TtsdError as error:
            self._about.update(Content.styled(plain(error.message), "$error"))
            return
        self._show()

    def _show(self) -> None:
        words = self._search.value.lower().split()
        said = [
            (setting, f"{setting.name} {setting.sentence} {told(setting.sentence)} {setting.value}".lower())
            for setting in self._settings
        ]
        self._list.show_settings([setting for setting, text in said if all(word in text for word in words)])

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    @on(Input.Submitted)
    def _searched(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.focus()

    @on(SettingsList.Selected)
    def _moved(self) -> None:
        setting = self._list.setting
        if setting is None:
            self._about.update(Content.styled(t("Nothing here has these words."), "$quiet"))
            return
        self._about.update(
            Content.assemble(
                (f"{told(setting.sentence)}\n", "$foreground"),
                (t("It takes {allowed}.", allowed=choice(setting.allowed)) + " ", "$quiet"),
                (t("Default: {value}", value=as_toml(setting.default)) + "\n", "$quiet"),
                *self._when(setting),
            )
        )

    def _when(self, setting: Setting) -> Iterator[tuple[str, str]]:
        """What it takes for a change to count."""
        if variable := self._overrides.get(setting.name):
            yield (
                t("The daemon has {variable} in its environment, which counts more than", variable=variable),
                "$warning",
            )
        else:
            yield t(NEEDS[setting.takes_over]), "$quiet"
        yield f" {self._file.file}", "$primary"

    @on(SettingsList.Chosen)
    def _chosen(self) -> None:
        from tui.widgets.picker import Picker
        from tui.widgets.prompt import Prompt

        setting = self._list.setting
        assert setting
        now = as_toml(setting.value)
        if setting.choices:
            question: ModalScreen[str | None] = Picker(setting.name, [(one, one) for one in setting.choices], now)
        else:
            question = Prompt(setting.name, now)
        app = cast("App[None]", self.app)  # pyright: ignore[reportUnknownMemberType] — Textual leaves App's result open
        app.push_screen(question, lambda answer: self._answered(setting, answer))

    def _answered(self, setting: Setting, answer: str | None) -> None:
        if answer is None:
            return
        try:
            change = self._file.change(setting, answer)
        except TtsdError as error:
            self.notify(error.message, title=t("Not changed"), severity="error", markup=False, timeout=10)
            return
        if change.before != change.after:
            self._changed(change)
            self._read()

    def action_search(self) -> None:
        self._search.focus()

    def action_leave(self) -> None:
        """First out of a search, then out of here."""
        if self._search.value or self._search.has_focus:
            self._search.clear()
            self._list.focus()
        else:
            self.dismiss()
