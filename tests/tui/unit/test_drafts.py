"""What was being written when an app died."""

import os
import signal
import subprocess
import sys

from tui.drafts import Draft


def test_a_draft_is_nobody_elses(tmp_path):
    draft = Draft(tmp_path / "drafts")
    draft.keep("Dear Ada, 你好")
    (file,) = (tmp_path / "drafts").glob("*.txt")
    assert [oct(path.stat().st_mode & 0o777) for path in (file, file.parent)] == ["0o600", "0o700"]

    draft.keep("")
    draft.close()

    assert list((tmp_path / "drafts").iterdir()) == []


def test_two_apps_at_once_have_a_draft_each_and_a_third_takes_over_what_is_left(tmp_path):
    one, two = Draft(tmp_path), Draft(tmp_path)
    one.keep("one")
    two.keep("two")
    assert Draft(tmp_path).take_over() == ""

    one.close()
    third = Draft(tmp_path)
    assert third.take_over() == "one"
    third.keep("third")
    third.close()

    assert sorted(file.read_text() for file in tmp_path.glob("*.txt")) == ["third", "two"]


def test_a_killed_app_leaves_its_draft(tmp_path):
    script = f"""
import os, pathlib, signal
from tui.drafts import Draft
draft = Draft(pathlib.Path({str(tmp_path)!r}))
draft.keep("unsaved")
os.kill(os.getpid(), signal.SIGKILL)
"""
    died = subprocess.run([sys.executable, "-c", script], check=False, env=os.environ)
    assert died.returncode == -signal.SIGKILL
    assert Draft(tmp_path).take_over() == "unsaved"


def test_without_a_place_to_write_nothing_is_kept_and_nothing_fails(tmp_path):
    (tmp_path / "file").write_text("in the way")
    draft = Draft(tmp_path / "file")
    draft.keep("text")
    assert draft.take_over() == ""
    draft.close()
