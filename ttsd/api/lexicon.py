"""Lexicons over HTTP: what stands in them, changes, and how a text would be read."""

import asyncio
from typing import Final

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ttsd.api.answers import as_json
from ttsd.api.body import decode_json, read_body
from ttsd.api.jobs import by_method
from ttsd.api.peer import user
from ttsd.api.say import check_manages
from ttsd.api.services import Services
from ttsd.api.speech import check_length
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.lexicon import (
    Entry,
    LexiconChange,
    LexiconPage,
    LexiconTrial,
    Placed,
    Scope,
    Tried,
)
from ttsd.protocol.voices import ProfileName
from ttsd.storage.lexicons import lexicon_name, user_number

SCOPES: Final[tuple[Scope, ...]] = ("user", "voice", "all")

_change: Final = msgspec.json.Decoder(LexiconChange)
_trial: Final = msgspec.json.Decoder(LexiconTrial)


class _Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`?scope=` one of `SCOPES`, empty: all of them; `&voice=`, and for removing `&written=` and `&language=`."""

    scope: str = ""
    voice: str = ""
    written: str = ""
    language: str | None = None


class LexiconDoor:
    """Translates between HTTP and the lexicons."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [
            by_method("/v1/lexicon", GET=self.show, POST=self.change, DELETE=self.remove),
            by_method("/v1/lexicon/test", POST=self.test),
        ]

    async def show(self, request: Request) -> Response:
        """The entries of one lexicon, or of all that a text of the asker (in `voice`) is read with."""
        query = _query(request.query_params)
        scopes: list[Scope] = [_scope(query.scope)] if query.scope else _all_scopes(request, query.voice)
        found = [placed for scope in scopes for placed in self._entries(request, scope, query.voice)]
        return as_json(LexiconPage(tuple(found)))

    def _entries(self, request: Request, scope: Scope, voice: str) -> list[Placed]:
        name = lexicon_name(scope, user(request), voice)
        return _placed(self._services.lexicons.get(name), scope, voice)

    async def change(self, request: Request) -> Response:
        """Add entries to one lexicon, or put others in the place of all of them."""
        services = self._services
        services.check_open()
        change = decode_json(await read_body(request, services.config.limits.max_body_bytes), _change)
        self._check_scope(request, change.scope)
        voice = change.voice or ""
        name = lexicon_name(change.scope, user(request), _voice(voice))
        added = await asyncio.to_thread(services.lexicons.add, name, change.entries, replace=change.replace)
        return as_json(LexiconPage(tuple(_placed(added, change.scope, voice))))

    async def remove(self, request: Request) -> Response:
        """The entries for a word; the answer has those that are gone."""
        self._services.check_open()
        query = _query(request.query_params)
        if not query.written:
            raise BadRequest("which entry? name its word as `written`", param="written")
        scope = _scope(query.scope or "user")
        self._check_scope(request, scope)
        name = lexicon_name(scope, user(request), query.voice)
        gone = await asyncio.to_thread(self._services.lexicons.remove, name, query.written, query.language)
        return as_json(LexiconPage(tuple(_placed(gone, scope, query.voice))))

    def _check_scope(self, request: Request, scope: Scope) -> None:
        """Their own lexicon is everybody's to change. Raises Forbidden."""
        if scope != "user":
            check_manages(request, self._services.config, "change a lexicon that others read with")

    async def test(self, request: Request) -> Response:
        """How a text would be read, without a sound."""
        services = self._services
        services.check_open()
        trial = decode_json(await read_body(request, services.config.limits.max_body_bytes), _trial)
        check_length(trial.text, services.config.limits.max_text_chars)
        language = services.speaker.language(trial.language or None)
        voice = await services.speaker.voice_name(trial.voice)
        prepared = await services.prep.text(trial.text, language, services.lexicons.use(user(request), voice))
        return as_json(Tried(voice, prepared.segments))


def _query(given: QueryParams) -> _Query:
    try:
        query = msgspec.convert(dict(given), _Query)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    _voice(query.voice)
    return query


def _voice(name: str) -> str:
    """Raises BadRequest for what no voice can be called."""
    if name:
        try:
            msgspec.convert(name.partition("@")[0], ProfileName)
        except msgspec.ValidationError:
            raise BadRequest(f"no voice can be called {name[:80]!r}", param="voice") from None
    return name


def _scope(name: str) -> Scope:
    for scope in SCOPES:
        if scope == name:
            return scope
    raise BadRequest(f"scope = {name[:40]!r}: there are {', '.join(SCOPES)}", param="scope")


def _all_scopes(request: Request, voice: str) -> list[Scope]:
    own: list[Scope] = ["user"] if user_number(user(request)) else []
    voices: list[Scope] = ["voice"] if voice else []
    return [*own, *voices, "all"]


def _placed(entries: tuple[Entry, ...], scope: Scope, voice: str) -> list[Placed]:
    in_order = sorted(entries, key=lambda entry: (entry.written.lower(), entry.language))
    return [Placed(entry, scope, voice if scope == "voice" else "") for entry in in_order]
