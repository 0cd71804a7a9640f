"""Lexicons in a prep process: whose, in which voice, and new when their files are."""

from pathlib import Path

import msgspec
import pytest

from ttsd.prep.loop import answer
from ttsd.prep.shelf import MOST, Shelf
from ttsd.protocol.errors import Unavailable
from ttsd.protocol.lexicon import Entry, LexiconUse
from ttsd.protocol.prep import Prepared, PrepareText


def put(folder: Path, name: str, *entries: Entry) -> None:
    path = folder / f"{name}.msgpack"
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_suffix(".part")
    hidden.write_bytes(msgspec.msgpack.encode(entries))
    hidden.replace(path)


def spoken(shelf: Shelf, use: LexiconUse | None) -> str:
    found = answer(PrepareText(1, "Word.", "en", use), shelf)
    assert isinstance(found, Prepared)
    return found.segments[0].spoken


def test_users_voices_everybody(tmp_path: Path) -> None:
    shelf, use = Shelf(), LexiconUse(str(tmp_path), "1000", "tone")
    assert spoken(shelf, None) == spoken(shelf, use) == "Word."
    for name, said in (("all", "all"), ("voices/tone", "tone"), ("users/1000", "mine")):
        put(tmp_path, name, Entry("Word", said))
        assert spoken(shelf, use) == f"{said}."
    assert spoken(shelf, LexiconUse(str(tmp_path), "", "other")) == "all."
    assert spoken(shelf, LexiconUse(str(tmp_path), "1", "tone")) == "tone."
    put(tmp_path, "users/1000", Entry("Word", "changed"))
    assert spoken(shelf, use) == "changed."
    (tmp_path / "users/1000.msgpack").unlink()
    assert spoken(shelf, use) == "tone."


def test_what_is_at_hand_is_bounded_and_a_broken_one_is_told(tmp_path: Path) -> None:
    shelf = Shelf()
    for number in range(MOST + 4):
        put(tmp_path, f"users/{number}", Entry("Word", "w" * (number + 1)))
        assert spoken(shelf, LexiconUse(str(tmp_path), str(number))) == "w" * (number + 1) + "."
    assert spoken(shelf, LexiconUse(str(tmp_path), "0")) == "w."
    (tmp_path / "all.msgpack").write_bytes(b"\xc1")
    with pytest.raises(Unavailable):
        shelf.lexicon(LexiconUse(str(tmp_path)))
