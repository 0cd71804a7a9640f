"""Tokens, paces and guesses, over real connections."""

import asyncio
import itertools
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest

from ttsd.api.guard import Guard
from ttsd.api.tokens import TokenShelf
from ttsd.config import Config, Http, Limits
from ttsd.protocol.errors import Busy, ConfigError
from ttsd.storage.token_file import add, revoke

NOW_S = time.time()
FAR = ("10.0.0.0/8",)
"""Networks that nobody here is in."""


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def tokens(folder: Path) -> Path:
    return folder / "tokens"


@pytest.fixture
def laptop(tokens: Path) -> str:
    return add(tokens, "laptop", NOW_S, None, admin=False)


@pytest.fixture
async def client(open_house: Callable[..., Any], laptop: str, tokens: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody from outside."""
    house = await open_house(http=Http(listen="127.0.0.1:0", trusted_networks=FAR, token_file=str(tokens)))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{house.port}") as session:
        yield session


async def test_a_job_belongs_to_the_token(client: httpx2.AsyncClient, laptop: str, tokens: Path):
    robot = add(tokens, "robot", NOW_S, None, admin=False)
    chief = add(tokens, "chief", NOW_S, None, admin=True)
    made = await client.post("/v1/jobs", json={"text": "Mine."}, headers=bearer(laptop))
    assert (made.status_code, made.json()["user"], made.json()["who"]) == (201, "token laptop", "token laptop")
    path = f"/v1/jobs/{made.json()['id']}"
    assert (await client.get(path, headers=bearer(laptop))).status_code == 200
    assert (await client.get(path, headers=bearer(robot))).status_code == 404
    assert (await client.get(path, headers=bearer(chief))).status_code == 200


async def test_a_revoked_token_is_soon_worthless(client: httpx2.AsyncClient, laptop: str, tokens: Path):
    assert (await client.get("/v1/status", headers=bearer(laptop))).status_code == 200
    add(tokens, "other", NOW_S, None, admin=False)
    revoke(tokens, "laptop")
    while (refused := await client.get("/v1/status", headers=bearer(laptop))).status_code == 200:
        await asyncio.sleep(0.05)
    assert refused.status_code == 401
    assert "revoked" in refused.json()["error"]["message"]


@pytest.fixture
async def outside(open_house: Callable[..., Any], tokens: Path, laptop: str) -> AsyncIterator[aiohttp.ClientSession]:
    """As `client`, for WebSockets."""
    house = await open_house(http=Http(listen="127.0.0.1:0", trusted_networks=FAR, token_file=str(tokens)))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{house.port}") as session:
        yield session


async def test_a_live_session_is_over_soon_after_its_token(outside: aiohttp.ClientSession, laptop: str, tokens: Path):
    robot = add(tokens, "robot", NOW_S, None, admin=False)
    async with (
        outside.ws_connect("/v1/speak", protocols=("ttsd.speak.v1",), headers=bearer(laptop)) as revoked,
        outside.ws_connect("/v1/speak", protocols=("ttsd.speak.v1",), headers=bearer(robot)) as kept,
    ):
        for socket in (revoked, kept):
            await socket.send_json({"type": "start", "language": "en"})
            assert (await socket.receive_json(timeout=10))["type"] == "started"
        revoke(tokens, "laptop")
        told = await revoked.receive_json(timeout=10)
        assert (told["type"], told["code"]) == ("error", "unauthorized")
        assert "revoked" in told["message"]
        assert (await revoked.receive(timeout=10)).type is aiohttp.WSMsgType.CLOSE
        assert revoked.close_code == 1008
        await kept.send_json({"type": "text", "text": "Hello."})
        await kept.send_json({"type": "end"})
        assert [message.type async for message in kept].count(aiohttp.WSMsgType.BINARY) > 0
        assert kept.close_code == 1000


async def test_so_is_a_listener_to_events(outside: aiohttp.ClientSession, laptop: str, tokens: Path):
    add(tokens, "robot", NOW_S, None, admin=False)
    async with outside.ws_connect("/v1/events", protocols=("ttsd.events.v1",), headers=bearer(laptop)) as socket:
        assert (await socket.receive_json(timeout=10))["type"] == "snapshot"
        revoke(tokens, "laptop")
        while (message := await socket.receive(timeout=10)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert (socket.close_code, "revoked" in message.extra) == (1008, True)


async def test_an_expired_token_says_so(client: httpx2.AsyncClient, tokens: Path, laptop: str):
    old = add(tokens, "old-one", NOW_S - 10 * 86_400, 3, admin=False)
    refused = await client.get("/v1/status", headers=bearer(old))
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
    assert "expired" in refused.json()["error"]["message"]


async def test_a_token_file_that_goes_away_lets_nobody_in(client: httpx2.AsyncClient, laptop: str, tokens: Path):
    assert (await client.get("/v1/status", headers=bearer(laptop))).status_code == 200
    tokens.unlink()
    while (await client.get("/v1/status", headers=bearer(laptop))).status_code == 200:
        await asyncio.sleep(0.05)


def test_a_change_is_seen_that_keeps_size_and_time(tokens: Path, laptop: str):
    seconds = itertools.count(NOW_S, 2.0)
    shelf = TokenShelf(tokens, lambda: next(seconds))
    before, text = tokens.stat(), tokens.read_text()
    assert shelf.find(laptop) is not None
    while tokens.stat().st_ctime_ns == before.st_ctime_ns:
        tokens.write_text(text.replace("laptop", "tablet"))
        os.utime(tokens, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [token.name for token in shelf.all] == ["tablet"]


async def test_guesses_are_slowed_down_and_lock_nobody_out(client: httpx2.AsyncClient, laptop: str):
    assert (await client.get("/v1/status", headers=bearer(laptop))).status_code == 200
    answers = [await client.get("/v1/status", headers=bearer(f"guess-{number}")) for number in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].json()["error"]["code"] == "rate_limited"
    assert (await client.get("/v1/status", headers=bearer(laptop))).status_code == 200
    assert (await client.get("/v1/status")).status_code == 401


async def test_only_whether_it_lives_is_told_without_a_token(client: httpx2.AsyncClient):
    assert (await client.get("/healthz")).status_code == 200
    for path in ("/readyz", "/metrics", "/v1/status", "/v1/logs", "/v1/tokens", "/healthz/"):
        assert (await client.get(path)).status_code == 401


async def test_whether_it_lives_is_told_whatever_is_sent_with_it(client: httpx2.AsyncClient, tokens: Path, laptop: str):
    old = add(tokens, "old-one", NOW_S - 10 * 86_400, 3, admin=False)
    assert (await client.get("/healthz", headers=bearer(old))).status_code == 200
    for number in range(12):  # more than are looked at
        await client.get("/v1/status", headers=bearer(f"guess-{number}"))
    for token in (laptop, old, "guess"):
        assert (await client.get("/healthz", headers=bearer(token))).status_code == 200


def test_rules_that_cannot_be_read_change_nothing(folder: Path):
    guard = Guard(Config(http=Http(trusted_networks=FAR)), folder / "uses.json")
    reached = {"type": "http", "path": "/v1/status", "client": ("10.0.0.1", 1), "headers": [(b"host", b"localhost")]}
    bad = Config(http=Http(trusted_networks=("nonsense",)), limits=Limits(requests_per_s=0.01, requests_burst=1))
    with pytest.raises(ConfigError):
        guard.reload(bad)
    for _ in range(3):
        assert guard.admit(reached).user == "10.0.0.1"


async def test_admins_are_told_when_tokens_were_used(
    client: httpx2.AsyncClient, laptop: str, folder: Path, until: Callable[..., Awaitable[None]]
):
    await client.get("/v1/status", headers=bearer(laptop))
    assert (await client.get("/v1/tokens", headers=bearer(laptop))).status_code == 403
    uses = folder / "state" / "tokens-used.json"
    await until(uses.exists)
    assert json.loads(uses.read_text())["laptop"] >= NOW_S
    async with httpx2.AsyncClient(transport=httpx2.AsyncHTTPTransport(uds=str(folder / "ttsd.sock"))) as unix:
        (used,) = (await unix.get("http://localhost/v1/tokens")).json()["tokens"]
        assert (used["name"], used["used_s"] >= NOW_S) == ("laptop", True)
        assert (await unix.get("http://localhost/v1/tokens", headers=bearer(laptop))).status_code == 403


async def test_a_disk_that_does_not_answer_holds_nobody_up(client: httpx2.AsyncClient, laptop: str, folder: Path):
    """A pipe stands for it: who opens it to write waits until somebody reads."""
    disk = folder / "state" / ".tokens-used.json.part"
    disk.parent.mkdir(exist_ok=True)
    os.mkfifo(disk)
    for _ in range(2):
        assert (await client.get("/v1/status", headers=bearer(laptop))).status_code == 200
    assert json.loads(await asyncio.to_thread(disk.read_bytes))["laptop"] >= NOW_S


async def test_no_token_is_in_the_log(client: httpx2.AsyncClient, laptop: str, caplog: pytest.LogCaptureFixture):
    with caplog.at_level("DEBUG"):
        await client.post("/v1/jobs", json={"text": "Mine."}, headers=bearer(laptop))
        await client.get("/v1/status", headers=bearer("hunter2hunter2"))
    said = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "request.done" in said
    assert laptop not in said
    assert "hunter2" not in said


@pytest.fixture
def paced(open_house: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    async def open_it(**limits: Any) -> Any:
        return await open_house(config=Config(limits=Limits(**limits)))

    return open_it


async def test_who_asks_too_often_is_told_when_to_go_on(paced: Callable[..., Awaitable[Any]]):
    house = await paced(requests_per_s=0.01, requests_burst=3)
    async with house.client() as http:
        answers = [(await http.get("/v1/status")) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 100
        assert "[limits] requests_per_s" in (await answers[-1].json())["error"]["message"]
        assert (await http.get("/healthz")).status == 200


async def test_a_day_has_so_many_characters(paced: Callable[..., Awaitable[Any]]):
    house = await paced(max_chars_per_day=10)
    async with house.client() as http:
        assert (await http.post("/v1/jobs", json={"text": "12345678"})).status == 201
        assert (await http.post("/api/tts", json={"text": "ab", "language": "en"})).status == 200
        refused = await http.post("/api/tts", json={"text": "a", "language": "en"})
        assert refused.status == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 86_400
        assert "has had 10 characters spoken today" in (await refused.json())["error"]["message"]


async def test_what_is_refused_or_fails_takes_nothing_of_the_day(paced: Callable[..., Awaitable[Any]]):
    house = await paced(max_chars_per_day=20, max_queue=1)
    house.speaker.failure = Busy("every slot is taken")
    async with house.client() as http:
        assert (await http.post("/v1/jobs", json={"text": "1"})).status == 201
        for path in ("/api/tts", "/api/tts_stream"):
            unknown = {"text": "a" * 10, "voice": "nobody"}
            assert (await http.post(path, json=unknown)).status == 422
            assert (await http.post(path, json={"text": "?" + "a" * 9, "language": "en"})).status == 429
        assert (await (await http.post("/v1/jobs", json={"text": "a" * 10})).json())["error"]["code"] == "busy"
        async with http.ws_connect("/v1/speak", protocols=("ttsd.speak.v1",)) as socket:
            await socket.send_json({"type": "start", "language": "en"})
            for _ in range(3):
                await socket.send_json({"type": "text", "text": "?aaaaaaa. "})
            await socket.send_json({"type": "end"})
            told = [message.json() async for message in socket if message.type is aiohttp.WSMsgType.TEXT]
        assert {one["code"] for one in told if one["type"] == "error"} == {"busy"}
        assert (await http.post("/api/tts", json={"text": "a" * 19, "language": "en"})).status == 200
        assert (await http.post("/api/tts", json={"text": "a", "language": "en"})).status == 429
