"""What is remembered comes back; a file that is no use loses nothing but itself."""

import pytest

from tui.memory import FILE, Memory, Remembered, folder


@pytest.fixture
def memory(tmp_path) -> Memory:
    return Memory(tmp_path / "state" / "tui")


def test_nothing_is_remembered_at_first(memory):
    assert memory.recall() == Remembered()


def test_what_was_remembered_comes_back_and_stays_when_more_comes(memory):
    memory.remember(theme="light")
    Memory(memory.directory).remember(toured=True)
    assert memory.recall() == Remembered(theme="light", toured=True)


def test_only_its_owner_looks_into_it(memory):
    memory.remember(theme="light")
    assert memory.directory.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"{", b'{"theme": 3}', b"\xff", b'{"theme": "light"' + b" " * 70_000 + b"}"])
def test_a_file_that_cannot_be_read_counts_as_none_and_is_replaced(memory, content):
    memory.directory.mkdir(parents=True)
    (memory.directory / FILE).write_bytes(content)
    assert memory.recall() == Remembered()
    memory.remember(theme="light")
    assert memory.recall() == Remembered(theme="light")


def test_fields_of_another_version_are_passed_over(memory):
    memory.directory.mkdir(parents=True)
    (memory.directory / FILE).write_bytes(b'{"theme": "light", "tomorrow": 1}')
    assert memory.recall() == Remembered(theme="light")


def test_where_nothing_can_be_written_the_app_goes_on(tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    memory = Memory(tmp_path / "state" / "tui")
    memory.remember(theme="light")
    assert memory.recall() == Remembered()


def test_it_lies_in_the_users_state_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert folder() == tmp_path / "ttsd" / "tui"
