"""The store of lexicons: changes, hand edits, mistakes, what is left in the cache."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ttsd.protocol.errors import BadRequest, Conflict, NotFound, StorageFull, TooLarge
from ttsd.protocol.lexicon import MAX_ENTRIES, Entry
from ttsd.storage.lexicons import Lexicons, lexicon_name, user_number


@pytest.fixture
def store(tmp_path: Path) -> Callable[[], Lexicons]:
    def opened() -> Lexicons:
        found = Lexicons(tmp_path / "state", tmp_path / "cache", lambda _word, spoken: "{" not in spoken)
        found.open()
        return found

    return opened


def snapshot(folder: Path, name: str) -> tuple[Entry, ...]:
    return msgspec.msgpack.decode((folder / f"cache/{name}.msgpack").read_bytes(), type=tuple[Entry, ...])


def test_changes_are_on_the_disk_and_in_the_cache(store: Callable[[], Lexicons], tmp_path: Path) -> None:
    lexicons = store()
    assert lexicons.empty
    assert lexicons.use("uid 1000", "tone") is None
    lexicons.add("all", [Entry("a", "x"), Entry("b", "y", language="en")])
    lexicons.add("all", [Entry("b", "z", language="en"), Entry("b", "w")])
    assert set(lexicons.get("all")) == {Entry("a", "x"), Entry("b", "z", language="en"), Entry("b", "w")}
    assert store().get("all") == snapshot(tmp_path, "all") == lexicons.get("all")
    use = lexicons.use("uid 1000", "anna@happy")
    assert use is not None
    assert (use.folder, use.user, use.voice) == (str(tmp_path / "cache"), "1000", "anna")
    assert lexicons.remove("all", "b", "en") == (Entry("b", "z", language="en"),)
    lexicons.add("all", [Entry("c", "x")], replace=True)
    assert lexicons.get("all") == (Entry("c", "x"),)
    lexicons.remove("all", "c")
    assert lexicons.empty
    assert not list((tmp_path / "cache").glob("**/*.msgpack"))


def test_a_lexicon_goes_with_its_voice(store: Callable[[], Lexicons], tmp_path: Path) -> None:
    lexicons = store()
    lexicons.move("voices/nobody", "voices/anna")
    lexicons.drop("voices/nobody")
    lexicons.add("voices/anna", [Entry("a", "x"), Entry("b", "x")])
    file = tmp_path / "state/voices/anna.toml"
    file.write_text("# mine\n" + file.read_text())
    lexicons.move("voices/anna", "voices/berta")
    assert (lexicons.get("voices/anna"), lexicons.get("voices/berta")) == ((), (Entry("a", "x"), Entry("b", "x")))
    assert (tmp_path / "state/voices/berta.toml").read_text().startswith("# mine\n")
    lexicons.add("voices/carla", [Entry("b", "y"), Entry("c", "y")])
    lexicons.move("voices/berta", "voices/carla")
    assert set(lexicons.get("voices/carla")) == {Entry("a", "x"), Entry("b", "x"), Entry("c", "y")}
    lexicons.drop("voices/carla")
    assert store().empty
    assert not list(tmp_path.glob("*/voices/*"))


def test_a_lexicon_with_a_mistake_goes_along_but_into_no_other(store: Callable[[], Lexicons], tmp_path: Path) -> None:
    lexicons = store()
    lexicons.add("voices/anna", [Entry("a", "x")])
    (tmp_path / "state/voices/anna.toml").write_text("[words]\na = \n")
    lexicons.move("voices/anna", "voices/berta")
    assert (tmp_path / "state/voices/berta.toml").read_text() == "[words]\na = \n"
    lexicons.add("voices/carla", [Entry("c", "y")])
    with pytest.raises(Conflict, match="line 2"):
        lexicons.move("voices/berta", "voices/carla")
    assert lexicons.get("voices/carla") == (Entry("c", "y"),)


def test_a_mistake_changes_nothing(store: Callable[[], Lexicons], tmp_path: Path) -> None:
    lexicons = store()
    lexicons.add("users/7", [Entry("a", "x")])
    file = tmp_path / "state/users/7.toml"
    file.write_text("[words]\na = \n")
    lexicons.refresh()
    assert lexicons.get("users/7") == (Entry("a", "x"),)
    with pytest.raises(Conflict, match="line 2"):
        lexicons.add("users/7", [Entry("b", "x")])
    assert file.read_text() == "[words]\na = \n"
    assert store().get("users/7") == (Entry("a", "x"),)
    file.unlink()
    lexicons.refresh()
    assert lexicons.get("users/7") == ()


def test_what_is_refused(store: Callable[[], Lexicons], tmp_path: Path) -> None:
    lexicons = store()
    for entry in (Entry("-", "x"), Entry("a", "{"), Entry("a  b", "x"), Entry("a\nb", "x")):
        with pytest.raises(BadRequest):
            lexicons.add("all", [Entry("fine", "x"), entry])
    with pytest.raises(NotFound):
        lexicons.remove("all", "a")
    for name in ("users/x", "voices/../x", "voices/.x", "else", "users/1/2"):
        with pytest.raises(BadRequest):
            lexicons.add(name, [Entry("a", "x")])
    lexicons.add("all", [Entry(f"w{n}", "x") for n in range(MAX_ENTRIES)])
    with pytest.raises(TooLarge):
        lexicons.add("all", [Entry("one more", "x")])
    assert len(lexicons.get("all")) == MAX_ENTRIES
    assert [path.name for path in (tmp_path / "state").rglob("*")] == ["all.toml"]


def test_a_folder_that_is_in_the_way(store: Callable[[], Lexicons], tmp_path: Path) -> None:
    lexicons = store()
    (tmp_path / "state/users").write_text("")
    with pytest.raises((BadRequest, StorageFull)):
        lexicons.add("users/7", [Entry("a", "x")])
    (tmp_path / "state/all.toml").mkdir()
    lexicons.refresh()
    assert lexicons.empty


def test_whose_it_is() -> None:
    assert (user_number("uid 12"), user_number("10.0.0.1"), user_number("12"), user_number("")) == ("12", "", "", "")
    assert lexicon_name("user", "uid 12", None) == "users/12"
    assert lexicon_name("voice", "", "anna@happy") == "voices/anna"
    assert lexicon_name("all", "", None) == "all"
    for scope, user in (("user", "10.0.0.1"), ("voice", "uid 12")):
        with pytest.raises(BadRequest):
            lexicon_name(scope, user, "")
