"""Text that is painted when it changes, however often it is said."""

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static


class Steady(Static):
    """What is shown follows every event of the daemon; most of them change none of it."""

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        if not _same(content, self.content):
            super().update(content, layout=layout)


def _same(content: VisualType, shown: VisualType) -> bool:
    if isinstance(content, Content) and isinstance(shown, Content):
        return content.is_same(shown)
    return isinstance(content, str) and isinstance(shown, str) and content == shown
