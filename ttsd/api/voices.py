"""Voice profiles over HTTP: list, add, look at, change, remove, check, and take along as one file."""

import asyncio
import os
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from ttsd.api.answers import as_json
from ttsd.api.body import decode_json, read_body
from ttsd.api.gate import Gate
from ttsd.api.incoming import Incoming, read_file
from ttsd.api.jobs import by_method
from ttsd.api.multipart import read_form
from ttsd.api.peer import asker, user
from ttsd.api.say import check_manages
from ttsd.api.services import Services
from ttsd.api.voice_fields import TRUE, changes_of, new_variant, profile_name
from ttsd.protocol.errors import BadRequest, Busy, NotFound
from ttsd.protocol.voices import (
    ARCHIVE_SUFFIX,
    ARCHIVE_TYPE,
    DEFAULT_VARIANT,
    CheckedVoice,
    PatchVoice,
    ProfileName,
    Voice,
    VoiceList,
)
from ttsd.storage.placing import storage_errors
from ttsd.storage.voice_archive import pack
from ttsd.storage.voices import original_suffix

MOST_UPLOADS: Final = 8
"""Clips on their way in at once."""
PIECE_BYTES: Final = 64 * 1024
ARCHIVE_TYPES: Final = (ARCHIVE_TYPE, "application/zip")

_patch: Final = msgspec.json.Decoder(PatchVoice)


class VoicesDoor:
    """Translates between HTTP and the store of voices; decides nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.voices
        self._enrolment = services.enrolment
        self._uploads = Gate("uploads", "ttsd takes eight at once")
        self._ears = asyncio.Lock()

    def routes(self) -> list[BaseRoute]:
        return [
            by_method("/v1/voices", GET=self.list, POST=self.add),
            by_method("/v1/voices/{name}", GET=self.show, POST=self.add, PATCH=self.patch, DELETE=self.remove),
            by_method("/v1/voices/{name}/check", POST=self.check),
            Route("/v1/voices/{name}/archive", self.archive),
            Route("/v1/voices/{name}/clip", self.clip),
        ]

    async def list(self, _request: Request) -> Response:
        """Profiles first, then the engine's own voices."""
        profiles = await asyncio.to_thread(self._store.all)
        engine = self._services.engine()
        can_clone = engine.can_clone if engine else None
        return as_json(VoiceList((*(profile.voice for profile in profiles), *self._built_in()), can_clone))

    async def show(self, request: Request) -> Response:
        name = _name(request)
        profile = await asyncio.to_thread(self._store.find, name)
        found = profile.voice if profile else next((voice for voice in self._built_in() if voice.name == name), None)
        if found is None:
            raise NotFound(f"there is no voice {name!r}; GET /v1/voices lists all", param="voice")
        return as_json(found)

    def _built_in(self) -> tuple[Voice, ...]:
        engine = self._services.engine()
        voices = engine.voices if engine else ()
        return tuple(Voice(v.name, "built-in", v.languages, v.description) for v in voices)

    # --- adding ---

    async def add(self, request: Request) -> Response:
        """A clip as a form, or an archive as it is (`?name=`, `?replace=true`)."""
        self._services.check_open()
        is_archive = request.headers.get("content-type", "").partition(";")[0].strip() in ARCHIVE_TYPES
        incoming = Incoming(self._place, self._services.config.limits.max_clip_bytes)
        with self._uploads.enter(MOST_UPLOADS):
            try:
                made = await (self._from_archive if is_archive else self._from_form)(request, incoming)
            finally:
                incoming.discard()  # what was taken has another name by now
        if not made.voice.variants:  # examined, and not kept
            return as_json(made)
        return as_json(made, 201, {"Location": f"/v1/voices/{made.voice.name}"})

    async def _from_form(self, request: Request, incoming: Incoming) -> CheckedVoice:
        form = await read_form(request, incoming)
        if form.file is None:
            raise BadRequest("the form has no file: send the clip as `audio`", param="audio")
        new = new_variant(request.path_params, form.fields)
        await self._check_say(request, new.name)
        return await self._enrolment.add(new, form.file, user(request), partial(self._check_say, request))

    async def _from_archive(self, request: Request, incoming: Incoming) -> CheckedVoice:
        query = request.query_params
        name = request.path_params.get("name") or query.get("name")
        if name is not None:
            name = profile_name(name)
        if (replace := query.get("replace", "") in TRUE) or name is not None:
            await self._check_say(request, name)
        upload = await read_file(request, incoming)
        say = partial(self._check_say, request)
        return await self._enrolment.take_archive(upload, name, user(request), say, replace=replace)

    async def _check_say(self, request: Request, name: str | None) -> None:
        """Who made a voice may change it, who else is a matter of `[access] manage`. Raises Forbidden.

        One that cannot be read tells of nobody who made it.
        """
        profile = None if name is None else await asyncio.to_thread(self._store.find, name)
        makers = {variant.provenance.added_by for variant in profile.voice.variants} if profile else set[str]()
        if name is None or (profile and not (makers and all(map(asker(request).owns, makers)))):
            check_manages(request, self._services.config, f"change {name or 'a voice'}")

    def _place(self, filename: str) -> Path:
        return self._store.hidden(f"original{original_suffix(filename)}")

    # --- one voice ---

    async def patch(self, request: Request) -> Response:
        """Change what is said of a voice, its transcripts, its name."""
        self._services.check_open()
        name = _name(request)
        wanted = decode_json(await read_body(request, self._services.config.limits.max_body_bytes), _patch)
        await self._check_say(request, name)
        new = None if wanted.name == name else wanted.name
        return as_json((await self._enrolment.change(name, changes_of(wanted), new)).voice)

    async def remove(self, request: Request) -> Response:
        """The voice, or with `?variant=` one of its variants."""
        await self._check_say(request, _name(request))
        variant = request.query_params.get("variant")
        if variant is None:
            await self._enrolment.remove(_name(request))
            return Response(status_code=204)
        return as_json((await asyncio.to_thread(self._store.remove_variant, _name(request), variant)).voice)

    async def check(self, request: Request) -> Response:
        """What the doctor says of its clips, or with `?variant=` of one; `?listen=true`: by ear, too."""
        self._services.check_open()
        name, query = _name(request), request.query_params
        if query.get("listen", "") not in TRUE:
            return as_json(await self._enrolment.check(name, query.get("variant")))
        if self._ears.locked():
            raise Busy(
                "another voice is being listened to, and a recogniser takes all it can get: try again in a minute"
            )
        async with self._ears:
            return as_json(await self._enrolment.check(name, query.get("variant"), listen=True))

    async def clip(self, request: Request) -> Response:
        """The clip as it is used; `?variant=`, and with `?format=wav` as a WAV at 24 kHz, whatever it is kept as."""
        query = request.query_params
        variant = query.get("variant", DEFAULT_VARIANT)
        if (kind := query.get("format")) is not None:
            return await self._decoded_clip(_name(request), variant, kind)
        profile = await asyncio.to_thread(self._store.get, _name(request))
        _, clip = profile.reference(variant)
        kind = "audio/flac" if clip.path.endswith(".flac") else "application/octet-stream"
        return FileResponse(clip.path, media_type=kind, filename=Path(clip.path).name)

    async def _decoded_clip(self, name: str, variant: str, kind: str) -> Response:
        if kind != "wav":
            raise BadRequest("format is wav, or not said: then the clip comes as it is kept", param="format")
        self._services.check_open()
        file = await self._enrolment.decoded(name, variant)
        headers = {"content-length": str(os.fstat(file.fileno()).st_size)}
        return StreamingResponse(pieces(file), headers=headers, media_type="audio/wav")

    async def archive(self, request: Request) -> Response:
        """The whole voice in one file."""
        name = _name(request)
        size, content = await asyncio.to_thread(self._packed, name)
        headers = {
            "content-length": str(size),
            "content-disposition": f'attachment; filename="{name}{ARCHIVE_SUFFIX}"',
        }
        return StreamingResponse(content, headers=headers, media_type=ARCHIVE_TYPE)

    def _packed(self, name: str) -> tuple[int, AsyncGenerator[bytes]]:
        """The archive's size and content; it has no name on the disk any more."""
        profile = self._store.get(name)
        if profile.file is None or profile.voice.problem:
            raise BadRequest(f"voice {name!r} is broken: {profile.voice.problem}", param="voice")
        hidden = self._store.hidden("export")
        try:
            with storage_errors(str(hidden.parent)):
                pack(Path(profile.voice.folder), hidden, self._services.config.limits.max_clip_bytes)
                file = hidden.open("rb")
        finally:
            hidden.unlink(missing_ok=True)
        return os.fstat(file.fileno()).st_size, pieces(file)


async def pieces(file: BinaryIO) -> AsyncGenerator[bytes]:
    """What is in an open file, which is closed at the end."""
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece


def _name(request: Request) -> str:
    name = request.path_params["name"]
    try:
        return msgspec.convert(name, ProfileName)
    except msgspec.ValidationError:
        raise NotFound(f"there is no voice {name[:80]!r}", param="voice") from None
