"""Two settings change; every other byte of somebody's file stays."""

import os
import stat
from pathlib import Path

import pytest
import tomli

from tests.needs import needs_root
from ttsd.config import load_config
from ttsd.config.editing import as_lines, edited, replace_text

ROOT = Path(__file__).parents[2]
QWEN = {"engine": {"name": "qwen3"}, "qwen3": {"model": "a/b"}}
NEW = '[engine]\nname = "qwen3"\n\n[qwen3]\nmodel = "a/b"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", NEW),
        ("# nothing yet\n", "# nothing yet\n\n" + NEW),
        (
            '# mine\n[engine]  # what speaks\nname = "builtin"  # for now\n\n# doors\n[http]\n',
            '# mine\n[engine]  # what speaks\nname = "qwen3"  # for now\n\n# doors\n[http]\n\n[qwen3]\nmodel = "a/b"\n',
        ),
        (
            "[engine]\nslots = 2\n\n# doors\n[http]\n[qwen3]",
            '[engine]\nslots = 2\nname = "qwen3"\n\n# doors\n[http]\n[qwen3]\nmodel = "a/b"\n',
        ),
        (
            "[qwen3]\n# Which.\n#model = ''\n# How.\n#dtype = ''\n\n[engine]\n",
            "[qwen3]\n# Which.\n#model = ''\nmodel = \"a/b\"\n# How.\n#dtype = ''\n\n[engine]\nname = \"qwen3\"\n",
        ),
        ("engine.slots = 2\n[http]\n", 'engine.slots = 2\nengine.name = "qwen3"\n[http]\n\n[qwen3]\nmodel = "a/b"\n'),
        ("engine = { name = 'fake' }\n", 'engine = { name = "qwen3" }\n\n[qwen3]\nmodel = "a/b"\n'),
        (NEW, NEW),
    ],
)
def test_only_the_settings_change(before: str, after: str) -> None:
    assert edited(before, QWEN) == after
    assert edited(after, QWEN) == after


def test_line_ends_and_the_mark_of_utf_8_stay() -> None:
    assert edited('\ufeff[engine]\r\nname = "x"\r\n', {"engine": {"name": "fake"}}) == (
        '\ufeff[engine]\r\nname = "fake"\r\n'
    )


@pytest.mark.parametrize("commented_out", [False, True])
def test_the_example_changes_by_these_lines_alone(commented_out: bool, tmp_path: Path) -> None:
    lines = (ROOT / "config.toml").read_text().splitlines(keepends=True)
    if commented_out:  # as `make install` puts it there
        lines = [f"#{line}" if line[0].islower() else line for line in lines]
    file = tmp_path / "config.toml"
    file.write_text(edited("".join(lines), QWEN))
    new = file.read_text().splitlines(keepends=True)
    assert [line for line in new if line not in lines] == ['name = "qwen3"\n', 'model = "a/b"\n']
    gone = [line for line in lines if line not in new]
    assert gone == ([] if commented_out else ['name = "builtin"\n', 'model = ""\n'])
    config = load_config(file, {}).config
    assert (config.engine.name, config.qwen3.model) == ("qwen3", "a/b")


def test_what_a_text_means_is_never_lost() -> None:
    odd = 'name = """\n[engine]\n"""\n[engine]\n  slots = 0x2 # [engine]\n'
    assert tomli.loads(edited(odd, QWEN)) == tomli.loads(odd) | {
        "engine": {"slots": 2, "name": "qwen3"},
        "qwen3": {"model": "a/b"},
    }


@pytest.mark.parametrize("text", ["[engine\n", "[engine]\n[engine.x]\n[http]\n[qwen3.z]\n"])
def test_what_cannot_be_changed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        edited(text, QWEN)


def test_lines_to_be_put_in_by_hand() -> None:
    assert as_lines(QWEN) == NEW


def test_a_file_is_replaced_at_once_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("old")
    file.chmod(0o640)
    with file.open() as reader:
        replace_text(file, "new\r\n")
        assert reader.read() == "old"
    assert file.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file]


@needs_root
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("old")
    os.chown(file, 12, 34)
    replace_text(file, "new")
    assert (file.stat().st_uid, file.stat().st_gid) == (12, 34)


def test_links_are_followed_and_stay(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "ttsd.toml").write_text("old")
    (tmp_path / "config.toml").symlink_to("dotfiles/ttsd.toml")
    replace_text(tmp_path / "config.toml", "new")
    assert (tmp_path / "config.toml").is_symlink()
    assert (tmp_path / "dotfiles" / "ttsd.toml").read_text() == "new"


def test_a_new_file_gets_its_folder_and_what_the_umask_leaves(tmp_path: Path) -> None:
    file = tmp_path / "config" / "ttsd" / "config.toml"
    mask = os.umask(0o027)
    try:
        replace_text(file, "new")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_text(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
