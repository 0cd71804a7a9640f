"""Style through every door of the real daemon: the fake engine's sound has the length that pace and pauses give it."""

import json
import os
import subprocess
import sys
import wave

import pytest

from ttsd.jobs.style import PACE, PAUSES
from ttsd.worker.fake import CHARACTER_SAMPLES

TEXT = "Here it begins. And here it ends."
SENTENCES = [len("Here it begins."), len("And here it ends.")]
PAUSE_SAMPLES = 320 * 24


def expected_samples(clarity: int) -> int:
    each = round(CHARACTER_SAMPLES / PACE.at(clarity))
    return sum(SENTENCES) * each + round(320 * PAUSES.at(clarity)) * 24


@pytest.mark.parametrize("clarity", [0, 50, 100])
def test_over_http(daemon, clarity):
    body = {"text": TEXT, "language": "en", "style": {"clarity": clarity}}
    answer = daemon.post("/api/tts_stream", json=body)
    spoken = expected_samples(clarity)
    ends_with_pause = round(320 * PAUSES.at(clarity)) * 24
    assert len(answer.content) // 2 in (spoken, spoken + ends_with_pause)


def test_in_a_file_with_the_config_for_what_is_left_open(make_daemon):
    daemon = make_daemon(speech={"emotion": 10}).start()
    daemon.drop("a.txt", f"+++\nstyle = {{ clarity = 100 }}\n+++\n{TEXT}")
    receipt = json.loads(daemon.wait_path("outbox/a.json").read_bytes())
    assert receipt["style"] == {"clarity": 100, "naturalness": 50, "emotion": 10}
    with wave.open(str(daemon.wait_path("outbox/a.wav"))) as sound:
        assert sound.getnframes() == expected_samples(100)


@pytest.mark.parametrize("style", ["{ clarity = 101 }", "{ charm = 5 }", '"happy"'])
def test_what_is_no_style_is_refused_with_the_way_out(daemon, style):
    daemon.drop("a.txt", f"+++\nstyle = {style}\n+++\n{TEXT}")
    error = daemon.wait_path("failed/a.txt.error.txt").read_text()
    assert "style" in error
    assert "from 0 to 100" in error


def test_another_style_is_another_clip_and_the_same_again_is_not(daemon):
    for name, naturalness in (("a", 100), ("b", 100), ("c", 99)):
        daemon.drop(f"{name}.txt", f"+++\nstyle = {{ naturalness = {naturalness} }}\n+++\n{TEXT}")
        daemon.wait_path(f"outbox/{name}.json")
    reused = {
        name: [segment["reused"] for segment in json.loads(daemon.path(f"outbox/{name}.json").read_bytes())["segments"]]
        for name in "abc"
    }
    assert reused == {"a": [False, False], "b": [True, True], "c": [False, False]}


def test_a_pause_that_the_text_asks_for_is_that_long_in_any_style(daemon):
    daemon.drop("a.txt", "+++\nstyle = { clarity = 100, naturalness = 100 }\n+++\nOne.[pause 500ms] Two.")
    first, second = json.loads(daemon.wait_path("outbox/a.json").read_bytes())["segments"]
    assert second["start_s"] - first["end_s"] == pytest.approx(0.5, abs=1e-5)


def test_on_the_command_line(daemon, tmp_path):
    target = tmp_path / "said.wav"
    command = [sys.executable, "-m", "ttsd.cli", "say", TEXT, "--clarity", "100", "-o", target]
    subprocess.run(command, env={**os.environ, "TTSD_SOCKET": str(daemon.socket)}, check=True, timeout=60)
    with wave.open(str(target)) as sound:
        assert sound.getnframes() in (expected_samples(100), expected_samples(100) + round(320 * PAUSES.at(100)) * 24)
