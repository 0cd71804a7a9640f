"""Which files are complete: the rule alone, with a clock of our own."""

import pytest

from ttsd.ingest.stability import BLIND, LOOK_AGAIN_S, OPEN_PATIENCE_S, QUIET_MIN_S, Ignored, Kind, Seen, Stability

EMPTY = Seen(0, 1, 7)
FULL = Seen(5, 2, 7)


class Folder:
    """A stability tracker over files that this test changes as it likes."""

    def __init__(self, settle_s: float = 1.0) -> None:
        self.stability = Stability(settle_s)
        self.files: dict[str, Seen] = {}
        self.now = 100.0

    def note(self, kind: Kind, path: str = "a.txt") -> None:
        self.stability.note(path, kind, self.now)

    def ready(self, wait_s: float = 0.0) -> list[str]:
        """What becomes complete while so much time passes, looking whenever there is something due."""
        end = self.now + wait_s
        found: list[str] = []
        while (deadline := self.stability.next_deadline()) is not None and deadline <= end:
            self.now = max(self.now, deadline)
            due = self.stability.due(self.now)
            found += [path for path in due if self.stability.check(path, self.files.get(path), self.now)]
        self.now = end
        return found


@pytest.mark.parametrize("kind", [Kind.CREATED, Kind.CLOSED, Kind.MOVED_IN, Kind.FOUND])
def test_still_for_the_settling_time_is_complete(kind):
    folder = Folder()
    folder.files["a.txt"] = FULL
    folder.note(kind)
    assert folder.ready(0.99) == []
    assert folder.ready(0.02) == ["a.txt"]
    assert folder.ready(10) == []
    assert len(folder.stability) == 0


def test_every_change_starts_the_time_again():
    folder = Folder()
    folder.note(Kind.MOVED_IN)
    for size in range(5):
        folder.files["a.txt"] = Seen(size, size, 7)
        assert folder.ready(0.9) == []
    assert folder.ready(1.0) == ["a.txt"]


def test_another_file_under_the_same_name_is_a_change():
    folder = Folder()
    folder.files["a.txt"] = FULL
    folder.note(Kind.FOUND)
    assert folder.ready(0.5) == []
    folder.files["a.txt"] = FULL._replace(inode=8)
    assert folder.ready(0.9) == []
    assert folder.ready(1.0) == ["a.txt"]


def test_its_writer_holds_a_file_until_it_closes_it():
    folder = Folder()
    folder.files["a.txt"] = FULL
    for kind in (Kind.CREATED, Kind.OPENED, Kind.OPENED, Kind.CLOSED_UNWRITTEN):
        folder.note(kind)
    assert folder.ready(60) == []
    folder.note(Kind.FOUND)
    assert folder.ready(60) == []
    folder.note(Kind.CLOSED)
    assert folder.ready(1) == ["a.txt"]


def test_readers_of_a_complete_file_hold_nothing():
    folder = Folder()
    folder.files["a.txt"] = FULL
    folder.note(Kind.MOVED_IN)
    folder.note(Kind.OPENED)
    assert folder.ready(1) == ["a.txt"]
    folder.note(Kind.OPENED)
    folder.note(Kind.CLOSED_UNWRITTEN)
    assert folder.stability.next_deadline() is None


def test_a_hard_link_that_is_read_settles_when_the_reader_is_gone():
    folder = Folder()
    folder.files["a.txt"] = FULL
    for kind in (Kind.CREATED, Kind.OPENED, Kind.CLOSED_UNWRITTEN):
        folder.note(kind)
    assert folder.ready(1) == ["a.txt"]


def test_a_close_that_was_never_told_is_not_waited_for_for_ever():
    folder = Folder()
    folder.files["a.txt"] = FULL
    folder.note(Kind.CREATED)
    folder.note(Kind.OPENED)
    assert folder.ready(2 * OPEN_PATIENCE_S) == ["a.txt"]


def test_when_events_were_lost_only_stillness_counts():
    folder = Folder()
    folder.files["a.txt"] = FULL
    folder.note(Kind.CREATED)
    folder.note(Kind.OPENED)
    folder.stability.distrust(folder.now)
    assert folder.ready(1) == ["a.txt"]


def test_what_has_gone_is_forgotten():
    folder = Folder()
    folder.note(Kind.CLOSED)
    assert folder.ready(10) == []
    folder.files["a.txt"] = FULL
    folder.note(Kind.CLOSED)
    folder.note(Kind.GONE)
    assert folder.ready(10) == []
    assert len(folder.stability) == 0


def test_what_cannot_be_looked_at_is_neither_complete_nor_gone():
    folder = Folder()
    folder.files["a.txt"] = BLIND
    folder.note(Kind.CLOSED)
    assert folder.ready(60) == []
    assert len(folder.stability) == 1
    folder.files["a.txt"] = FULL
    assert folder.ready(LOOK_AGAIN_S) == []
    assert folder.ready(1.1) == ["a.txt"]


def test_nobody_looks_all_the_time_at_what_cannot_be_looked_at():
    folder = Folder(settle_s=0)
    folder.note(Kind.CLOSED)
    assert folder.stability.due(folder.now) == ["a.txt"]
    assert not folder.stability.check("a.txt", BLIND, folder.now)
    assert folder.stability.next_deadline() == folder.now + LOOK_AGAIN_S


def test_without_settling_time_a_closed_file_is_complete_at_once_and_a_found_one_soon():
    folder = Folder(settle_s=0)
    folder.files |= {"closed": FULL, "found": FULL}
    folder.note(Kind.CLOSED, "closed")
    folder.note(Kind.FOUND, "found")
    assert folder.ready() == ["closed"]
    assert folder.ready(QUIET_MIN_S) == ["found"]


def test_many_files_are_due_in_the_order_of_their_deadlines():
    folder = Folder()
    names = [f"{number}" for number in range(100)]
    for name in names:
        folder.files[name] = EMPTY
        folder.note(Kind.CLOSED, name)
        assert folder.ready(0.001) == []
    assert folder.ready(5) == names


@pytest.mark.parametrize(
    "path",
    [".hidden", "a~", "a.part", "a.tmp", "a.swp", "a.crdownload", "a.filepart", "a.txt.error.txt", "sub/a.tmp",
     ".git/config", "sub/.cache/a.txt", "draft-1.txt", "sub/draft-2.txt"],
)  # fmt: skip
def test_ignored(path):
    assert Ignored(("draft-*",))(path)


@pytest.mark.parametrize("path", ["a.txt", "sub/a.txt", "a.party", "part", "a.txt\n", "sub~/a.txt", "x.tmp/a.txt", "-"])
def test_not_ignored(path):
    assert not Ignored(("draft-*",))(path)
