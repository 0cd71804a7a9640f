"""Long texts, cut for the widget that shows them."""

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.composer import LONGEST_LINE, SLICE_CHARS, slices


def test_long_lines_are_broken_between_sentences():
    sentence = "The first train of the morning was late again. "
    parts = "".join(slices(sentence * 100)).split("\n")
    assert max(map(len, parts)) <= LONGEST_LINE
    assert all(part.endswith(".") for part in parts[:-1])
    assert "".join(slices("早上的第一班火车又晚点了。" * 200)).replace("\n", "") == "早上的第一班火车又晚点了。" * 200


def test_no_slice_is_much_longer_than_a_frame_bears():
    lines = [len(piece) for piece in slices("word " * 200_000)]
    assert max(lines) <= SLICE_CHARS + LONGEST_LINE + 1
    assert len(lines) >= 1_000_000 // (SLICE_CHARS + LONGEST_LINE + 1)


@given(st.text(st.sampled_from("ab .,。，\n\r"), max_size=3000))
def test_nothing_but_white_space_changes(text):
    assert "".join("".join(slices(text)).split()) == "".join(text.split())
