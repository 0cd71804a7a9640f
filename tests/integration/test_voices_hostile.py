"""What others send to harm: refused with a clear error, in bounded time and memory, and without a trace."""

import contextlib
import http.client
import io
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import DaemonProcess
from tests.spoken_clips import clip, long_flac
from tests.waiting import wait_for

BOUNDARY = "xyzzy"
MOST_GROWTH_BYTES = 20 * 2**20
"""Of the daemon, over everything here: 2 MB usually, while some 400 MB are sent."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    root = tmp_path_factory.mktemp("hostile")
    (root / "clips").mkdir()
    daemon = DaemonProcess(root, fake={"can_clone": True}, http={"ref_dirs": [str(root / "clips")]}).start()
    assert send(daemon, clip()).status_code == 201  # what is imported for a first clip stays in memory
    daemon.delete("/v1/voices/anna")
    assert daemon.process is not None
    process = psutil.Process(daemon.process.pid)
    before = process.memory_info().rss
    yield daemon
    assert process.memory_info().rss - before < MOST_GROWTH_BYTES
    assert daemon.stop() == 0


@pytest.fixture
def daemon(shared: DaemonProcess) -> Iterator[DaemonProcess]:
    """Nothing is left of what was refused."""
    yield shared
    shared.delete("/v1/voices/anna")
    store = shared.root / "state" / "voices"
    wait_for(lambda: not list(store.iterdir()), 10, "an empty store")
    assert shared.get("/readyz").status_code == 200
    assert "Traceback" not in shared.stderr


def send(daemon: DaemonProcess, audio: bytes, *, filename: str = "x.wav", **fields: str) -> Any:
    data = {"name": "anna", "transcript": "Hello.", **fields}
    return daemon.post("/v1/voices", data=data, files={"audio": (filename, audio)})


def refused(answer: Any, *statuses: int) -> str:
    assert answer.status_code in statuses, answer.text
    error = answer.json()["error"]
    assert error["message"]
    return error["message"]


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    "audio",
    [
        b"",
        b"%PDF-1.7 and so on",
        b"\x89PNG\r\n\x1a\n" + bytes(1000),
        zipped(audio=bytes(30 * 2**20)),
        b"<svg onload='alert(1)'/>",
        b"#!/bin/sh\nexit 1\n",
        clip()[:20],
        clip("FLAC")[:100],
        clip("MP3")[:50],
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        bytes(5_000_000),
    ],
    ids=["empty", "pdf", "png", "zip", "svg", "sh", "wav", "flac", "mp3", "riff", "zeros"],
)
def test_what_is_no_clip(daemon: DaemonProcess, audio: bytes):
    refused(send(daemon, audio), 400, 413, 422)


def test_four_hours_in_a_few_bytes(daemon: DaemonProcess):
    audio = long_flac(4)
    assert len(audio) < 4 * 2**20
    assert "longer than 600 s" in refused(send(daemon, audio, filename="x.flac"), 413)


def test_the_same_by_ref_audio(daemon: DaemonProcess):
    hostile = {"zip": zipped(audio=bytes(30 * 2**20)), "long": long_flac(4), "cut": clip("FLAC")[:100], "none": b""}
    named, kept = daemon.root / "clips" / "x.wav", daemon.root / "cache" / "references"
    asked = {"text": "Hello.", "ref_audio": str(named)}
    for audio in hostile.values():
        named.write_bytes(audio)
        answer = daemon.post("/api/tts", json=asked)
        refused(answer, 400, 413)
        assert answer.json()["error"]["param"] == "ref_audio"
    assert not list(kept.iterdir())
    named.write_bytes(clip())
    first, second = (daemon.post("/api/tts", json=asked) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.content == second.content
    assert len(list(kept.iterdir())) == 1
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "../up", "a/b", "a\\b", "a\0b", "a\n", "x" * 65, "ä", "a b", "a@b", "\u202ea", "/etc"],
)
def test_names_that_lead_elsewhere(daemon: DaemonProcess, name: str):
    refused(send(daemon, clip(), name=name), 400)


@pytest.mark.parametrize("path", ["..", "%2e%2e", "..%2f..%2fetc", ".hidden", "a%00b", "a%0a", "x" * 300])
def test_paths_that_lead_elsewhere(daemon: DaemonProcess, path: str):
    for target in (path, f"{path}/archive", f"{path}/clip", f"{path}/check"):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(daemon.socket))
        connection.request("POST" if target.endswith("check") else "GET", f"/v1/voices/{target}")
        assert connection.getresponse().status in (400, 404, 405), target
        connection.close()


def raw_form(disposition: str, audio: bytes) -> bytes:
    fields = "".join(
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in {"name": "anna", "transcript": "Hello."}.items()
    )
    head = f"--{BOUNDARY}\r\ncontent-disposition: form-data; {disposition}\r\n\r\n"
    return fields.encode() + head.encode("utf-8", "surrogateescape") + audio + f"\r\n--{BOUNDARY}--\r\n".encode()


def post_raw(daemon: DaemonProcess, body: Any, kind: str = f"multipart/form-data; boundary={BOUNDARY}") -> Any:
    return daemon.post("/v1/voices", content=body, headers={"content-type": kind})


@pytest.mark.parametrize(
    "filename",
    ["../../../etc/passwd", "/etc/passwd", "..", "a\0b.wav",
     "\u202egpj.wav", "C:\\a\\b.wav", "x" * 900 + ".wav", "a.wav/", "\udcff.wav"],
)  # fmt: skip
def test_file_names_that_lead_elsewhere_name_nothing(daemon: DaemonProcess, filename: str):
    answer = post_raw(daemon, raw_form(f'name="audio"; filename="{filename}"', clip()))
    assert answer.status_code == 201, answer.text
    folder = daemon.root / "state" / "voices" / "anna"
    names = {path.name for path in folder.iterdir()}
    assert len(names) == 3
    assert names <= {"voice.toml", "neutral.flac", "neutral.original.wav", "neutral.original.audio"}
    source = answer.json()["voice"]["variants"][0]["provenance"].get("source", "")
    assert source.isprintable()
    assert "/" not in source
    assert len(source) <= 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"no form", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"--x", "multipart/form-data; boundary=" + "x" * 5000),
        (raw_form('name="audio"; filename="a.wav"', clip())[:-30], f"multipart/form-data; boundary={BOUNDARY}"),
        (raw_form('name="other"', b"x"), f"multipart/form-data; boundary={BOUNDARY}"),
        (raw_form('name="description"', b"\xff\xfe"), f"multipart/form-data; boundary={BOUNDARY}"),
        (raw_form('name="transcript"', b"x" * 70_000), f"multipart/form-data; boundary={BOUNDARY}"),
        (raw_form(f'name="audio"; filename="{"x" * 5000}"', clip()), f"multipart/form-data; boundary={BOUNDARY}"),
        (raw_form('name="audio"' + "; x=y" * 5000, clip()), f"multipart/form-data; boundary={BOUNDARY}"),
        (b"".join(b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n\r\n' for _ in range(100)),
         "multipart/form-data; boundary=x"),
        (zipped(a=b"b"), "application/zip"),
        (b"PK", "application/vnd.ttsd.voice+zip"),
    ],
)  # fmt: skip
def test_forms_that_are_none(daemon: DaemonProcess, body: bytes, kind: str):
    refused(post_raw(daemon, body, kind), 400, 413)


def test_two_files_are_one_too_many(daemon: DaemonProcess):
    one = raw_form('name="audio"; filename="a.wav"', clip())
    two = one.replace(f"--{BOUNDARY}--\r\n".encode(), b"") + raw_form('name="clip"; filename="b.wav"', clip())
    assert "one file" in refused(post_raw(daemon, two), 400)


def pieces(megabytes: int) -> Iterator[bytes]:
    yield raw_form('name="audio"; filename="a.wav"', b"").removesuffix(f"\r\n--{BOUNDARY}--\r\n".encode())
    for _ in range(megabytes):
        yield bytes(2**20)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_200_mb(daemon: DaemonProcess, announced: bool):
    """Refused by what it says of its length, or once it is too long; either way by its name in the configuration."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(60)
    connection.sock.connect(str(daemon.socket))
    connection.putrequest("POST", "/v1/voices")
    connection.putheader("content-type", f"multipart/form-data; boundary={BOUNDARY}")
    connection.putheader(*(("content-length", str(200 * 2**20)) if announced else ("transfer-encoding", "chunked")))
    connection.endheaders()
    with contextlib.suppress(OSError):  # it may have answered and hung up
        for piece in pieces(200):
            connection.send(piece if announced else b"%x\r\n%s\r\n" % (len(piece), piece))
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"[limits] max_clip_bytes" in answer.read()
    connection.close()


def upload_under_way(daemon: DaemonProcess) -> socket.socket:
    """A connection that has sent two of the three megabytes it announced."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(daemon.socket))
    body = raw_form('name="audio"; filename="a.wav"', bytes(3 * 2**20))
    head = f"POST /v1/voices HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
    client.sendall(f"{head}content-type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n".encode() + body[: 2 * 2**20])
    store = daemon.root / "state" / "voices"
    wait_for(lambda: list(store.glob(".upload-*")), 10, "an upload under way")
    return client


def test_who_leaves_in_the_middle_leaves_nothing(daemon: DaemonProcess):
    upload_under_way(daemon).close()


def test_what_a_killed_daemon_had_under_way_is_gone_after_a_start(make_daemon: Any, tmp_path: Path):
    daemon = make_daemon().start()
    client = upload_under_way(daemon)
    daemon.kill()
    client.close()
    daemon.start()
    assert not list((daemon.root / "state" / "voices").iterdir())
