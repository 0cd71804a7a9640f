"""Markdown read as a person reads it aloud: the text in its order, without marks and, unless wanted, code."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from ttsd.ingest import layout
from ttsd.ingest.layout import LINE_END, heading_kind
from ttsd.text.markup import literal, with_literals
from ttsd.text.normalize import Block, Kind, blocks

_LIST_MARKS: Final = frozenset({"bullet_list_open", "ordered_list_open", "bullet_list_close", "ordered_list_close"})
_ESCAPE: Final = "\1"
"""Stands before a sign that a backslash or an entity made: it is that sign, and no markup."""
_CODE: Final = frozenset({"fence", "code_block"})


def markdown_blocks(text: str, *, code: bool = False) -> Iterator[Block]:
    """The speakable blocks of Markdown `text`: headings, paragraphs, list items, rows of tables, on demand `code`."""
    cells: list[str] = []
    lists = 0
    above: Token | None = None
    for token in _parser().parse(text):
        if token.type in _LIST_MARKS:
            lists += token.nesting
        elif token.type == "tr_close":
            yield from layout.row(cells)
            cells.clear()
        elif token.type == "inline" and above is not None and above.type in {"th_open", "td_open"}:
            cells.append(_aloud(token.children or ()).replace(LINE_END, " "))
        elif token.type == "inline":
            yield from layout.lines(_aloud(token.children or ()), _kind(above, lists))
        else:
            yield from _verbatim(token, code)
        above = token


def _kind(container: Token | None, lists: int) -> Kind:
    if container is not None and container.type == "heading_open":
        return heading_kind(container.tag)
    return Kind.LINE if lists else Kind.PARAGRAPH


def _verbatim(token: Token, code: bool) -> Iterator[Block]:
    """Stretches that are not Markdown."""
    if code and token.type in _CODE:
        yield from blocks(literal(token.content))
    elif token.type == "html_block":
        from ttsd.ingest.hypertext import read_html

        yield from read_html(token.content).blocks


@cache
def _parser() -> MarkdownIt:
    """Of what is common beside CommonMark. Footnotes come at the end, and boxes to tick are HTML, which is not said."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
    return parser.use(footnote_plugin).use(tasklists_plugin)


def _verbatim_or_not(token: Token) -> str:
    """Of text, our own markup counts; of what a backslash or an entity stands for, and of code, it does not."""
    match token.type:
        case "text_special":
            return _ESCAPE + token.content
        case "code_inline":
            return literal(token.content)
        case _:
            return token.content


def _aloud(tokens: Sequence[Token]) -> str:
    return with_literals("".join(map(_said, tokens)), _ESCAPE)


def _said(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "code_inline":
            return _verbatim_or_not(token)
        case "softbreak":
            return "\n"
        case "hardbreak":
            return LINE_END
        case "image":
            return _aloud(token.children or ())
        case "html_inline":
            return LINE_END if token.content.lower().startswith("<br") else ""
        case _:
            return ""
