"""EPUB, by chapter in the order of its spine."""

from collections.abc import Sequence
from typing import BinaryIO

from ttsd.ingest.archive import Archive
from ttsd.ingest.contents import Mark, Text
from ttsd.ingest.declared import decode_markup
from ttsd.ingest.hypertext import Page, read_html
from ttsd.ingest.package import Entry, read_package
from ttsd.text.markup import plain
from ttsd.text.normalize import Block, Kind


def read_epub(file: BinaryIO, *, max_unpacked_bytes: int) -> Text:
    """The book in `file`. Raises UnreadableDocument, TooLarge.

    A chapter begins where the table of contents points, so far as its two upper levels go; a text of the spine
    that stands in no table belongs to the chapter before it. Without a table each text is a chapter.
    """
    archive = Archive(file, max_unpacked_bytes)
    package = read_package(archive)
    blocks: list[Block] = []
    chapters: dict[int, str] = {}
    for path in package.spine:
        entries = [entry for entry in package.entries if entry.path == path]
        page = read_html(decode_markup(archive.read(path)), {entry.anchor for entry in entries})
        start, belongs_to_last = len(blocks), bool(chapters and package.entries)
        chapters |= {start + block: title for block, title in _chapters(page, entries).items()}
        if page.blocks and start not in chapters and not belongs_to_last:
            chapters[start] = _heading(page.blocks) or f"Chapter {len(chapters) + 1}"
        blocks += page.blocks
    marks = [Mark(chapters[block], block) for block in sorted(chapters) if block < len(blocks)]
    return Text(blocks, marks, package.title, package.author)


def _chapters(page: Page, entries: Sequence[Entry]) -> dict[int, str]:
    """The titles of the chapters that begin in `page` (or, with its end, after it), by their first block.

    Of several that begin at the same place (a chapter, and its first part) the first one counts.
    """
    return {page.anchors.get(entry.anchor, 0): entry.title for entry in reversed(entries) if entry.title}


def _heading(blocks: Sequence[Block]) -> str:
    """The first heading."""
    return next((plain(block.text) for block in blocks if block.kind in {Kind.CHAPTER, Kind.HEADING}), "")
