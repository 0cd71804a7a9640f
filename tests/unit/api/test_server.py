"""Sockets: whose they are, who may open them, and who is turned away."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import requests

from tests.needs import needs_root
from ttsd.config import Http
from ttsd.listening import bind_tcp, bind_unix
from ttsd.protocol.errors import ConfigError, Conflict


def test_the_socket_is_for_owner_and_group_and_goes_with_its_listener(folder: Path):
    path = folder / "new" / "deeper" / "ttsd.sock"
    listener = bind_unix(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["ttsd.sock"]
    listener.close()
    assert not path.exists()


def test_the_mode_does_not_depend_on_the_umask(folder: Path):
    before = os.umask(0o077)
    try:
        with bind_unix(folder / "ttsd.sock"):
            assert stat.S_IMODE((folder / "ttsd.sock").stat().st_mode) == 0o660
    finally:
        os.umask(before)


def test_a_socket_left_by_a_dead_daemon_is_replaced(folder: Path):
    path = folder / "ttsd.sock"
    subprocess.run(
        [sys.executable, "-c", f"import socket; socket.socket(socket.AF_UNIX).bind({str(path)!r})"], check=True
    )
    assert path.is_socket()
    with bind_unix(path) as listener:
        listener.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def test_a_living_daemon_is_left_alone(folder: Path):
    path = folder / "ttsd.sock"
    with bind_unix(path) as first:
        first.listen()
        with pytest.raises(Conflict, match=r"ttsd\.sock: another daemon answers there"):
            bind_unix(path)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def test_a_living_daemon_with_a_full_backlog_is_left_alone(folder: Path):
    path = folder / "ttsd.sock"
    with bind_unix(path) as first, socket.socket(socket.AF_UNIX) as waiting:
        first.listen(0)
        waiting.connect(str(path))
        with pytest.raises(Conflict, match="another daemon"):
            bind_unix(path)


def test_a_successor_keeps_its_socket_when_the_predecessor_closes(folder: Path):
    path = folder / "ttsd.sock"
    first = bind_unix(path)
    path.unlink()
    with bind_unix(path):
        first.close()
        assert path.is_socket()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_is_never_removed(folder: Path, kind: str):
    path = folder / "ttsd.sock"
    {"file": path.touch, "folder": path.mkdir, "link": lambda: path.symlink_to(folder / "nowhere")}[kind]()
    with pytest.raises(ConfigError, match="no socket"):
        bind_unix(path)
    assert os.path.lexists(path)


@pytest.mark.parametrize("path", ["/proc/no/ttsd.sock", "/dev/null/ttsd.sock", "/tmp/" + "x" * 120])
def test_a_place_that_cannot_be_had_is_named_with_the_key(path: str):
    with pytest.raises(ConfigError) as caught:
        bind_unix(Path(path))
    assert path in caught.value.message
    assert caught.value.param == "daemon.socket"


@needs_root
def test_a_folder_that_somebody_else_put_into_tmp_is_refused(folder: Path):
    folder.chmod(0o1777)
    theirs = folder / "ttsd-0"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    with pytest.raises(ConfigError, match="belongs to another user"):
        bind_unix(theirs / "ttsd.sock")


def test_no_tcp_unless_asked_for():
    assert bind_tcp("") == []


@pytest.mark.parametrize(
    "listen", ["7860", "localhost", "localhost:http", ":80", "localhost:99999", "no.such.host.invalid:1"]
)
def test_a_bad_address_is_a_config_error(listen: str):
    with pytest.raises(ConfigError, match=r"\[http\] listen"):
        bind_tcp(listen)


def test_a_taken_port_is_a_config_error():
    (first,) = bind_tcp("127.0.0.1:0")
    with first:
        first.listen()
        with pytest.raises(ConfigError, match="in use"):
            bind_tcp(f"127.0.0.1:{first.getsockname()[1]}")


# --- real clients ---


@pytest.fixture
async def tcp(open_house):
    return await open_house(http=Http(listen="127.0.0.1:0"))


async def test_requests_streams_over_tcp(tcp):
    def run() -> bytes:
        url = f"http://localhost:{tcp.port}/api/tts_stream"
        with requests.post(url, json={"text": "abc", "language": "en"}, stream=True, timeout=10) as answer:
            assert answer.headers["X-Sample-Rate"] == "24000"
            return b"".join(answer.iter_content(chunk_size=1024))

    assert await asyncio.to_thread(run) == tcp.speaker.sound("abc")


async def test_requests_sees_that_a_stream_broke_off(tcp):
    def run() -> None:
        url = f"http://localhost:{tcp.port}/api/tts_stream"
        with requests.post(url, json={"text": "ab?"}, stream=True, timeout=10) as answer:
            list(answer.iter_content(chunk_size=1024))

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        await asyncio.to_thread(run)


async def curl(*arguments: str) -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec("curl", "-sS", *arguments, stdout=-1, stderr=-1)
    out, _ = await process.communicate()
    return process.returncode or 0, out


async def test_curl_over_the_unix_socket(house):
    code, out = await curl("--unix-socket", str(house.path), "http://localhost/api/tts_stream", "-d", '{"text":"abc"}')
    assert (code, out) == (0, house.speaker.sound("abc"))


async def test_curl_sees_that_a_stream_broke_off(house):
    code, out = await curl("--unix-socket", str(house.path), "http://localhost/api/tts_stream", "-d", '{"text":"ab?"}')
    assert (code, out) == (18, house.speaker.sound("ab"))


async def test_curl_is_told_that_its_upload_is_too_large(open_house, folder: Path):
    house = await open_house(max_body_bytes=1000)
    (folder / "big.json").write_bytes(b'{"text":"' + b"a" * 5_000_000 + b'"}')
    for headers in (["-H", "Expect: 100-continue"], ["-H", "Expect:"], ["-H", "Transfer-Encoding: chunked"]):
        code, out = await curl(
            "--unix-socket", str(house.path), "http://localhost/api/tts", *headers,
            "--data-binary", f"@{folder}/big.json", "-w", "%{http_code}",
        )  # fmt: skip
        assert code == 0, headers
        assert b"too_large" in out
        assert out.endswith(b"413")


async def test_httpx_over_the_unix_socket(house):
    transport = httpx2.AsyncHTTPTransport(uds=str(house.path))
    async with (
        httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client,
        client.stream("POST", "/api/tts_stream", json={"text": "abc"}) as answer,
    ):
        assert b"".join([piece async for piece in answer.aiter_bytes()]) == house.speaker.sound("abc")


async def test_httpx_sees_that_a_stream_broke_off(house):
    transport = httpx2.AsyncHTTPTransport(uds=str(house.path))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post("/api/tts_stream", json={"text": "ab?"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost"}, 200),
    ],
)
async def test_over_tcp_host_and_origin_are_checked(tcp, headers, status):
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{tcp.port}") as client:
        assert (await client.get("/healthz", headers=headers)).status_code == status


async def test_over_tcp_clients_from_elsewhere_need_the_token(open_house, folder: Path):
    (folder / "token").write_text("s3cret")
    (folder / "token").chmod(0o600)
    house = await open_house(
        http=Http(listen="127.0.0.1:0", trusted_networks=("10.0.0.0/8",), token_file=str(folder / "token"))
    )
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{house.port}") as client:
        refused = await client.get("/v1/status")
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert (await client.get("/v1/status", headers={"Authorization": "Bearer s3cret"})).status_code == 200
    async with house.client() as unix, unix.get("/v1/status") as answer:
        assert answer.status == 200


async def test_a_forwarded_address_is_not_believed(open_house):
    house = await open_house(http=Http(listen="127.0.0.1:0", trusted_networks=("10.0.0.0/8",)))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{house.port}") as client:
        assert (await client.get("/readyz", headers={"X-Forwarded-For": "10.0.0.1"})).status_code == 403


async def test_stopping_cuts_off_what_hangs(house):
    """What is left after draining gets a second, then the connection breaks off without a final chunk."""
    reader, writer = await house.raw(house.request("/api/tts_stream", {"text": "a!"}))
    heard = await reader.readuntil(house.speaker.chunk("a"))
    await house.server.stop()
    heard += await reader.read()
    assert not heard.endswith(b"0\r\n\r\n")
    writer.close()
