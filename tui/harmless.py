"""The last look at what is drawn: no sign that would act on the terminal leaves the app, whoever forgot it."""

import re
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_ACTS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
    "|[\U000e0000-\U000e007f]"
)


class Harmless(LineFilter):
    """Takes such signs out of every line: Textual counts no cell for them. `words.plain` shows them instead."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment if segment.control else Segment(_ACTS.sub(_stand_in, segment.text), segment.style)
            for segment in segments
        ]


def _stand_in(found: re.Match[str]) -> str:
    """A soft hyphen and half a pair of surrogates have a cell of their own."""
    return "�" if cell_len(found.group()) else ""
