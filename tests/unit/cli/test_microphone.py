"""Recording for real, from a sound server of our own that plays a tone to its microphone; and the level meter."""

import array
import io
import math
import struct
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs_pulse
from tests.unit.cli.sound_server import PIPE, program
from ttsd.cli.microphone import meter
from ttsd.client.microphone import CLIPPING, peak, wav

RECORD = """
import sys
from ttsd.cli import exits, microphone
microphone.COUNTDOWN_S = 0
try:
    sys.stdout.buffer.write(microphone.record({seconds}))
except Exception as error:
    raise SystemExit(exits.explain(error))
"""


def recording(env: dict[str, str], seconds: float) -> Any:
    return program(sys.executable, "-c", RECORD.format(seconds=seconds), env=env, stdout=PIPE, stderr=PIPE, stdin=PIPE)


@needs_pulse
async def test_what_the_microphone_hears_is_recorded(silent: dict[str, str], server: object, tmp_path: Path):
    hearing = silent | {"PULSE_SOURCE": "test.monitor"}
    tone = tmp_path / "tone.raw"
    tone.write_bytes(struct.pack("<240000h", *(round(8000 * math.sin(n * math.tau / 100)) for n in range(240_000))))
    playing = ("pacat", "--playback", "-d", "test", "--format=s16le", "--rate=24000", "--channels=1", str(tone))
    async with program(*playing, env=silent), recording(hearing, 1.0) as recorder:
        out, err = await recorder.communicate()
    assert recorder.returncode == 0, err.decode()
    with wave.open(io.BytesIO(out)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        assert file.getnframes() == file.getframerate()
        heard = array.array("h", file.readframes(file.getnframes()))
    assert 7000 < max(heard) < 9000


@needs_pulse
async def test_without_a_microphone_there_is_a_way_out(silent: dict[str, str]):
    async with recording(silent, 1.0) as recorder:
        out, err = await recorder.communicate()
    assert recorder.returncode == 1
    assert not out
    assert b"no microphone can be opened" in err
    assert b"--audio" in err


def test_the_meter_follows_the_level():
    bars = [meter(level, 3.0).count("█") for level in (0, 1000, 8000, 20_000, 32_767)]
    assert bars == sorted(bars)
    assert bars[0] == 0
    assert "too loud" in meter(CLIPPING, 3.0)
    assert "3 s left" in meter(0, 3.0)


@pytest.mark.parametrize("samples", [[], [0], [5, -9], [-32768, 3]])
def test_the_peak_is_the_loudest_sample(samples: list[int]):
    assert peak(array.array("h", samples).tobytes()) == max((abs(sample) for sample in samples), default=0)


def test_a_recording_is_a_wav():
    with wave.open(io.BytesIO(wav(array.array("h", [1, -2, 3]).tobytes(), 44_100))) as file:
        assert file.getframerate() == 44_100
        assert file.readframes(3) == struct.pack("<3h", 1, -2, 3)
