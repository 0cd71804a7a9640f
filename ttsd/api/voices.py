"""Voice profiles over HTTP: list, add, look at, change, remove, check, and take along as one file."""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from ttsd.api.body import decode_json, read_body
from ttsd.api.gate import Gate
from ttsd.api.incoming import Incoming, read_file
from ttsd.api.jobs import by_method
from ttsd.api.multipart import read_form
from ttsd.api.peer import user
from ttsd.api.services import Services
from ttsd.api.voice_fields import TRUE, changes_of, new_variant, profile_name
from ttsd.protocol.errors import BadRequest, NotFound
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
        return _json(VoiceList((*(profile.voice for profile in profiles), *self._built_in()), can_clone))

    async def show(self, request: Request) -> Response:
        name = _name(request)
        profile = await asyncio.to_thread(self._store.find, name)
        found = profile.voice if profile else next((voice for voice in self._built_in() if voice.name == name), None)
        if found is None:
            raise NotFound(f"there is no voice {name!r}; GET /v1/voices lists all", param="voice")
        return _json(found)

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
        return _json(made, 201, {"Location": f"/v1/voices/{made.voice.name}"})

    async def _from_form(self, request: Request, incoming: Incoming) -> CheckedVoice:
        form = await read_form(request, incoming)
        if form.file is None:
            raise BadRequest("the form has no file: send the clip as `audio`", param="audio")
        return await self._enrolment.add(new_variant(request.path_params, form.fields), form.file, user(request))

    async def _from_archive(self, request: Request, incoming: Incoming) -> CheckedVoice:
        query = request.query_params
        name = request.path_params.get("name") or query.get("name")
        if name is not None:
            name = profile_name(name)
        upload = await read_file(request, incoming)
        return await self._enrolment.take_archive(upload, name, replace=query.get("replace", "") in TRUE)

    def _place(self, filename: str) -> Path:
        return self._store.hidden(f"original{original_suffix(filename)}")

    # --- one voice ---

    async def patch(self, request: Request) -> Response:
        """Change what is said of a voice, its transcripts, its name."""
        self._services.check_open()
        name = _name(request)
        wanted = decode_json(await read_body(request, self._services.config.limits.max_body_bytes), _patch)
        if changes := changes_of(wanted):
            await asyncio.to_thread(self._check_variant, name, wanted)
            await asyncio.to_thread(self._store.patch, name, changes)
        if wanted.name is not None and wanted.name != name:
            return _json((await self._enrolment.rename(name, wanted.name)).voice)
        return _json((await asyncio.to_thread(self._store.get, name)).voice)

    def _check_variant(self, name: str, wanted: PatchVoice) -> None:
        known = self._store.get(name).clips
        if wanted.transcript is not None and wanted.variant not in known:
            raise NotFound(f"voice {name!r} has no variant {wanted.variant!r}", param="variant")

    async def remove(self, request: Request) -> Response:
        """The voice, or with `?variant=` one of its variants."""
        variant = request.query_params.get("variant")
        if variant is None:
            await asyncio.to_thread(self._store.remove, _name(request))
            return Response(status_code=204)
        return _json((await asyncio.to_thread(self._store.remove_variant, _name(request), variant)).voice)

    async def check(self, request: Request) -> Response:
        """What the doctor says of its clips, or with `?variant=` of one."""
        self._services.check_open()
        return _json(await self._enrolment.check(_name(request), request.query_params.get("variant")))

    async def clip(self, request: Request) -> Response:
        """The clip as it is used; `?variant=`."""
        profile = await asyncio.to_thread(self._store.get, _name(request))
        _, clip = profile.reference(request.query_params.get("variant", DEFAULT_VARIANT))
        kind = "audio/flac" if clip.path.endswith(".flac") else "application/octet-stream"
        return FileResponse(clip.path, media_type=kind, filename=Path(clip.path).name)

    async def archive(self, request: Request) -> Response:
        """The whole voice in one file."""
        name = _name(request)
        size, pieces = await asyncio.to_thread(self._packed, name)
        headers = {
            "content-length": str(size),
            "content-disposition": f'attachment; filename="{name}{ARCHIVE_SUFFIX}"',
        }
        return StreamingResponse(pieces, headers=headers, media_type=ARCHIVE_TYPE)

    def _packed(self, name: str) -> tuple[int, AsyncGenerator[bytes]]:
        """The archive's size and content; it has no name on the disk any more."""
        profile = self._store.get(name)
        if profile.file is None or profile.voice.problem:
            raise BadRequest(f"voice {name!r} is broken: {profile.voice.problem}", param="voice")
        hidden = self._store.hidden("export")
        try:
            with storage_errors(str(hidden.parent)):
                pack(Path(profile.voice.folder), profile.file, hidden)
                file = hidden.open("rb")
        finally:
            hidden.unlink(missing_ok=True)
        return os.fstat(file.fileno()).st_size, _pieces(file)


async def _pieces(file: BinaryIO) -> AsyncGenerator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece


def _name(request: Request) -> str:
    name = request.path_params["name"]
    try:
        return msgspec.convert(name, ProfileName)
    except msgspec.ValidationError:
        raise NotFound(f"there is no voice {name[:80]!r}", param="voice") from None


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")
