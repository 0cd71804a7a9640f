"""A voice recorded in the app from a real sound server: what was played to the microphone is what is kept."""

import io
import subprocess

import numpy as np
import soundfile
import soxr

from tests.spoken_clips import RATE_HZ, samples
from tests.tui.sound.test_sound import App, find


def test_a_voice_is_recorded_heard_and_kept(make_daemon, sound_server, tmp_path):
    daemon = make_daemon(fake={"can_clone": True}).start()
    said = samples(seconds=30.0)
    played = tmp_path / "played.raw"
    played.write_bytes((said * 32767).astype("<i2").tobytes())
    pacat = ("pacat", "--playback", "-d", "loudspeaker", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1", "--raw")
    app = App(daemon.socket, {**sound_server.environment, "PULSE_SOURCE": "loudspeaker.monitor"})
    speaker = subprocess.Popen([*pacat, str(played)], env=sound_server.environment)
    try:
        for line in ("press f2", "sees tone", "press r", "sees Read this aloud", "press space"):
            app.do(line)
        app.do("sees begins in 3")
        app.do("sees 0:03.")
        app.do("press space")
        app.do("sees space listen")
        speaker.kill()
        for line in ("press enter", "sees What was recorded", "fill name carla", "press enter", "sees enter keep"):
            app.do(line)
        app.do("press enter")
        app.do("sees ● carla")
    finally:
        speaker.kill()
        speaker.wait()
        app.close()

    kept, rate_hz = soundfile.read(io.BytesIO(next((daemon.root / "state/voices/carla").glob("*.wav")).read_bytes()))
    assert 3.0 <= len(kept) / rate_hz < 6.0
    heard = np.asarray(soxr.resample(kept, rate_hz, RATE_HZ))
    second = heard[RATE_HZ : 2 * RATE_HZ]
    assert find(said, second)[1] >= 0.99


def test_without_a_microphone_there_is_a_way_out(make_daemon, sound_server):
    daemon = make_daemon().start()
    sound_server.kill()
    app = App(daemon.socket, sound_server.environment)
    try:
        for line in ("press f2", "sees tone", "press r", "press space", "sees no microphone can be opened"):
            app.do(line)
        app.do("sees Connect a microphone and press space")
        app.do("press escape")
        app.do("sees F2 Voices")
    finally:
        app.close()
