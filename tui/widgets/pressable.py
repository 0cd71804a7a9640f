"""Text that can be clicked, in its own colours: Textual paints its links all alike."""

from typing import Final

from textual.content import Content
from textual.events import Click
from textual.style import Style
from textual.widget import Widget

from tui.widgets.steady import Steady

ACTION: Final = "ttsd-action"


def pressable(content: Content, action: str) -> Content:
    """`content`, which does `action` when it is clicked within one of the widgets below."""
    return content.stylize(Style.from_meta({ACTION: action}))


async def _press(widget: Widget, event: Click) -> None:
    action = event.style.meta.get(ACTION)
    if isinstance(action, str):
        await widget.run_action(action)


class Pressable(Widget):
    """A widget whose text can be clicked."""

    async def on_click(self, event: Click) -> None:
        await _press(self, event)


class PressableText(Steady):
    """A line of text that can be clicked."""

    async def on_click(self, event: Click) -> None:
        await _press(self, event)
