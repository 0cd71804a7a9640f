"""The sentences of a receipt: when each begins, how long it is, and whether it was made or kept."""

from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from ttsd.protocol.jobs import SegmentReceipt
from tui.reasons import Explains
from tui.widgets.rowlist import RowList
from tui.words import clock, duration, fitted, plain

FIXED: Final = 7 + 11 + 7 + 3
"""Cells beside the text: number, beginning, length, mark."""


class SegmentList(Explains, RowList[SegmentReceipt]):
    """Shows sentences in the order of the sound."""

    KEYS_OF = "receipt"
    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in RowList.BINDINGS if isinstance(binding, Binding)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *RowList.COMPONENT_CLASSES,
        *(f"segment--{name}" for name in ("text", "quiet", "kept", "cut")),
    }

    def __init__(self) -> None:
        super().__init__(lambda segment: segment.index)

    def segments(self, row: SegmentReceipt, width: int) -> list[Segment]:
        mark, colour = ("!", "cut") if row.cut_off else ("↻", "kept") if row.reused else (" ", "quiet")
        return [
            Segment(f" {row.index:>5} ", self._style("quiet")),
            Segment(f"{clock(row.start_s):>9}  ", self._style("quiet")),
            Segment(f"{duration(row.end_s - row.start_s):>7}", self._style("quiet")),
            Segment(f" {mark} ", self._style(colour)),
            Segment(fitted(plain(row.text), max(0, width - FIXED)), self._style("text")),
        ]

    def _style(self, name: str) -> Style:
        return self.style_of(f"segment--{name}")
