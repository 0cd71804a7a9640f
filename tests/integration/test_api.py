"""The HTTP doors of a real daemon, with the programs that people already use."""

import asyncio
import io
import os
import shutil
import signal
import socket
import subprocess
import time
import wave

import aiohttp
import psutil
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from ttsd.text.verbal import verbalize

CHARACTER_BYTES = 2880
"""The fake engine's sound of one character: 60 ms."""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def cloning(make_daemon, tmp_path, port):
    """A daemon set up for scripts that were written for an engine that clones."""
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "server.wav").write_bytes(b"RIFF")
    return make_daemon(
        http={"listen": f"127.0.0.1:{port}", "ref_dirs": [str(tmp_path / "clips")]}, speech={"uncloned": "nearest"}
    ).start()


def pcm(wav: bytes) -> bytes:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        return file.readframes(file.getnframes())


# --- scripts in use ---


def test_the_streaming_script(cloning, port, tmp_path):
    url = f"http://127.0.0.1:{port}"
    body = {
        "ref_audio": str(tmp_path / "clips" / "server.wav"),
        "ref_text": "what is said there",
        "text": "Hello from the other side.",
        "language": "en",
    }
    response = requests.post(url + "/api/tts_stream", json=body, stream=True, timeout=30)
    with (tmp_path / "out.pcm").open("wb") as file:
        for chunk in response.iter_content(chunk_size=1024):
            file.write(chunk)
    assert response.headers["X-Sample-Rate"] == "24000"
    assert response.headers["X-Ttsd-Cloned"] == "false"
    assert (tmp_path / "out.pcm").stat().st_size == len(body["text"]) * CHARACTER_BYTES


def test_the_shell_loop(cloning, port, tmp_path):
    (tmp_path / "batch.csv").write_text("Hello there,en\nGuten Tag,de\nこれはテストです。,ja\n")
    script = f"""
        REF="\\"ref_audio\\": \\"{tmp_path}/clips/server.wav\\", \\"ref_text\\": \\"x\\""
        while IFS=',' read -r text lang; do
          curl -X POST http://localhost:{port}/api/tts -H "Content-Type: application/json" \\
            -d "{{$REF, \\"text\\": \\"$text\\", \\"language\\": \\"$lang\\"}}" \\
            -o "{tmp_path}/$(date +%s%3N)_${{lang}}.wav"
        done < {tmp_path}/batch.csv
    """
    subprocess.run(["bash", "-ec", script], check=True, capture_output=True)
    made = {path.stem.split("_")[1]: path.read_bytes() for path in tmp_path.glob("*.wav")}
    assert set(made) == {"en", "de", "ja"}
    assert all(pcm(data) for data in made.values())


async def test_the_gathering_script(cloning, port, tmp_path):
    texts = [f"Line number {number} of the batch." for number in range(60)]

    async def one(session, text):
        body = {"ref_audio": f"{tmp_path}/clips/server.wav", "ref_text": "x", "text": text, "language": "English"}
        async with session.post(f"http://127.0.0.1:{port}/api/tts", json=body) as response:
            assert response.status == 200
            return await response.read()

    async with aiohttp.ClientSession() as session:
        made = await asyncio.gather(*(one(session, text) for text in texts))
    assert [len(pcm(data)) for data in made] == [len(verbalize(text, "en")) * CHARACTER_BYTES for text in texts]
    assert len(set(made)) == len(made)


def test_curl_into_a_pipe(daemon):
    line = f'curl -sN --unix-socket {daemon.socket} http://x/api/tts_stream -d \'{{"text":"Hello."}}\' | wc -c'
    out = subprocess.run(["bash", "-ec", line], check=True, capture_output=True, text=True).stdout
    assert int(out) == 6 * CHARACTER_BYTES


# --- what the sound is ---


def test_stream_and_whole_are_the_same_sound_every_time(daemon):
    body = {"text": "One sentence. And another one, a little longer! A third?", "language": "en", "seed": 7}
    whole = pcm(daemon.post("/api/tts", json=body).content)
    assert daemon.post("/api/tts_stream", json=body).content == whole
    assert pcm(daemon.post("/api/tts", json={**body, "seed": 8}).content) != whole


def test_a_worker_that_dies_in_the_middle_is_not_heard(daemon):
    body = {"text": "This sentence survives the death of its worker.", "language": "en"}
    daemon.script.write_text('[[rule]]\nmatch = "survives"\ntimes = 1\nafter_chunks = 3\ncrash = true\n')
    before = daemon.worker_pid()
    heard = daemon.post("/api/tts_stream", json=body).content
    assert len(heard) == len(body["text"]) * CHARACTER_BYTES
    assert daemon.worker_pid() != before
    daemon.script.unlink()
    shutil.rmtree(daemon.root / "cache" / "clips", ignore_errors=True)
    assert daemon.post("/api/tts_stream", json=body).content == heard


def test_an_engine_that_fails_in_the_middle_breaks_the_stream_off(daemon):
    daemon.script.write_text('[[rule]]\nmatch = "choke"\nafter_chunks = 2\nfail = "no luck"\n')
    arguments = ["curl", "-s", "--unix-socket", str(daemon.socket), "http://x/api/tts_stream"]
    done = subprocess.run([*arguments, "-d", '{"text":"I choke on this."}'], capture_output=True, check=False)
    assert done.returncode == 18
    assert done.stdout
    whole = daemon.post("/api/tts", json={"text": "I choke on this."})
    assert (whole.status_code, whole.json()["error"]["message"]) == (500, "no luck")
    assert daemon.post("/api/tts", json={"text": "All is well."}).status_code == 200


# --- clients that misbehave, and crowds ---


def test_a_client_that_leaves_frees_its_slot(make_daemon, wait_for):
    daemon = make_daemon(fake={"rtf": 1.0}).start()
    with (
        daemon.client() as client,
        client.stream("POST", "/api/tts_stream", json={"text": "word " * 60}) as answer,
    ):
        pieces = answer.iter_bytes()
        assert next(pieces)
        assert wait_for(lambda: daemon.status()["worker"]["busy_slots"])
    wait_for(lambda: not daemon.status()["worker"]["busy_slots"], 3.0)


def test_the_condition_is_told_in_milliseconds_while_fifty_stream(make_daemon):
    daemon = make_daemon(fake={"rtf": 0.2, "slots": 4}).start()
    body = daemon_request("/api/tts_stream", b'{"text":"' + b"a busy sentence. " * 20 + b'"}')
    crowd = []
    for _ in range(50):
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(daemon.socket))
        client.sendall(body)
        crowd.append(client)
    times = []
    with daemon.client() as client:
        for _ in range(50):
            began = time.perf_counter()
            assert client.get("/healthz").status_code == 200
            times.append(time.perf_counter() - began)
    assert sorted(times)[25] < 0.05
    for client in crowd:
        client.close()


def daemon_request(target: str, body: bytes) -> bytes:
    return b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (target.encode(), len(body)) + body


def test_slow_readers_cost_disk_and_no_slot(make_daemon, wait_for):
    """Twenty clients that read nothing yet: all is made, the daemon stays small, and each gets all of it."""
    daemon = make_daemon().start()
    text = "Sentence number one of this text. " * 30
    clients = []
    for number in range(20):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(20)
        client.connect(str(daemon.socket))
        client.sendall(daemon_request("/api/tts_stream", b'{"text":"%s","seed":%d}' % (text.encode(), number)))
        clients.append(client)
    assert b"200 OK" in clients[-1].recv(16)
    wait_for(lambda: (s := daemon.status()["worker"])["phase"] == "ready" and not s["busy_slots"], 60)
    assert psutil.Process(daemon.process.pid).memory_info().rss < 120e6
    for client in clients:
        heard = bytearray()
        while not heard.endswith(b"\r\n0\r\n\r\n"):
            piece = client.recv(2**20)
            assert piece
            heard += piece
        assert len(heard) > len(text.strip()) * CHARACTER_BYTES
        client.close()


BAD = [
    (b'{"text":', 400, "bad_request"),
    (b'{"text":"a","voice":"nobody"}', 422, "unknown_voice"),
    (b'{"text":"a","language":"klingon"}', 400, "bad_request"),
    ('{"text":"\U0001f600 ..."}'.encode(), 422, "nothing_to_say"),
    (b'{"text":"' + b"a" * 20_001 + b'"}', 413, "too_large"),
    (b'{"text":"a","ref_audio":"/etc/passwd"}', 403, "forbidden"),
]


def test_bad_requests_get_one_clear_error_and_the_daemon_stays_ready(daemon):
    for door in ("/api/tts", "/api/tts_stream"):
        for body, status, code in BAD:
            answer = daemon.post(door, content=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert daemon.get("/readyz").status_code == 200


# --- jobs, figures, beginning and end ---


def test_a_job_becomes_audio(daemon, wait_for):
    job = daemon.post("/v1/jobs", json={"text": "Made in the background."}).json()
    path = f"/v1/jobs/{job['id']}"
    wait_for(lambda: daemon.get(path).json()["state"] == "succeeded")
    whole = daemon.get(path + "/audio")
    assert whole.headers["content-type"] == "audio/wav"
    assert len(pcm(whole.content)) == len("Made in the background.") * CHARACTER_BYTES
    part = daemon.get(path + "/audio", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    assert daemon.delete(path).status_code == 409


def test_the_figures_can_be_read(daemon):
    daemon.post("/api/tts", json={"text": "Count me."})
    families = {family.name: family for family in text_string_to_metric_families(daemon.get("/metrics").text)}
    spoken = {sample.labels["service"]: round(sample.value, 3) for sample in families["ttsd_audio_seconds"].samples}
    assert spoken == {"live": 0, "stream": 0.54, "background": 0}
    assert families["ttsd_ready"].samples[0].value == 1.0


def test_an_engine_that_cannot_load_is_told_at_once(make_daemon, wait_for):
    daemon = make_daemon()
    daemon.script.write_text('[[rule]]\non = "load"\nfail = "weights are missing"\n')
    daemon.start(ready=False)
    wait_for(lambda: daemon.listens() and "weights" in daemon.get("/readyz").json()["reason"])
    answer = daemon.post("/api/tts", json={"text": "Anybody?"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json()["error"]["code"] == "engine_not_ready"
    assert "weights are missing" in answer.json()["error"]["message"]
    assert daemon.get("/healthz").status_code == 200


async def test_a_stopping_daemon_finishes_what_it_began(make_daemon):
    daemon = make_daemon(fake={"rtf": 0.5}).start()
    connector = aiohttp.UnixConnector(str(daemon.socket))
    text = "This is finished before the end."
    async with aiohttp.ClientSession("http://x", connector=connector) as session:
        began = await session.post("/api/tts_stream", json={"text": text})
        os.kill(daemon.process.pid, signal.SIGTERM)
        assert len(await began.read()) == len(text) * CHARACTER_BYTES
    assert await asyncio.to_thread(daemon.process.wait, 10) == 0
    assert not daemon.socket.exists()


def test_the_socket_is_not_for_everybody(daemon):
    assert daemon.socket.stat().st_mode & 0o777 == 0o660


def test_a_second_daemon_on_the_socket_is_refused(daemon, make_daemon, tmp_path):
    (tmp_path / "second").mkdir()
    second = make_daemon(tmp_path / "second", daemon={"socket": str(daemon.socket)})
    second.start(ready=False)
    assert second.process.wait(20) == 1
    assert str(daemon.socket) in second.stderr
    assert "another daemon answers there" in second.stderr
    assert daemon.get("/healthz").status_code == 200


def test_a_stale_socket_is_taken_over(daemon):
    daemon.kill()
    assert daemon.socket.is_socket()
    daemon.start()
    assert daemon.get("/healthz").status_code == 200
