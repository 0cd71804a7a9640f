"""The hot folder through the real daemon: what is dropped is spoken, what cannot be is explained."""

import hashlib
import json
import os
import socket
import subprocess
import wave
from pathlib import Path

import pytest


def receipt(daemon, name: str) -> dict:
    return json.loads(daemon.wait_path(f"outbox/{name}").read_bytes())


def refused(daemon, name: str) -> str:
    """The explanation beside a failed file."""
    text = daemon.wait_path(f"failed/{name}.error.txt").read_text()
    daemon.wait_path(f"failed/{name}")
    assert daemon.get("/readyz").status_code == 200
    return text


def test_a_dropped_text_becomes_sound_a_receipt_and_a_done_source(daemon):
    daemon.drop("hello.txt", "Hello there. This is a second sentence.")
    found = receipt(daemon, "hello.json")
    daemon.wait_path("done/hello.txt")
    with wave.open(str(daemon.path("outbox/hello.wav"))) as sound:
        assert sound.getframerate() == 24_000
        assert sound.getnframes() / 24_000 == pytest.approx(found["duration_s"], abs=1e-4)
        assert any(sound.readframes(24_000))
    assert found["schema_version"] == 1
    assert found["source"] == "hello.txt"
    assert found["source_sha256"] == hashlib.sha256(b"Hello there. This is a second sentence.").hexdigest()
    assert (found["engine"], found["voice"], found["seed"]) == ("fake", "tone", 0)
    texts = [segment["text"].strip() for segment in found["segments"]]
    assert texts == ["Hello there.", "This is a second sentence."]
    assert found["segments"][1]["start_s"] > found["segments"][0]["end_s"]
    assert found["segments"][-1]["end_s"] == pytest.approx(found["duration_s"], abs=1e-4)
    assert daemon.outbox() == ["hello.json", "hello.wav"]
    assert list(daemon.path("inbox").iterdir()) == []
    job = daemon.get(f"/v1/jobs/{found['job']}").json()
    assert (job["state"], job["segments_done"], job["output"]) == ("succeeded", 2, str(daemon.path("outbox/hello.wav")))
    assert daemon.get(f"/v1/jobs/{found['job']}/audio").content == daemon.path("outbox/hello.wav").read_bytes()


def test_markdown_is_read_as_a_person_reads_it(daemon):
    daemon.drop("note.md", "# Title\n\nSome *emphasis* and a [link](http://example.org).\n\n```\ncode\n```\n")
    texts = " ".join(segment["text"] for segment in receipt(daemon, "note.json")["segments"])
    assert "Title" in texts
    assert "emphasis" in texts
    assert not any(bad in texts for bad in ("*", "#", "example.org", "code"))


def test_front_matter_and_folder_choose_the_voice(daemon):
    daemon.drop("a.txt", '+++\nvoice = "noise"\nseed = 7\n+++\nHello.')
    daemon.drop("noise/b.txt", "Hello.")
    assert (receipt(daemon, "a.json")["voice"], receipt(daemon, "a.json")["seed"]) == ("noise", 7)
    assert receipt(daemon, "noise/b.json")["voice"] == "noise"
    daemon.wait_path("done/noise/b.txt")


def test_an_edited_file_is_spoken_again_and_only_the_change_is_made(daemon):
    daemon.drop("story.txt", "The first sentence stays. The second one changes.")
    first = receipt(daemon, "story.json")
    daemon.wait_path("done/story.txt")
    daemon.drop("story.txt", "The first sentence stays. The second one is new.")
    again = wait_for_other(daemon, "story.json", first["job"])
    assert [segment["reused"] for segment in again["segments"]] == [True, False]
    daemon.wait_path(f"done/story~{again['job']}.txt")


def wait_for_other(daemon, name: str, job: str) -> dict:
    path = daemon.path(f"outbox/{name}")
    for _ in range(2000):
        found = json.loads(path.read_bytes())
        if found["job"] != job:
            return found
        daemon.get("/healthz")
    pytest.fail("the receipt was not replaced")


def test_speech_that_does_not_end_is_tried_again_with_another_seed(daemon):
    daemon.script.write_text(
        '[[rule]]\nmatch = "Once"\ntimes = 1\nendless = true\n[[rule]]\nmatch = "Never"\nendless = true\n'
    )
    daemon.drop("a.txt", "Once upon a time. It ended.")
    daemon.drop("b.txt", "Never ends.")
    once, ended = receipt(daemon, "a.json")["segments"]
    assert (once["cut_off"], ended["cut_off"]) == (False, False)
    assert once["end_s"] - once["start_s"] == pytest.approx(len("Once upon a time.") * 0.06, abs=0.1)
    (never,) = receipt(daemon, "b.json")["segments"]
    assert never["cut_off"]
    assert never["end_s"] == pytest.approx(2 * len("Never ends.") * 0.06, abs=0.1)


def test_speech_that_does_not_end_is_not_kept_for_the_next_who_asks(daemon):
    body = {"text": "Once upon a time."}
    whole = daemon.post("/api/tts_stream", json=body).content
    daemon.script.write_text('[[rule]]\nmatch = "time"\ntimes = 1\nendless = true\n')
    other = {"text": "A long time ago."}
    assert len(daemon.post("/api/tts_stream", json=other).content) == 2 * len(whole) * 16 // 17
    assert len(daemon.post("/api/tts_stream", json=other).content) == len(whole) * 16 // 17


def test_a_failed_file_moved_back_is_tried_again(daemon):
    daemon.drop("a.txt", "")
    refused(daemon, "a.txt")
    daemon.path("failed/a.txt").write_text("Now there is something.")
    daemon.path("failed/a.txt").rename(daemon.path("inbox/a.txt"))
    receipt(daemon, "a.json")


def test_retry_and_cancel_over_http(daemon, wait_for):
    daemon.drop("a.txt", "")
    refused(daemon, "a.txt")
    (job,) = wait_for(lambda: daemon.get("/v1/jobs?state=failed").json()["jobs"])
    assert daemon.delete(f"/v1/jobs/{job['id']}").status_code == 409
    daemon.path("failed/a.txt").write_text("Now there is something.")
    assert daemon.post(f"/v1/jobs/{job['id']}/retry").json()["state"] == "queued"
    receipt(daemon, "a.json")
    wait_for(lambda: daemon.get(f"/v1/jobs/{job['id']}").json()["state"] == "succeeded")
    assert not daemon.path("failed/a.txt.error.txt").exists()
    assert daemon.post(f"/v1/jobs/{job['id']}/retry").status_code == 409


def test_a_running_job_is_cancelled_and_its_source_kept(make_daemon, wait_for):
    daemon = make_daemon()
    daemon.script.write_text('[[rule]]\nmatch = "takes its time"\nslow_ms = 60000\n')
    daemon.start()
    daemon.drop("long.txt", "A sentence that takes its time.")
    job = wait_for(lambda: next(iter(daemon.get("/v1/jobs?state=running").json()["jobs"]), None))
    assert daemon.delete(f"/v1/jobs/{job['id']}").json()["state"] == "cancelled"
    assert "cancelled" in refused(daemon, "long.txt")
    assert daemon.outbox() == []


# --- bad input: one clear error each, nothing lost, the daemon stays ready ---


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\t\n ", "nothing"),
        ("junk.txt", bytes(range(256)) * 20, "binary"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(200), "binary"),
        ("latin.txt", "Grüße aus Köln".encode("latin-1"), "UTF-8"),
        ("huge.txt", b"A sentence. " * 500_000, "max_file_bytes"),
        ("table.pdf", b"text", ".txt .md"),
        ("matter.txt", b'+++\nvoize = "heart"\n+++\nHello.', "voize"),
        ("voice.txt", b'+++\nvoice = "nobody"\n+++\nHello.', "nobody"),
        ("speed.txt", b"+++\nspeed = 9\n+++\nHello.", "speed"),
    ],
)
def test_what_cannot_be_spoken_is_explained(daemon, name: str, content: bytes, why: str):
    daemon.drop(name, content)
    text = refused(daemon, name)
    assert why.lower() in text.lower()
    assert "ttsd jobs retry" in text
    assert daemon.outbox() == []


def test_encodings_that_can_be_known_are_read(daemon):
    daemon.drop("bom.txt", "Hello.".encode("utf-8-sig"))
    daemon.drop("utf16.txt", "Hello there.".encode("utf-16"))
    daemon.drop("gb.txt", "今天的会议推迟到下午三点，请大家准时参加。".encode("gb18030"))
    assert receipt(daemon, "bom.json")["segments"][0]["text"].strip() == "Hello."
    assert receipt(daemon, "utf16.json")["segments"][0]["text"].strip() == "Hello there."
    assert receipt(daemon, "gb.json")["segments"][0]["language"] == "zh"


@pytest.mark.parametrize(
    "name", ["-rf.txt", "new\nline.txt", "日本語 テスト.txt", "'quote\" $(x).txt", "a" * 200 + ".txt"]
)
def test_odd_names_are_served(daemon, name: str):
    daemon.drop(name, "Hello.")
    daemon.wait_path(f"done/{name}")
    daemon.wait_path(f"outbox/{name.removesuffix('.txt')}.wav")


def test_a_name_that_is_no_unicode_is_refused(daemon):
    name = os.fsdecode(b"caf\xe9.txt")
    daemon.drop(name, "Hello.")
    assert "UTF-8" in refused(daemon, name)


def test_links_pipes_and_sockets_are_refused(daemon, tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("The secret text.")
    daemon.path("inbox/link.txt").symlink_to(secret)
    os.mkfifo(daemon.path("inbox/pipe.txt"))
    assert "symbolic link" in refused(daemon, "link.txt")
    assert "no regular file" in refused(daemon, "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(daemon.path("inbox"))
        listener.bind("socket.txt")
        assert "no regular file" in refused(daemon, "socket.txt")
    assert secret.read_text() == "The secret text."


def test_an_unreadable_file_fails_clearly(make_daemon):
    """Without root's right to read everything, as the service runs: the file is somebody else's and closed to all."""
    daemon = make_daemon()
    daemon.prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    daemon.start()
    hidden = daemon.path("inbox/.x.part")
    hidden.write_text("Hello.")
    hidden.chmod(0)
    os.chown(hidden, 65534, 65534)
    hidden.rename(daemon.path("inbox/theirs.txt"))
    assert "read" in refused(daemon, "theirs.txt")


def test_a_folder_moved_in_is_spoken_whole(daemon, tmp_path: Path):
    (tmp_path / "book/part one").mkdir(parents=True)
    (tmp_path / "book/intro.txt").write_text("The introduction.")
    (tmp_path / "book/part one/1.txt").write_text("Chapter one.")
    (tmp_path / "book").rename(daemon.path("inbox/book"))
    daemon.wait_path("done/book/part one/1.txt")
    daemon.wait_path("done/book/intro.txt")
    assert [name for name in daemon.outbox() if name.endswith(".wav")] == ["book/intro.wav", "book/part one/1.wav"]


def test_half_written_files_are_left_alone(daemon):
    with daemon.path("inbox/slow.txt").open("w") as slow:
        slow.write("The beginning ")
        slow.flush()
        daemon.drop("other.txt", "Hello.")
        daemon.wait_path("done/other.txt")
        for _ in range(3):
            slow.write("and more ")
            slow.flush()
            daemon.get("/healthz")
        slow.write("and the end.")
    daemon.drop("ignored.part", "Hello.")
    daemon.drop(".hidden.txt", "Hello.")
    daemon.wait_path("done/slow.txt")
    assert daemon.path("done/slow.txt").read_text().endswith("the end.")
    assert daemon.path("inbox/.hidden.txt").exists()


def test_two_sources_of_one_name_have_two_outputs(daemon):
    daemon.drop("a.txt", "From the text file.")
    daemon.wait_path("done/a.txt")
    daemon.drop("a.md", "From the markdown file.")
    daemon.wait_path("done/a.md")
    assert daemon.outbox() == ["a.json", "a.md.json", "a.md.wav", "a.wav"]


@pytest.fixture
def small_disk(tmp_path: Path):
    mount = tmp_path / "disk"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", mount], check=True)
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)


def test_a_full_disk_is_waited_out_and_nothing_is_lost(make_daemon, small_disk: Path, wait_for):
    daemon = make_daemon(spool={"root": str(small_disk / "spool")}, clips={"max_gb": 0})
    daemon.spool = small_disk / "spool"
    daemon.start()
    ballast = small_disk / "ballast"
    daemon.drop("a.txt", "Waiting for room. " * 100)
    daemon.wait_path("done/a.txt")
    fill(ballast)
    assert "full" in wait_for(lambda: daemon.get("/readyz").status_code == 503 and daemon.get("/readyz").text)
    before = daemon.outbox()
    (daemon.path("done/a.txt")).rename(daemon.path("inbox/b.txt"))
    wait_for(
        lambda: [job for job in daemon.get("/v1/jobs").json()["jobs"] if job["error"]],
        what="a try that met the full disk",
    )
    assert daemon.outbox() == before
    assert daemon.get("/healthz").status_code == 200
    ballast.unlink()
    daemon.wait_path("done/b.txt", 40)
    daemon.wait_path("outbox/b.wav")
    wait_for(lambda: daemon.get("/readyz").status_code == 200)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)):
                pass
        except OSError:
            return


def test_an_outbox_that_cannot_be_written_keeps_the_job(make_daemon, small_disk: Path, wait_for):
    daemon = make_daemon()
    daemon.start()
    subprocess.run(["mount", "--bind", small_disk, daemon.path("outbox")], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", daemon.path("outbox")], check=True)
    try:
        daemon.drop("a.txt", "Hello.")
        job = wait_for(lambda: [job for job in daemon.get("/v1/jobs").json()["jobs"] if job["error"]])[0]
        assert job["error"]["code"] == "storage_full"
        assert daemon.get("/healthz").status_code == 200
    finally:
        subprocess.run(["umount", daemon.path("outbox")], check=True)
    daemon.wait_path("done/a.txt")
    assert daemon.outbox() == ["a.json", "a.wav"]
