"""EPUBs made to measure: whole ones, and ones that a stranger would send."""

import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import IO, NamedTuple

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""


NOT_LINEAR = ' linear="no"'


class Item(NamedTuple):
    """A text of a book; `path` is relative to its package."""

    path: str
    body: str
    linear: bool = True


def page(body: str) -> str:
    """XHTML as publishers write it."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"'
        f' xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{body}</body></html>'
    )


def nav(contents: str) -> str:
    """The body of a navigation document: `contents` are the `li` of its list."""
    return (
        f'<nav epub:type="landmarks"><ol><li><a href="x">Not this</a></li></ol></nav>'
        f'<nav epub:type="toc"><h1>Contents</h1><ol>{contents}</ol></nav>'
    )


def ncx(points: str) -> str:
    """The table of contents of EPUB 2."""
    return f'<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'


def package(items: Sequence[Item], title: str, more: str, spine: str) -> str:
    """The package document; `more` are items beside the texts, `spine` attributes of the spine."""
    manifest = "".join(
        f'<item id="i{n}" href="{escape(item.path)}" media-type="application/xhtml+xml"/>'
        for n, item in enumerate(items)
    )
    order = "".join(f'<itemref idref="i{n}"{"" if item.linear else NOT_LINEAR}/>' for n, item in enumerate(items))
    return (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title><dc:creator>Ann Author</dc:creator><dc:creator>Ben</dc:creator></metadata>"
        f"<manifest>{manifest}{more}</manifest><spine{spine}>{order}</spine></package>"
    )


def write_epub(
    path: Path | IO[bytes],
    items: Sequence[Item],
    *,
    title: str = "A Book",
    nav_contents: str = "",
    ncx_points: str = "",
    files: Mapping[str, str | bytes] | None = None,
) -> None:
    """Write a book of `items` to `path`; `files` come on top, or instead."""
    more, spine = '<item id="cover" href="cover.jpg" media-type="image/jpeg"/>', ""
    content: dict[str, str | bytes] = {f"OPS/{item.path}": page(item.body) for item in items}
    if nav_contents:
        more += '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        content["OPS/nav.xhtml"] = page(nav(nav_contents))
    if ncx_points:
        more += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        spine = ' toc="ncx"'
        content["OPS/toc.ncx"] = ncx(ncx_points)
    content = {
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": package(items, title, more, spine),
        "OPS/cover.jpg": b"\xff\xd8\xff" + bytes(1000),
        **content,
        **(files or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, data in content.items():
            if data:
                book.writestr(name, data)
