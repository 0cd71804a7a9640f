"""The list of voices: what each is called and speaks, how long its clip is and how it looks."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style

from ttsd.protocol.hearing import Report
from tui.bars import averaged, columns
from tui.voicerows import Row, label, spoken
from tui.widgets.rowlist import RowList
from tui.words import duration, fitted, plain

SPOKEN: Final = 11
DRAWING: Final = 16
FIXED: Final = 3 + 2 + SPOKEN + 7 + 2 + DRAWING + 3
"""Cells beside the name: glyph, languages, length, drawing, flag."""
NAME_LEAST: Final = 16
NAME_MOST: Final = 24
REMARK_LEAST: Final = 12
"""Cells for a description beside the name; in fewer it says nothing."""
_FLAGS: Final = {"fault": "✗", "warning": "!"}


class VoiceList(RowList[Row]):
    """Shows rows of voices. `mark` is the reference that is heard against the one under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *RowList.COMPONENT_CLASSES,
        *(f"voice--{name}" for name in ("glyph", "name", "quiet", "drawing", "fault", "warning", "mark")),
    }

    def __init__(self, envelopes: Mapping[str, Sequence[float]], reports: Mapping[str, Report]) -> None:
        """Both by revision; they grow while the list is shown."""
        super().__init__(lambda row: row.reference)
        self._envelopes = envelopes
        self._reports = reports
        self.mark = ""

    def segments(self, row: Row, width: int) -> list[Segment]:
        room = max(NAME_LEAST, width - FIXED)
        name = min(room, NAME_MOST) if room >= NAME_MOST + REMARK_LEAST else room
        length = duration(row.variant.duration_s) if row.variant and row.variant.duration_s else ""
        return [
            self._glyph(row),
            Segment(fitted(plain(label(row)), name), self.style_of("voice--name")),
            Segment(fitted(plain(f"  {row.voice.description}" if row.first else ""), room - name), self._quiet),
            Segment(f"  {fitted(spoken(row.languages), SPOKEN)}", self._quiet),
            Segment(f"{length:>7}  ", self._quiet),
            Segment(fitted(self._drawing(row), DRAWING), self.style_of("voice--drawing")),
            self._flag(row),
        ]

    @property
    def _quiet(self) -> Style:
        return self.style_of("voice--quiet")

    def _glyph(self, row: Row) -> Segment:
        if row.reference == self.mark:
            return Segment(" B ", self.style_of("voice--mark"))
        if not row.first:
            return Segment("   ")
        return Segment(" ● " if row.voice.kind == "profile" else " ○ ", self.style_of("voice--glyph"))

    def _drawing(self, row: Row) -> str:
        levels = self._envelopes.get(row.variant.revision, ()) if row.variant else ()
        shape = averaged(levels, DRAWING)
        loudest = max(shape, default=0.0) or 1.0
        return columns([level / loudest for level in shape], 1)[0]

    def _flag(self, row: Row) -> Segment:
        level = worst(row, self._reports)
        return Segment(f" {_FLAGS.get(level, ' ')} ", self.style_of(f"voice--{level}") if level in _FLAGS else None)


def worst(row: Row, reports: Mapping[str, Report]) -> str:
    """`fault`, `warning`, `note`, or nothing as far as is known."""
    if row.voice.problem:
        return "fault"
    report = reports.get(row.variant.revision) if row.variant else None
    levels = [finding.level for finding in report.findings] if report else []
    return next((level for level in ("fault", "warning", "note") if level in levels), "")
