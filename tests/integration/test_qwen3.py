"""The daemon with engine `qwen3` on a small random checkpoint: through the real worker, by every door."""

import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from tests.checkpoints import write_tiny
from tests.oracle.cases import RATE_HZ, TRANSCRIPT, write_clip
from tests.spoken_clips import clip as spoken_clip
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where clips may be named from."""
    found = tmp_path / "clips"
    found.mkdir()
    write_clip(found / "me.wav")
    return found


@pytest.fixture
def speaking(make_daemon: Any, checkpoint: Path, folder: Path) -> Any:
    return make_daemon(
        engine={"name": "qwen3", "allow_cpu": True},
        qwen3={"model": str(checkpoint), "slots": 4, "max_frames": 40},
        http={"ref_dirs": [str(folder)]},
    ).start()


def test_clips_become_voices_and_dropped_files_become_speech(speaking: Any, folder: Path) -> None:
    asked = {"text": "Good morning to you.", "language": "en"}
    cloned = {**asked, "ref_audio": str(folder / "me.wav"), "ref_text": TRANSCRIPT}
    sounds = [speaking.post("/api/tts_stream", json=body).content for body in (asked, cloned, cloned)]
    assert sounds[0] != sounds[1] == sounds[2]
    assert all(len(sound) > 1920 for sound in sounds)
    timbre = speaking.post("/api/tts_stream", json={**cloned, "ref_text": ""}).content
    assert timbre not in sounds
    loaded = Path(f"/proc/{speaking.worker_pid()}/maps").read_text()
    assert "libtorch" in loaded
    assert "sndfile" not in loaded, "what others send is decoded elsewhere"

    speaking.drop("hello.txt", "Guten Morgen. 今天天气很好。")
    receipt = json.loads(speaking.wait_path("outbox/hello.json").read_text())
    assert receipt["engine"] == "qwen3"
    # The worker says how it fares when it is asked the next time.
    wait_for(lambda: (stats := speaking.status()["worker"]["stats"]) and stats["engine"]["frame_ms"] > 0)
    frame = next(line for line in speaking.get("/metrics").text.splitlines() if line.startswith("ttsd_engine_frame_s"))
    assert 0 < float(frame.split()[1]) < 1


def test_a_profile_speaks_with_its_variants_styles_and_speed(speaking: Any) -> None:
    for variant, pitch_hz in (("neutral", 130.0), ("lively", 210.0)):
        form = {"name": "anna", "variant": variant, "transcript": "Hello there, this is me now.", "language": "en"}
        added = speaking.post("/v1/voices", data=form, files={"audio": ("a.wav", spoken_clip(pitch_hz=pitch_hz))})
        assert added.status_code == 201, added.text

    def said(voice: str, **more: Any) -> bytes:
        answer = speaking.post("/api/tts_stream", json={"text": "Good morning to you.", "voice": voice, **more})
        assert answer.status_code == 200, answer.text
        return answer.content

    usual = said("anna")
    assert said("anna@neutral") == usual
    lively = said("anna@lively", style={"emotion": 90})
    assert said("anna", style={"emotion": 90}) == lively != usual
    assert said("anna", style={"clarity": 90}) != usual
    assert len(said("anna", speed=2.0)) == pytest.approx(len(usual) / 2, rel=0.1)


def test_clips_that_do_not_fit_are_refused_with_the_reason(speaking: Any, folder: Path) -> None:
    (folder / "text.wav").write_text("this is no sound")
    with wave.open(str(folder / "short.wav"), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(b"\0\1" * 4800)
    for name, words in (("none.wav", "no file"), ("text.wav", "no sound file"), ("short.wav", "0.20 s")):
        answer = speaking.post("/api/tts_stream", json={"text": "Hello.", "ref_audio": str(folder / name)})
        assert answer.status_code in (400, 422)
        assert answer.json()["error"]["param"] == "ref_audio"
        assert words in answer.json()["error"]["message"]
    assert speaking.get("/readyz").status_code == 200


def test_a_broken_checkpoint_leaves_the_daemon_up_and_saying_why(
    make_daemon: Any, wait_for: Any, checkpoint: Path, tmp_path: Path
) -> None:
    broken = write_tiny(tmp_path / "broken")
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    daemon = make_daemon(engine={"name": "qwen3", "allow_cpu": True}, qwen3={"model": str(broken)}).start(ready=False)
    wait_for(daemon.listens)
    reason = wait_for(lambda: (text := daemon.get("/readyz").text) and str(weights) in text and text, 60)
    assert "safetensors" in reason
    worker = wait_for(lambda: (found := daemon.status()["worker"])["pid"] is None and found, what="its end")
    assert worker["phase"] == "failed"
    assert "start" in worker["last_exit"]
    assert worker["restarts"] <= 1, "it is not tried again and again"
    assert daemon.get("/healthz").status_code == 200


def test_the_window_shows_codes_and_turns_them_into_sound(checkpoint: Path, folder: Path, tmp_path: Path) -> None:
    def model(*arguments: str) -> Any:
        line = [sys.executable, "-m", "ttsd.cli", "model", *arguments, f"--model={checkpoint}", "--device=cpu"]
        return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)

    ask = (
        "codes",
        f"--audio={folder / 'me.wav'}",
        f"--transcript={TRANSCRIPT}",
        "--text=Hello there.",
        "--language=en",
    )
    made = model(*ask, "--max-frames=8", "--seed=3", "--json")
    found = json.loads(made.stdout)
    assert set(found) == {"codes", "finish_reason", "ref_codes", "speaker"}
    assert found["finish_reason"] in ("stop", "length")
    assert {len(frame) for frame in found["codes"]} == {16}
    assert model(*ask, "--max-frames=8", "--seed=3", "--json").stdout == made.stdout

    (tmp_path / "codes.json").write_text(made.stdout)
    decoded = model("decode", f"--codes={tmp_path / 'codes.json'}", f"--out={tmp_path / 'out.wav'}")
    assert decoded.returncode == 0, decoded.stderr
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getnframes() == 1920 * len(found["codes"])
        assert file.getframerate() == RATE_HZ

    refused = model("codes", f"--audio={folder / 'me.wav'}", "--text=Hello.")
    assert refused.returncode == 1
    assert "--transcript" in refused.stderr
    assert "Traceback" not in refused.stderr
