"""Words of lexicons in a text."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.protocol.lexicon import Entry
from ttsd.protocol.speech import Span
from ttsd.text.lexicon import Layer, Lexicon, folded
from ttsd.text.segment import text_segments


def spoken(text: str, *layers: list[Entry]) -> str:
    """`text` as it is said, readings in brackets."""
    found = text_segments(text, lexicon=Lexicon([Layer(layer) for layer in layers]))
    return " ".join(
        "".join(f"[{span.reading}]" if span.reading else span.spoken for span in segment.spans) for segment in found
    )


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        (Entry("OpenAI", "open A I"), "Ask openai, OPENAI and OpenAI's.", "Ask open A I, open A I and open A I's."),
        (Entry("OpenAI", "open A I"), "Not OpenAIs, MyOpenAI, OpenAIé.", "Not OpenAIs, MyOpenAI, OpenAIé."),
        (Entry("US", "U S", case=True), "Tell us of US.", "Tell us of U S."),
        (Entry("ology", "ollogy", whole=False), "Biology.", "Biollogy."),
        (Entry("New York", "nu york"), "In New York now.", "In nu york now."),
        (Entry("重庆", "chóng qìng"), "去重庆吧。", "去[chóng qìng]吧。"),
        (Entry("東京", "とうきょう"), "これは東京です。", "これは[とうきょう]です。"),
        (Entry("Qwen", "chwen"), "用Qwen模型。", "用chwen模型。"),
        (Entry("chat", "ʃa", language="fr"), "The chat is on.", "The chat is on."),
        (Entry("chat", "ʃa", language="fr"), "Le chat est dans la maison.", "Le [ʃa] est dans la maison."),
        (Entry(".NET", "dot net"), "Use .NET here.", "Use dot net here."),
        (Entry("C++", "see plus plus"), "Use C++ here.", "Use see plus plus here."),
        (Entry("café", "caffay"), "The cafe\u0301 is open.", "The caffay is open."),
        (Entry("Straße", "shtrassuh"), "The STRASSE, the Straße.", "The STRASSE, the shtrassuh."),
    ],
)
def test_an_entry(entry: Entry, text: str, expected: str) -> None:
    assert spoken(text, [entry]) == expected


def test_the_longest_word_counts_then_whose_it_is() -> None:
    mine, everybodys = [Entry("york", "mine")], [Entry("York", "theirs"), Entry("New York", "longer")]
    assert spoken("York and New York.", mine, everybodys) == "mine and longer."


def test_an_entry_for_the_language_goes_before_one_for_any() -> None:
    entries = [Entry("chat", "any"), Entry("chat", "chatte", language="fr")]
    assert spoken("Le chat est dans la maison.", entries) == "Le chatte est dans la maison."
    assert spoken("The chat is on.", entries) == "The any is on."


def test_markup_goes_before_the_lexicon() -> None:
    entries = [Entry("lead", "leed"), Entry("和", "hé"), Entry("the lead", "no")]
    assert spoken("Not the {lead|lɛd} but lead. 和(hè)和", entries) == "Not the [lɛd] but leed. [hè][hé]"


def test_what_acted_is_told_once() -> None:
    lexicon = Lexicon([Layer([Entry("a b", "x"), Entry("c", "y"), Entry("d", "z")])])
    (found,) = text_segments("A b, c and c.", lexicon=lexicon)
    assert found.lexicon == ("a b=x", "c=y")


def test_a_word_across_languages() -> None:
    lexicon = Lexicon([Layer([Entry("AI助手", "helper")])])
    (found,) = text_segments("我的AI助手说。", lexicon=lexicon)
    assert found.text == "我的AI助手说。"
    assert "helper" in found.spoken


WORDS = st.sampled_from(["a", "b", "ab", "Ab c", "c", "和", "和诗", "诗", "x-y", "ß", "İ"])
ENTRIES = st.builds(Entry, WORDS, st.sampled_from(["one", "two words"]), case=st.booleans(), whole=st.booleans())


@settings(deadline=None)
@given(st.lists(ENTRIES, max_size=6), st.lists(st.one_of(WORDS, st.sampled_from([" ", ", ", "."])), max_size=12))
def test_hits_are_entries_in_order(entries: list[Entry], parts: list[str]) -> None:
    text = "".join(parts)
    hits = Lexicon([Layer(entries)]).find([Span("en", text)]) if text else []
    assert all(a.end <= b.start for a, b in itertools.pairwise(hits))
    written = {str(entry): entry.written for entry in entries}
    assert all(folded(text[hit.start : hit.end]) == folded(written[hit.entry]) for hit in hits)


@settings(deadline=None)
@given(st.lists(ENTRIES, max_size=6), st.text("ab c和诗x-y", max_size=20))
def test_what_a_plain_search_finds_is_found(entries: list[Entry], text: str) -> None:
    found = Lexicon([Layer(entries)]).find([Span("en", text)]) if text else []
    for entry in entries:
        if entry.whole or entry.case:
            continue
        first = re.search(re.escape(folded(entry.written)), folded(text))
        assert first is None or any(hit.start <= first.start() < hit.end or hit.start < first.end() for hit in found)
