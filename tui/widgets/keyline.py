"""The line at the bottom: the keys that count now, in one widget that costs nothing to change."""

from typing import Any, cast

from textual.content import Content
from textual.signal import Signal

from tui.widgets.pressable import Pressable, pressable


class KeyLine(Pressable):
    """Shows the bindings of what is in front; a key that does nothing now is dim. A click presses the key."""

    def on_mount(self) -> None:
        # pyright: ignore below: Textual leaves the type of a screen's result open.
        updated = cast("Signal[Any]", self.screen.bindings_updated_signal)  # pyright: ignore[reportUnknownMemberType]
        updated.subscribe(self, self._changed)

    def _changed(self, _screen: object) -> None:
        self.refresh()

    def render(self) -> Content:
        keys = self._keys()
        palette = Content.assemble(("^p ", "bold $footer-key-foreground"), ("more", "$footer-description-foreground"))
        palette = pressable(palette, "app.command_palette")
        room = self.size.width - palette.cell_length - 2
        line = Content("")
        for key in keys:
            if line.cell_length + key.cell_length + 2 > room:
                break
            line = line + key + Content("  ")
        return line.pad_right(max(0, self.size.width - line.cell_length - palette.cell_length)) + palette

    def _keys(self) -> list[Content]:
        found: dict[str, Content] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and binding.action not in found:
                found[binding.action] = _key(binding.key_display or binding.key, binding.description, binding.key)
                if not active.enabled:
                    found[binding.action] = found[binding.action].stylize("dim")
        return list(found.values())


def _key(name: str, what: str, key: str) -> Content:
    text = Content.assemble((name, "bold $footer-key-foreground"), (f" {what}", "$footer-description-foreground"))
    first = key.split(",", maxsplit=1)[0]
    return pressable(text, f"app.simulate_key('{first}')")
