"""Markdown read as a person reads it aloud: the text in its order, without marks, code and HTML."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ttsd.text.normalize import Block, Kind, block, join_lines, speakable

_LIST_MARKS: Final = frozenset({"bullet_list_open", "ordered_list_open", "bullet_list_close", "ordered_list_close"})
_LINE_END: Final = "\0"
"""Stands for a hard line break; CommonMark leaves no NUL in a text."""


def markdown_blocks(text: str) -> Iterator[Block]:
    """The speakable blocks of Markdown `text`: headings, paragraphs, list items, tables row by row."""
    cells: list[str] = []
    lists = 0
    container = ""
    for token in _parser().parse(text):
        if token.type in _LIST_MARKS:
            lists += token.nesting
        elif token.type == "tr_close":
            yield from block(_row(cells), Kind.LINE)
            cells.clear()
        elif token.type == "inline" and container in {"th_open", "td_open"}:
            cells.append(_aloud(token.children or ()).replace(_LINE_END, " "))
        elif token.type == "inline":
            kind = Kind.HEADING if container == "heading_open" else Kind.LINE if lists else Kind.PARAGRAPH
            yield from _lines(_aloud(token.children or ()), kind)
        container = token.type


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _row(cells: Sequence[str]) -> str:
    """A row as a sentence: its cells with pauses between them."""
    return ", ".join(cell for cell in cells if speakable(cell)) + "."


def _lines(text: str, kind: Kind) -> Iterator[Block]:
    *lines, last = (join_lines(line.split("\n")) for line in text.split(_LINE_END))
    for line in lines:
        yield from block(line, Kind.LINE)
    yield from block(last, kind)


def _aloud(tokens: Sequence[Token]) -> str:
    return "".join(map(_said, tokens))


def _said(token: Token) -> str:
    match token.type:
        case "text" | "code_inline" | "text_special":
            return token.content
        case "softbreak":
            return "\n"
        case "hardbreak":
            return _LINE_END
        case "image":
            return _aloud(token.children or ())
        case "html_inline":
            return _LINE_END if token.content.lower().startswith("<br") else ""
        case _:
            return ""
