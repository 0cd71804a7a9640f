"""However people's programs write into the inbox: what is spoken is the whole text, once."""

import hashlib
import json
import shutil
import subprocess
import sys

import pytest

TEXT = "The first sentence of it. The second sentence is there too. And this is the end."
EDITED = TEXT.replace("first", "very first")

PROGRAMS = {
    "cp": ("cp source.txt spool/inbox/a.txt", TEXT),
    "mv": ("mv source.txt spool/inbox/a.txt", TEXT),
    "a hard link": ("ln source.txt spool/inbox/a.txt", TEXT),
    "install": ("install -m 640 source.txt spool/inbox/a.txt", TEXT),
    "rsync": ("rsync source.txt spool/inbox/a.txt", TEXT),
    "rsync, in place": ("rsync --inplace source.txt spool/inbox/a.txt", TEXT),
    "rsync of a folder": ("mkdir some && cp source.txt some/a.txt && rsync -r some/ spool/inbox/", TEXT),
    "tar": ("cp source.txt a.txt && tar c a.txt | tar x -C spool/inbox", TEXT),
    "a pipe, line by line": ("xargs -n 3 <source.txt >spool/inbox/a.txt", TEXT),
    "sed -i": ("cp source.txt spool/inbox/a.txt && sed -i 's/first/very first/' spool/inbox/a.txt", EDITED),
    "ed": (
        "cp source.txt spool/inbox/a.txt && printf ',s/first/very first/\\nw\\nq\\n' | ed -s spool/inbox/a.txt",
        EDITED,
    ),
    "vim": (
        "cp source.txt spool/inbox/a.txt && vi -es -u NONE -c '%s/first/very first/' -c wq spool/inbox/a.txt",
        EDITED,
    ),
    "an upload that is renamed": ("cp source.txt spool/inbox/a.txt.filepart && mv spool/inbox/a.txt{.filepart,}", TEXT),
}

SLOW = """
import os, sys, time
with open(sys.argv[1], "w") as file:
    for word in sys.argv[2].split(" "):
        file.write(word + " ")
        file.flush()
        time.sleep(float(sys.argv[3]))
"""
"""Writes a word, waits, and keeps the file open, as uploads do."""

AGAIN = """
import sys, time
for word in sys.argv[2].split(" "):
    with open(sys.argv[1], "a") as file:
        file.write(word + " ")
    time.sleep(float(sys.argv[3]))
"""
"""Opens and closes the file for each word, as `>>` in a loop does."""


def spoken(daemon, wait_for) -> str:
    """The source of the one job there was, as the receipt and `done/` have it."""
    daemon.wait_path("done/a.txt", 60)
    source = daemon.path("done/a.txt").read_bytes()
    receipt = json.loads(daemon.path("outbox/a.json").read_bytes())
    assert receipt["source_sha256"] == hashlib.sha256(source).hexdigest()
    wait_for(lambda: daemon.status()["queue"]["succeeded"] == 1)
    assert daemon.outbox() == ["a.json", "a.wav"]
    assert not [path for path in daemon.path("inbox").iterdir() if path.name[0] != "."]
    return source.decode()


@pytest.mark.parametrize(("script", "expected"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_what_programs_write_is_spoken_whole_and_once(make_daemon, tmp_path, wait_for, script, expected):
    daemon = make_daemon(spool={"settle_s": 0.4}).start()
    (tmp_path / "source.txt").write_text(TEXT)
    program = script.split()[0] if script.split()[0] in ("rsync", "install") else "bash"
    assert shutil.which(program), f"{program} is needed for this"
    subprocess.run(["bash", "-ec", script], cwd=tmp_path, check=True, timeout=30)
    assert spoken(daemon, wait_for).split() == expected.split()  # editors end the last line


@pytest.mark.parametrize("program", [SLOW, AGAIN], ids=["held open", "opened for each word"])
def test_a_writer_who_takes_twenty_times_as_long_as_a_file_needs_to_settle(make_daemon, wait_for, program):
    """At the default of one second: somebody who writes for twenty, and pauses for most of that each time."""
    daemon = make_daemon(spool={"settle_s": 0.3}).start()
    words = " ".join([TEXT] * 2)
    pause_s = 0.2
    path = daemon.path("inbox/a.txt")
    subprocess.run([sys.executable, "-c", program, str(path), words, str(pause_s)], check=True, timeout=120)
    assert spoken(daemon, wait_for) == words + " "


def test_a_writer_that_is_killed_leaves_a_part_which_is_taken_for_the_whole(make_daemon, wait_for):
    """Nobody can tell it from a short text; its receipt has the checksum of what was spoken."""
    daemon = make_daemon().start()
    path = daemon.path("inbox/a.txt")
    writer = subprocess.Popen([sys.executable, "-c", SLOW, str(path), TEXT, "60"])
    wait_for(lambda: path.exists() and path.stat().st_size)
    assert daemon.outbox() == []
    writer.kill()
    writer.wait()
    assert spoken(daemon, wait_for) == "The "
