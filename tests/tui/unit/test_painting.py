"""What is painted anew: the part that changed, and nothing that has not."""

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.painting import Painting
from tui.widgets.steady import Steady


class Block(Widget):
    """Counts the lines that it is asked for."""

    DEFAULT_CSS = "Block { height: 3; }"

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked += crop.height
        return super().render_lines(crop)


class Said(Steady):
    DEFAULT_CSS = "Said { width: 40; }"
    asked = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked += crop.height
        return super().render_lines(crop)


class Page(Screen[None]):
    def __init__(self) -> None:
        super().__init__()
        self._compositor = Painting()
        self.blocks = [Block() for _ in range(3)]
        self.said, self.beside = Said("nothing yet"), Said("beside it")

    def compose(self) -> ComposeResult:
        yield from self.blocks
        with Horizontal():
            yield self.said
            yield self.beside

    def asked(self) -> list[int]:
        """Since the last look."""
        asked = [block.asked for block in self.blocks]
        for block in self.blocks:
            block.asked = 0
        return asked


class Painted(App[None]):
    def get_default_screen(self) -> Page:
        return Page()


async def test_only_lines_that_change_are_asked_for():
    async with Painted().run_test() as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        await pilot.pause()
        page.asked()
        page.blocks[1].refresh(Region(0, 1, 80, 1))
        await pilot.pause()
        assert page.asked() == [0, 1, 0]
        page.blocks[0].refresh(Region(0, 2, 80, 1))
        page.blocks[2].refresh(Region(0, 0, 80, 1))
        await pilot.pause()
        assert page.asked() == [1, 0, 1]


async def test_what_stands_beside_a_change_is_not_asked(until):
    async with Painted().run_test() as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        await pilot.pause()
        page.said.asked = page.beside.asked = 0
        page.said.update("another text", layout=False)
        await until(lambda: page.said.asked)
        assert page.beside.asked == 0
        page.beside.update("text, too", layout=False)
        await until(lambda: page.beside.asked)
        assert page.said.asked == 1


async def test_what_lies_over_a_change_stays_in_front():
    async with Painted().run_test() as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        over = Said("in front")
        over.styles.position = "absolute"
        over.styles.offset = (4, 3)
        await page.mount(over)
        await pilot.pause()
        assert over.region.offset == (4, 3)
        page.blocks[1].refresh(Region(0, 0, 6, 1))
        page._compositor.update_widgets({page.blocks[1]})
        update = page._compositor.render_update()
        painted = "".join(segment.text for segment in pilot.app.console.render(update) if not segment.control)
        assert painted.startswith("Blocin")  # the block shows its name


async def test_what_is_said_again_is_not_painted_again():
    async with Painted().run_test() as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        await pilot.pause()
        asked: list[bool] = []
        for text in ("here", "here", "there", "there"):
            page.said.asked = 0
            page.said.update(text, layout=False)
            await pilot.pause()
            assert str(page.said.render()) == text
            asked.append(page.said.asked > 0)
        assert asked == [True, False, True, False]
