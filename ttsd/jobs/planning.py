"""From a claimed job to its plan: the text is read, voice, language and takes are decided, keys computed."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

import msgspec

from ttsd.config import Config
from ttsd.jobs.casting import VoiceSettings
from ttsd.jobs.queue import JobQueue, waited_s
from ttsd.jobs.slots import Whose
from ttsd.jobs.speaker import Speaker
from ttsd.jobs.style import chosen
from ttsd.jobs.turns import rank
from ttsd.jobs.work import Part, Source, Work
from ttsd.protocol.errors import BadRequest, ErrorBody, TtsdError
from ttsd.protocol.jobs import Job, JobSettings, Receipt
from ttsd.protocol.lexicon import LexiconUse
from ttsd.protocol.prep import SUFFIXES, FrontMatter, Prepared, Row
from ttsd.protocol.speech import Segment
from ttsd.protocol.usage import UsageDoor
from ttsd.storage.jobs import Claimed
from ttsd.storage.lexicons import Lexicons
from ttsd.supervisor.prep import Prep

_CHOSEN: Final = ("voice", "language", "format", "seed", "speed", "style", "captions")
"""Settings that front matter may have."""


class Planner:
    """Decides; changes nothing but the record of the plan."""

    def __init__(self, queue: JobQueue, speaker: Speaker, prep: Prep, lexicons: Lexicons, config: Config) -> None:
        self._queue = queue
        self._speaker = speaker
        self._prep = prep
        self._lexicons = lexicons
        self._config = config
        self._of_spools = config.all_spools

    def reload(self, config: Config) -> None:
        """Take over what may change at run time; a spool that is no longer configured goes on until a restart."""
        self._config = config
        self._of_spools = {**self._of_spools, **config.all_spools}

    async def plan(self, claimed: Claimed) -> Work:
        """Read the text, decide everything, and record the segments. Raises TtsdError."""
        started = time.perf_counter()
        job = claimed.job
        source = None if claimed.path is None else Source(self._queue.spool(job), PurePath(claimed.path))
        prepared = await self._read(claimed, source)
        last = None if source is None else await asyncio.to_thread(source.spool.last_receipt, source.relative)
        settings = self._carried(await self._settings(claimed, source, prepared), last, prepared)
        parts, voices = await self._voices(settings, prepared)
        paced = tuple(map(VoiceSettings.paced, voices, prepared.segments))
        prepared = msgspec.structs.replace(prepared, segments=paced)
        if not prepared.rows:
            settings = msgspec.structs.replace(settings, voice_revision=voices[0].revision)
        engine = await self._speaker.engine()
        keys = tuple(map(self._speaker.key, [engine] * len(voices), prepared.segments, voices))
        work = Work(
            job=job,
            whose=Whose(rank(job.door, waited_s(job)), job.user, claimed.lane, UsageDoor(job.door)),
            settings=settings,
            source=source,
            prepared=prepared,
            parts=parts,
            voices=voices,
            keys=keys,
            slot_starts={slot.first: slot.start_s for slot in prepared.slots},
            captions=settings.captions or "none",
            language=settings.language or "auto",
            engine=engine,
            last=last,
            started=started,
        )
        await self._queue.plan(job.id, [keys[position] for position in work.spoken], settings)
        return work

    async def _read(self, claimed: Claimed, source: Source | None) -> Prepared:
        lexicon = await self._lexicon(claimed.job, source)
        if source is None:
            assert claimed.text is not None
            language = self._speaker.language(claimed.job.settings.language)
            return await self._prep.text(claimed.text, language, lexicon)
        spool, relative = source.spool, source.relative
        await asyncio.to_thread(_ready, claimed.job, source)
        suffix = relative.suffix.lower()
        if suffix not in SUFFIXES:
            raise BadRequest(f"files of this type are not spoken; the inbox takes {' '.join(SUFFIXES)}")
        language = self._speaker.language(self._of_spools[spool.name].language or None)
        path = spool.source(claimed.job.id, relative)
        return await self._prep.document(path, suffix, language, self._config.limits, lexicon)

    async def _lexicon(self, job: Job, source: Source | None) -> LexiconUse | None:
        """The lexicons of its user and of the voice it has unless the text itself names one."""
        if self._lexicons.empty:
            return None
        voice = job.settings.voice
        if voice is None and source is not None:
            voice = await self._folder_voice(source.relative) or self._of_spools[source.spool.name].voice
        return self._lexicons.use(job.user, await self._speaker.voice_name(voice))

    async def _settings(self, claimed: Claimed, source: Source | None, prepared: Prepared) -> JobSettings:
        """The job's own, those of its text above them, and below them its folder's, its spool's, everybody's."""
        settings = merged(claimed.job.settings, prepared.front_matter)
        defaults = {"format": self._config.output.format, "captions": self._config.output.captions}
        if source is not None:
            of_spool = self._of_spools[source.spool.name]
            folder_voice = await self._folder_voice(source.relative)
            own = {"voice": folder_voice or of_spool.voice, "format": of_spool.format, "captions": of_spool.captions}
            defaults |= {name: value for name, value in own.items() if value}
        missing = {name: value for name, value in defaults.items() if getattr(settings, name) is None}
        return msgspec.structs.replace(settings, **missing, style=chosen(settings.style, self._config.speech))

    async def _folder_voice(self, relative: PurePath) -> str | None:
        """A voice named like the top folder of the file, a variant's (`anna@happy`) too."""
        if len(relative.parts) < 2:
            return None
        folder = relative.parts[0]
        if await self._speaker.profile(folder) is not None:
            return folder
        engine = await self._speaker.engine()
        return next((voice.name for voice in engine.voices if voice.name == folder), None)

    @staticmethod
    def _carried(settings: JobSettings, last: Receipt | None, prepared: Prepared) -> JobSettings:
        """With the takes that sentences had which are in the last version of this file too."""
        if last is None or settings.takes:
            return settings
        takes = carried_takes(last, settings, prepared.segments)
        return msgspec.structs.replace(settings, takes=takes) if takes else settings

    async def _voices(
        self, settings: JobSettings, prepared: Prepared
    ) -> tuple[tuple[Part, ...], tuple[VoiceSettings, ...]]:
        """The files to make, and the voice of each segment."""
        audio_format = settings.format or self._config.output.format
        if not prepared.rows:
            usual = await self._voice(settings.voice, settings)
            await self._speaker.check_languages(prepared.segments)
            part = Part(0, len(prepared.segments), audio_format)
            return (part,), _with_takes([usual] * part.count, settings)
        parts: list[Part] = []
        voices: list[VoiceSettings] = []
        for row in prepared.rows:
            voice, error = await self._row_voice(row, settings, prepared.segments)
            parts.append(Part(row.first, row.count, row.format or audio_format, row, error))
            voices += [voice] * row.count
        return tuple(parts), _with_takes(voices, settings)

    async def _voice(self, name: str | None, settings: JobSettings) -> VoiceSettings:
        return await self._speaker.resolve(name, settings.seed, settings.speed, settings.style)

    async def _row_voice(
        self, row: Row, settings: JobSettings, segments: Sequence[Segment]
    ) -> tuple[VoiceSettings, ErrorBody | None]:
        """Or why this row cannot be spoken; the others can all the same."""
        wanted = row.voice or settings.voice
        try:
            voice = await self._voice(wanted, settings)
            await self._speaker.check_languages(segments[row.first : row.first + row.count])
        except TtsdError as error:
            if error.retryable:
                raise
            unspoken = VoiceSettings(wanted or "", settings.seed, settings.speed, style=settings.style)
            return unspoken, row.error or error.body()
        return voice, row.error


def _ready(job: Job, source: Source) -> None:
    """Have the source in the work folder: that of a redo is in `done/`. Raises BadRequest, StorageFull."""
    if job.settings.takes:
        source.spool.reclaim_done(job.id, source.relative)
    source.spool.check_source(job.id, source.relative)


def merged(settings: JobSettings, front: FrontMatter) -> JobSettings:
    """Front matter decides where it says something; the job's own settings otherwise."""
    said = {name: value for name in _CHOSEN if (value := getattr(front, name)) is not None}
    try:
        return msgspec.convert({**msgspec.to_builtins(settings), **said}, JobSettings, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"front matter: {error}") from error


def carried_takes(last: Receipt, settings: JobSettings, segments: Sequence[Segment]) -> dict[int, int]:
    """Takes of the last version that belong to sentences which are still there; a text twice has them in order."""
    if (last.seed, last.speed, last.style) != (settings.seed, settings.speed, settings.style):
        return {}
    made: dict[str, list[int]] = {}
    for segment in last.segments:
        made.setdefault(segment.text, []).append(segment.seed)
    if not any(seed != last.seed for seeds in made.values() for seed in seeds):
        return {}
    found = {index: made[each.text].pop(0) for index, each in enumerate(segments) if made.get(each.text)}
    return {index: seed for index, seed in found.items() if seed != last.seed}


def _with_takes(voices: Sequence[VoiceSettings], settings: JobSettings) -> tuple[VoiceSettings, ...]:
    takes = settings.takes
    if not takes:
        return tuple(voices)
    return tuple(
        msgspec.structs.replace(voice, seed=takes[position]) if position in takes else voice
        for position, voice in enumerate(voices)
    )
