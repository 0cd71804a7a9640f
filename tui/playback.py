"""Playback: a reel of samples, a device, and the thread that owns the device."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from ttsd.protocol.errors import PlaybackFailed
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from tui.device import Output, find_device, open_output, renew
from tui.reel import Reel

LEAD_S: Final = 0.05
"""Silence before the first sound: some devices swallow the beginning of a stream."""
KEEP_OPEN_S: Final = 10.0
"""An open device answers at once; an idle one costs power."""
LOOK_AGAIN_S: Final = (2.0, 5.0, 15.0, 60.0)
"""Between looks for a device while there is none."""


class Sound(msgspec.Struct, frozen=True):
    """Whether there is a device; `None` before the first look. `note` is its name, or why there is none."""

    available: bool | None = None
    note: str = ""


class Player:
    """Owns the sound device. Every method returns at once, whatever the device does; positions are samples fed.

    Without a device what is fed counts as played, so that a session goes on and can be saved.
    """

    def __init__(self, on_change: Callable[[Sound], None], *, latency_s: float = 0.08) -> None:
        self.sound = Sound()
        self._on_change = on_change
        self._latency_s = latency_s
        self._reel = Reel()
        self._rate_hz = SAMPLE_RATE_HZ
        self._output: Output | None = None
        self._opened_hz = 0
        self._lead = self._quiet = self._resumed = 0
        self._cut = self._wanted = self._ended = self._closing = False
        self._failures = 0
        self._used_s = self._looked_s = 0.0
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="playback", daemon=True)

    # --- from the app's thread ---

    def start(self) -> None:
        """Look for a device, in the background."""
        self._thread.start()

    def close(self, timeout_s: float = 1.0) -> None:
        """Let the device go; a frozen sound server is not waited for."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def warm(self) -> None:
        """Sound will come soon: open the device now."""
        self._wanted = True
        self._wake.set()

    def begin(self, rate_hz: int = SAMPLE_RATE_HZ) -> None:
        """Drop what is playing; what is fed next is sample 0 of another sound."""
        self._rate_hz = rate_hz
        self._cut = self._cut or self.playing
        self._reel.rewind()
        self._resumed = 0
        self.warm()

    def feed(self, pcm: bytes) -> None:
        self._reel.feed(pcm)
        if self.sound.available is False:
            self._reel.skip()
        self.warm()

    def truncate(self, at: int) -> None:
        """Forget sound from sample `at` on; what is fed next stands there."""
        heard = self.heard
        self._reel.truncate(at)
        if at < heard:
            self._cut = True
            self._resumed = at
            self._wake.set()

    def stop(self) -> int:
        """Silence at once; returns how many samples were heard."""
        heard = self.heard
        self._reel.clear()
        self._cut = True
        self._wake.set()
        return heard

    @property
    def heard(self) -> int:
        """How many samples have left the loudspeaker: handed out, less what the device still holds."""
        position = self._reel.position
        if self._output is None:
            return position
        held = max(0, round(self._output.latency_s * self._rate_hz) - self._quiet)
        return max(min(self._resumed, position), position - held)

    @property
    def waiting_s(self) -> float:
        """Seconds fed and not handed to the device yet."""
        return self._reel.waiting / self._rate_hz

    @property
    def playing(self) -> bool:
        """Something is to be heard now."""
        return self.sound.available is not False and (self._reel.waiting > 0 or self.heard < self._reel.position)

    # --- from PortAudio's thread ---

    def _fill(self, out: memoryview) -> None:
        # Until a cut is carried out the device would drop what it is given.
        filled = 0 if self._cut else self._pull(out)
        if filled < len(out):
            out[filled:] = bytes(len(out) - filled)
            self._quiet += (len(out) - filled) // BYTES_PER_SAMPLE

    def _pull(self, out: memoryview) -> int:
        lead = min(self._lead, len(out))
        if lead:
            self._lead -= lead
            out[:lead] = bytes(lead)
        before = self._reel.position
        taken = self._reel.take(out[lead:])
        if taken and self._quiet:
            self._resumed, self._quiet = before, 0
        return lead + taken

    def _on_end(self) -> None:
        self._ended = True
        self._wake.set()

    # --- the player's own thread ---

    def _run(self) -> None:
        self._look()
        while not self._closing:
            self._wake.wait(self._patience_s())
            self._wake.clear()
            if not self._closing:
                self._step(time.monotonic())
        self._shut()

    def _patience_s(self) -> float | None:
        if self.sound.available is False:
            return LOOK_AGAIN_S[min(self._failures, len(LOOK_AGAIN_S)) - 1]
        return KEEP_OPEN_S / 4 if self._output else None

    def _step(self, now: float) -> None:
        wanted, self._wanted = self._wanted, False
        if self.sound.available is False:
            self._look_again(now, urgent=wanted)
            return
        if wanted or self.playing:
            self._used_s = now
        if self._ended:
            self._lost()
        elif self._output and self._opened_hz != self._rate_hz:
            self._shut()
        if self._cut:
            self._cut_now()
        if self._output is None and (wanted or self._reel.waiting):
            self._open()
        elif now - self._used_s > KEEP_OPEN_S:
            self._shut()

    def _look_again(self, now: float, *, urgent: bool) -> None:
        if not urgent or now - self._looked_s > LOOK_AGAIN_S[0]:
            self._looked_s = now
            self._look()

    def _cut_now(self) -> None:
        """The device drops what it holds: waiting for it to run out would take its whole latency."""
        try:
            if self._output:
                self._output.drop()
                self._set_lead()
                self._ended = self._cut = False
                self._output.resume()
        except Exception:  # noqa: BLE001 — whatever PortAudio raises, the device is gone and the thread lives on
            self._lost()
        self._cut = False

    def _open(self) -> None:
        self._set_lead()
        self._ended = False
        try:
            self._output = open_output(self._rate_hz, self._latency_s, self._fill, self._on_end)
            self._opened_hz = self._rate_hz
        except PlaybackFailed as error:
            self._tell(Sound(available=False, note=error.message))

    def _set_lead(self) -> None:
        self._lead = round(LEAD_S * self._rate_hz) * BYTES_PER_SAMPLE
        self._quiet = self._rate_hz

    def _lost(self) -> None:
        """The stream ended by itself: the device or its server went away. Another one goes on where it stopped."""
        self._shut()
        self._look()

    def _shut(self) -> None:
        output, self._output = self._output, None
        if output:
            with suppress(Exception):  # a device that cannot be closed is gone, which is what was wanted
                output.close()
        self._ended = False

    def _look(self) -> None:
        """Which device is there now?"""
        try:
            if self.sound.available is not None:
                renew()
            self._tell(Sound(available=True, note=find_device()))
        except PlaybackFailed as error:
            self._tell(Sound(available=False, note=error.message))

    def _tell(self, sound: Sound) -> None:
        changed, self.sound = sound != self.sound, sound
        self._failures = 0 if sound.available else self._failures + 1
        if not sound.available:
            self._reel.skip()
            self._cut = False
        if changed and not self._closing:
            self._on_change(sound)
