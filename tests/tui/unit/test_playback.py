"""What the player gives a device, and how far it says the listener is; the device is a clock and a buffer."""

from collections.abc import Callable

import pytest

from tui.head import LEAD_S
from tui.playback import Player, Sound
from tui.reel import Reel

RATE_HZ = 24_000
BLOCK = 480
LATENCY = 1920
"""Samples that the device holds."""


class Device:
    """Takes blocks of 20 ms, as PortAudio does, and plays them a latency later."""

    latency_s = LATENCY / RATE_HZ

    def __init__(self) -> None:
        self.now_s = 100.0
        self.player = Player(lambda sound: None, clock=lambda: self.now_s)
        self.player.sound = Sound(available=True, note="speakers")
        self.player._output = self
        self.head = self.player._head
        self.head.device_s = self.latency_s
        self.head.begin_silent()

    def run(self, seconds: float) -> bytes:
        """Let so much time pass; returns what it was given."""
        played = bytearray()
        for _ in range(round(seconds * RATE_HZ / BLOCK)):
            self.now_s += BLOCK / RATE_HZ
            block = bytearray(2 * BLOCK)
            self.head.fill(memoryview(block))
            played += block
        return bytes(played)

    def cut(self) -> None:
        """What the player's thread does with a cut."""
        self.player._cut_now()

    def drop(self) -> None: ...

    def resume(self) -> None: ...


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def sound() -> Callable[[int], bytes]:
    """So many samples, none of them silent, all different."""
    return lambda count: b"".join((1 + at % 30_000).to_bytes(2, "little") for at in range(count))


def play(device: Device, pcm: bytes) -> Reel:
    reel = Reel()
    reel.feed(pcm)
    device.player.play(reel)
    device.cut()
    return reel


def without_silence(played: bytes) -> bytes:
    return b"".join(played[at : at + 2] for at in range(0, len(played), 2) if played[at : at + 2] != b"\0\0")


def test_all_of_it_is_played_once_and_in_order(device, sound):
    pcm = sound(RATE_HZ)
    play(device, pcm)

    assert without_silence(device.run(1.5)) == pcm
    assert device.player.heard == RATE_HZ
    assert not device.player.playing


def test_the_listener_moves_on_between_the_devices_blocks_and_never_back(device, sound):
    play(device, sound(RATE_HZ))
    before = device.player.heard
    for _ in range(300):
        device.now_s += 0.002
        device.head.fill(memoryview(bytearray(96)))
        assert before <= device.player.heard <= device.player.reel.position
        before = device.player.heard
    device.run(0.02)
    at = device.player.heard
    device.now_s += 0.01
    assert device.player.heard == at + 240
    device.now_s += 1.0
    assert device.player.heard == at + BLOCK


def test_what_is_held_stays_and_goes_on_with_the_sample_after_the_last_one_heard(device, sound):
    pcm = sound(RATE_HZ)
    play(device, pcm)
    device.run(0.5)

    at = device.player.hold()
    device.cut()
    assert 0 < at < RATE_HZ
    assert without_silence(device.run(1.0)) == b""
    assert (device.player.heard, device.player.playing) == (at, False)

    device.player.go_on()
    assert without_silence(device.run(2.0)) == pcm[2 * at :]


def test_another_place_is_heard_from_its_first_sample_on(device, sound):
    pcm = sound(RATE_HZ)
    play(device, pcm)
    device.run(0.7)

    device.player.seek(3000)
    device.cut()

    assert device.player.heard == 3000
    assert without_silence(device.run(2.0)) == pcm[6000:]


def test_sound_that_comes_in_drops_waits_for_the_cushion_but_no_longer_than_that_lasts(device, sound):
    drop = sound(240)
    reel = play(device, drop)
    device.run(LEAD_S)
    assert reel.position == 0

    device.run(device.player.cushion.depth_s + 0.04)

    assert reel.position == 240


def test_running_dry_within_a_phrase_is_an_underrun_and_makes_the_cushion_thicker(device, sound):
    reel = play(device, sound(4800))
    device.run(0.5)
    before = device.player.cushion

    reel.feed(sound(4800))
    device.player.fed(inside_from=4800)

    assert device.player.underruns == 1
    assert device.player.cushion.depth_s > before.depth_s


def test_running_dry_between_phrases_is_none(device, sound):
    reel = play(device, sound(4800))
    device.run(0.5)

    reel.feed(sound(4800))
    device.player.fed()
    device.run(0.1)
    reel.feed(sound(4800))
    device.player.fed(inside_from=9600)

    assert device.player.underruns == 0


def test_without_a_device_sound_counts_as_played_but_not_while_it_is_held(device, sound):
    device.player.sound = Sound(available=False)
    device.head.device_s = None
    reel = play(device, sound(100))
    assert (device.player.heard, device.player.playing) == (100, False)

    device.player.hold()
    reel.feed(sound(100))
    device.player.fed()
    assert device.player.heard == 100


def test_a_device_that_runs_dry_counts_and_gets_a_larger_buffer_once_it_is_silent(device, sound):
    reel = play(device, sound(RATE_HZ))
    device.run(0.5)
    device.player._opened_hz, device.player._opened_s = RATE_HZ, device.player._buffer_s()
    assert not device.player._is_unfit()

    device.head.fill(memoryview(bytearray(2 * BLOCK)), late=True)
    reel.feed(sound(4800))
    device.player.fed(inside_from=RATE_HZ)

    assert device.player.underruns == 1
    assert not device.player._is_unfit()
    device.run(3.0)
    assert device.player._is_unfit()


def test_a_device_that_begins_is_not_late(device, sound):
    device.head.fill(memoryview(bytearray(2 * BLOCK)), late=True)
    play(device, sound(RATE_HZ))

    assert device.player.underruns == 0
