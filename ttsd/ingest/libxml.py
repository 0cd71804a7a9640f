"""As much of lxml as is used here, with types: it ships without."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final, Protocol, cast

from ttsd.protocol.errors import UnreadableDocument


class Target(Protocol):
    """What is told of a page, element by element; each element's end is, too, written or not."""

    def start(self, tag: str, attributes: Mapping[str, str], /) -> None: ...
    def data(self, data: str, /) -> None: ...
    def end(self, tag: str, /) -> None: ...
    def close(self) -> None: ...


class Element(Protocol):
    """An element of XML; the name `{*}a` means `a` in any namespace."""

    def get(self, key: str, default: str, /) -> str: ...
    def iter(self, *tags: str) -> Iterator["Element"]: ...
    def iterchildren(self, *tags: str) -> Iterator["Element"]: ...
    def itertext(self) -> Iterator[str]: ...


_etree: Final = import_module("lxml.etree")
_html_parser = cast("Callable[..., Any]", _etree.HTMLParser)
_xml_parser = cast("Callable[..., Any]", _etree.XMLParser)
_from_string = cast("Callable[[bytes, Any], Element | None]", _etree.fromstring)
_XMLSyntaxError = cast("type[Exception]", _etree.XMLSyntaxError)


def feed_html(text: str, target: Target) -> None:
    """Tell `target` of the HTML or XHTML `text`, which may be in any state."""
    if text.strip():
        parser = _html_parser(target=target, huge_tree=True, remove_comments=True, remove_pis=True)
        parser.feed(text)
        parser.close()


def parsed_xml(data: bytes) -> Element:
    """The root of `data`, slightly wrong XML included. No entity is expanded, and nothing else is opened for it.

    Raises UnreadableDocument.
    """
    parser = _xml_parser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = _from_string(data, parser)
    except _XMLSyntaxError as error:
        raise UnreadableDocument(f"it is not XML ({error}); make it anew") from error
    if root is None:
        raise UnreadableDocument("there is no XML in it; make it anew")
    return root
