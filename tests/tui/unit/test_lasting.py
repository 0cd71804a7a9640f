"""Styles are worked out once, and anew when what they are made of changes."""

from typing import ClassVar

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.lasting import Lasting


class Line(Lasting, Widget, can_focus=True):
    DEFAULT_CSS = """
    Line { height: 1; color: $foreground; }
    Line:focus { color: $accent; }
    Line .line--word { color: $success; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--word"}

    def render_line(self, y: int) -> Strip:
        return Strip([Segment("word", self.get_component_rich_style("line--word")), Segment(" rest", self.rich_style)])


class Lines(App[None]):
    def compose(self) -> ComposeResult:
        with Vertical(id="behind"):
            yield Line()
            yield Line()


async def test_styles_last_until_a_theme_a_focus_or_what_is_behind_changes():
    async with Lines().run_test() as pilot:
        line, other = pilot.app.query(Line)
        other.focus()
        await pilot.pause()

        def styles() -> tuple[object, object]:
            line.render_lines(line.size.region)
            return line.get_component_rich_style("line--word"), line.rich_style

        first = styles()
        line.refresh()
        assert all(new is old for new, old in zip(styles(), first, strict=True))
        line.focus()
        await pilot.pause()
        focused = styles()
        assert focused[1] != first[1]
        pilot.app.theme = "textual-light"
        await pilot.pause()
        light = styles()
        assert all(new != old for new, old in zip(light, focused, strict=True))
        pilot.app.query_one("#behind").styles.background = "red"
        await pilot.pause()
        assert all(new != old for new, old in zip(styles(), light, strict=True))
