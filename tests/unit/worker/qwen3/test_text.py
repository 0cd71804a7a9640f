import itertools
import json
import runpy
import unicodedata
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.protocol.engine import Synthesize
from ttsd.protocol.errors import BadRequest, ConfigError
from ttsd.protocol.speech import Span
from ttsd.worker.qwen3.checkpoint import Checkpoint
from ttsd.worker.qwen3.engine import _text
from ttsd.worker.qwen3.text import AppendSafe, TextTokenizer, _word_surely_ends

HERE = Path(__file__).parent
GOLDENS = json.loads((HERE / "goldens" / "text.json").read_text(encoding="utf-8"))
SCRIPT = runpy.run_path(str(HERE.parents[2] / "oracle" / "reference_goldens.py"))
TEXTS = SCRIPT["TEXTS"]
CONTROL = SCRIPT["CONTROL"]


def write(folder, version=None, size=0):
    SCRIPT["write_tokenizer"](folder, version, size)
    return folder


@pytest.fixture(scope="module", params=GOLDENS, ids=lambda golden: f"{golden['version']}-{golden['size']}")
def golden(request):
    return request.param


@pytest.fixture(scope="module")
def tokenizer(golden, tmp_path_factory):
    return TextTokenizer(write(tmp_path_factory.mktemp("tokenizer"), golden["version"], golden["size"]))


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory):
    """One of each split."""
    return [TextTokenizer(write(tmp_path_factory.mktemp("tokenizer"), None, size)) for size in (0, 100_001)]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return [Words(write(tmp_path_factory.mktemp("words"), None, size)) for size in (0, 100_001)]


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path)


def test_prompts_have_the_official_ids(tokenizer, golden):
    for text, assistant, reference in zip(TEXTS, golden["assistant"], golden["reference"], strict=True):
        assert tokenizer.role_ids == assistant[:3]
        assert tokenizer.text_ids(text) == assistant[3:-5], text
        assert tokenizer.ref_ids(text) == reference[3:-2], text
    assert tokenizer.instruct_ids(SCRIPT["INSTRUCTION"]) == golden["instruct"]
    assert tokenizer.instruct_ids("") == []


def test_the_goldens_tell_the_splits_apart():
    small, by_default, plain, patched, plain_again = (golden["assistant"] for golden in GOLDENS)
    assert by_default == patched
    assert plain == plain_again
    assert sum(a != b for a, b in zip(plain, patched, strict=True)) >= 2
    assert [ids[3:-5] for ids in small] == [ids[3:-5] for ids in plain]


def test_by_hub_id_the_split_is_plain(tmp_path):
    by_name = TextTokenizer(write(tmp_path, None, 100_001), by_hub_id=True)
    plain = next(golden for golden in GOLDENS if golden["version"] == "4.57.1")
    assert [by_name.ids(text) for text in TEXTS] == [ids[3:-5] for ids in plain["assistant"]]


@pytest.mark.parametrize("control", CONTROL)
def test_control_tokens_in_text_are_text(tokenizer, control):
    first_control = tokenizer.role_ids[0] - 1
    for text in (control, f"Say {control} now", control * 3):
        assert max(tokenizer.ids(text)) < first_control
    assert max(tokenizer.instruct_ids(control)[1:-2]) < first_control


class Words(TextTokenizer):
    """An id for each word, made of its letters: a word that is cut anywhere else than in the whole shows."""

    def ids(self, text):
        text = self.normalized(text)
        ends = self.word_ends(text)
        return [zlib.crc32(text[a:b].encode()) for a, b in zip([0, *ends], ends, strict=False)]


PIECES = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(CONTROL),
    st.text(alphabet="aZäßжЖéñ你好あア가힣", max_size=8),
    st.text(alphabet="0123456789.,٣Ⅷ½", max_size=5),
    st.text(alphabet=" \t\n\r\u00a0\u3000\u2028\x0b\x85\x1c", max_size=6),
    st.text(alphabet="aeqoAEคก<=\u0301\u0308\u030a\u0323\u0338\u0345\u0591\u093c\u09be\u3099\u200d\ufe0f", max_size=6),
    st.text(alphabet="\u1100\u1112\u1161\u1175\u11a8\u11c2가각\u302e", max_size=5),
    st.text(alphabet="!?…'’\"-—/*<>|。，「」👩😀🇩🇪", max_size=6),
    st.sampled_from(
        ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'RE", "'ſ", "iPhone", "aB一", "一B", "c", "\u0958", "\u212b"]
    ),
    st.text(max_size=8),
)


@settings(max_examples=400, deadline=None)
@given(text=st.lists(PIECES, max_size=8).map("".join), data=st.data())
def test_any_split_gives_the_ids_of_the_whole(tokenizers, words, text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    for tokenizer in (*tokenizers, *words):
        for parts in (pieces, list(text)):
            stream = AppendSafe(tokenizer)
            ids = [number for part in parts for number in stream.feed(part)]
            assert ids == tokenizer.ids(text)[: len(ids)]
            assert ids + stream.end() == tokenizer.ids(text)


@pytest.mark.parametrize("text", TEXTS)
def test_words_come_out_while_typing(tokenizers, text):
    """Not only at the end: what is held back is the last word, or clause where words are not spaced."""
    for tokenizer in tokenizers:
        stream, done, behind = AppendSafe(tokenizer), 0, []
        for i in range(len(text)):
            done += len(stream.feed(text[i]))
            behind.append(len(tokenizer.ids(text[: i + 1])) - done)
        longest = max(map(len, text.replace("，", " ").replace("、", " ").replace("。", " ").split()))
        assert max(behind) <= 4 * longest + 8


def test_a_text_after_a_text(tokenizers):
    stream = AppendSafe(tokenizers[0])
    for text in ("one two", "", "three"):
        assert stream.feed(text) + stream.end() == tokenizers[0].ids(text)


def test_endless_words_are_not_read_again_for_each_letter(tokenizers, monkeypatch):
    tokenizer, looks = tokenizers[0], []
    whole = tokenizer.word_ends
    monkeypatch.setattr(tokenizer, "word_ends", lambda text: looks.append(len(text)) or whole(text))
    stream = AppendSafe(tokenizer)
    text = "字" * 20_000 + ". "
    ids = [number for letter in text for number in stream.feed(letter)]
    assert ids + stream.end() == tokenizer.ids(text)
    assert sum(looks) < 20 * len(text)


def test_half_a_surrogate_pair_is_refused_and_leaves_the_stream_as_it_was(tokenizers):
    stream = AppendSafe(tokenizers[0])
    ids = stream.feed("one ")
    with pytest.raises(BadRequest, match="surrogate") as refused:
        stream.feed("two \ud83d")
    assert refused.value.param == "text"
    with pytest.raises(BadRequest, match="surrogate"):
        tokenizers[0].ids("\ude00")
    assert ids + stream.feed("three") + stream.end() == tokenizers[0].ids("one three")


def kind(character):
    return "blank" if character.isspace() else unicodedata.category(character)[0].translate({ord("P"): "S"})


def test_no_word_ends_where_characters_may_compose_and_composing_changes_no_kind():
    """All that Unicode composes, so that pieces may be normalized one by one."""
    composed = [c for c in map(chr, range(0x110000)) if unicodedata.is_normalized("NFC", c)]
    pairs = [(c, unicodedata.normalize("NFD", c)) for c in composed]
    pairs = [(c, parts) for c, parts in pairs if parts != c]
    assert len(pairs) > 12_000
    for character, parts in pairs:
        assert kind(character) == kind(parts[0]), character
        assert not any(_word_surely_ends(a, b) for a, b in itertools.pairwise(parts)), character


def test_an_unknown_character_may_be_anything():
    assert not _word_surely_ends("a", "\U000323af")
    assert _word_surely_ends("a", "!")


def test_a_checkpoint_has_all_that_is_needed(tiny):
    tokenizer, model = TextTokenizer(tiny), Checkpoint.open(tiny).model
    assert tokenizer.role_ids[:2] == [model.im_start_token_id, model.assistant_token_id]
    assert len(tokenizer.role_ids) == 3
    assert tokenizer.instruct_ids("slowly")[-2:] == [model.im_end_token_id, tokenizer.role_ids[2]]


def test_a_hundred_thousand_characters(tokenizers):
    assert len(tokenizers[0].ids("word " * 20_000)) >= 20_000


@pytest.mark.parametrize("name", ["vocab.json", "merges.txt", "tokenizer_config.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ConfigError, match=name):
        TextTokenizer(folder)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("vocab.json", '{"a": 0}', "bytes have no token"),
        ("vocab.json", "{", "vocab.json"),
        ("merges.txt", "a b c\n", "is no pair"),
        ("merges.txt", "a nowhere\n", "merges.txt"),
        ("tokenizer_config.json", '{"added_tokens_decoder": {}}', "im_start"),
        ("tokenizer_config.json", "[]", "tokenizer_config.json"),
    ],
)
def test_a_broken_file_is_named(folder, name, content, why):
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=why) as refused:
        TextTokenizer(folder)
    assert str(folder / name) in refused.value.message


def test_a_file_that_is_no_text_is_named(folder):
    (folder / "merges.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"merges\.txt"):
        TextTokenizer(folder)


def test_readings_take_the_place_of_characters_and_ipa_does_not():
    spans = (
        Span("zh", "他要"),
        Span("zh", "和", reading="hè"),
        Span("ja", "漢字", reading="かんじ"),
        Span("en", "lead", reading="lɛd"),
    )
    assert _text(Synthesize(1, spans, "")) == "他要hèかんじlead"
