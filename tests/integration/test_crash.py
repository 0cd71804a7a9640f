"""Kill -9 at any moment: nothing that was accepted is lost, nothing is made twice, nothing half-written shows."""

import json
import wave

SENTENCES = ("The first sentence of file {n}.", "The second one is a little longer than that.", "And the end of {n}.")


def text(n: int) -> str:
    return " ".join(SENTENCES).format(n=n)


def check_outputs(daemon, count: int) -> dict[str, bytes]:
    """Every source has exactly one whole output, a receipt and its place in `done/`; returns the sounds."""
    sounds: dict[str, bytes] = {}
    for n in range(count):
        daemon.wait_path(f"done/{n}.txt", 60)
        found = json.loads(daemon.path(f"outbox/{n}.json").read_bytes())
        with wave.open(str(daemon.path(f"outbox/{n}.wav"))) as sound:
            sounds[str(n)] = sound.readframes(sound.getnframes())
            assert sound.getnframes() == round(found["duration_s"] * 24_000)
    assert daemon.outbox() == sorted(f"{n}.{end}" for n in range(count) for end in ("json", "wav"))
    assert list(daemon.path("inbox").iterdir()) == []
    assert sorted(path.name for path in daemon.path("done").iterdir()) == sorted(f"{n}.txt" for n in range(count))
    return sounds


def test_a_worker_that_dies_under_a_segment_costs_nothing(make_daemon):
    daemon = make_daemon()
    daemon.script.write_text('[[rule]]\nmatch = "killer"\ntimes = 2\ncrash = true\n')
    daemon.start()
    daemon.drop("a.txt", "A harmless sentence. The killer sentence. Another harmless one.")
    daemon.wait_path("done/a.txt")
    assert daemon.status()["worker"]["restarts"] == 2


def test_a_text_that_kills_every_worker_fails_alone(make_daemon):
    daemon = make_daemon()
    daemon.script.write_text('[[rule]]\nmatch = "killer"\ncrash = true\n')
    daemon.start()
    daemon.drop("bad.txt", "The killer sentence.")
    daemon.drop("good.txt", "A harmless sentence.")
    daemon.wait_path("done/good.txt", 60)
    assert "workers died" in daemon.wait_path("failed/bad.txt.error.txt", 60).read_text()


def test_orphans_in_the_work_folder_are_adopted(make_daemon, wait_for):
    daemon = make_daemon()
    claimed = daemon.path(".work/0123456789abcdef/source/sub")
    claimed.mkdir(parents=True)
    (claimed / "a.txt").write_text("Claimed, but never written down.")
    daemon.path(".work/half").mkdir()
    daemon.path(".work/half/output").write_bytes(b"RIFF")
    daemon.start()
    daemon.wait_path("done/sub/a.txt")
    daemon.wait_path("outbox/sub/a.wav")
    wait_for(lambda: list(daemon.path(".work").iterdir()) == [])


def test_files_dropped_while_the_daemon_is_down_are_found(make_daemon):
    daemon = make_daemon()
    daemon.path("inbox").mkdir(parents=True)
    daemon.drop("early.txt", "I came before you.")
    daemon.start()
    daemon.wait_path("done/early.txt")


def test_a_graceful_stop_finishes_or_requeues(make_daemon, wait_for):
    daemon = make_daemon(fake={"first_chunk_ms": 200, "slots": 1}, daemon={"drain_s": 1}).start()
    for n in range(30):
        daemon.drop(f"{n}.txt", text(n))
    wait_for(lambda: daemon.status()["queue"]["succeeded"] >= 2)
    assert daemon.stop() == 0
    daemon.settings["fake"] = {"script": str(daemon.script)}
    daemon.start()
    check_outputs(daemon, 30)
