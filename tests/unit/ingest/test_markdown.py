"""Markdown as it is read aloud."""

import pytest

from ttsd.ingest.markdown import markdown_blocks
from ttsd.text.normalize import Block, Kind

PAGE = """# A *Title*

Some **bold** and _plain_ text with `code`, a [link](http://example.com), an
![image of a cat](cat.png) and a <b>tag</b>.<!-- not this -->

Setext
------

1. one
2. two
   - inner

   and more

> Quoted
> text.

```python
print("not read")
```

    nor this

<div>nor this</div>

***

| Name | Age |
|------|-----|
| Ann  | 7   |
|      | 8   |

Fish &amp; chips&nbsp;\\* ~~gone~~\\
next line<br>third
"""


def test_a_page():
    assert list(markdown_blocks(PAGE)) == [
        Block("A Title", Kind.HEADING),
        Block("Some bold and plain text with code, a link, an image of a cat and a tag."),
        Block("Setext", Kind.HEADING),
        Block("one", Kind.LINE),
        Block("two", Kind.LINE),
        Block("inner", Kind.LINE),
        Block("and more", Kind.LINE),
        Block("Quoted text."),
        Block("Name, Age.", Kind.LINE),
        Block("Ann, 7.", Kind.LINE),
        Block("8.", Kind.LINE),
        Block("Fish & chips * gone", Kind.LINE),
        Block("next line", Kind.LINE),
        Block("third"),
    ]


def test_chinese_lines_are_joined_without_a_space():
    assert list(markdown_blocks("今天天气\n很好。")) == [Block("今天天气很好。")]


def test_the_sentence_of_the_product_loses_its_marks():
    assert list(markdown_blocks("The *th* sound in *think* is unvoiced.")) == [
        Block("The th sound in think is unvoiced.")
    ]


@pytest.mark.parametrize(
    "text", ["", "```\ncode\n```", "---", "<p>html</p>", "![](x.png)", "[]()", "| | |\n|-|-|\n| | |"]
)
def test_nothing_to_read(text):
    assert list(markdown_blocks(text)) == []


@pytest.mark.parametrize("unit", ["> ", "- ", "*a ", "[", "![", "<a ", "`", "&#"])
def test_deep_nesting_does_no_harm(unit):
    list(markdown_blocks(unit * 5000 + "end"))
