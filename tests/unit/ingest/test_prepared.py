"""Contents of documents into segments, and where chapters, subtitles and rows lie in them."""

from hypothesis import given
from hypothesis import strategies as st

from ttsd.ingest.contents import Contents, Cue, Mark, SpokenRow, Subtitles, Table, Text
from ttsd.ingest.documents import Document
from ttsd.ingest.prepared import prepared
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.prep import Chapter, FrontMatter, Prepared, Row, Slot
from ttsd.text.normalize import Block, Kind, blocks
from ttsd.text.segment import PAUSE_MS, SENTENCE_PAUSE_MS

BAD = ErrorBody("bad_request", "no")


def answer(contents: Contents, language: str = "auto", front_matter: FrontMatter = FrontMatter()) -> Prepared:
    return prepared(7, Document(contents, front_matter, "sum"), language)


def texts(found: Prepared) -> list[str]:
    return [segment.text for segment in found.segments]


def test_chapters_begin_with_their_first_segments():
    contents = Text(
        [Block("One. Two."), Block("A", Kind.CHAPTER), Block("Three. Four. Five."), Block("B", Kind.CHAPTER)],
        [Mark("Before", 0), Mark("A", 1), Mark("B", 3)],
        "A Book",
        "Ann",
    )
    found = answer(contents, front_matter=FrontMatter(language="de", seed=3))
    assert texts(found) == ["One.", "Two.", "A", "Three.", "Four.", "Five.", "B"]
    assert found.chapters == (Chapter("Before", 0), Chapter("A", 2), Chapter("B", 6))
    assert found.segments[2].pause_after_ms == PAUSE_MS[Kind.CHAPTER]
    assert (found.id, found.title, found.author, found.sha256) == (7, "A Book", "Ann", "sum")
    assert found.front_matter.seed == 3
    assert {span.language for segment in found.segments for span in segment.spans} == {"de"}


def test_slots_begin_with_their_first_segments():
    german = Block("Das ist nicht der Anfang, und es ist auch nicht das Ende.", Kind.LINE)
    contents = Subtitles([Cue([Block("Eins. Zwei.", Kind.LINE)], 1.0, 2.5), Cue([german, german], 3.0, 3.0)])
    found = answer(contents)
    assert found.slots == (Slot(0, 1.0, 2.5), Slot(2, 3.0, 3.0))
    assert texts(found) == ["Eins.", "Zwei.", german.text, german.text]
    assert [segment.pause_after_ms for segment in found.segments] == [
        SENTENCE_PAUSE_MS,
        SENTENCE_PAUSE_MS,
        PAUSE_MS[Kind.LINE],
        SENTENCE_PAUSE_MS,
    ]
    assert {span.language for segment in found.segments for span in segment.spans} == {"de"}


def test_rows_have_their_segments_one_after_the_other():
    contents = Table(
        [
            SpokenRow(1, "a", [Block("One. Two.")], "heart", "de", "flac"),
            SpokenRow(2, "0002", [], error=BAD),
            SpokenRow(3, "c", [Block("Γειά σου")]),
            SpokenRow(4, "d", [Block("Four.")]),
        ]
    )
    found = answer(contents, "fr")
    assert texts(found) == ["One.", "Two.", "Four."]
    assert [span.language for segment in found.segments for span in segment.spans] == ["de", "de", "fr"]
    assert found.rows[0] == Row(1, "a", 0, 2, "heart", "de", "flac")
    assert found.rows[1] == Row(2, "0002", 2, 0, error=BAD)
    assert (found.rows[2].first, found.rows[2].count) == (2, 0)
    assert found.rows[2].error is not None
    assert found.rows[2].error.code == "unsupported_language"
    assert found.rows[3] == Row(4, "d", 2, 1)


def test_a_table_may_be_errors_alone():
    found = answer(Table([SpokenRow(1, "0001", [], error=BAD)]))
    assert (found.segments, found.rows) == ((), (Row(1, "0001", 0, 0, error=BAD),))


PLAIN = st.text(st.sampled_from("aB1 .,!?\n今。안é—“”") | st.characters(categories=("Ll", "Nd"), max_codepoint=0x17F))


@given(st.lists(PLAIN.filter(lambda text: bool(blocks(text))), min_size=1, max_size=8), st.sampled_from(["auto", "en"]))
def test_every_character_is_in_one_segment_and_every_part_begins_where_it_says(parts: list[str], language: str):
    found = [blocks(part) for part in parts]
    starts = [sum(map(len, found[:index])) for index in range(len(found))]
    joined = [block for part in found for block in part]
    text = answer(Text(joined, [Mark(str(n), start) for n, start in enumerate(starts)]), language)
    cues = answer(Subtitles([Cue(part, n, n) for n, part in enumerate(found)]), language)
    rows = answer(Table([SpokenRow(n, str(n), part) for n, part in enumerate(found, 1)]), language)
    whole = ["".join("".join(block.text for block in part).split()) for part in found]
    ends = (
        (text, [chapter.first for chapter in text.chapters]),
        (cues, [slot.first for slot in cues.slots]),
        (rows, [row.first for row in rows.rows]),
    )
    for prepared_, firsts in ends:
        spans = zip(firsts, [*firsts[1:], len(prepared_.segments)], strict=True)
        assert ["".join("".join(texts(prepared_)[first:last]).split()) for first, last in spans] == whole
    assert [row.count for row in rows.rows] == [
        after - before for before, after in zip(ends[2][1], [*ends[2][1][1:], len(rows.segments)], strict=True)
    ]
