"""How clips become voices: examined and mended in a process of its own, then put into the store."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.jobs.listening import listened
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.errors import BadRequest, Conflict, NotFound, TooLarge
from ttsd.protocol.hearing import READ_BY_ENGINES, ClipFacts, Examined, Report
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.protocol.voices import CheckedVoice, NewVariant, Provenance, Variant, VariantReport, Voice
from ttsd.storage.lexicons import Lexicons, of_voice
from ttsd.storage.placing import storage_errors
from ttsd.storage.voice_archive import unpack
from ttsd.storage.voice_folder import Profile
from ttsd.storage.voices import NewClip, Voices, clear_away
from ttsd.supervisor.prep import Prep

LONGEST_NAME: Final = 200
"""Of a file, as provenance keeps it."""

CheckSay = Callable[[str], Awaitable[None]]
"""Whether the asker may change the voice of that name, if there is one. Raises Forbidden."""


class Upload(msgspec.Struct, frozen=True):
    """A file that a client sent, under a hidden name in the store's folder."""

    path: Path
    filename: str
    """What the client calls it."""
    sha256: str


class Enrolment:
    """Owns nothing. Whatever fails leaves no file behind."""

    def __init__(
        self,
        voices: Voices,
        lexicons: Lexicons,
        listener: Prep,
        engine: Callable[[], EngineInfo | None],
        config: Config,
        clock: Clock,
    ) -> None:
        """`engine`: the one that is loaded, if any; its voices' names are taken."""
        self._voices = voices
        self._lexicons = lexicons
        self._listener = listener
        self._engine = engine
        self._config = config
        self._clock = clock

    def reload(self, config: Config) -> None:
        """Take over what may change at run time."""
        self._config = config

    async def add(self, new: NewVariant, upload: Upload, user: str, say: CheckSay) -> CheckedVoice:
        """A new voice, or another variant of one, if that is still the user's `say` when the clip was examined.

        Raises Forbidden, Conflict, TooLarge, StorageFull, BadRequest for what is no clip, and when `strict` for one
        with findings.
        """
        clip = self._voices.hidden("clip.flac")
        with _gone_at_the_end(upload.path, clip):
            await asyncio.to_thread(self.check_name, new)
            spoken = new.transcript.strip()
            examined = await self._examined(upload.path, clip, spoken, new.language, denoise=new.denoise)
            check_length(examined.samples / SAMPLE_RATE_HZ, self._config.limits.max_clip_s)
            if new.strict:
                check_clean(examined.report)
            report = VariantReport(new.variant, examined.report)
            if not new.keep:
                languages = (new.language,) if new.language else ()
                return CheckedVoice(Voice(new.name, "profile", languages), (report,))
            provenance = Provenance(
                added=datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                added_by=user,
                source=plain_name(upload.filename),
                source_sha256=upload.sha256,
                repairs=examined.report.repairs,
            )
            made = NewClip(clip, upload.path, new.variant, spoken, new.language, provenance)
            about = {"description": new.description, "consent": new.consent}
            said = {key: value for key, value in about.items() if value is not None}
            await say(new.name)
            profile = await asyncio.to_thread(self._voices.add, new.name, made, said, replace=new.replace)
            return CheckedVoice(profile.voice, (report,))

    def check_name(self, new: NewVariant) -> None:
        """Before anything heavy: could this be added? Raises Conflict, TooLarge."""
        self._check_not_built_in(new.name)
        self._voices.check_variant(new.name, new.variant, replace=new.replace)

    def _check_not_built_in(self, name: str) -> None:
        engine = self._engine()
        for voice in engine.voices if engine else ():
            if voice.name.casefold() == name.casefold():
                assert engine is not None
                raise Conflict(
                    f"engine {engine.name} has a voice {voice.name!r} of its own: choose another name", param="name"
                )

    async def change(self, name: str, values: Mapping[str, Any], new: str | None) -> Profile:
        """Of a voice; its lexicon goes with its name. Raises NotFound, Conflict, BadRequest, StorageFull."""
        if new is not None:
            self._check_not_built_in(new)
        profile = await asyncio.to_thread(self._voices.change, name, values, new=new)
        if new is not None:
            await asyncio.to_thread(self._lexicons.move, of_voice(name), of_voice(new))
        return profile

    async def remove(self, name: str) -> None:
        """A voice, and its lexicon. Raises NotFound, StorageFull."""
        await asyncio.to_thread(self._voices.remove, name)
        await asyncio.to_thread(self._lexicons.drop, of_voice(name))

    async def decoded(self, name: str, variant: str) -> BinaryIO:
        """A variant's clip as a WAV at the inner rate, whatever kind it is; the file has no name on the disk.

        Raises NotFound, UnknownVoice, BadRequest.
        """
        _, clip = (await asyncio.to_thread(self._voices.get, name)).reference(variant)
        scratch = self._voices.hidden("clip.wav")
        with _gone_at_the_end(scratch):
            await self._listener.decode(Path(clip.path), scratch)
            return await asyncio.to_thread(scratch.open, "rb")

    async def check(self, name: str, variant: str | None, *, listen: bool = False) -> CheckedVoice:
        """What the doctor says of a voice's clips as they are used now; `listen`: what a recogniser hears, too.

        Raises NotFound, BadRequest, CannotListen.
        """
        profile = await asyncio.to_thread(self._voices.get, name)
        if profile.file is None:
            raise BadRequest(f"voice {name!r} cannot be read: {profile.voice.problem}", param="voice")
        wanted = [each for each in profile.voice.variants if variant in (None, each.name)]
        if not wanted:
            raise NotFound(f"voice {name!r} has no variant {variant!r}", param="variant")
        reports: list[VariantReport] = []
        for each in wanted:
            scratch = self._voices.hidden("check.flac")
            with _gone_at_the_end(scratch):
                reports.append(await self._report(Path(profile.voice.folder), each, scratch))
        heard = tuple(reports)
        return CheckedVoice(profile.voice, await listened(profile.voice, heard) if listen else heard)

    async def take_archive(
        self, upload: Upload, name: str | None, user: str, say: CheckSay, *, replace: bool
    ) -> CheckedVoice:
        """The voice in a `.ttsvoice`, under its own name or another; it is the user's, whoever made it elsewhere.

        Raises Forbidden, BadRequest, Conflict, TooLarge.
        """
        limit = self._config.limits.max_clip_bytes
        building = await asyncio.to_thread(self._voices.building)
        try:
            with _gone_at_the_end(upload.path), storage_errors(str(building)):
                file = await asyncio.to_thread(unpack, upload.path, building, limit)
            name = name or file.name
            if not name:
                raise BadRequest("the archive does not say what its voice is called: choose a name", param="name")
            self._check_not_built_in(name)
            if not replace:
                await asyncio.to_thread(self._voices.check_free, name)
            found = [
                Variant(key, entry.transcript, entry.language or file.language, "", 0.0, entry.clip)
                for key, entry in file.variants.items()
            ]
            reports: list[VariantReport] = []
            clips: dict[str, Path] = {}
            for variant in found:
                copy = clips.setdefault(variant.clip, building / f".{len(clips)}.flac")
                reports.append(await self._report(building, variant, copy))
            await say(name)
            profile = await asyncio.to_thread(self._voices.adopt, building, name, user, clips, replace=replace)
            return CheckedVoice(profile.voice, tuple(reports))
        finally:
            await asyncio.to_thread(clear_away, building)

    async def _report(self, folder: Path, variant: Variant, copy: Path) -> VariantReport:
        """Of a clip as it is; `copy` is a file of ours with its sound."""
        clip = folder / variant.clip
        made = await self._examined(clip, copy, variant.transcript, variant.language, mend=False)
        check_as_it_is(made.report.facts, self._config.limits.max_clip_s)
        return VariantReport(variant.name, msgspec.structs.replace(made.report, repairs=()))

    async def _examined(
        self, source: Path, target: Path, transcript: str, language: str, *, denoise: bool = False, mend: bool = True
    ) -> Examined:
        spoken = language or "auto"
        return await self._listener.examine(source, target, transcript, spoken, denoise=denoise, mend=mend)


def check_length(duration_s: float, longest_s: float) -> None:
    """Of a clip as it is used. Raises TooLarge."""
    if duration_s > longest_s:
        raise TooLarge(
            f"the clip lasts {duration_s:.1f} s, at most {longest_s:g} s are taken ([limits] max_clip_s): "
            "cut it to 3 to 15 s, and its transcript too",
            param="audio",
        )


def check_as_it_is(facts: ClipFacts, longest_s: float) -> None:
    """Could an engine use a clip that was not mended? Raises BadRequest, TooLarge."""
    if facts.container not in READ_BY_ENGINES:
        raise BadRequest(
            f"the clip is of a kind ({facts.container}) that engines do not read: make a WAV or FLAC of it, "
            "or a voice with `ttsd voices add`",
            param="audio",
        )
    check_length(facts.duration_s, longest_s)


def check_clean(report: Report) -> None:
    """Raises BadRequest when there is more to say of a clip than is good to know."""
    for finding in report.findings:
        if finding.level != "note":
            raise BadRequest(f"{finding.message} {finding.remedy}".strip(), param="audio")


def plain_name(filename: str) -> str:
    """The last part of what a client calls its file, without what does not print."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:LONGEST_NAME]


@contextmanager
def _gone_at_the_end(*paths: Path) -> Generator[None]:
    """Whatever happens; what was taken under another name meanwhile is not there any more."""
    try:
        yield
    finally:
        for path in paths:
            with suppress(OSError):
                path.unlink()
