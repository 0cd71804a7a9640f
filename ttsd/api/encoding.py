"""Sound that a client has becomes a file in one of our formats: `POST /v1/encode`."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO, Final, get_args

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from ttsd.api.gate import Gate
from ttsd.api.jobs import MEDIA_TYPES
from ttsd.api.services import Services
from ttsd.api.voices import pieces
from ttsd.audio.files import WavWriter
from ttsd.audio.pcm import duration_s
from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.protocol.prep import Encoding, Tags
from ttsd.protocol.speech import BYTES_PER_SAMPLE, FileFormat
from ttsd.storage.placing import storage_errors

MOST_AT_ONCE: Final = 4
FLUSH_BYTES: Final = 2**20
FORMATS: Final = get_args(FileFormat)


class EncodingDoor:
    """PCM in, a file out; what lies on the disk in between is gone when the answer is."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._gate = Gate("encodings", "ttsd takes four at once")
        self._folder = services.spill_folder / "encoding"
        self._cleared = False

    def routes(self) -> list[BaseRoute]:
        return [Route("/v1/encode", self.encode, methods=["POST"])]

    async def encode(self, request: Request) -> Response:
        """The body (s16le mono at 24 kHz) as `?format=`, with `?title=` and `?voice=` in its tags."""
        self._services.check_open()
        encoding = self._encoding(request)
        with self._gate.enter(MOST_AT_ONCE):
            folder = await asyncio.to_thread(self._new_folder)
            try:
                size, file = await self._encoded(request, folder, encoding)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        kind = MEDIA_TYPES[f".{encoding.format}"]
        return StreamingResponse(pieces(file), media_type=kind, headers={"content-length": str(size)})

    def _encoding(self, request: Request) -> Encoding:
        query = request.query_params
        try:
            form = msgspec.convert(query.get("format"), FileFormat)
        except msgspec.ValidationError:
            raise BadRequest(f"format is one of {', '.join(FORMATS)}", param="format") from None
        engine = self._services.engine()
        tags = Tags(query.get("title", ""), query.get("voice", ""), engine=engine.name if engine else "")
        return Encoding(form, tags)

    async def _encoded(self, request: Request, folder: Path, encoding: Encoding) -> tuple[int, BinaryIO]:
        """The finished file, open, and its size."""
        source, target = folder / "source.wav", folder / f"encoded.{encoding.format}"
        size = await self._receive(request, source)
        await self._services.encoder.encode(source, target, encoding, audio_s=duration_s(size))
        file = await asyncio.to_thread(target.open, "rb")
        return os.fstat(file.fileno()).st_size, file

    async def _receive(self, request: Request, path: Path) -> int:
        """Write the body to `path` as a WAV. Raises BadRequest, TooLarge, StorageFull."""
        limit = self._services.config.limits.max_sound_bytes
        size, pending = 0, bytearray()
        with storage_errors(str(path.parent)), WavWriter(path) as wav:
            async for piece in _stream(request):
                size += len(piece)
                if size > limit:
                    raise TooLarge(f"the sound is over {limit} bytes ([limits] max_sound_bytes)")
                pending += piece
                if len(pending) >= FLUSH_BYTES:
                    await asyncio.to_thread(wav.write, bytes(pending))
                    pending.clear()
            if not size or size % BYTES_PER_SAMPLE:
                raise BadRequest("the body is to be PCM: whole samples, s16le mono at 24 kHz, and not nothing")
            await asyncio.to_thread(wav.write, bytes(pending))
        return size

    def _new_folder(self) -> Path:
        """Blocking. What a killed daemon has left goes before the first one."""
        with storage_errors(str(self._folder)):
            if not self._cleared:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._cleared = True
            self._folder.mkdir(parents=True, exist_ok=True)
            return Path(mkdtemp(dir=self._folder))


async def _stream(request: Request) -> AsyncGenerator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as error:
        raise BadRequest("the client left before its request was complete") from error
