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

HOLDS = """
import sys
with open(sys.argv[1], "w") as file:
    for word in sys.stdin:
        print(word.strip(), end=" ", file=file, flush=True)
"""
"""Writes the words it is told, and keeps the file open, as uploads do."""


def spoken(daemon, wait_for, others: int = 0) -> str:
    """The source of the one job there was for it, as the receipt and `done/` have it."""
    daemon.wait_path("done/a.txt", 60)
    source = daemon.path("done/a.txt").read_bytes()
    receipt = json.loads(daemon.path("outbox/a.json").read_bytes())
    assert receipt["source_sha256"] == hashlib.sha256(source).hexdigest()
    wait_for(lambda: daemon.status()["queue"]["succeeded"] == 1 + others)
    assert [name for name in daemon.outbox() if not name.startswith("others/")] == ["a.json", "a.wav"]
    inbox = daemon.path("inbox")
    assert not [path for path in inbox.rglob("*") if path.is_file() and path.name[0] != "."]
    return source.decode()


@pytest.mark.parametrize(("script", "expected"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_what_programs_write_is_spoken_whole_and_once(make_daemon, tmp_path, wait_for, script, expected):
    daemon = make_daemon(spool={"settle_s": 0.4}).start()
    (tmp_path / "source.txt").write_text(TEXT)
    program = script.split()[0] if script.split()[0] in ("rsync", "install") else "bash"
    assert shutil.which(program), f"{program} is needed for this"
    subprocess.run(["bash", "-ec", script], cwd=tmp_path, check=True, timeout=30)
    assert spoken(daemon, wait_for).split() == expected.split()  # editors end the last line


def settled(daemon, number: int) -> None:
    """So much time has gone by that another file settled, and was spoken."""
    daemon.drop(f"others/{number}.txt", TEXT)
    daemon.wait_path(f"done/others/{number}.txt", 60)


def test_a_file_that_is_held_open_is_not_taken_however_long_its_writer_pauses(make_daemon, wait_for):
    daemon = make_daemon().start()
    path = daemon.path("inbox/a.txt")
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, text=True) as writer:
        assert writer.stdin is not None
        for number, word in enumerate(TEXT.split()):
            writer.stdin.write(f"{word}\n")
            writer.stdin.flush()
            settled(daemon, number)
            assert path.exists(), "taken while it was written"
    assert spoken(daemon, wait_for, others=len(TEXT.split())) == TEXT + " "


def test_a_file_that_is_written_again_and_again_is_not_taken_before_that_ends(make_daemon, wait_for):
    """It is opened and closed for each word, as `>>` in a loop does, while twenty others settle."""
    daemon = make_daemon(spool={"settle_s": 0.3}).start()
    path = daemon.path("inbox/a.txt")
    written: list[str] = []

    def writes_on(number: int) -> bool:
        with path.open("a") as file:
            file.write("word ")
        written.append("word ")
        return daemon.path(f"done/others/{number}.txt").exists()

    for number in range(20):
        daemon.drop(f"others/{number}.txt", TEXT)
        wait_for(lambda number=number: writes_on(number), 60)
    assert spoken(daemon, wait_for, others=20) == "".join(written)


def test_a_writer_that_is_killed_leaves_a_part_which_is_taken_for_the_whole(make_daemon, wait_for):
    """Nobody can tell it from a short text; its receipt has the checksum of what was spoken."""
    daemon = make_daemon().start()
    path = daemon.path("inbox/a.txt")
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, text=True) as writer:
        assert writer.stdin is not None
        writer.stdin.write("The\n")
        writer.stdin.flush()
        wait_for(lambda: path.exists() and path.stat().st_size)
        assert daemon.outbox() == []
        writer.kill()
    assert spoken(daemon, wait_for) == "The "
