"""The daemon behind a real nginx, with the very configuration of docs/reverse-proxy.md."""

import asyncio
import grp
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from tests.conftest import DaemonProcess
from tests.needs import NGINX, needs_nginx, needs_root
from tests.people import parsed
from ttsd.storage.token_file import add

pytestmark = [needs_root, needs_nginx]

HOST = "speech.example.org"
DOCUMENT = Path(__file__).parents[2] / "docs" / "reverse-proxy.md"
LONG = "One sentence that is spoken through the proxy. " * 40


def block(kind: str) -> str:
    """The first code block of that kind."""
    found = re.search(rf"```{kind}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found
    return found[1]


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """With this test's places in the stead of the machine's, each of which must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


class Proxied:
    """The daemon as the world sees it."""

    def __init__(self, daemon: DaemonProcess, folder: Path, port: int, token: str) -> None:
        self.daemon = daemon
        self.port = port
        self.token = token
        self.certificate = folder / "cert.pem"
        self._headers = folder / "token.txt"
        self._headers.write_text(f"Authorization: Bearer {token}\n")

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    def curl(self, path: str, *options: str, token: bool = True) -> Any:
        shown = ("--header", f"@{self._headers}") if token else ()
        words = ["curl", "--silent", "--show-error", "--include", "--max-time", "20", "--cacert", str(self.certificate)]
        words += ["--resolve", f"{HOST}:{self.port}:127.0.0.1", *shown, *options, f"{self.url}{path}"]
        return parsed(subprocess.run(words, capture_output=True, check=True).stdout)

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls(), server_hostname=HOST)

    def head(self, method: str, path: str, body: bytes) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"Authorization: Bearer {self.token}"]
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="ttsd-proxy-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def proxied(folder: Path) -> Iterator[Proxied]:
    settings = tomllib.loads(block("toml"))["http"]
    token = add(folder / "tokens", "laptop", time.time(), None, admin=False)
    http = {**settings, "token_file": str(folder / "tokens")}
    daemon = DaemonProcess(folder, http=http, fake={"rtf": 0.25, "script": str(folder / "none.toml")}).start()
    os.chown(daemon.socket, -1, grp.getgrnam("www-data").gr_gid)
    port = free_port()
    nginx = started(folder, daemon.socket, port)
    try:
        proxied = Proxied(daemon, folder, port, token)
        yield proxied
    finally:
        nginx.terminate()
        nginx.wait(20)
        daemon.stop()


@pytest.fixture(autouse=True)
async def closed(proxied: Proxied, until: Callable[..., Any]) -> AsyncIterator[None]:
    """No connection of ours is open when the loop ends: TLS says good-bye for a moment longer than its client."""
    yield
    await until(lambda: not ours(proxied.port), 10)


def ours(port: int) -> list[Any]:
    connections = psutil.Process().net_connections("tcp")
    return [each for each in connections if each.raddr and each.raddr.port == port and each.status != "TIME_WAIT"]


def started(folder: Path, daemon: Path, port: int) -> "subprocess.Popen[bytes]":
    certificate, key = folder / "cert.pem", folder / "key.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    words += ["-addext", f"subjectAltName=DNS:{HOST}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(words, capture_output=True, check=True)
    site = replaced(
        block("nginx"),
        ("/run/ttsd/ttsd.sock", str(daemon)),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/certs/speech.example.org.pem", str(certificate)),
        ("/etc/ssl/private/speech.example.org.key", str(key)),
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; user www-data; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off; client_body_temp_path {folder}/bodies;\n{site}\n}}\n"
    )
    with (folder / "nginx.log").open("wb") as log:
        words = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")]
        process = subprocess.Popen(words, stderr=log, stdout=log)
    while not answers(port):
        assert process.poll() is None, (folder / "nginx.log").read_text()
    return process


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_token_is_needed_but_for_whether_it_lives(proxied: Proxied):
    assert proxied.curl("/healthz", token=False).json == {"status": "ok"}
    refused = proxied.curl("/v1/status", token=False)
    assert (refused.status, refused.json["error"]["code"]) == (401, "unauthorized")
    assert proxied.curl("/v1/status").status == 200


def test_who_asks_is_the_token_and_not_nginx(proxied: Proxied):
    made = proxied.curl("/v1/jobs", "--data-binary", '{"text": "Hello."}')
    assert (made.status, made.json["user"]) == (201, "token laptop")


@pytest.mark.parametrize("header", ["X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1"])
def test_what_a_client_claims_of_its_address_counts_for_nothing(proxied: Proxied, header: str):
    assert proxied.curl("/v1/status", "--header", header, token=False).status == 401


def test_a_web_page_elsewhere_does_not_get_through(proxied: Proxied):
    assert proxied.curl("/v1/status", "--header", "Origin: https://evil.example").status == 403
    assert proxied.curl("/v1/status", "--header", f"Origin: https://{HOST}").status == 200
    assert proxied.curl("/v1/status", "--header", "Host: evil.example").status == 403


async def test_speech_is_heard_while_it_is_made_and_ends_with_its_listener(proxied: Proxied, until: Callable[..., Any]):
    reader, writer = await proxied.connect()
    writer.write(proxied.head("POST", "/api/tts_stream", b'{"text": "%s", "language": "en"}' % LONG.encode()))
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert any(await reader.readexactly(4096))
    assert proxied.daemon.status()["worker"]["busy_slots"] > 0
    writer.transport.abort()
    await until(lambda: proxied.daemon.status()["worker"]["busy_slots"] == 0, 20)


async def test_a_live_session_goes_through(proxied: Proxied):
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {proxied.token}"}) as session:
        url = f"https://127.0.0.1:{proxied.port}/v1/speak"
        opened = session.ws_connect(
            url, protocols=("ttsd.speak.v1",), ssl=proxied.tls(), server_hostname=HOST, headers={"Host": HOST}
        )
        async with opened as live:
            for message in (
                {"type": "start", "language": "en"},
                {"type": "text", "text": "Hello there."},
                {"type": "end"},
            ):
                await live.send_json(message)
            sound, told = b"", list[str]()
            async for message in live:
                if message.type is aiohttp.WSMsgType.BINARY:
                    sound += message.data
                else:
                    told.append(message.json()["type"])
            assert any(sound)
            assert (told[0], told[-1]) == ("started", "ended")


async def test_a_live_session_needs_the_token_too(proxied: Proxied):
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(
                f"https://127.0.0.1:{proxied.port}/v1/speak",
                ssl=proxied.tls(),
                server_hostname=HOST,
                headers={"Host": HOST},
            )
        assert refused.value.status == 401


def test_a_proxy_that_is_not_named_is_refused(proxied: Proxied):
    """As if `trusted_proxies` were forgotten: somebody else on the socket passes requests on."""
    refused = proxied.daemon.get("/v1/status", headers={"X-Forwarded-For": "203.0.113.7"})
    assert refused.status_code == 403
    assert "[http] trusted_proxies" in refused.json()["error"]["message"]
