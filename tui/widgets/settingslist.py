"""The settings by section, one a line; those that differ from their default stand out."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import ClassVar, Final

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region

from ttsd.client.settings import Setting, as_toml
from tui.widgets.rowlist import RowList
from tui.words import fitted, plain

NAME: Final = 26
"""Cells of mark and name."""
Row = str | Setting
"""The title of a section, or one of its settings."""


class SettingsList(RowList[Row]):
    """The cursor passes over titles; Enter chooses the setting under it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", show=False)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *RowList.COMPONENT_CLASSES,
        *(f"setting--{name}" for name in ("section", "name", "value", "default")),
    }

    def __init__(self) -> None:
        super().__init__(lambda row: row if isinstance(row, str) else row.name)

    @property
    def setting(self) -> Setting | None:
        """The one under the cursor."""
        return None if isinstance(self.selected, str) else self.selected

    def show_settings(self, settings: Sequence[Setting]) -> None:
        """They come by section."""
        self.show(list(_titled(settings)))
        self._put(self._cursor)

    def on_resize(self) -> None:
        """The title above the first setting is in sight from the beginning, too."""
        self._put(self._cursor)

    def action_choose(self) -> None:
        if self.setting:
            self.post_message(self.Chosen())

    def _put(self, place: int) -> None:
        """Below a title, or above it where the cursor comes from below; with the line above in sight, it may be one."""
        rows = self._rows
        place = max(0, min(place, len(rows) - 1))
        if rows and isinstance(rows[place], str):
            place += -1 if 0 < place < self._cursor else 1
        super()._put(place)
        self.scroll_to_region(Region(0, max(0, place - 1), 1, 2), animate=False, force=True)

    def segments(self, row: Row, width: int) -> list[Segment]:
        if isinstance(row, str):
            return [Segment(fitted(f"[{row}]", width), self.style_of("setting--section"))]
        changed = row.value != row.default
        return [
            Segment(f" {'●' if changed else ' '} ", self.style_of("setting--value")),
            Segment(fitted(row.key, NAME - 3), self.style_of("setting--name")),
            Segment(
                fitted(plain(as_toml(row.value)), max(1, width - NAME)),
                self.style_of("setting--value" if changed else "setting--default"),
            ),
        ]


def _titled(settings: Sequence[Setting]) -> Iterator[Row]:
    for section, group in groupby(settings, key=lambda setting: setting.section):
        yield section
        yield from group
