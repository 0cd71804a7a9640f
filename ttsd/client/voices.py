"""The client with voice profiles; apart, because `ttsd say` starts without them."""

from collections.abc import AsyncGenerator
from typing import Final
from urllib.parse import quote

import msgspec

from ttsd.client.client import TtsdClient, target_of
from ttsd.client.exchange import Request
from ttsd.client.form import form
from ttsd.protocol.voices import ARCHIVE_TYPE, CheckedVoice, NewVariant, PatchVoice, Voice, VoiceList

EXAMINING_IDLE_S: Final = 180.0
"""A clip may wait behind others to be examined."""


class VoicesClient(TtsdClient):
    """A `TtsdClient` that lists, adds, checks, changes, exports and imports voices too."""

    async def voices(self) -> VoiceList:
        """Profiles, and the engine's own voices."""
        return await self._call(VoiceList, Request("GET", "/v1/voices"))

    async def voice(self, name: str) -> Voice:
        return await self._call(Voice, Request("GET", _voice(name)))

    async def add_voice(self, new: NewVariant, filename: str, audio: bytes) -> CheckedVoice:
        """A clip becomes a voice, or another variant of one; the doctor's report comes with it."""
        fields = {key: value for key, value in msgspec.to_builtins(new).items() if value is not None}
        kind, body = form(fields, filename, audio)
        return await self._call(
            CheckedVoice, Request("POST", "/v1/voices", body, idle_s=EXAMINING_IDLE_S, content_type=kind)
        )

    async def patch_voice(self, name: str, changes: PatchVoice) -> Voice:
        return await self._call(Voice, Request("PATCH", _voice(name), msgspec.json.encode(changes)))

    async def remove_voice(self, name: str, variant: str | None = None) -> None:
        """The whole voice, or one variant of it."""
        query = [("variant", variant)] if variant else []
        async with self._answer(Request("DELETE", target_of(_voice(name), query))):
            pass

    async def check_voice(self, name: str, variant: str | None = None) -> CheckedVoice:
        """What the doctor says of its clips."""
        query = [("variant", variant)] if variant else []
        target = target_of(_voice(name, "/check"), query)
        return await self._call(CheckedVoice, Request("POST", target, idle_s=EXAMINING_IDLE_S))

    async def export_voice(self, name: str) -> AsyncGenerator[bytes]:
        """The voice as a `.ttsvoice`, in pieces."""
        async with self._answer(Request("GET", _voice(name, "/archive"))) as answer:
            async for chunk in answer.body():
                yield chunk

    async def import_voice(self, archive: bytes, name: str | None = None, *, replace: bool = False) -> CheckedVoice:
        """The voice in a `.ttsvoice`, under its own name or another."""
        query = ([("name", name)] if name else []) + ([("replace", "true")] if replace else [])
        target = target_of("/v1/voices", query)
        request = Request("POST", target, archive, idle_s=EXAMINING_IDLE_S, content_type=ARCHIVE_TYPE)
        return await self._call(CheckedVoice, request)


def _voice(name: str, rest: str = "") -> str:
    return f"/v1/voices/{quote(name, safe='')}{rest}"
