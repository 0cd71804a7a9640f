"""How many may be connected: one too many is told so, and who says nothing does not stay."""

import asyncio
import json

import pytest

from ttsd.api import server
from ttsd.api.crowd import room

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    ("most", "descriptors", "admitted"),
    [(4096, 65536, 4096), (4096, 1024, 768), (4096, 300, 150), (10, 1024, 10), (4096, 1, 1)],
)
def test_the_daemon_keeps_descriptors_for_itself(most: int, descriptors: int, admitted: int):
    assert room(most, descriptors) == admitted


async def test_one_too_many_is_told_when_to_come_back_and_comes_back(open_house):
    house = await open_house(max_connections=3)
    inside = [await house.raw(HEALTH) for _ in range(3)]
    for reader, _ in inside:
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
    for said in (HEALTH, b"", b"POST /api/tts HTTP/1.1\r\ncontent-length: 100000\r\n\r\n" + bytes(100_000)):
        reader, writer = await house.raw(said)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in head
        assert json.loads(body)["error"]["code"] == "busy"
        assert "3 connections" in json.loads(body)["error"]["message"]
        writer.close()
    inside[0][1].close()
    await inside[0][1].wait_closed()
    reader, writer = await house.raw(HEALTH)
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
    for _, each in (*inside[1:], (reader, writer)):
        each.close()


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost:", HEALTH + b"GET"])
async def test_who_sends_no_whole_request_does_not_stay(house, monkeypatch: pytest.MonkeyPatch, said: bytes):
    monkeypatch.setattr(server, "HEAD_S", 0.05)
    reader, writer = await house.raw(said)
    answer = await asyncio.wait_for(reader.read(), 10)
    assert b"HTTP/1.1 400 " in answer
    assert b"no whole request" in answer
    writer.close()
