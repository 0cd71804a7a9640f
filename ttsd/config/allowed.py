"""What a key allows, in words, read off its type."""

import json
from collections.abc import Callable
from typing import Any, Final

from msgspec import inspect


def allowed(annotation: Any) -> str:
    """One phrase for an error message, such as `a whole number from 0 to 64`."""
    return _phrase(inspect.type_info(annotation))


def _phrase(kind: inspect.Type) -> str:
    return _PHRASES[type(kind)](kind)


def _number(kind: inspect.IntType | inspect.FloatType) -> str:
    noun = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
    bounds = ((" above", kind.gt), (" from", kind.ge), (" below", kind.lt), (" to", kind.le))
    limits = "".join(f"{word} {bound:.12g}" for word, bound in bounds if bound is not None)
    return noun + limits + (" up" if limits.startswith(" from") and kind.lt is None and kind.le is None else "")


def _string(kind: inspect.StrType) -> str:
    return f"a string that matches {kind.pattern}" if kind.pattern else "a string"


def _literal(kind: inspect.LiteralType) -> str:
    return " or ".join(json.dumps(value) for value in kind.values)


def _union(kind: inspect.UnionType) -> str:
    return " or ".join(_phrase(option) for option in kind.types)


_PHRASES: Final[dict[type[inspect.Type], Callable[[Any], str]]] = {
    inspect.BoolType: lambda _: "true or false",
    inspect.IntType: _number,
    inspect.FloatType: _number,
    inspect.StrType: _string,
    inspect.LiteralType: _literal,
    inspect.UnionType: _union,
    inspect.VarTupleType: lambda _: "a list of strings",
    inspect.DictType: lambda _: "a table of strings",
}
"""The types that settings have; a test goes through all keys."""
