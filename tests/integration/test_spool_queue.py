"""The queue through the real daemon: takes, versions, turns, and pauses."""

import json
import wave
from typing import Any

from ttsd.protocol.speech import SAMPLE_RATE_HZ

TEXT = "The first sentence. The second one. The third."


def receipt(daemon: Any, name: str = "a.json") -> dict[str, Any]:
    return json.loads(daemon.wait_path(f"outbox/{name}").read_bytes())


def pieces(daemon: Any, name: str = "a") -> list[bytes]:
    """The sound of each segment."""
    with wave.open(str(daemon.path(f"outbox/{name}.wav"))) as sound:
        heard = sound.readframes(sound.getnframes())
    times = [(each["start_s"], each["end_s"]) for each in receipt(daemon, f"{name}.json")["segments"]]
    return [heard[round(start * SAMPLE_RATE_HZ) * 2 : round(end * SAMPLE_RATE_HZ) * 2] for start, end in times]


def succeeded(daemon: Any, job: str) -> bool:
    return daemon.get(f"/v1/jobs/{job}").json()["state"] == "succeeded"


def order(daemon: Any) -> list[str]:
    """Titles of the jobs that are done, in the order in which they were."""
    jobs = daemon.get("/v1/jobs?state=succeeded&limit=1000").json()["jobs"]
    return [job["title"] for job in sorted(jobs, key=lambda job: job["finished_s"])]


def test_another_take_of_one_sentence_changes_that_sentence_alone(daemon, wait_for):
    daemon.drop("a.txt", TEXT)
    daemon.wait_path("done/a.txt")
    job, before = receipt(daemon)["job"], pieces(daemon)
    wait_for(lambda: succeeded(daemon, job))
    assert daemon.post(f"/v1/jobs/{job}/redo", json={"segment": 1}).json()["state"] == "queued"
    wait_for(lambda: succeeded(daemon, job))
    after = pieces(daemon)
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]
    told = receipt(daemon)
    assert [segment["reused"] for segment in told["segments"]] == [True, False, True]
    assert [segment["seed"] for segment in told["segments"]] == [0, 1, 0]
    assert daemon.outbox() == ["a.json", "a.wav"]
    assert daemon.path("done/a.txt").read_text() == TEXT
    assert daemon.post(f"/v1/jobs/{job}/redo", json={"segment": 9}).status_code == 400


def test_an_edited_file_keeps_the_takes_of_the_sentences_it_keeps(daemon, wait_for):
    daemon.drop("a.txt", TEXT)
    daemon.wait_path("done/a.txt")
    job = receipt(daemon)["job"]
    wait_for(lambda: succeeded(daemon, job))
    daemon.post(f"/v1/jobs/{job}/redo", json={"segment": 2, "seed": 7})
    wait_for(lambda: succeeded(daemon, job))
    third = pieces(daemon)[2]
    daemon.drop("a.txt", "A new beginning. The second one. The third.")
    wait_for(lambda: receipt(daemon)["job"] != job)
    told = receipt(daemon)
    assert [(segment["seed"], segment["reused"]) for segment in told["segments"]] == [(0, False), (0, True), (7, True)]
    assert pieces(daemon)[2] == third


def test_a_version_waits_for_the_one_before_it(make_daemon, wait_for):
    daemon = make_daemon()
    daemon.script.write_text('[[rule]]\nmatch = "slow"\nslow_ms = 200\n')
    daemon.start()
    daemon.drop("a.txt", "A slow first version.")
    wait_for(lambda: daemon.get("/v1/jobs?state=running").json()["jobs"])
    daemon.drop("a.txt", "The new one.")
    wait_for(lambda: daemon.status()["queue"]["succeeded"] == 2)
    assert [segment["text"] for segment in receipt(daemon)["segments"]] == ["The new one."]
    assert len(list(daemon.path("done").iterdir())) == 2


def test_paused_nothing_in_the_background_is_spoken_and_live_speech_is(daemon, wait_for):
    assert daemon.post("/v1/queue/pause").json()["paused"]
    daemon.drop("a.txt", TEXT)
    wait_for(lambda: daemon.status()["queue"]["queued"] == 1)
    assert daemon.post("/api/tts_stream", json={"text": "Hello."}).content
    assert daemon.outbox() == []
    assert not daemon.post("/v1/queue/resume").json()["paused"]
    daemon.wait_path("done/a.txt")


def test_a_text_over_http_does_not_wait_for_files(make_daemon, wait_for):
    daemon = make_daemon(fake={"slots": 1, "first_chunk_ms": 10}).start()
    daemon.post("/v1/queue/pause")
    for n in range(50):
        daemon.drop(f"{n}.txt", f"File number {n}.")
    wait_for(lambda: daemon.status()["queue"]["queued"] == 50)
    daemon.post("/v1/jobs", json={"text": "I am in a hurry.", "title": "urgent"})
    daemon.post("/v1/queue/resume")
    wait_for(lambda: daemon.status()["queue"]["succeeded"] == 51)
    assert order(daemon).index("urgent") <= 3


def test_folders_take_turns(make_daemon, wait_for):
    daemon = make_daemon(fake={"slots": 1, "first_chunk_ms": 10}).start()
    daemon.post("/v1/queue/pause")
    for n in range(40):
        daemon.drop(f"ann/{n:02}.txt", f"Page {n} of a long book.")
    wait_for(lambda: daemon.status()["queue"]["queued"] == 40)
    for n in range(4):
        daemon.drop(f"bob/{n}.txt", f"Note {n}.")
    wait_for(lambda: daemon.status()["queue"]["queued"] == 44)
    daemon.post("/v1/queue/resume")
    wait_for(lambda: daemon.status()["queue"]["succeeded"] == 44)
    last = max(place for place, title in enumerate(order(daemon)) if title.startswith("bob/"))
    assert last <= 12, "each of bob's notes waits for one page of ann's"


def test_who_waits_is_listed_in_turn_and_moved(daemon, wait_for):
    def waiting() -> list[str]:
        return [job["title"] for job in daemon.get("/v1/jobs?order=turn").json()["jobs"]]

    daemon.post("/v1/queue/pause")
    for name in ("a.txt", "b.txt", "c.txt"):
        daemon.drop(name, TEXT)
        wait_for(lambda name=name: name in waiting())
    ids = {job["title"]: job["id"] for job in daemon.get("/v1/jobs").json()["jobs"]}

    moved = daemon.post(f"/v1/jobs/{ids['c.txt']}/move", json={"to": "up"})
    assert (moved.status_code, waiting()) == (200, ["a.txt", "c.txt", "b.txt"])
    assert daemon.post(f"/v1/jobs/{ids['b.txt']}/move", json={}).json()["first"]
    assert waiting() == ["b.txt", "a.txt", "c.txt"]

    assert daemon.post(f"/v1/jobs/{ids['b.txt']}/move", json={"to": "sideways"}).status_code == 400
    assert daemon.post("/v1/jobs/nobody/move", json={"to": "up"}).status_code == 404
    for wrong in ("order=backwards", "offset=-1", "q=a&order=oldest"):
        assert daemon.get(f"/v1/jobs?{wrong}").status_code == 400
    daemon.delete(f"/v1/jobs/{ids['b.txt']}")
    assert daemon.post(f"/v1/jobs/{ids['b.txt']}/move", json={"to": "first"}).status_code == 409


def test_a_receipt_is_told_to_whom_asks_for_it(daemon, wait_for):
    daemon.drop("a.b.txt", TEXT)
    daemon.drop("list.v2.csv", "text\nOne row.\n")
    daemon.wait_path("done/a.b.txt")
    daemon.wait_path("done/list.v2.csv")
    wait_for(lambda: daemon.get("/v1/jobs?state=succeeded").json()["total"] == 2)
    for job in daemon.get("/v1/jobs").json()["jobs"]:
        told = daemon.get(f"/v1/jobs/{job['id']}/receipt").json()
        assert (told["job"], told["source"]) == (job["id"], job["title"])

    text = daemon.post("/v1/jobs", json={"text": TEXT}).json()["id"]
    assert daemon.get(f"/v1/jobs/{text}/receipt").status_code == 404
    daemon.path("outbox/a.b.json").unlink()
    (gone,) = daemon.get("/v1/jobs?q=a.b.txt").json()["jobs"]
    assert daemon.get(f"/v1/jobs/{gone['id']}/receipt").status_code == 404
