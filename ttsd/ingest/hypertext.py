"""HTML read as a person reads it aloud: what a browser shows, without what is there to be clicked or run.

libxml2's parser through lxml: it calls us element by element, so that neither depth nor length of a page costs
memory (by itself 100,000 nested elements: 0.05 s, 2 MiB; 5 MB of unclosed ones: 0.6 s, 14 MiB). It knows `<title/>`
of XHTML, which swallows the rest of the page by the rules of HTML 5, and reads the XML of EPUB as well. Its import
takes 17 ms and 7 MiB (selectolax 12 ms and 4 MiB, beautifulsoup4 97 ms and 21 MiB, html5lib 50 ms and 12 MiB).
"""

import re
from collections.abc import Container, Mapping
from typing import Final, NamedTuple

from ttsd.ingest import layout
from ttsd.ingest.layout import LINE_END, heading_kind
from ttsd.ingest.libxml import feed_html
from ttsd.text.markup import literal, marked, plain
from ttsd.text.normalize import Block, Kind, clean

_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS: Final = frozenset({"ul", "ol", "dl", "menu"})
_CELLS: Final = frozenset({"td", "th"})
_BLOCKS: Final = _HEADINGS | _LISTS | _CELLS | {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "p", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr",
}  # fmt: skip
_SKIPPED: Final = frozenset({
    "script", "style", "template", "noscript", "nav", "pre", "rt", "rp", "rtc",
    "audio", "canvas", "embed", "iframe", "map", "math", "object", "svg", "video",
    "button", "datalist", "input", "select", "textarea",
})  # fmt: skip
"""Not text, or not of the text: programs, navigation, code, readings above characters, pictures, forms."""
_VERBATIM: Final = frozenset({"code", "kbd", "samp", "tt", "var"})
"""Their text is no markup."""
_INVISIBLE: Final = re.compile(r"(?:display:none|visibility:hidden)")
_NOT_OF_THE_TEXT: Final = frozenset({"pagebreak", "noteref", "doc-pagebreak", "doc-noteref"})
"""Numbers of pages and footnotes in the middle of a sentence, as EPUB and ARIA call them."""
_INSTEAD: Final = {"img": "alt", "math": "alttext"}
"""Attributes that say in words what an element shows."""
_QUOTES: Final = ("“", "”")


class Page(NamedTuple):
    """What a page says."""

    blocks: list[Block]
    title: str
    anchors: dict[str, int]
    """Of the `anchors` asked for, the number of the block that each stands before."""


def read_html(text: str, anchors: Container[str] = ()) -> Page:
    """The page that `text`, HTML or XHTML in any state, stands for; block numbers of the `anchors` in it."""
    reader = _Reader(anchors)
    feed_html(text, reader)
    return Page(reader.blocks, reader.title, reader.anchors)


class _Reader:
    """Owns what was read so far; the parser calls `start`, `data`, `end` and, at last, `close`."""

    def __init__(self, anchors: Container[str]) -> None:
        self.blocks: list[Block] = []
        self.title = ""
        self.anchors: dict[str, int] = {}
        self._wanted = anchors
        self._places = [_Place(self.blocks)]
        """Where blocks go, the page first, then rows and cells of tables inwards."""
        self._said: list[str] = []
        self._heading: Kind | None = None
        self._lists = 0
        self._skipping = 0
        """Elements open from a skipped one inwards."""
        self._verbatim = 0
        """Elements open whose text is not ours to interpret."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._skipping:
            self._skipping += 1
            return
        if tag in _BLOCKS:
            self._flush()
        if attributes:
            self._note_anchor(attributes)
        if tag in _INSTEAD:
            self._said.append(f" {attributes.get(_INSTEAD[tag], '')} ")
        if tag in _SKIPPED or (attributes and _hidden(attributes)):
            self._skipping = 1
        else:
            self._open(tag)

    def _open(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._heading = heading_kind(tag)
        elif tag in _LISTS:
            self._lists += 1
        elif tag in _VERBATIM:
            self._verbatim += 1
        elif tag in _CELLS:
            self._places[-1].end_cell()
            self._places.append(_Place([]))
        elif tag == "tr":
            self._places.append(_Place([], is_row=True))
        elif tag == "br":
            self._said.append(LINE_END)
        elif tag == "q":
            self._said.append(_QUOTES[0])

    def data(self, data: str) -> None:
        if not self._skipping:
            self._said.append(literal(data) if self._verbatim else data)

    def end(self, tag: str) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        if tag == "title":
            self._name()
        if tag in _BLOCKS:
            self._flush()
        self._close(tag)

    def _close(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._heading = None
        elif tag in _LISTS:
            self._lists -= 1
        elif tag in _VERBATIM:
            self._verbatim -= 1
        elif tag in _CELLS:
            cell = self._places.pop()
            self._places[-1].blocks.extend(cell.blocks)
            self._places[-1].end_cell()
        elif tag == "tr":
            row = self._places.pop()
            self._places[-1].blocks.extend(row.read())
        elif tag == "q":
            self._said.append(_QUOTES[1])

    def close(self) -> None:
        self._flush()

    def _note_anchor(self, attributes: Mapping[str, str]) -> None:
        for key in ("id", "name"):
            if (name := attributes.get(key)) and name in self._wanted:
                self.anchors.setdefault(name, len(self.blocks))

    def _name(self) -> None:
        said, self._said = plain(marked(clean("".join(self._said)))), []
        self.title = self.title or said

    def _flush(self) -> None:
        """What was said since the last block is a block."""
        if self._said:
            said, self._said = "".join(self._said), []
            kind = self._heading or (Kind.LINE if self._lists else Kind.PARAGRAPH)
            self._places[-1].blocks.extend(layout.lines(said, kind))


class _Place:
    """Owns the blocks of a page, a cell, or a row; in a row what stands outside of cells is a cell, too."""

    def __init__(self, blocks: list[Block], *, is_row: bool = False) -> None:
        self.blocks = blocks
        self._is_row = is_row
        self._cells: list[list[Block]] = []

    def end_cell(self) -> None:
        """What a row holds so far is complete."""
        if self._is_row and self.blocks:
            self._cells.append(self.blocks)
            self.blocks = []

    def read(self) -> list[Block]:
        """A row of data is read as one; cells that hold more than a block each were set side by side for the eye."""
        self.end_cell()
        if len(self._cells) == 1 or any(len(cell) > 1 for cell in self._cells):
            return [block for cell in self._cells for block in cell]
        return [layout.joined(block for (block,) in self._cells)]


def _hidden(attributes: Mapping[str, str]) -> bool:
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or bool(_INVISIBLE.search(attributes.get("style", "").replace(" ", "").lower()))
        or attributes.get("role") in _NOT_OF_THE_TEXT
        or not _NOT_OF_THE_TEXT.isdisjoint(attributes.get("epub:type", "").split())
    )
