"""What keys do has names, so that `[tui] keys` can give it other keys; Textual's keymap does the rest."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from textual.binding import Binding, BindingType
from textual.keys import Keys

MODIFIERS: Final = ("ctrl", "alt", "shift", "super", "meta", "hyper")
NAMED: Final = frozenset(key.value for key in Keys)

_keymap: dict[str, str] = {}


def use(keymap: Mapping[str, str]) -> None:
    """From now on keys are shown as `keymap` has them; Textual's `set_keymap` makes them work."""
    _keymap.clear()
    _keymap.update(keymap)


def key_of(name: str, default: str) -> str:
    """How the key for `name` is written; `default` where nobody has given it another."""
    return _written(_keymap[name]) if name in _keymap else default


def named(owner: str, bindings: Iterable[BindingType]) -> list[BindingType]:
    """`bindings` with an id each, from what they are called: `jobs-retry`; the app's own without an owner: `jobs`."""
    return [_named(owner, binding) if isinstance(binding, Binding) else binding for binding in bindings]


def _named(owner: str, binding: Binding) -> Binding:
    words = re.sub(r"[^a-z0-9]+", "-", binding.description.lower()).strip("-")
    return replace(binding, id=f"{owner}-{words}" if owner else words) if words else binding


def names(bindings: Iterable[BindingType]) -> frozenset[str]:
    """The ids in `bindings`."""
    return frozenset(binding.id for binding in bindings if isinstance(binding, Binding) and binding.id)


def objections(keys: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """What is wrong with `[tui] keys`, one phrase for each wrong one; `known` are the names there are."""
    there = frozenset(known)
    unknown = [f'"{name}" names nothing that keys do' for name in keys if name not in there]
    wrong = [f'{name} = "{key}": no such key' for name, key in keys.items() if name in there and not is_key(key)]
    return [*unknown, *wrong]


def is_key(text: str) -> bool:
    """Whether `text` is a key, or several with commas between, as Textual writes them: `f12`, `alt+left,j`."""
    return bool(text) and all(_is_one(key.strip()) for key in text.split(","))


def _is_one(text: str) -> bool:
    *modifiers, key = text.split("+") if text != "+" else [text]
    return all(modifier in MODIFIERS for modifier in modifiers) and (len(key) == 1 or key in NAMED)


def shown(binding: Binding) -> str:
    """How the key of `binding` is written on the screen: `F6`, `^s`, `Alt+J`."""
    return key_of(binding.id or "", binding.key_display or _written(binding.key))


def _written(keys: str) -> str:
    *modifiers, key = keys.split(",", maxsplit=1)[0].split("+")
    name = key if len(key) == 1 else key.replace("_", " ").capitalize()
    control = "^" if "ctrl" in modifiers else ""
    rest = [modifier.capitalize() for modifier in modifiers if modifier != "ctrl"]
    return "+".join([*rest, control + (name.lower() if control else name if not rest else name.upper())])
