"""Written forms in a text: where they are and what they mean."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from ttsd.text.verbal.tokens import Token
from ttsd.text.verbal.writing import Form

_NAMED: Final = re.compile(r"\(\?P<\w+>")


class Found(NamedTuple):
    """A token and the stretch of text it stands for."""

    start: int
    end: int
    token: Token


class Scanner:
    """Finds the forms of one language; of those that begin at the same place the first in the list that fits."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = [(re.compile(form.pattern), form.build) for form in forms]
        self._any = re.compile("|".join(f"({_anonymous(form.pattern)})" for form in forms))

    def find(self, text: str) -> Iterator[Found]:
        """The tokens of `text`, in its order; they do not overlap."""
        at = 0
        while match := self._any.search(text, at):
            found = self._first(text, match.start(), (match.lastindex or 1) - 1)
            at = max(found.end, match.start() + 1) if found else match.start() + 1
            if found:
                yield found

    def _first(self, text: str, start: int, index: int) -> Found | None:
        for pattern, build in self._forms[index:]:
            match = pattern.match(text, start)
            if match and match.end() > start and (token := build(match)):
                return Found(start, match.end(), token)
        return None


def _anonymous(pattern: str) -> str:
    """`pattern` without groups that capture, so that the number of the group in `_any` is that of the form."""
    anonymous = _NAMED.sub("(?:", pattern)
    assert not re.compile(anonymous).groups, f"a group without a name: {pattern}"
    return anonymous
