"""Markdown as it is read aloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.ingest.markdown import markdown_blocks
from ttsd.text.normalize import Block, Kind, clean

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

<div>HTML is <b>read</b><script>not run</script></div>

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
        Block("A Title", Kind.CHAPTER),
        Block("Some bold and plain text with code, a link, an image of a cat and a tag."),
        Block("Setext", Kind.CHAPTER),
        Block("one", Kind.LINE),
        Block("two", Kind.LINE),
        Block("inner", Kind.LINE),
        Block("and more", Kind.LINE),
        Block("Quoted text."),
        Block("HTML is read"),
        Block("Name, Age.", Kind.LINE),
        Block("Ann, 7.", Kind.LINE),
        Block("8.", Kind.LINE),
        Block("Fish & chips * gone", Kind.LINE),
        Block("next line", Kind.LINE),
        Block("third"),
    ]


def test_headings_of_the_two_upper_levels_begin_chapters():
    kinds = [block.kind for block in markdown_blocks("# 1\n\n## 2\n\n### 3\n\n###### 6")]
    assert kinds == [Kind.CHAPTER, Kind.CHAPTER, Kind.HEADING, Kind.HEADING]


def test_a_heading_on_two_lines_stays_one():
    assert list(markdown_blocks("Part One\\\nThe Start\n===")) == [Block("Part One, The Start", Kind.CHAPTER)]


def test_code_is_read_when_it_is_wanted():
    text = "Run\n\n```sh\nmake run\nmake tui\n```\n\n    indented\n"
    assert list(markdown_blocks(text)) == [Block("Run")]
    assert [block.text for block in markdown_blocks(text, code=True)] == ["Run", "make run", "make tui", "indented"]


def test_footnotes_are_read_at_the_end_and_their_marks_are_not():
    text = "It rained[^1] all day.^[In May.]\n\n[^1]: In *Rome*.\n\nIt stopped.\n"
    assert [block.text for block in markdown_blocks(text)] == [
        "It rained all day.",
        "It stopped.",
        "In Rome.",
        "In May.",
    ]


def test_the_boxes_of_a_list_of_tasks_are_not_read():
    text = "- [x] Buy milk\n- [ ] Sleep\n- an [x] inside\n"
    assert [block.text for block in markdown_blocks(text)] == ["Buy milk", "Sleep", "an [x] inside"]


def test_chinese_lines_are_joined_without_a_space():
    assert list(markdown_blocks("今天天气\n很好。")) == [Block("今天天气很好。")]


def test_the_sentence_of_the_product_loses_its_marks():
    assert list(markdown_blocks("The *th* sound in *think* is unvoiced.")) == [
        Block("The th sound in think is unvoiced.")
    ]


@pytest.mark.parametrize(
    "text", ["", "```\ncode\n```", "---", "<!-- comment -->", "![](x.png)", "[]()", "| | |\n|-|-|\n| | |"]
)
def test_nothing_to_read(text):
    assert list(markdown_blocks(text)) == []


@pytest.mark.parametrize("unit", ["> ", "- ", "- [ ] ", "*a ", "[", "![", "^[", "[^a]: ", "<a ", "`", "&#"])
def test_deep_nesting_does_no_harm(unit):
    list(markdown_blocks(unit * 5000 + "end"))


@given(st.lists(st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1), min_size=1, max_size=20))
def test_every_paragraph_is_read_once_and_in_order(words):
    found = list(markdown_blocks("\n\n".join(f"A{word}" for word in words)))
    assert [block.text for block in found] == [clean(f"A{word}") for word in words]
