"""What an EPUB says of itself: title, author, the order of its texts, and its table of contents (EPUB 2 and 3)."""

import posixpath
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Final, NamedTuple
from urllib.parse import unquote, urldefrag

from ttsd.ingest.archive import Archive
from ttsd.ingest.layout import CHAPTER_LEVELS
from ttsd.ingest.libxml import Element, parsed_xml
from ttsd.protocol.errors import UnreadableDocument
from ttsd.text.normalize import clean

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_TEXTS: Final = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})
_NCX: Final = "application/x-dtbncx+xml"
_TYPE: Final = "{http://www.idpf.org/2007/ops}type"


class Entry(NamedTuple):
    """A line of the table of contents: it points into the text `path`, at the element `anchor` if there is one."""

    title: str
    path: str
    anchor: str


class Package(NamedTuple):
    """A book before its texts are read."""

    title: str
    author: str
    spine: list[str]
    """Members of the archive, in reading order."""
    entries: list[Entry]


class _Item(NamedTuple):
    path: str
    media_type: str
    properties: frozenset[str]


def read_package(archive: Archive) -> Package:
    """The package of an EPUB. Raises UnreadableDocument: not an EPUB, without texts, or protected by DRM."""
    if _CONTAINER not in archive:
        raise UnreadableDocument(f"it is a ZIP archive without {_CONTAINER}, and so no EPUB; make it anew")
    path = next((root.get("full-path", "") for root in _parsed(archive, _CONTAINER).iter("{*}rootfile")), "")
    package = _parsed(archive, path)
    items = {item.get("id", ""): _item(item, path) for item in package.iter("{*}item")}
    navigation = next((item.path for item in items.values() if "nav" in item.properties), "")
    spine = [found for found in _spine(package, items) if found != navigation]
    if not spine:
        raise UnreadableDocument(f"{path!r} in the book names no texts to be read; make it anew")
    _refuse_protected(archive, spine)
    entries = list(_navigation(archive, navigation)) or list(_ncx(archive, package, items))
    authors = [name for creator in package.iter("{*}creator") if (name := _words(creator))]
    title = next((words for found in package.iter("{*}title") if (words := _words(found))), "")
    return Package(title, ", ".join(authors), spine, entries)


def _item(item: Element, package: str) -> _Item:
    path, _ = _resolved(package, item.get("href", ""))
    return _Item(path, item.get("media-type", ""), frozenset(item.get("properties", "").split()))


def _spine(package: Element, items: dict[str, _Item]) -> Iterator[str]:
    """Texts in reading order, each once, without those that stand beside it (`linear="no"`)."""
    found: dict[str, None] = {}
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref", ""))
        if item and item.media_type in _TEXTS and reference.get("linear", "yes") != "no":
            found[item.path] = None
    yield from found


def _refuse_protected(archive: Archive, spine: Iterable[str]) -> None:
    """Fonts may be scrambled; texts may not."""
    if _ENCRYPTION not in archive:
        return
    scrambled = {unquote(found.get("URI", "")) for found in _parsed(archive, _ENCRYPTION).iter("{*}CipherReference")}
    if not scrambled.isdisjoint(spine):
        raise UnreadableDocument("the book is protected by DRM, and cannot be read; drop a copy without protection")


def _navigation(archive: Archive, path: str) -> Iterator[Entry]:
    """The table of contents of EPUB 3: nested lists of links."""
    if path not in archive:
        return
    for nav in _parsed(archive, path).iter("{*}nav"):
        if "toc" in nav.get(_TYPE, "").split():
            for found in nav.iterchildren("{*}ol"):
                yield from _list_entries(found, path, CHAPTER_LEVELS)


def _list_entries(ol: Element, path: str, levels: int) -> Iterator[Entry]:
    for li in ol.iterchildren("{*}li"):
        for link in li.iterchildren("{*}a"):
            yield Entry(_words(link), *_resolved(path, link.get("href", "")))
        if levels > 1:
            for inner in li.iterchildren("{*}ol"):
                yield from _list_entries(inner, path, levels - 1)


def _ncx(archive: Archive, package: Element, items: dict[str, _Item]) -> Iterator[Entry]:
    """The table of contents of EPUB 2: nested points."""
    named = next((items[toc] for spine in package.iter("{*}spine") if (toc := spine.get("toc", "")) in items), None)
    item = named or next((item for item in items.values() if item.media_type == _NCX), None)
    if item is not None and item.path in archive:
        for points in _parsed(archive, item.path).iter("{*}navMap"):
            yield from _points(points, item.path, CHAPTER_LEVELS)


def _points(above: Element, path: str, levels: int) -> Iterator[Entry]:
    for point in above.iterchildren("{*}navPoint"):
        label = " ".join(_words(found) for found in point.iterchildren("{*}navLabel"))
        for content in point.iterchildren("{*}content"):
            yield Entry(label, *_resolved(path, content.get("src", "")))
        if levels > 1:
            yield from _points(point, path, levels - 1)


def _resolved(base: str, href: str) -> tuple[str, str]:
    """The member of the archive that `href` in member `base` points at, and the anchor in it."""
    path, anchor = urldefrag(href)
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(path))), unquote(anchor)


def _words(element: Element) -> str:
    """Its text; the parser leaves entities as they stand, and those of HTML have a meaning."""
    return clean(unescape("".join(element.itertext())))


def _parsed(archive: Archive, path: str) -> Element:
    try:
        return parsed_xml(archive.read(path))
    except UnreadableDocument as error:
        raise UnreadableDocument(f"{path!r} in the book: {error.message}") from error
