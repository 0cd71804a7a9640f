"""What is done with voices: the daemon is asked, and the loudspeaker told. It asks nobody and shows nothing."""

from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from ttsd.client.sentences import AUDITION
from ttsd.client.voices import VoicesClient
from ttsd.protocol.errors import BadRequest, Conflict, NotFound, TtsdError
from ttsd.protocol.hearing import LARGEST_CLIP_BYTES, ClipFacts, Finding, Report
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, SpeechRequest
from ttsd.protocol.voices import CheckedVoice, NewVariant, PatchVoice, Voice
from tui.language import chosen, t
from tui.playback import Player
from tui.recording import Recording
from tui.reel import Reel
from tui.results import sound_start
from tui.state import VoicesRead
from tui.voicerows import Row

CLIPS_KEPT: Final = 8
"""Clips whose sound stays in memory; a minute has 3 MB."""
NOT_READ: Final = ClipFacts("", "", 0, 0, 0.0)
"""Of a clip that cannot be read."""
Work = Callable[[], Coroutine[Any, Any, object]]


class Removed(msgspec.Struct, frozen=True):
    """What brings a removed voice or variant back."""

    name: str
    archive: bytes
    left: str | None
    """The voice's revision after a variant was removed; `None`: all of it was."""


class VoiceWork:
    """Owns what was learnt of clips, by their revisions, and the last thing removed. Loop thread only."""

    def __init__(
        self,
        client: VoicesClient,
        player: Player,
        launch: Callable[[Work], None],
        learn: Callable[[VoicesRead], None],
    ) -> None:
        """`launch`: runs what sounds, and cancels what sounded before; `learn`: told which voices there are."""
        self._client = client
        self._player = player
        self._launch = launch
        self._learn = learn
        self._clips: OrderedDict[str, Recording] = OrderedDict()
        self.envelopes: dict[str, list[float]] = {}
        self.reports: dict[str, Report] = {}
        self.removed: Removed | None = None
        self.sounding = ""
        """The reference that is heard, `clip ` before it when it is its clip; ask `playing` as well."""

        self._reel = Reel()
        self.when_sounding: Callable[[], None] = lambda: None
        """Called when there is something to hear."""

    @property
    def playing(self) -> bool:
        """Something of ours sounds."""
        return self._player.playing and self._player.reel is self._reel

    @property
    def heard_share(self) -> float:
        """How much of it was heard, 0..1."""
        return self._player.heard / self._reel.end if self._reel.end else 0.0

    # --- looking ---

    async def refresh(self) -> None:
        """Which voices there are now."""
        self._learn(VoicesRead(await self._client.voices()))

    async def follow(self) -> None:
        """The same, where nobody waits for it: when the daemon goes, others tell."""
        with suppress(TtsdError):
            await self.refresh()

    async def draw(self, row: Row) -> None:
        """Learn the envelope of its clip. A clip that cannot be read has none."""
        if (variant := row.drawable) and variant.revision not in self.envelopes:
            try:
                envelope = (await self._clip(row)).envelope
            except (BadRequest, NotFound):
                envelope = []  # the doctor says what is wrong with it
            self.envelopes[variant.revision] = envelope

    def undrawn(self, rows: Iterable[Row]) -> Row | None:
        """The first whose clip was not looked at yet."""
        return next((row for row in rows if row.drawable and row.drawable.revision not in self.envelopes), None)

    async def examine(self, row: Row) -> None:
        """Learn what the doctor says of its clip."""
        if (variant := row.drawable) and variant.revision not in self.reports:
            try:
                report = (await self._client.check_voice(row.voice.name, variant.name)).reports[0].report
            except BadRequest as error:
                report = Report(NOT_READ, (Finding("unreadable", "fault", error.message, ""),))
            self.reports[variant.revision] = report

    async def _clip(self, row: Row) -> Recording:
        assert row.variant
        revision = row.variant.revision
        if revision not in self._clips:
            data = await self._client.clip(row.voice.name, row.variant.name)
            _, start = sound_start(data) or (0, len(data))
            recording = Recording()
            recording.append(data[start : start + (len(data) - start) // BYTES_PER_SAMPLE * BYTES_PER_SAMPLE])
            self._clips[revision] = recording
            while len(self._clips) > CLIPS_KEPT:
                self._clips.popitem(last=False)
        return self._clips[revision]

    # --- hearing ---

    def play_clip(self, row: Row) -> None:
        self._launch(partial(self._play_clip, row))

    async def _play_clip(self, row: Row) -> None:
        self._play((await self._clip(row)).reel, f"clip {row.reference}")

    def play(self, pcm: bytes, rate_hz: int) -> None:
        """Play PCM (s16le mono) as it is."""
        reel = Reel()
        reel.feed(pcm)
        self._play(reel, "", rate_hz)

    def hush(self) -> None:
        """Silence now."""
        self._player.hold()

    def _play(self, reel: Reel, name: str, rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self._reel, self.sounding = reel, name
        self._player.play(reel, rate_hz=rate_hz)
        self.when_sounding()

    def audition(self, row: Row, text: str) -> None:
        """Hear it say `text`; empty: a sentence of its own language."""
        language = "auto" if text else own_language(row)
        request = SpeechRequest(text or AUDITION[language], row.reference, language)
        self._launch(partial(self._audition, row.reference, request))

    async def _audition(self, reference: str, request: SpeechRequest) -> None:
        reel = Reel()
        self._play(reel, reference)
        async with aclosing(self._client.tts_stream(request)) as stream:
            async for pcm in stream:
                reel.feed(pcm)
                self._player.fed()
                self.when_sounding()

    # --- changing ---

    async def add(self, new: NewVariant, filename: str, audio: bytes) -> CheckedVoice:
        return await self._client.add_voice(new, filename, audio)

    async def change(self, name: str, changes: PatchVoice) -> Voice:
        return await self._client.patch_voice(name, changes)

    async def remove(self, row: Row, *, whole: bool) -> None:
        """The voice, or this variant of it; `undo` brings it back, unless the voice is broken."""
        name = row.voice.name
        archive = b"" if row.voice.problem else await self.exported(name)
        if whole or row.variant is None:
            await self._client.remove_voice(name)
            left = None
        else:
            await self._client.remove_voice(name, row.variant.name)
            left = (await self._client.voice(name)).revision
        self.removed = Removed(name, archive, left) if archive else None

    async def undo(self) -> str:
        """Bring back what was removed last; the voice's name. Raises Conflict when it has changed since."""
        assert self.removed
        removed = self.removed
        if removed.left is not None and (await self._client.voice(removed.name)).revision != removed.left:
            raise Conflict(t("{voice} has changed since; its variant is not brought back", voice=removed.name))
        await self._client.import_voice(removed.archive, replace=removed.left is not None)
        self.removed = None
        return removed.name

    async def exported(self, name: str) -> bytes:
        async with aclosing(self._client.export_voice(name)) as pieces:
            return b"".join([piece async for piece in pieces])

    async def take_in(self, archive: bytes, name: str | None, *, replace: bool) -> CheckedVoice:
        return await self._client.import_voice(archive, name, replace=replace)


def own_language(row: Row) -> str:
    """The language a voice is tried in: the reader's where it speaks it, else its first."""
    if not row.languages or chosen() in row.languages:
        return chosen()
    return next((code for code in row.languages if code in AUDITION), chosen())


def read_clip(path: Path) -> bytes:
    """The bytes of a file that somebody chose. Blocking. Raises BadRequest."""
    try:
        if path.stat().st_size > LARGEST_CLIP_BYTES:
            raise BadRequest(t("{path} is larger than {most} MB", path=path, most=LARGEST_CLIP_BYTES >> 20))
        return path.read_bytes()
    except OSError as error:
        raise BadRequest(t("{path} cannot be read: {why}", path=path, why=error.strerror)) from error


def write_archive(path: Path, data: bytes) -> None:
    """Write a voice's file, whole or not at all. Blocking. Raises BadRequest."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadRequest(t("{path} cannot be written: {why}", path=path, why=error.strerror)) from error
