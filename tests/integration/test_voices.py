"""Voice profiles on a real daemon: added with programs that people use, spoken with through every door."""

import asyncio
import io
import json
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import requests
import soundfile
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from tests.conftest import DaemonProcess
from tests.spoken_clips import clip
from tests.waiting import wait_for
from ttsd.storage.voice_archive import pack

ROOT = Path(__file__).parents[2]
WORDS = "Hello there, this is me speaking now."


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    daemon = DaemonProcess(tmp_path_factory.mktemp("voices"), fake={"can_clone": True}).start()
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture
def cloning(shared: DaemonProcess) -> DaemonProcess:
    """One daemon for all tests, without profiles."""
    for name, voice in voices(shared).items():
        if voice["kind"] == "profile":
            assert shared.delete(f"/v1/voices/{name}").status_code == 204
    return shared


def add(daemon: DaemonProcess, name: str, *, audio: bytes | None = None, **fields: str) -> Any:
    fields = {"name": name, "transcript": WORDS, "language": "en", **fields}
    answer = daemon.post("/v1/voices", data=fields, files={"audio": ("me.wav", audio or clip())})
    assert answer.status_code == 201, answer.text
    return answer.json()["voice"]


def voices(daemon: DaemonProcess) -> dict[str, Any]:
    return {voice["name"]: voice for voice in daemon.get("/v1/voices").json()["voices"]}


def lexicon(daemon: DaemonProcess, voice: str) -> list[str]:
    placed = daemon.get(f"/v1/lexicon?scope=voice&voice={voice}").json()["entries"]
    return [each["entry"]["written"] for each in placed]


def receipt(daemon: DaemonProcess, name: str) -> Any:
    return json.loads(daemon.wait_path(f"outbox/{name}.json").read_text())


def speak(daemon: DaemonProcess, voice: str, text: str = "Good morning.") -> bytes:
    answer = daemon.post("/api/tts", json={"text": text, "voice": voice, "language": "en"})
    assert answer.status_code == 200, answer.text
    return answer.content


class _SocketAdapter(HTTPAdapter):
    """`requests` over a Unix socket."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__()

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        path = self.path

        class Connection(HTTPConnection):
            def connect(self) -> None:
                import socket

                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.connect(path)

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        return Pool("localhost")


async def test_clips_of_all_formats_come_by_all_clients(cloning: DaemonProcess, tmp_path: Path):
    (tmp_path / "a.mp3").write_bytes(clip("MP3"))
    curl = subprocess.run(
        ["curl", "-sS", "--unix-socket", str(cloning.socket), "-F", f"audio=@{tmp_path}/a.mp3", "-F", "name=by-curl",
         "-F", f"transcript={WORDS}", "-F", "language=English", "-F", "consent=my own", "http://ttsd/v1/voices"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(curl.stdout)["voice"]["consent"] == "my own"

    with requests.Session() as session:
        session.mount("http://", _SocketAdapter(str(cloning.socket)))
        answer = session.post(
            "http://ttsd/v1/voices/by-requests",
            data={"transcript": "你好。", "language": "zh"},
            files={"clip": ("声音 ü.m4a", clip("M4A"))},
        )
    assert answer.status_code == 201, answer.text
    assert answer.json()["voice"]["variants"][0]["provenance"]["source"] == "声音 ü.m4a"
    assert answer.json()["reports"][0]["report"]["facts"]["codec"]

    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(cloning.socket))) as session:
        form = aiohttp.FormData({"name": "by-aiohttp", "transcript": "Hello."})
        form.add_field("file", clip("OGG"), filename="x.ogg")
        async with session.post("http://ttsd/v1/voices", data=form) as given:
            assert given.status == 201, await given.text()
        form = aiohttp.FormData({"transcript": "Hello!", "variant": "happy"})
        form.add_field("audio", clip("FLAC", pitch_hz=220), filename="y.flac")
        async with session.post("http://ttsd/v1/voices/by-aiohttp", data=form) as given:
            assert given.status == 201, await given.text()

    found = voices(cloning)
    assert set(found) == {"by-curl", "by-requests", "by-aiohttp", "tone", "noise"}
    assert [variant["name"] for variant in found["by-aiohttp"]["variants"]] == ["neutral", "happy"]
    assert found["by-requests"]["languages"] == ["zh"]
    store = cloning.root / "state" / "voices"
    assert sorted(path.name for path in (store / "by-requests").iterdir()) == [
        "neutral.flac", "neutral.original.m4a", "voice.toml",
    ]  # fmt: skip
    assert not list(store.glob(".*"))


async def test_a_profile_speaks_through_every_door(cloning: DaemonProcess):
    add(cloning, "anna")
    add(cloning, "anna", variant="happy", audio=clip(pitch_hz=220))
    revisions = {v["name"]: v["revision"] for v in voices(cloning)["anna"]["variants"]}
    neutral, happy = speak(cloning, "anna"), speak(cloning, "anna@happy")
    assert len({neutral, happy, speak(cloning, "tone")}) == 3
    assert speak(cloning, "anna@neutral") == neutral

    cloning.drop("anna/folder.txt", "Good morning.")
    cloning.drop("anna@happy/variant.txt", "Good morning.")
    cloning.drop("front.txt", '+++\nvoice = "anna@happy"\n+++\nGood morning.')
    cloning.drop("table.csv", "id,text,voice\na,Good morning.,anna\nb,Good morning.,anna@happy\nc,Hi.,anna@sad\n")
    for name, voice in (("anna/folder", "anna"), ("anna@happy/variant", "anna@happy"), ("front", "anna@happy")):
        made = receipt(cloning, name)
        assert made["voice"] == voice
        assert made["voice_revision"] == revisions["happy" if "@" in voice else "neutral"]
    wav = cloning.wait_path("outbox/front.wav").read_bytes()
    assert wav[44:4844] == happy[44:4844]
    rows = receipt(cloning, "table")["rows"]
    assert [row["voice_revision"] for row in rows[:2]] == [revisions["neutral"], revisions["happy"]]
    assert "no variant 'sad'" in rows[2]["error"]["message"]

    job = cloning.post("/v1/jobs", json={"text": "Good morning.", "voice": "anna"}).json()
    done = wait_for(lambda: (j := cloning.get(f"/v1/jobs/{job['id']}").json())["state"] == "succeeded" and j)
    assert done["settings"]["voice_revision"] == revisions["neutral"]

    connector = aiohttp.UnixConnector(str(cloning.socket))
    async with aiohttp.ClientSession(connector=connector) as session:
        live = session.ws_connect("http://ttsd/v1/speak", protocols=["ttsd.speak.v1"])
        async with live as socket, asyncio.timeout(20):
            await socket.send_json({"type": "start", "voice": "anna@happy", "language": "en"})
            await socket.send_json({"type": "text", "text": "Good morning."})
            await socket.send_json({"type": "end"})
            heard = b"".join([m.data async for m in socket if m.type is aiohttp.WSMsgType.BINARY])
    assert heard.startswith(happy[44:4844])


def test_what_is_edited_by_hand_counts_at_once(cloning: DaemonProcess):
    before = add(cloning, "anna")
    add(cloning, "bob", audio=clip(pitch_hz=90))
    first = speak(cloning, "anna")
    toml = Path(before["folder"]) / "voice.toml"
    text = toml.read_text()
    toml.write_text(text.replace(WORDS, "Other words."))
    assert voices(cloning)["anna"]["revision"] != before["revision"]
    assert speak(cloning, "anna") != first
    toml.write_text(text + "\n[settings]\nseed = 3\n")
    assert speak(cloning, "anna") != first
    toml.write_text("nonsense")
    assert "not valid TOML" in voices(cloning)["anna"]["problem"]
    refused = cloning.post("/api/tts", json={"text": "Hello.", "voice": "anna"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "voice")
    cloning.drop("anna/a.txt", "Hello.")
    assert "voice.toml is not valid TOML" in cloning.wait_path("failed/anna/a.txt.error.txt").read_text()
    speak(cloning, "bob")
    toml.write_text(text)
    assert speak(cloning, "anna") == first


def test_a_clip_that_vanishes_under_a_job_is_told_of(make_daemon: Callable[..., DaemonProcess]):
    daemon = make_daemon(fake={"can_clone": True, "rtf": 0.2, "slots": 1})
    daemon.start()
    folder = Path(add(daemon, "anna")["folder"])
    daemon.drop("anna/book.txt", "\n\n".join(f"This is sentence number {number}." for number in range(30)))
    wait_for(lambda: [job for job in daemon.get("/v1/jobs").json()["jobs"] if job["segments_done"]])
    (folder / "neutral.flac").unlink()
    told = daemon.wait_path("failed/anna/book.txt.error.txt", 40).read_text()
    assert "neutral.flac is missing" in told
    assert str(folder) in told


@pytest.mark.parametrize("uncloned", ["refuse", "nearest"])
def test_on_an_engine_that_cannot_clone(make_daemon: Callable[..., DaemonProcess], uncloned: str):
    daemon = make_daemon(speech={"uncloned": uncloned}).start()
    add(daemon, "anna")
    assert daemon.get("/v1/voices").json()["can_clone"] is False
    answer = daemon.post("/api/tts", json={"text": "Hello.", "voice": "anna"})
    daemon.drop("anna/a.txt", "Hello.")
    if uncloned == "refuse":
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "cannot_clone"
        assert 'uncloned = "nearest"' in answer.json()["error"]["message"]
        assert "cannot clone" in daemon.wait_path("failed/anna/a.txt.error.txt").read_text()
    else:
        assert answer.headers["x-ttsd-cloned"] == "false"
        made = receipt(daemon, "anna/a")
        assert (made["voice"], made["voice_asked"]) == ("tone", "anna")


def test_changes_names_and_removal(cloning: DaemonProcess):
    before = add(cloning, "anna", description="one")
    add(cloning, "anna", variant="happy")

    def patched(voice: str, **changes: Any) -> Any:
        with cloning.client() as client:
            return client.patch(f"/v1/voices/{voice}", json=changes)

    changed = patched("anna", description="two", speed=1.2, transcript="Hurrah!", variant="happy").json()
    assert (changed["description"], changed["settings"]) == ("two", {"speed": 1.2})
    assert [v["transcript"] for v in changed["variants"]] == [WORDS, "Hurrah!"]
    assert changed["revision"] != before["revision"]
    assert patched("anna", transcript="x", variant="sad").status_code == 404
    assert patched("anna", speed=9).json()["error"]["param"] == "speed"
    assert patched("anna", language="German").json()["languages"] == ["de"]
    assert patched("anna", language="Klingon").json()["error"]["param"] == "language"
    assert patched("anna", language="auto").json()["languages"] == []
    assert patched("anna", colour="red").status_code == 400
    assert patched("anna", name="tone").status_code == 409
    assert patched("anna", name="../anna").status_code == 400
    half = patched("anna", name="../anna", description="three"), patched("anna", name="tone", description="three")
    assert [answer.status_code for answer in half] == [400, 409]
    assert voices(cloning)["anna"]["description"] == "two"
    entry = {"scope": "voice", "voice": "anna", "entries": [{"written": "ttsd", "spoken": "tea"}]}
    assert cloning.post("/v1/lexicon", json=entry).status_code == 200
    both = patched("anna", name="Annie", description="three").json()
    assert (both["name"], both["description"]) == ("Annie", "three")
    assert lexicon(cloning, "Annie") == ["ttsd"]
    assert lexicon(cloning, "anna") == []
    for name in ("annie", "ANNIE", "Tone"):
        answer = cloning.post("/v1/voices", data={"name": name, "transcript": "x"}, files={"audio": clip()})
        assert answer.status_code == 409, name
    assert cloning.delete("/v1/voices/Annie?variant=happy").json()["variants"][0]["name"] == "neutral"
    assert cloning.delete("/v1/voices/Annie?variant=neutral").status_code == 409
    assert cloning.delete("/v1/voices/Annie").status_code == 204
    assert lexicon(cloning, "Annie") == []
    assert cloning.get("/v1/voices/Annie").status_code == 404
    assert cloning.delete("/v1/voices/tone").status_code == 404
    assert cloning.get("/v1/voices/tone").json()["kind"] == "built-in"


def test_strict_refuses_what_the_doctor_finds_fault_with(cloning: DaemonProcess):
    short = clip(seconds=1.2)
    sent = {"name": "anna", "transcript": "Hi.", "strict": "true"}
    refused = cloning.post("/v1/voices", data=sent, files={"audio": short})
    assert refused.status_code == 400
    assert "anna" not in voices(cloning)
    taken = cloning.post("/v1/voices", data={**sent, "strict": "false"}, files={"audio": short})
    assert taken.status_code == 201
    assert taken.json()["reports"][0]["report"]["findings"][0]["remedy"]
    checked = cloning.post("/v1/voices/anna/check").json()
    assert checked["reports"][0]["report"]["findings"]
    assert checked["reports"][0]["report"]["repairs"] == []


def test_a_voice_travels_in_one_file(cloning: DaemonProcess, tmp_path: Path):
    before = add(cloning, "anna", consent="hers")
    add(cloning, "anna", variant="happy", audio=clip(pitch_hz=220))
    first = cloning.get("/v1/voices/anna/archive")
    assert first.content == cloning.get("/v1/voices/anna/archive").content, "the same voice, the same bytes"
    kind = {"content-type": first.headers["content-type"]}

    def take(query: str = "") -> Any:
        return cloning.post(f"/v1/voices{query}", content=first.content, headers=kind)

    assert take().status_code == 409
    copy = take("?name=copy").json()["voice"]
    assert copy["revision"] == voices(cloning)["anna"]["revision"]
    assert (copy["consent"], len(copy["variants"])) == ("hers", 2)
    assert speak(cloning, "copy") == speak(cloning, "anna")
    cloning.delete("/v1/voices/anna?variant=happy")
    assert take("?replace=true").json()["voice"]["revision"] == copy["revision"]
    assert before["folder"] == voices(cloning)["anna"]["folder"]
    assert not list((cloning.root / "state" / "voices").glob(".*"))


def test_what_came_from_elsewhere_is_written_anew_before_an_engine_reads_it(cloning: DaemonProcess, tmp_path: Path):
    """Only the process for untrusted audio has decoded it; the sound is what it was."""
    rate_hz, sound = 48_000, np.zeros((48_000 * 4, 2), np.float32)
    sound[:, 0] = sound[:, 1] = 0.3 * np.sin(np.arange(len(sound)) * 2 * np.pi * 220 / rate_hz)
    (tmp_path / "voice.toml").write_text(
        '[variants.neutral]\nclip = "me.wav"\n[variants.calm]\nclip = "me.wav"\ntranscript = "Good morning."\n'
        '[variants.happy]\nclip = "happy.flac"\noriginal = "happy.flac"\n'
    )
    (tmp_path / "me.wav").write_bytes(clip())
    soundfile.write(tmp_path / "happy.flac", sound, rate_hz)
    pack(tmp_path, tmp_path / "packed", 10**7)
    kind = {"content-type": "application/zip"}
    taken = cloning.post("/v1/voices?name=anna", content=(tmp_path / "packed").read_bytes(), headers=kind)
    assert taken.status_code == 201, taken.text
    folder = cloning.root / "state" / "voices" / "anna"
    happy = next(each["clip"] for each in taken.json()["voice"]["variants"] if each["name"] == "happy")
    assert {path.name for path in folder.iterdir()} == {"voice.toml", "neutral.flac", "happy.flac", happy}
    assert (folder / "happy.flac").read_bytes() == (tmp_path / "happy.flac").read_bytes()
    for name, length_s in (("neutral.flac", None), (happy, 4.0)):
        with soundfile.SoundFile(folder / name) as file:
            assert (file.format, file.samplerate, file.channels) == ("FLAC", 24_000, 1)
            assert length_s is None or file.frames == 24_000 * length_s
    assert speak(cloning, "anna@happy") != speak(cloning, "anna")


def test_what_would_be_too_large_to_be_exported_again_is_not_imported(make_daemon, tmp_path: Path):
    """An MP3 grows when it becomes FLAC."""
    packing = tmp_path / "packing"
    packing.mkdir()
    (packing / "voice.toml").write_text('[variants.neutral]\nclip = "me.mp3"\n')
    (packing / "me.mp3").write_bytes(clip("MP3", seconds=10.0))
    pack(packing, tmp_path / "packed", 10**7)
    most = (tmp_path / "packed").stat().st_size + 1000
    small = make_daemon(fake={"can_clone": True}, limits={"max_clip_bytes": most}).start()
    kind = {"content-type": "application/zip"}
    answer = small.post("/v1/voices?name=anna", content=(tmp_path / "packed").read_bytes(), headers=kind)
    assert answer.status_code == 413
    assert "as FLAC" in answer.json()["error"]["message"]
    assert not list((small.root / "state" / "voices").iterdir())
    assert small.stop() == 0


@pytest.mark.parametrize(
    ("file", "audio", "why"),
    [
        ("neutral.m4a", lambda: clip("M4A"), "engines do not read"),
        ("neutral.flac", lambda: clip("FLAC", seconds=61.0), "61.0 s, at most 60 s"),
    ],
)
def test_a_clip_that_no_engine_takes_is_not_imported(
    cloning: DaemonProcess, tmp_path: Path, file: str, audio: Callable[[], bytes], why: str
):
    """As somebody may have put it into a voice's folder by hand."""
    (tmp_path / "voice.toml").write_text(f'[variants.neutral]\nclip = "{file}"\n')
    (tmp_path / file).write_bytes(audio())
    pack(tmp_path, tmp_path / "packed", 10**7)
    kind = {"content-type": "application/zip"}
    answer = cloning.post("/v1/voices?name=anna", content=(tmp_path / "packed").read_bytes(), headers=kind)
    assert answer.status_code in (400, 413)
    assert why in answer.json()["error"]["message"]
    assert not list((cloning.root / "state" / "voices").iterdir())


def test_a_clip_is_measured_with_the_silence_that_is_put_behind_it(cloning: DaemonProcess):
    sent = {"name": "anna", "transcript": WORDS}
    answer = cloning.post("/v1/voices", data=sent, files={"audio": clip(seconds=60.0)})
    assert answer.status_code == 413
    assert "at most 60 s" in answer.json()["error"]["message"]


@pytest.fixture
def ttsd(cloning: DaemonProcess) -> Callable[..., Any]:
    def run(*arguments: str, stdin: bytes = b"") -> Any:
        command = [sys.executable, "-m", "ttsd.cli", *arguments]
        environment = {**cloning.environment(), "TTSD_SOCKET": str(cloning.socket), "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, env=environment, input=stdin, capture_output=True, cwd=cloning.root, check=False)

    return run


def test_the_commands(cloning: DaemonProcess, ttsd: Callable[..., Any]):
    (cloning.root / "me.wav").write_bytes(clip())
    (cloning.root / "words.txt").write_text(WORDS)
    made = ttsd("voices", "add", "anna", "--audio", "me.wav", "--transcript-file", "words.txt", "--language", "English")
    assert made.returncode == 0, made.stderr
    assert b"anna: " in made.stdout
    short = ttsd("voices", "add", "anna", "--audio", "-", "--variant", "short", "--transcript", "Hi.", "--json",
                 stdin=clip(seconds=1.2))  # fmt: skip
    assert json.loads(short.stdout)["reports"][0]["report"]["findings"]
    assert ttsd("voices", "check", "anna@short").stdout.count(b"Record") > 0
    deaf = ttsd("voices", "check", "anna", "--listen")
    assert (deaf.returncode, deaf.stdout) == (1, b"")
    assert deaf.stderr.count(b"\n") == 1
    assert b'pip install "ttsd[ears]"' in deaf.stderr
    assert cloning.post("/v1/voices/anna/check?listen=true").status_code == 422
    assert ttsd("voices", "check", "./me.wav", "--listen").returncode == 2
    listed = ttsd("voices", "list").stdout.decode()
    assert "anna   profile   en" in listed
    assert "tone   built-in  zh en" in listed
    assert ttsd("voices", "export", "anna", "-o", "-").stdout[:2] == b"PK"
    assert ttsd("voices", "export", "anna").returncode == 0
    assert ttsd("voices", "import", "anna.ttsvoice", "--name", "copy").returncode == 0
    assert ttsd("voices", "set", "copy", "--speed", "1.5").returncode == 0
    assert ttsd("voices", "rename", "copy", "other").returncode == 0
    assert b"speed     1.5" in ttsd("voices", "show", "other").stdout
    assert ttsd("voices", "audition", "other@short", "-o", "heard.wav").returncode == 0
    assert (cloning.root / "heard.wav").stat().st_size > 10_000
    assert ttsd("voices", "remove", "other@short").returncode == 0
    assert ttsd("voices", "remove", "other").returncode == 0


WRONG = (
    (("add", "anna", "--transcript", "x"), 2, "--audio"),
    (("add", "anna", "--audio", "none.wav", "--transcript", "x"), 1, "none.wav: cannot be read"),
    (("add", "anna", "--audio", "none.wav"), 2, "--transcript"),
    (("add", "../anna", "--audio", "config.toml", "--transcript", "x"), 2, "a voice's name has"),
    (("add", "anna", "--audio", "config.toml", "--transcript", "x"), 1, "no sound file"),
    (("add", "anna", "--audio", "config.toml", "--transcript", "x", "--language", "Klingon"), 2, "Klingon"),
    (("show", "nobody"), 1, "nobody"),
    (("import", "config.toml"), 1, "no voice archive"),
    (("set", "nobody"), 2, "nothing to change"),
)


def test_wrong_commands_say_what_is_wrong(ttsd: Callable[..., Any]):
    for arguments, code, told in WRONG:
        ended = ttsd("voices", *arguments)
        assert (ended.returncode, told in ended.stderr.decode()) == (code, True), ended.stderr
        assert b"Traceback" not in ended.stderr


def test_a_clip_comes_as_wav_whatever_it_is_kept_as(cloning: DaemonProcess):
    add(cloning, "anna", audio=clip("MP3"))
    answer = cloning.get("/v1/voices/anna/clip?format=wav")
    kept = io.BytesIO(cloning.get("/v1/voices/anna/clip").content)
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert (pcm == soundfile.read(kept, dtype="int16")[0]).all()
    assert not list((cloning.root / "state" / "voices").glob(".*"))

    assert cloning.get("/v1/voices/anna/clip?format=mp3").status_code == 400
    assert cloning.get("/v1/voices/anna/clip?format=wav&variant=sad").status_code == 422
    assert cloning.get("/v1/voices/nobody/clip?format=wav").status_code == 404


def test_a_clip_is_examined_without_being_kept(cloning: DaemonProcess):
    fields = {"name": "anna", "transcript": WORDS, "language": "en", "keep": "false"}
    answer = cloning.post("/v1/voices", data=fields, files={"audio": ("me.wav", clip(seconds=1.5))})

    assert answer.status_code == 200
    assert "short" in [finding["code"] for finding in answer.json()["reports"][0]["report"]["findings"]]
    assert "anna" not in voices(cloning)
    assert not list((cloning.root / "state" / "voices").iterdir())


async def test_listeners_hear_that_a_voice_has_changed(cloning: DaemonProcess):
    async with (
        asyncio.timeout(30),
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(cloning.socket))) as session,
        session.ws_connect("http://ttsd/v1/events", protocols=["ttsd.events.v1"]) as socket,
    ):

        async def told() -> None:
            while (await socket.receive_json())["type"] != "voices":
                pass

        folder = Path((await asyncio.to_thread(add, cloning, "anna"))["folder"])
        await told()
        toml = folder / "voice.toml"
        toml.write_text('description = "later"\n' + toml.read_text())
        await told()
        shutil.rmtree(folder)
        await told()
