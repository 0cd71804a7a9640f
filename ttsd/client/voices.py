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
LISTENING_IDLE_S: Final = 900.0
"""Of some ten variants, each of which may take its time."""


class VoicesClient(TtsdClient):
    """A `TtsdClient` that lists, adds, checks, changes, exports and imports voices too."""

    async def voices(self) -> VoiceList:
        """Profiles, and the engine's own voices."""
        return await self._call(VoiceList, Request("GET", "/v1/voices"))

    async def voice(self, name: str) -> Voice:
        return await self._call(Voice, Request("GET", _voice(name)))

    async def add_voice(self, new: NewVariant, filename: str, audio: bytes) -> CheckedVoice:
        """A clip becomes a voice, or another variant of one; the doctor's report comes with it.

        Not `new.keep`: the report alone, of a clip that stays outside.
        """
        fields = {key: value for key, value in msgspec.to_builtins(new).items() if value is not None}
        kind, body = form(fields, filename, audio)
        return await self._call(
            CheckedVoice, Request("POST", "/v1/voices", body, idle_s=EXAMINING_IDLE_S, content_type=kind)
        )

    async def patch_voice(self, name: str, changes: PatchVoice) -> Voice:
        return await self._call(Voice, Request("PATCH", _voice(name), msgspec.json.encode(changes)))

    async def remove_voice(self, name: str, variant: str | None = None) -> None:
        """The whole voice, or one variant of it."""
        query = [("variant", variant)] if variant is not None else []
        async with self._answer(Request("DELETE", target_of(_voice(name), query))):
            pass

    async def check_voice(self, name: str, variant: str | None = None, *, listen: bool = False) -> CheckedVoice:
        """What the doctor says of its clips; `listen`: what a recogniser hears in them, too."""
        query = [("variant", variant)] if variant is not None else []
        target = target_of(_voice(name, "/check"), query + ([("listen", "true")] if listen else []))
        idle_s = LISTENING_IDLE_S if listen else EXAMINING_IDLE_S
        return await self._call(CheckedVoice, Request("POST", target, idle_s=idle_s))

    async def clip(self, name: str, variant: str | None = None) -> bytes:
        """A variant's reference clip: a WAV at SAMPLE_RATE_HZ, mono, 16 bits."""
        query = [("format", "wav")] + ([("variant", variant)] if variant is not None else [])
        async with self._answer(Request("GET", target_of(_voice(name, "/clip"), query), idle_s=EXAMINING_IDLE_S)) as it:
            return await it.read()

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
