"""What the modes share: the line at the top, the keys at the bottom, and a place in between."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final, TypeVar, cast

from textual.actions import parse
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input, Static

from tui import words
from tui.language import t
from tui.painting import Painting
from tui.reasons import Explains, explain
from tui.state import State
from tui.widgets.keyline import KeyLine
from tui.widgets.topbar import TopBar

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 15
"""Cells below which nothing but a word about it is shown."""

Look = Callable[[], State]
"""Reads the app's state."""
Flow = Callable[[], Coroutine[Any, Any, object]]
"""What a page has done: it may ask, and wait for answers."""
Answer = TypeVar("Answer")


class Page(Explains, Screen[None]):
    """A mode. `show` is called with the newest state while it is in front, and when it comes to the front."""

    MODE: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        cls.KEYS_OF = getattr(cls, "MODE", "")
        super().__init_subclass__(**options)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._compositor = Painting()
        self._look = look
        self._top = TopBar(self.MODE)
        self._allowed: tuple[bool | None, ...] = ()

    def compose(self) -> ComposeResult:
        yield self._top
        yield from self.body()
        yield KeyLine()
        yield Static(
            t("This terminal is too small: {width} × {height} is the least.", width=LEAST_WIDTH, height=LEAST_HEIGHT),
            id="cramped",
        )

    def body(self) -> ComposeResult:
        """Between the lines at top and bottom."""
        raise NotImplementedError

    def show(self, state: State) -> None:
        self._top.show(state)

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """A page's own reasons come before this."""
        if action == "search" and isinstance(self.focused, Input):
            return t("What is typed is searched for.")
        return super().reason(action, parameters)

    def ask(self, question: Screen[Answer], answer: Callable[[Answer | None], None]) -> None:
        """Put a question before the page."""
        self._own_app().push_screen(question, answer)

    async def answer_to(self, question: Screen[Answer]) -> Answer:
        """The same, for flows that wait."""
        return await self._own_app().push_screen_wait(question)

    def tell(self, text: str, title: str) -> None:
        """A toast."""
        self.notify(words.plain_lines(text), title=words.plain(title), markup=False)

    def _own_app(self) -> App[None]:
        return cast("App[None]", self.app)  # pyright: ignore[reportUnknownMemberType] — Textual leaves App's result open

    def refresh_keys(self) -> None:
        """Show which keys do something now. Asked often, so it is passed on only when it differs."""
        actions = [parse(binding.action) for binding in self.BINDINGS if isinstance(binding, Binding)]
        allowed = tuple(self.check_action(name, parameters) for _, name, parameters in actions)
        if allowed != self._allowed:
            self._allowed = allowed
            self.refresh_bindings()

    def on_key(self, event: Key) -> None:
        """A key that does nothing now says why."""
        if reason := explain(self.active_bindings, event.key):
            event.stop()
            self.notify(reason, markup=False)

    def on_mount(self) -> None:
        """Runs after the page's own; from now on there is something to show on."""
        self._top.show(self._look())
        self.call_later(self._show_now)

    def on_screen_resume(self) -> None:
        self._show_now()

    def _show_now(self) -> None:
        if self.is_mounted:
            self.show(self._look())


def early_key(key: str, action: str, name: str, shown: str, tooltip: str, *, show: bool = True) -> Binding:
    """A key of the page that comes before those of the widget in focus."""
    return Binding(key, action, name, key_display=shown, tooltip=tooltip, priority=True, show=show)
