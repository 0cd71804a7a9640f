"""A daemon of another version: told quietly where it is understood, clearly where it is not."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from ttsd.client import VERSION, TtsdClient
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.events import Snapshot
from tui.news import news
from tui.state import Link, State, reduce
from tui.versions import older


@pytest.mark.parametrize(
    ("theirs", "side"),
    [
        ("0.1.0", "daemon"),
        ("0.9", "daemon"),
        ("0.10.0", "daemon"),
        ("0.10.2.dev1", "app"),
        ("1", "app"),
        ("0.10.1", "unknown"),
        ("0.10.1+local", "unknown"),
        ("", "unknown"),
        ("newest", "unknown"),
    ],
)
def test_which_one_is_older(theirs, side):
    assert older(theirs, "0.10.1") == side


def test_it_is_told_once_of_each_version(make_status):
    state, told = State(), []
    for version in (VERSION, "9.0", "9.0", "0.0.1", VERSION):
        snapshot = Snapshot(seq=1, status=make_status(version=version), jobs=())
        before, state = state, reduce(state, snapshot)
        told.append([notice.text for notice in news(before, state, snapshot)])

    assert told[0] == told[2] == told[4] == []
    assert f"The daemon is version 9.0, this app {VERSION}." in told[1][0]
    assert "This app is the older one" in told[1][0]
    assert "The daemon is the older one" in told[3][0]


async def test_a_daemon_that_is_understood_gets_a_quiet_notice(replay, running, until, screen_text, make_status):
    replay.now = make_status(version="0.2.7")
    async with running(replay) as (app, _, _):
        await until(lambda: "The daemon is version 0.2.7" in screen_text(app))
        assert app.current_mode == "speak"


@asynccontextmanager
async def answering(socket, status: str, body: object):
    """Something on `socket` that gives every request this answer."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        data = json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(data)}\r\nconnection: close\r\n\r\n".encode() + data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_unix_server(answer, socket):
        yield


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"version": "9.1"}, ("The daemon is version 9.1", "This app is the older one")),
        ({"version": "0.0.3", "queue": 7}, ("The daemon is version 0.0.3", "The daemon is the older one")),
        ({"hello": "world"}, ("Update the older of the two",)),
    ],
)
async def test_a_daemon_that_is_not_understood_is_named_with_the_way_out(
    tmp_path, running, until, screen_text, body, words
):
    async with answering(tmp_path / "s", "200 OK", body), running(TtsdClient(tmp_path / "s")) as (app, _, _):
        await until(lambda: app.state.link is Link.STRANGE and app.current_mode == "away")

        def shown() -> str:
            return " ".join(screen_text(app).replace("│", " ").split())

        await until(lambda: all(part in shown() for part in ("The daemon speaks another protocol", *words)))


async def test_once_it_is_replaced_the_app_goes_on(replay, running, until, make_status, screen_text):
    replay.now = make_status(version="9.0")
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        replay.break_off(TtsdError("the daemon is of another version than this client"))
        await until(lambda: app.current_mode == "away" and "version 9.0" in screen_text(app))

        replay.now = make_status()
        await pilot.press("enter")

        await until(lambda: app.current_mode == "speak" and app.state.link is Link.UP)
        assert app.state.stranger == ""
