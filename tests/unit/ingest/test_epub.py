"""Books in the order of their spine, their chapters, and archives made to do harm."""

import io
import re
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.books import CONTAINER, Item, write_epub
from ttsd.ingest.contents import Mark, Text
from ttsd.ingest.epub import read_epub
from ttsd.protocol.errors import TooLarge, UnreadableDocument
from ttsd.text.normalize import Block, Kind

ITEMS = [
    Item("cover.xhtml", '<img src="cover.jpg" alt=""/>'),
    Item("text/one%20a.xhtml", "<h1>The First</h1><p>One.</p>"),
    Item("text/note.xhtml", "<p>Beside.</p>", linear=False),
    Item("text/more.xhtml", "<p>Still one.</p>"),
    Item("text/two.xhtml", "<p>Still one, too.</p><h1 id='b'>2</h1><p>Two.</p><h2 id='c'>2.1</h2><p>Part.</p>"),
]
NAV = (
    "<li><a href='text/one%20a.xhtml'>I. <b>First</b></a></li>"
    "<li><a href='text/two.xhtml#b'>II. Second</a><ol><li><a href='text/two.xhtml#c'>A part</a>"
    "<ol><li><a href='text/two.xhtml#b'>Too deep</a></li></ol></li></ol></li>"
    "<li><a href='../../../etc/passwd'>Nowhere</a></li>"
)
NCX = (
    "<navPoint><navLabel><text>First</text></navLabel><content src='text/one%20a.xhtml'/></navPoint>"
    "<navPoint><navLabel><text>Second</text></navLabel><content src='text/two.xhtml#b'/>"
    "<navPoint><navLabel><text>A part</text></navLabel><content src='text/two.xhtml#c'/></navPoint></navPoint>"
)


def read(path: Path, max_unpacked_bytes: int = 1_000_000) -> Text:
    with path.open("rb") as file:
        return read_epub(file, max_unpacked_bytes=max_unpacked_bytes)


def book(folder: Path, items: list[Item] | None = None, **more) -> Text:
    path = folder / "book.epub"
    write_epub(path, unquoted(items or ITEMS), **more)
    return read(path)


def unquoted(items: list[Item]) -> list[Item]:
    return [item._replace(path=item.path.replace("%20", " ")) for item in items]


def test_a_book_of_epub_3(tmp_path: Path):
    found = book(tmp_path, nav_contents=NAV, title="Fish &amp; Chips")
    assert (found.title, found.author) == ("Fish & Chips", "Ann Author, Ben")
    assert found.blocks == [
        Block("The First", Kind.CHAPTER),
        Block("One."),
        Block("Still one."),
        Block("Still one, too."),
        Block("2", Kind.CHAPTER),
        Block("Two."),
        Block("2.1", Kind.CHAPTER),
        Block("Part."),
    ]
    assert found.chapters == [Mark("I. First", 0), Mark("II. Second", 4), Mark("A part", 6)]


def test_a_book_of_epub_2(tmp_path: Path):
    assert book(tmp_path, ncx_points=NCX).chapters == [Mark("First", 0), Mark("Second", 4), Mark("A part", 6)]


def test_titles_with_names_of_characters(tmp_path: Path):
    found = book(tmp_path, title="Caf&eacute; society & more&nbsp;&#8212; so", nav_contents=NAV)
    assert found.title == "Café society more — so"


def test_an_empty_navigation_leaves_it_to_the_older_table(tmp_path: Path):
    assert book(tmp_path, nav_contents=" ", ncx_points=NCX).chapters[0] == Mark("First", 0)


def test_without_a_table_each_text_is_a_chapter(tmp_path: Path):
    assert book(tmp_path).chapters == [Mark("The First", 0), Mark("Chapter 2", 2), Mark("2", 3)]


def test_what_comes_before_the_first_entry_is_a_chapter_too(tmp_path: Path):
    items = [Item("title.xhtml", "<p>By Ann.</p>"), Item("dedication.xhtml", "<p>To Ben.</p>"), Item("a.xhtml", "A.")]
    found = book(tmp_path, items, nav_contents="<li><a href='a.xhtml'>One</a></li>")
    assert found.chapters == [Mark("Chapter 1", 0), Mark("One", 2)]


def test_the_title_of_a_page_without_words_is_the_next_ones(tmp_path: Path):
    items = [Item("part.xhtml", "<img src='i.jpg'/>"), Item("a.xhtml", "A."), Item("b.xhtml", "B.")]
    found = book(tmp_path, items, nav_contents="<li><a href='part.xhtml'>Part I</a></li>")
    assert found.chapters == [Mark("Part I", 0)]


def test_the_navigation_is_no_chapter(tmp_path: Path):
    items = [Item("nav.xhtml", "replaced"), Item("a.xhtml", "<p>A.</p>")]
    assert [
        block.text for block in book(tmp_path, items, nav_contents="<li><a href='a.xhtml'>One</a></li>").blocks
    ] == ["A."]


def test_a_text_in_an_older_encoding(tmp_path: Path):
    old = '<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>Café</p></body></html>'.encode("latin-1")
    assert book(tmp_path, [Item("a.xhtml", "")], files={"OPS/a.xhtml": old}).blocks == [Block("Café")]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"META-INF/container.xml": ""}, "without META-INF/container.xml, and so no EPUB"),
        ({"META-INF/container.xml": "no xml"}, "container.xml"),
        ({"META-INF/container.xml": CONTAINER.replace("OPS/", "../../")}, "'../../book.opf' is missing"),
        ({"OPS/book.opf": ""}, "'OPS/book.opf' is missing"),
        ({"OPS/book.opf": "<package/>"}, "names no texts"),
        ({"OPS/text/more.xhtml": ""}, "'OPS/text/more.xhtml' is missing"),
        ({"OPS/text/more.xhtml": b"\x89PNG\x00"}, "binary"),
        (
            {
                "META-INF/encryption.xml": '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
                '<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData>'
                '<CipherReference URI="OPS/text/one%20a.xhtml"/></CipherData></EncryptedData></encryption>'
            },
            "protected by DRM",
        ),
    ],
)
def test_a_book_that_cannot_be_read(tmp_path: Path, files: dict[str, str], says: str):
    with pytest.raises(UnreadableDocument) as caught:
        book(tmp_path, files=files)
    assert says in caught.value.message


def test_scrambled_fonts_do_not_matter(tmp_path: Path):
    encryption = '<e><CipherReference URI="OPS/font.otf"/></e>'
    assert book(tmp_path, files={"META-INF/encryption.xml": encryption}).blocks


def test_archives_that_are_damaged(tmp_path: Path):
    write_epub(tmp_path / "book.epub", unquoted(ITEMS))
    whole = (tmp_path / "book.epub").read_bytes()
    start = whole.index(b"OPS/text/two.xhtml") + 40
    for data in (b"no archive", whole[:-200], whole[:start] + b"\xff" * 20 + whole[start + 20 :]):
        (tmp_path / "bad.epub").write_bytes(data)
        with pytest.raises(UnreadableDocument, match="archive"):
            read(tmp_path / "bad.epub")


def test_an_archive_with_a_password(tmp_path: Path):
    path = tmp_path / "book.epub"
    write_epub(path, unquoted(ITEMS))
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"META-INF/container.xml"))
    data[entry + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument, match="encrypted"):
        read(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path):
    """A thousandfold, in one text, and spread over many."""
    zeros = "<p>" + "0" * 50_000_000
    path = tmp_path / "book.epub"
    write_epub(path, [Item("a.xhtml", zeros)])
    assert path.stat().st_size < 100_000
    start = time.process_time()
    with pytest.raises(TooLarge, match="more than 1000000 bytes"):
        read(path)
    many = [Item(f"{number}.xhtml", "0" * 100_000) for number in range(100)]
    with pytest.raises(TooLarge, match=r"\[limits\] max_document_chars"):
        book(tmp_path, many)
    assert time.process_time() - start < 5


def test_pictures_are_not_unpacked(tmp_path: Path):
    assert book(tmp_path, files={"OPS/cover.jpg": bytes(5_000_000)}).blocks


@pytest.mark.parametrize("laughs", ["&l3;&f;", "&l11;"])
@pytest.mark.parametrize("name", ["META-INF/container.xml", "OPS/book.opf", "OPS/nav.xhtml"])
def test_entities_are_not_expanded(tmp_path: Path, name: str, laughs: str):
    """Ten to the power of three, of eleven; and a file that is none of the book's."""
    declared = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    declared += f'<!ENTITY l0 "ha"><!ENTITY f SYSTEM "{Path(__file__).as_uri()}">'
    path = tmp_path / "book.epub"
    write_epub(path, unquoted(ITEMS), nav_contents=NAV, title="Fine")
    with zipfile.ZipFile(path) as archive:
        root = re.sub(r"^(<[?!][^>]*>\s*)+", "", archive.read(name).decode())
    laughing = re.sub("Fine|First|<rootfiles>", lambda found: laughs + found.group(), root)
    assert laughing != root
    start = time.process_time()
    try:
        found = book(tmp_path, nav_contents=NAV, files={name: f"<!DOCTYPE x [{declared}]>{laughing}"})
        said = f"{found.title} {found.chapters}"
        assert "haha" not in said
        assert "Books in the order" not in said
    except UnreadableDocument:
        assert laughs == "&l11;"
    assert time.process_time() - start < 2


def test_depth_does_no_harm(tmp_path: Path):
    deep = "<a>" * 100_000
    for name in ("META-INF/container.xml", "OPS/book.opf"):
        with pytest.raises(UnreadableDocument):
            book(tmp_path, files={name: deep})
    assert book(tmp_path, nav_contents="<li><ol>" * 5000 + "<a href='text/two.xhtml'>Deep</a>").blocks
    assert book(tmp_path, [Item("a.xhtml", "<div>" * 100_000 + "end")]).blocks == [Block("end")]


def test_a_path_out_of_the_archive_is_a_name_in_it(tmp_path: Path):
    with pytest.raises(UnreadableDocument, match=r"'\.\./etc/passwd' is missing"):
        book(tmp_path, [Item("../../etc/passwd", "x")], files={"OPS/../../etc/passwd": ""})


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(12)), st.integers(0, 12))
def test_the_spine_decides_the_order(order: list[int], listed: int):
    items = [Item(f"{number}.xhtml", f"<p>Text {number}.</p>") for number in order]
    points = "".join(f"<li><a href='{number}.xhtml'>C{number}</a></li>" for number in range(listed))
    file = io.BytesIO()
    write_epub(file, items, nav_contents=points or " ")
    found = read_epub(file, max_unpacked_bytes=1_000_000)
    assert [block.text for block in found.blocks] == [f"Text {number}." for number in order]
    named = [Mark(f"C{number}", place) for place, number in enumerate(order) if number < listed]
    assert [mark for mark in found.chapters if mark.title.startswith("C") and " " not in mark.title] == named
    assert found.chapters[0].block == 0
