"""Playback: a reel of samples, a device, and the thread that owns the device."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from ttsd.protocol.errors import PlaybackFailed
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from tui.cushion import LEAST_S, Cushion
from tui.device import DEFAULT, Output, find_device, open_output, outputs, renew
from tui.head import Head
from tui.reel import Reel

KEEP_OPEN_S: Final = 10.0
"""An open device answers at once; an idle one costs power."""
LOOK_AGAIN_S: Final = (2.0, 5.0, 15.0, 60.0)
"""Between looks for a device while there is none."""


class Sound(msgspec.Struct, frozen=True):
    """Whether there is a device; `None` before the first look. `note` is its name, or why there is none."""

    available: bool | None = None
    note: str = ""
    missed: str = ""
    """Why it is not the chosen one."""


class Player:
    """Owns the sound device, and plays one reel. Every method returns at once, whatever the device does.

    Without a device what is fed counts as played, so that a session goes on and can be saved. Positions are samples.
    """

    def __init__(
        self,
        on_change: Callable[[Sound], None],
        *,
        latency_s: float = 0.08,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sound = Sound()
        self.device = DEFAULT
        """The one that is chosen."""
        self._on_change = on_change
        self._latency_s = latency_s
        self._head = Head(clock)
        self._output: Output | None = None
        self._opened_hz, self._opened_s = 0, 0.0
        self._wanted = self._ended = self._closing = self._listing = False
        self._outputs: list[str] = []
        self._listed = threading.Event()
        self._failures = 0
        self._used_s = self._looked_s = 0.0
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="playback", daemon=True)

    @property
    def reel(self) -> Reel:
        """What is played."""
        return self._head.reel

    @property
    def held(self) -> bool:
        """Paused: the head stays where it is."""
        return self._head.held

    @property
    def underruns(self) -> int:
        """How often this reel ran dry in the middle of a phrase."""
        return self._head.underruns

    @property
    def cushion(self) -> Cushion:
        """How much sound is kept in hand."""
        return self._head.cushion

    @property
    def heard(self) -> int:
        """The sample that leaves the loudspeaker now."""
        return self._head.heard

    @property
    def waiting_s(self) -> float:
        """Seconds fed and not handed to the device yet."""
        return self._head.waiting_s

    @property
    def playing(self) -> bool:
        """Something is to be heard now."""
        if self.held or self.sound.available is False:
            return False
        return self.reel.waiting > 0 or self.heard < self.reel.position

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

    def choose(self, device: str) -> None:
        """Play on `device` from now on, wherever it stands in what is playing."""
        self.device = device
        self._ended = True
        self.warm()

    def outputs(self, timeout_s: float = 2.0) -> list[str]:
        """The devices that there are. Waits for the player's thread, so not for the app's."""
        self._listed.clear()
        self._listing = True
        self._wake.set()
        self._listed.wait(timeout_s)
        return list(self._outputs)

    def play(self, reel: Reel, *, at: int = 0, rate_hz: int = SAMPLE_RATE_HZ) -> None:
        """Drop what is playing; play `reel` from sample `at` on, and what it is fed."""
        self._cut_if_playing()
        self._head.load(reel, at, rate_hz)
        self.fed()

    def fed(self, *, inside_from: int | None = None) -> None:
        """The reel has grown; `inside_from`: from this sample on, by more of a phrase that was begun."""
        self._head.fed(inside_from)
        if self.sound.available is False and not self.held:
            self.reel.skip()
        self.warm()

    def truncate(self, at: int) -> None:
        """Forget sound from sample `at` on; what is fed next stands there."""
        heard = self.heard
        self.reel.truncate(at)
        if at < heard:
            self._head.move(at)
            self._head.cut = True
            self._wake.set()

    def seek(self, at: int) -> None:
        """Go on from sample `at`, held or not."""
        self._cut_if_playing()
        self._head.move(at)
        self.warm()

    def hold(self) -> int:
        """Silence at once; the head stays at the sample that was heard last, which is returned."""
        heard = self.heard
        self._head.move(heard)
        self._head.held = self._head.cut = True
        self._wake.set()
        return heard

    def go_on(self) -> None:
        """From where it is held."""
        self._head.held = False
        self.warm()

    def _cut_if_playing(self) -> None:
        self._head.cut = self._head.cut or self.playing

    # --- from PortAudio's thread ---

    def _on_end(self) -> None:
        self._ended = True
        self._wake.set()

    # --- the player's own thread ---

    def _run(self) -> None:
        self._look()
        while not self._closing:
            self._wake.wait(self._patience_s())
            self._wake.clear()
            if self._listing:
                self._list()
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
        elif self._output and self._is_unfit():
            self._shut()
        if self._head.cut:
            self._cut_now()
        if self._output is None and (wanted or self.playing):
            self._open()
        elif now - self._used_s > KEEP_OPEN_S:
            self._shut()

    def _list(self) -> None:
        """Ask what there is; anew, unless that would be heard."""
        self._listing = False
        if not self.playing:
            self._shut()
            renew()
        with suppress(PlaybackFailed):
            self._outputs = outputs()
        self._listed.set()

    def _look_again(self, now: float, *, urgent: bool) -> None:
        if not urgent or now - self._looked_s > LOOK_AGAIN_S[0]:
            self._looked_s = now
            self._look()

    def _cut_now(self) -> None:
        """The device drops what it holds: waiting for it to run out would take its whole latency."""
        try:
            if self._output:
                self._output.drop()
                self._head.begin_silent()
                self._ended = self._head.cut = False
                self._output.resume()
        except Exception:  # noqa: BLE001 — whatever PortAudio raises, the device is gone and the thread lives on
            self._lost()
        self._head.cut = False

    def _open(self) -> None:
        self._head.begin_silent()
        self._ended = False
        self._opened_hz, self._opened_s = self._head.rate_hz, self._buffer_s()
        missed = ""
        for device in dict.fromkeys((self.device, DEFAULT)):
            try:
                self._output = self._opened(device)
                self._head.device_s = self._output.latency_s
                self._tell(Sound(available=True, note=device or find_device(), missed=missed))
                break
            except PlaybackFailed as error:
                missed = error.message
        else:
            self._tell(Sound(available=False, note=missed))

    def _opened(self, device: str) -> Output:
        return open_output(self._opened_hz, self._opened_s, self._head.fill, self._on_end, device=device)

    def _buffer_s(self) -> float:
        """What the device is to hold: what was asked for, and more where it has run dry."""
        return max(self._latency_s, self.cushion.depth_s) if self.cushion.depth_s > LEAST_S else self._latency_s

    def _is_unfit(self) -> bool:
        """Another rate is wanted; or, once nothing is heard, a larger buffer."""
        return self._opened_hz != self._head.rate_hz or (self._buffer_s() > self._opened_s and not self.playing)

    def _lost(self) -> None:
        """The stream ended by itself: the device or its server went away. Another one goes on where it stopped."""
        self._head.move(self.heard)
        self._shut()
        self._look()

    def _shut(self) -> None:
        output, self._output = self._output, None
        self._head.device_s = None
        if output:
            with suppress(Exception):  # a device that cannot be closed is gone, which is what was wanted
                output.close()
        self._ended = False

    def _look(self) -> None:
        """Which device is there now?"""
        try:
            if self.sound.available is not None:
                renew()
            self._tell(Sound(available=True, note=find_device(), missed=self.sound.missed))
        except PlaybackFailed as error:
            self._tell(Sound(available=False, note=error.message))

    def _tell(self, sound: Sound) -> None:
        changed, self.sound = sound != self.sound, sound
        self._failures = 0 if sound.available else self._failures + 1
        if not sound.available:
            self._head.cut = False
            if not self.held:
                self.reel.skip()
        if changed and not self._closing:
            self._on_change(sound)
