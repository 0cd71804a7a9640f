"""How each span of a segment is said: what its writer and the lexicon ask for, and the rest in words."""

from collections.abc import Iterable

import msgspec

from ttsd.protocol.speech import Span
from ttsd.text.verbal import verbalize


def read(spans: Iterable[Span]) -> tuple[Span, ...]:
    """`spans` with `say` filled in where that is not as it is written."""
    return tuple(_said(span) for span in spans)


def _said(span: Span) -> Span:
    say = verbalize(span.text, span.language)
    return span if say == span.text else msgspec.structs.replace(span, say=say)
