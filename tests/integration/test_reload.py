"""SIGHUP: a running daemon takes over what can change, says what cannot, and keeps what it has when the file is bad."""

import json
import signal


def told(daemon, event: str) -> list[dict]:
    lines = (daemon.root / "logs" / "ttsd.log").read_text().splitlines()
    return [record for line in lines if (record := json.loads(line))["event"] == event]


def reload(daemon) -> None:
    daemon.write_config()
    daemon.process.send_signal(signal.SIGHUP)


def test_limits_and_voices_change_without_a_restart(daemon, wait_for):
    assert daemon.post("/api/tts", json={"text": "Hello there."}).status_code == 200
    pid = daemon.status()["pid"]
    daemon.settings["limits"] = {"max_text_chars": 5}
    daemon.settings["spool"]["settle_s"] = 0.5
    reload(daemon)
    (record,) = wait_for(lambda: told(daemon, "config.reloaded"))
    assert record["changed"] == "spool.settle_s, limits.max_text_chars"
    assert record["needs_restart"] == "spool.settle_s"
    assert daemon.status()["needs_restart"] == ["spool.settle_s"]
    refused = daemon.post("/api/tts", json={"text": "Hello there."})
    assert refused.status_code == 413
    assert "max_text_chars" in refused.json()["error"]["message"]
    assert daemon.status()["pid"] == pid
    daemon.settings["spool"]["settle_s"] = 0.05
    reload(daemon)
    wait_for(lambda: daemon.status()["needs_restart"] == [])


def test_a_bad_file_changes_nothing_and_is_named(daemon, wait_for):
    daemon.settings["limits"] = {"max_text_chars": "many"}
    reload(daemon)
    (record,) = wait_for(lambda: told(daemon, "config.refused"))
    assert "[limits] max_text_chars" in record["reason"]
    assert "[limits] max_text_chars" in daemon.status()["config_refused"]
    daemon.settings["limits"] = {}
    reload(daemon)
    wait_for(lambda: daemon.status()["config_refused"] == "")
    assert daemon.post("/api/tts", json={"text": "Hello there."}).status_code == 200


def test_a_file_of_tokens_that_is_not_there_is_told_and_all_else_is_taken_over(daemon, wait_for):
    daemon.settings["http"] = {"token_file": str(daemon.root / "tokens")}
    daemon.settings["limits"] = {"max_text_chars": 5}
    reload(daemon)
    wait_for(lambda: "[http] token_file" in daemon.status()["config_refused"])
    assert daemon.post("/api/tts", json={"text": "Hello there."}).status_code == 413
    (daemon.root / "tokens").touch(0o600)
    reload(daemon)
    wait_for(lambda: daemon.status()["config_refused"] == "")


def test_another_engine_replaces_the_worker_without_losing_the_daemon(daemon, wait_for):
    worker = daemon.worker_pid()
    daemon.settings["fake"]["slots"] = 2
    reload(daemon)
    wait_for(lambda: daemon.status()["worker"]["engine"]["slots"] == 2)
    assert daemon.worker_pid() != worker
    assert daemon.post("/api/tts", json={"text": "Hello there."}).status_code == 200


def test_an_engine_that_cannot_start_is_told_and_mended_by_a_reload(make_daemon, wait_for):
    daemon = make_daemon(engine={"name": "qwen3"}).start(ready=False)
    wait_for(lambda: daemon.listens() and daemon.status()["worker"]["phase"] == "failed")
    answer = daemon.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "qwen3" in answer.json()["reason"]
    assert daemon.get("/healthz").status_code == 200
    speech = daemon.post("/api/tts", json={"text": "Hello."})
    assert speech.status_code == 503
    assert "qwen3" in speech.json()["error"]["message"]
    daemon.drop("a.txt", "Waiting for an engine.")
    daemon.settings["engine"]["name"] = "fake"
    reload(daemon)
    daemon.wait_path("done/a.txt")
