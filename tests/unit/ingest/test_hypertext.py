"""HTML as it is read aloud, and HTML that was made to do harm."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.ingest.hypertext import read_html
from ttsd.text.normalize import Block, Kind, clean

PAGE = """<!DOCTYPE html>
<html lang=en><head><title>A &amp; B</title><style>p { color: red }</style><script>var x = "<p>no</p>";</script></head>
<body><nav><a href="/">Home</a></nav><!-- not this -->
<h1>The <em>Title</em></h1>
<p>Some <b>b</b>old text with <code>code</code>, a <a href="http://example.com">link</a>, an
<img src="cat.png" alt="image of a cat"> and <q>a quote</q>.
<p>First<br>second<br/>third
<ol><li>one<li><p>two</p><p>and more</p><ul><li>inner</ul></ol>
<dl><dt>Term<dd>what it means</dl>
<pre><code>print("not read")</code></pre>
<h3>Lower</h3>
<table><caption>Ages</caption><thead><tr><th>Name<th>Age</thead><tr><td>Ann</td><td>7</td></tr><tr><td><td>8</table>
<p hidden>no<p aria-hidden="true">no</p><p style="display: NONE">no</p>
<blockquote>Fish&nbsp;&amp;&#32;chips &eacute;&hellip;</blockquote>
<select><option>no</select><button>no</button><svg><title>no</title><text>no</text></svg><noscript>no</noscript>
<p>Energy <math alttext="E equals m c squared"><mi>E</mi></math> it is<sup><a role="doc-noteref">1</a></sup>.
</body></html>"""


def texts(html: str) -> list[str]:
    return [block.text for block in read_html(html).blocks]


def test_a_page():
    page = read_html(PAGE)
    assert page.title == "A & B"
    assert page.blocks == [
        Block("The Title", Kind.CHAPTER),
        Block("Some bold text with code, a link, an image of a cat and “a quote”."),
        Block("First", Kind.LINE),
        Block("second", Kind.LINE),
        Block("third"),
        Block("one", Kind.LINE),
        Block("two", Kind.LINE),
        Block("and more", Kind.LINE),
        Block("inner", Kind.LINE),
        Block("Term", Kind.LINE),
        Block("what it means", Kind.LINE),
        Block("Lower", Kind.HEADING),
        Block("Ages"),
        Block("Name, Age.", Kind.LINE),
        Block("Ann, 7.", Kind.LINE),
        Block("8"),
        Block("Fish & chips é…"),
        Block("Energy E equals m c squared it is."),
    ]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字</ruby>です", ["漢字です"]),
        ("<p>今天天气\n    很好。</p>", ["今天天气很好。"]),
        ("<p>one\n   line</p>", ["one line"]),
        ("<h1>Part One<br>The Start</h1>", ["Part One, The Start"]),
        ("<h1>Part One:<br>The Start</h1>", ["Part One: The Start"]),
        ("plain text", ["plain text"]),
        ("<title/><p>XHTML<script src='x'/> goes on", ["XHTML goes on"]),
        ('<?xml version="1.0" encoding="ascii"?><html><p>Hello', ["Hello"]),
        ("<p>a < b & c > d", ["a < b & c > d"]),
        ("<div>one<p>two</div>three</p>four", ["one", "two", "threefour"]),
        ("<td>a</td><td>b</td>", ["a", "b"]),
        ("<p>1<span epub:type='pagebreak' id='p7'>7</span>2", ["12"]),
        ("<p>soft&shy;hyphen zero&#8203;width", ["softhyphen zerowidth"]),
        ("", []),
        (" ", []),
        ("<!---->", []),
        ("<", []),
        ("<p>…</p>", []),
    ],
)
def test_pieces(html: str, expected: list[str]):
    assert texts(html) == expected


def test_tables_that_set_a_page_are_read_cell_by_cell():
    html = "<table><tr><td><h1>News</h1><p>One.<p>Two.<table><tr><td>a<td>b</table><td>Side</table>End"
    assert texts(html) == ["News", "One.", "Two.", "a, b.", "Side", "End"]


def test_anchors_stand_before_their_blocks():
    html = "<p id=a>A</p><a name=b></a><p>B<table><tr><td id=c>C<td>D</table><p id=d>E</p><p id=e></p>"
    assert read_html(html, {"a", "b", "c", "d", "e", "f"}).anchors == {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}
    assert read_html(html).anchors == {}


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "end",
        "<b><i>" * 50_000 + "end",
        "<table><tr><td>" * 30_000 + "end",
        "<ul><li>" * 50_000 + "end",
        "<div>word " * 500_000 + "end",
        "<b><p>x" * 100_000 + "end",
        "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">end",
        "&" * 1_000_000 + "end",
        "< " * 500_000 + "end",
        "<p>" + " \n" * 500_000 + "end",
        "<br>" * 200_000 + "end",
    ],
    ids=lambda html: html[:12],
)
def test_length_and_depth_do_no_harm(html: str):
    start = time.process_time()
    assert texts(html)[-1].endswith("end")
    assert time.process_time() - start < 15


WORD = st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1, max_size=8)
TAG = st.sampled_from(["p", "div", "b", "h1", "h4", "li", "ul", "td", "tr", "table", "q", "br", "section", "br/"])


@given(st.lists(st.tuples(TAG, WORD, st.booleans()), max_size=30))
def test_every_word_is_read_once_and_in_order(pieces):
    html = "".join(f"<{tag}>{word}" + (f"</{tag}>" if closed else "") for tag, word, closed in pieces)
    said = "".join(filter(str.isalnum, "".join(texts(html))))
    assert said == "".join(filter(str.isalnum, clean("".join(word for _, word, _ in pieces))))
