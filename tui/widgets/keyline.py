"""The line at the bottom: the keys that count now, in one widget that costs nothing to change."""

from typing import Any, cast

from textual.content import Content
from textual.signal import Signal

from tui.keys import key_of, shown
from tui.language import t
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
        always = _act(key_of("help", "^g"), t("Help"), "app.keys") + Content("  ")
        always += _act("^p", t("more"), "app.command_palette")
        room = self.size.width - always.cell_length - 2
        line = Content("")
        for key in keys:
            if line.cell_length + key.cell_length + 2 > room:
                break
            line = line + key + Content("  ")
        return line.pad_right(max(0, self.size.width - line.cell_length - always.cell_length)) + always

    def _keys(self) -> list[Content]:
        found: dict[str, Content] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and binding.action not in found and binding.id != "help":
                found[binding.action] = _key(shown(binding), binding.description, binding.key)
                if not active.enabled:
                    found[binding.action] = found[binding.action].stylize("dim")
        return list(found.values())


def _key(name: str, what: str, key: str) -> Content:
    first = key.split(",", maxsplit=1)[0]
    return _act(name, t(what), f"app.simulate_key('{first}')")


def _act(key: str, what: str, action: str) -> Content:
    text = Content.assemble((key, "bold $footer-key-foreground"), (f" {what}", "$footer-description-foreground"))
    return pressable(text, action)
