"""What is painted anew when parts of the screen change: those parts."""

from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class Painting(Compositor):
    """Asks only widgets that have changed, or lie over what has, for their lines, and only for those lines.

    Textual's own (8.2) asks every widget whose container reaches into the smallest part of the screen that has all
    changes in it: for a word at the top and a meter at the bottom, all that stand between and beside them.
    """

    _parts: tuple[Region, ...] = ()
    """What has changed, while that is painted; empty: everything."""

    def render_partial_update(self) -> ChopsUpdate | None:
        self._parts = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._parts = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        parts = self._parts or (self.size.region if crop is None else crop,)
        for widget, (region, clip) in self.visible_widgets.items():
            shown = clip.intersection(region)
            for part in filter(shown.overlaps, parts):
                # In full width: lines are put together of whole pieces.
                rows = shown.intersection(Region(shown.x, part.y, shown.width, part.height))
                yield region, rows, widget.render_lines(rows.translate((-region.x, -region.y)))
            # They come from front to back: what this one fills, none of those behind it does.
            parts = tuple(part for part in parts if not shown.contains_region(part))
            if not parts:
                break
