"""Keys that name themselves, and say why they do nothing now."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual.actions import parse
from textual.binding import ActiveBinding, BindingType

from tui.keys import named


class Explains:
    """Stands before Textual's class among the bases.

    Its `check_action` takes that one's place and asks `reason`, which is told when such a key is pressed all the same.
    Every binding gets a name in `KEYS_OF`, for `[tui] keys` in the configuration.
    """

    KEYS_OF: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]]

    def __init_subclass__(cls, **options: Any) -> None:
        own: Iterable[BindingType] | None = cls.__dict__.get("BINDINGS")
        if own is not None:
            setattr(cls, "BINDINGS", named(cls.KEYS_OF, own))  # noqa: B010 — the subclass's own constant, as it is made
        super().__init_subclass__(**options)

    def reason(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Why `action` does nothing now, in one sentence of the reader's language; `None`: it does something."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An action with a reason against it is shown dim."""
        return None if self.reason(action, parameters) else True


def explain(active: Mapping[str, ActiveBinding], key: str) -> str | None:
    """Why a key does nothing now, if there is one to be pressed."""
    pressed = active.get(key)
    if pressed is None or pressed.enabled or not isinstance(pressed.node, Explains):
        return None
    _, name, parameters = parse(pressed.binding.action)
    return pressed.node.reason(name, parameters)
