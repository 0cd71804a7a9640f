"""Markup that people type, and what only looks like it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.protocol.errors import UnsupportedLanguage
from ttsd.protocol.speech import Span
from ttsd.text.markup import MAX_PAUSE_MS, literal, marked, plain, taken_apart, unclosed, with_literals
from ttsd.text.normalize import blocks, clean
from ttsd.text.segment import text_segments


def asked(text: str) -> list[str]:
    """What is asked for in `text`: `word=reading`, and silences as `place+ms`."""
    apart = taken_apart(marked(text))
    words = [f"{apart.text[mark.start : mark.end]}={mark.reading.value}" for mark in apart.marks]
    return [*words, *(f"{pause.at}+{pause.ms}" for pause in apart.pauses)]


@pytest.mark.parametrize(
    ("text", "shown", "wishes"),
    [
        ("他要和(hè)诗, 再和（huó）面。", "他要和诗, 再和面。", ["和=hè", "和=huó"]),
        ("去重庆(chong2 qing4)吧", "去重庆吧", ["重庆=chóng qìng"]),
        ("漢字(かんじ)を", "漢字を", ["漢字=かんじ"]),
        ("the {lead|lɛd} pipe", "the lead pipe", ["lead=lɛd"]),
        ("the {lead|/led/} pipe", "the lead pipe", ["lead=led"]),
        ("ask {GPT-4|gee pee tee four}.", "ask GPT-4.", ["GPT-4=gee pee tee four"]),
        ("see {New York|nju jɔːk}!", "see New York!", ["New York=nju jɔːk"]),
        ("我{和|hè}你", "我和你", ["和=hè"]),
        ("it is *really* good", "it is really good", []),
        ("这是*重要*的", "这是重要的", []),
        ("*the {lead|lɛd} pipe!*", "the lead pipe!", ["lead=lɛd"]),
        ("Wait[pause 500ms]. Go", "Wait. Go", ["4+500"]),
        ("Wait [PAUSE 1.5 s] Go", "Wait Go", ["5+1500"]),
        ("[pause 0s]", "", ["0+0"]),
        ("[pause 1,5s]", "", ["0+1500"]),
        ("[pause 999999s]", "", [f"0+{MAX_PAUSE_MS}"]),
    ],
)
def test_markup(text: str, shown: str, wishes: list[str]) -> None:
    assert plain(marked(text)) == shown
    assert asked(text) == wishes
    assert plain(marked(literal(text))) == text


@pytest.mark.parametrize(
    "text",
    [
        "f(x) = g(h(x))",
        "他说(笑)",
        "北京(Beijing)",
        "条款(a1)和图(b2)",
        "参加者(のみ)、学校(など)",
        "(he said)",
        "{a|b}",
        "{x|x > 0}",
        "${name|upper} and {{page|url}} and {start|stop|restart}",
        "x{ab|cd}",
        "{ab|cd}(y)",
        "5*3*2 and 5 * 3 * 2 and a*b*c",
        "**bold** and ***more***",
        "*.txt and *.md",
        "* one",
        "*1* and *2*",
        "citations [1] and [2, 3] and [pause] and [pause 3] and [pause -1s] and [pauses 3s]",
        "C:\\dir\\*.exe and \\(x\\) and \\{x\\}",
        "[link](https://example.org/a_(b))",
    ],
)
def test_what_only_looks_like_markup_is_left_alone(text: str) -> None:
    assert marked(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\[pause 1s] and \*so* and \{lead|lɛd} and 和\(hè)", "[pause 1s] and *so* and {lead|lɛd} and 和(hè)"),
        (r"\\[pause 1s]", r"\[pause 1s]"),
    ],
)
def test_a_backslash_makes_it_literal(text: str, shown: str) -> None:
    assert marked(text) == shown


def test_private_characters_of_others_do_nothing() -> None:
    forged = marked("a {lead|lɛd} b [pause 9s] c")
    assert forged != clean(forged)
    assert taken_apart(marked(clean(forged))).marks == ()
    (found,) = blocks(forged)
    assert not taken_apart(found.text).pauses


def test_a_tight_place_for_what_must_not_be_markup() -> None:
    assert with_literals("\1*so* *yes* \1{lead|led}", "\1") == r"\*so* *yes* \{lead|led}"
    assert with_literals("*so*", "\1") == "*so*"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Wait [pause 1.", 5),
        ("Wait [pau", 5),
        ("Wait [", 5),
        ("the {lead|l", 4),
        ("the {New York, ", 4),
        ("他要和(h", 2),
        ("it is *really ", 6),
        ("all {a|b} *is* [pause 1s] 和(hè) closed", None),
        ("(he said", None),
        ("[see below", None),
        ("2 * 3", None),
        ("a {" + "x" * 300, None),
    ],
)
def test_where_markup_is_still_being_typed(text: str, at: int | None) -> None:
    assert unclosed(text) == (len(text) if at is None else at)


def test_segments_say_it_and_captions_do_not_show_it() -> None:
    (found,) = text_segments("他要和(hè)诗。")
    assert found.text == "他要和诗。"
    assert found.spans == (Span("zh", "他要"), Span("zh", "和", reading="hè"), Span("zh", "诗。"))
    (found,) = text_segments("The {lead|lɛd} pipe and {GPT|gee pee tee}.")
    assert found.text == "The lead pipe and GPT."
    assert found.spoken == "The lead pipe and gee pee tee."
    assert [span.reading for span in found.spans] == ["", "lɛd", ""]


def test_a_reading_names_the_language_of_its_word() -> None:
    (found,) = text_segments("The word 和(hè) is read so.")
    assert [(span.language, span.text) for span in found.spans][1] == ("zh", "和")


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Das {kubectl|重庆} läuft gut.", "de", [("de", "Das "), ("zh", "重庆"), ("de", " läuft gut.")]),
        (
            "Run {kubectl|cube 重庆 control} now.",
            "auto",
            [("en", "Run cube "), ("zh", "重庆 "), ("en", "control now.")],
        ),
        ("去{重庆|chong ching}吧", "auto", [("zh", "去"), ("en", "chong ching"), ("zh", "吧")]),
    ],
)
def test_a_respelling_is_in_the_language_it_is_written_in(
    text: str, language: str, said: list[tuple[str, str]]
) -> None:
    (found,) = text_segments(text, language)
    assert [(span.language, span.spoken) for span in found.spans] == said
    assert found.text == re.sub(r"\{(.*)\|.*\}", r"\1", text)


def test_a_respelling_that_no_voice_reads_is_refused() -> None:
    with pytest.raises(UnsupportedLanguage, match="مرحبا"):
        text_segments("Say {hello|مرحبا} now.", "en")


def test_kana_in_brackets_make_a_text_japanese() -> None:
    (found,) = text_segments("漢字(かんじ)検定")
    assert {span.language for span in found.spans} == {"ja"}
    (found,) = text_segments("他说：漢字(かんじ)和(hé)中文")
    assert [span.language for span in found.spans] == ["zh", "ja", "zh", "zh"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. [pause 2s] Two.", [("One.", 0, 2000), ("Two.", 0, 320)]),
        ("One [pause 70ms] two.", [("One", 0, 70), ("two.", 0, 320)]),
        ("One[pause 1s][pause 2s], two.", [("One,", 0, 3000), ("two.", 0, 320)]),
        ("One.\n\n[pause 2s]\n\nTwo.", [("One.", 0, 2000), ("Two.", 0, 320)]),
        ("One. [pause 1s]\n\n[pause 500ms] Two.", [("One.", 0, 1500), ("Two.", 0, 320)]),
        ("[pause 1s] One.", [("One.", 1000, 320)]),
        ("[pause 1s]\n\nOne.", [("One.", 1000, 320)]),
        ("“[pause 1s]One.”", [("“One.”", 1000, 320)]),
        ("One. [pause 1s]", [("One.", 0, 1000)]),
        ("One. [pause 1s] …", [("One. …", 0, 1000)]),
        ("One. [pause 9s][pause 9s] Two.", [("One.", 0, MAX_PAUSE_MS), ("Two.", 0, 320)]),
    ],
)
def test_silences_are_as_long_as_asked(text: str, expected: list[tuple[str, int, int]]) -> None:
    found = [(segment.text, segment.pause_before_ms, segment.pause_after_ms) for segment in text_segments(text)]
    assert found == expected


def test_a_marked_word_is_never_cut() -> None:
    name = "{Dr. A. B. Quincy Adams Junior|the doctor}"
    for found in (text_segments(f"{'word ' * n}{name} {'word ' * 40}.") for n in range(20, 32)):
        assert sum("the doctor" in segment.spoken for segment in found) == 1


MARKUP = st.sampled_from(
    ["[pause 500ms]", "和(hè)", "漢字(かんじ)", "{lead|lɛd}", "{GPT|gee pee tee}", "*so*", "\\", "*", "{", "|", "}",
     "(", ")", "[", "]", " ", "\n", "\n\n", ". ", "。", "a", "和", "の", "1", "\ue000", "\ue003\U000f0031"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(MARKUP, st.text(max_size=4)), max_size=12).map("".join)


@settings(deadline=None)
@given(TEXTS)
def test_whatever_is_typed_nothing_else_is_lost_or_doubled(text: str) -> None:
    cleaned = clean(text)
    found = marked(cleaned)
    apart = taken_apart(found)
    assert not any("\ue000" <= c <= "\uf8ff" or c >= "\U000f0000" for c in apart.text)
    assert plain(marked(literal(cleaned))) == cleaned
    rest = iter(cleaned)
    assert all(c in rest for c in apart.text)  # what is shown stands in the text, in its order
    assert all(0 <= mark.start < mark.end <= len(apart.text) for mark in apart.marks)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_segments_of_marked_text_are_its_words(parts: list[str]) -> None:
    shown = "".join(plain(block.text) for part in parts for block in blocks(part))
    if any(map(str.isalnum, shown)) and shown.isascii():
        found = text_segments("\n\n".join(parts))
        assert "".join("".join(each.text for each in found).split()) == "".join(shown.split())
        assert all(0 <= each.pause_after_ms <= MAX_PAUSE_MS for each in found)
