"""Styles that last as long as they are true."""

from typing import TYPE_CHECKING, Any

from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

# Textual takes styles and component classes from the first base that is a widget: this must not be one.
_Base = Widget if TYPE_CHECKING else object


class Lasting(_Base):
    """Before a widget that draws its lines itself: with styles that are worked out once.

    Textual (8.2) forgets them with every refresh and asks all ancestors anew: 0.1 ms for each style of each line.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._lasting: dict[object, Style] = {}
        self._behind: tuple[Color, Color] | None = None
        """The background that they were worked out for."""
        super().__init__(*args, **options)

    def notify_style_update(self) -> None:
        self._lasting.clear()
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        behind = self.background_colors
        if behind != self._behind:
            self._behind = behind
            self._lasting.clear()
        return super().render_lines(crop)

    @property
    def rich_style(self) -> Style:
        if (style := self._lasting.get(None)) is None:
            style = self._lasting[None] = super().rich_style
        return style

    def get_component_rich_style(self, *names: str, partial: bool = False, default: Style | None = None) -> Style:
        if default is not None:
            return super().get_component_rich_style(*names, partial=partial, default=default)
        if (style := self._lasting.get((names, partial))) is None:
            style = self._lasting[names, partial] = super().get_component_rich_style(*names, partial=partial)
        return style
