"""The app as far as no daemon is needed for it: colours, keys, language, the palette, help and settings."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Final

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.theme import Theme

from ttsd.client.preferences import Preferences
from ttsd.protocol.health import Status
from tui import keys, words
from tui.harmless import Harmless
from tui.language import NAMES, Language, chosen, t
from tui.memory import Memory
from tui.phrasebook import told
from tui.reasons import Explains
from tui.screens.messages import MessagesScreen, Told
from tui.theme import THEMES, theme_named

HARMLESS: Final = Harmless()
TOAST_CHARS: Final = 280
"""Five lines of the narrowest toast."""
MOST_TOLD: Final = 200


class Surface(Explains, App[None]):
    """Owns what is worn and which keys do what."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g,question_mark", "keys", "Help", key_display="^g", tooltip="This list of keys"),
        Binding(
            "f12", "settings", "Settings", show=False, key_display="F12", tooltip="Every setting, and what it does"
        ),
        Binding(
            "alt+n",
            "tour",
            "Tour",
            show=False,
            key_display="Alt+N",
            tooltip="The next step of the tour, or all of it",
            priority=True,  # a terminal sends it with its letter, which the composer would take
        ),
        Binding("ctrl+q", "quit", "Quit", show=False, key_display="^q", tooltip="Leave", priority=True),
    ]

    def __init__(self, memory: Memory, preferences: Preferences) -> None:
        super().__init__()
        self.memory = memory
        self.preferences = preferences
        self._told: deque[Told] = deque(maxlen=MOST_TOLD)
        self.again = False
        """It was left to be opened anew, in another language."""
        self._dress(theme_named(memory.recall().theme) or theme_named(preferences.theme) or THEMES[0])
        self._trouble = self._give_keys()

    @property
    def _everywhere(self) -> list[BindingType]:
        return [*self.BINDINGS, *Surface.BINDINGS]

    def known_status(self) -> Status | None:
        """What was last heard of the daemon."""
        raise NotImplementedError

    def tell(self, text: str, title: str, severity: Any = "information") -> None:
        """A toast."""
        self.notify(words.plain_lines(told(text)), title=words.plain(title), severity=severity, markup=False)

    def notify(self, message: str, *, title: str = "", severity: Any = "information", **options: Any) -> None:
        """As Textual has it, but a long one is cut; the palette shows what was said, whole."""
        self._told.append(Told(time.strftime("%H:%M:%S"), title, message, severity))
        super().notify(words.shortened(message, TOAST_CHARS), title=title, severity=severity, **options)

    def _show_messages(self) -> None:
        self.push_screen(MessagesScreen(self._told))

    def _dress(self, worn: Theme) -> None:
        """Wear a theme of ours; not by assignment, which reads every style sheet once more before the first paint."""
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(Surface.theme, worn.name)
        self.stylesheet.set_variables(self.get_css_variables())

    def _give_keys(self) -> str:
        """Take over `[tui] keys`, all or none; returns what is wrong with the configuration."""
        wanted = self.preferences.keys
        keys.use({})
        if not wanted:
            return self.preferences.problem
        from tui.pages import key_names

        if wrong := keys.objections(wanted, key_names(self._everywhere)):
            return f"{self.preferences.source}: [tui] keys: {'; '.join(wrong)}"
        keys.use(wanted)
        self.set_keymap(dict(wanted))
        return ""

    def wear(self) -> None:
        """Once the first paint is out: remember what is chosen from now on, and say what could not be taken over."""
        self.theme_changed_signal.subscribe(self, lambda theme: self.memory.remember(theme=theme.name))
        if self._trouble:
            self.tell(self._trouble, t("The configuration is not taken over"), "warning")

    def _speak_language(self, language: Language) -> None:
        """Open the app anew in another language; what is written stays."""
        self.memory.remember(language=language)
        self.again = True
        self.exit()

    def action_help_quit(self) -> None:
        """Ctrl+C, where there is nothing to copy; Textual would answer in its own words, and in English."""
        self.tell(t("{key} leaves.", key=keys.key_of("quit", "^q")), t("Ctrl+C copies what is selected"))

    def action_keys(self) -> None:
        from tui.pages import groups
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(groups(self._everywhere)))

    def action_settings(self) -> None:
        from tui.configuring import Configuring  # with the configuration itself: 100 ms that nobody else waits for

        Configuring(self.push_screen, self.tell, self.known_status).open()

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), HARMLESS]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our two greys, for themes that do not have them."""
        return {"quiet": "#808895", "faint": "#606875"}

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every key of the screen in front by name, then the modes and the themes."""
        seen: set[tuple[Any, str]] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            named = (active.node, binding.action)  # a binding of two keys comes twice
            if active.enabled and binding.tooltip and active.node in (screen, self) and named not in seen:
                seen.add(named)
                yield SystemCommand(t(binding.description), t(binding.tooltip), _runner(active.node, binding.action))
        yield SystemCommand(t("Messages"), t("What was said here, whole"), self._show_messages)
        yield SystemCommand(t("Colours"), t("Choose a theme, dark or light"), self.action_change_theme)
        for language, name in NAMES.items():
            if language != chosen():
                yield SystemCommand(name, t("What the app says"), partial(self._speak_language, language))
        yield SystemCommand(t("Screenshot"), t("Save what is on the screen as SVG"), self.deliver_screenshot)


def _runner(node: Any, action: str) -> Callable[[], Any]:
    return lambda: node.run_action(action)
