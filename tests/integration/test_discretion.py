"""Nobody reads in a log what was spoken, nor what opens a door: every way in, with words that nothing else has."""

import asyncio
import gzip
import json
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import aiohttp
import httpx2
import pytest

from ttsd.client import TtsdClient
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.speech import End, Start, Text

LATIN = ("Quazelbrit", "Vonthaxum", "Plimdorry")
HAN = "鬱靄麒麟蹊蹺"
TOKEN = "tok-Zanthicure-98417"
SECRETS = (*LATIN, HAN, TOKEN, "Brimswattle")
"""Words that nothing but our texts has; a transcript's is the last."""
SAID = f"{' '.join(LATIN)} and {HAN}"


def texts(kind: str) -> str:
    """A text of its own for each way in, so that none is found made already."""
    return f"{SAID} {kind}."


@pytest.fixture
def rules(make_daemon, tmp_path):
    """A daemon whose engine tells what it was to say in every way that an engine could."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    daemon = make_daemon(
        log={"level": "debug"},
        http={"listen": f"127.0.0.1:{port}", "token_file": str(token), "trusted_networks": []},
        fake={"can_clone": True},
        limits={"max_attempts": 2},
    )
    said = json.dumps(f"no sound for {SAID!r} nor for {SAID!a}, {SAID}", ensure_ascii=False)
    daemon.script.write_text(
        "".join(
            f'[[rule]]\nmatch = "{match}"\n{what}\n'
            for match, what in (
                ("buggy", f"bug = {said}"),
                ("failing", f"fail = {said}"),
                ("passing", f"fail = {said}\nretryable = true"),
                ("talkative", f"say = {said}"),
                ("crashing", f"say = {said}\ncrash = true\ntimes = 1"),
            )
        )
    )
    daemon.port = port
    return daemon


KINDS = ("good", "buggy", "failing", "passing", "talkative", "crashing")


def through_http(daemon) -> None:
    for kind in KINDS:
        daemon.post("/api/tts", json={"text": texts(kind)})
        daemon.post("/api/tts_stream", json={"text": texts(f"{kind} stream")})
    for wrong in (
        {"text": SAID, "voice": LATIN[0]},
        {"text": SAID, "language": SAID},
        {"text": SAID, "style": SAID},
        {"text": SAID, "speed": SAID},
        {"text": SAID * 1000},
        {"text": SAID, "ref_audio": f"/{SAID}"},
        [SAID],
    ):
        assert daemon.post("/api/tts", json=wrong).status_code in (400, 403, 413, 422)
    assert daemon.post("/api/tts", content=SAID.encode()).status_code == 400
    assert daemon.post("/api/tts", content=b"\xff" + SAID.encode("utf-16")).status_code == 400
    daemon.post(
        "/v1/voices", data={"name": "canary", "transcript": f"Brimswattle {SAID}"}, files={"audio": b"no sound"}
    )


def with_tokens(daemon) -> None:
    address = f"http://127.0.0.1:{daemon.port}/healthz"
    for header in (f"Bearer {TOKEN}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN):
        httpx2.get(address, headers={"Authorization": header})
    httpx2.get(address, params={"token": TOKEN})


def through_jobs(daemon) -> None:
    for kind in KINDS:
        daemon.post("/v1/jobs", json={"text": texts(f"{kind} job")})
        daemon.post("/v1/jobs", json={"text": texts(f"{kind} job with a title"), "title": SAID})
    daemon.post("/v1/jobs", json={"text": SAID, "door": SAID})


def through_the_folder(daemon) -> None:
    for kind in KINDS:
        daemon.drop(f"{kind}.txt", texts(f"{kind} file"))
    daemon.drop("front.txt", f'+++\n{LATIN[0]} = "{SAID}"\n+++\nText.')
    daemon.drop("value.txt", f'+++\nvoice = "{SAID}"\n+++\nText.')
    daemon.drop("broken.txt", f"+++\n{SAID}\n+++\nText.")
    daemon.drop("table.csv", f'text,voice,out\n"{SAID}",{LATIN[0]},"../{SAID}"\n')
    daemon.drop("rows.jsonl", f'{{"text": "{SAID}", "{LATIN[0]}": 1}}\n{SAID}\n')
    daemon.drop("times.srt", f"1\n00:00:0{SAID} --> 00:00:01,000\n{SAID}\n")
    daemon.drop("page.html", f"<p>{SAID}</p><{SAID}>")
    daemon.drop("book.epub", SAID)
    daemon.drop("bytes.txt", SAID.encode("utf-8") + b"\xff\xfe\x00")


async def through_live(daemon) -> None:
    client = TtsdClient(daemon.socket)
    for kind in KINDS:
        async with client.speak() as session:
            await session.send(Start())
            await session.send(Text(texts(f"{kind} live")))
            await session.send(End())
            with suppress(TtsdError):
                async for _ in session:
                    pass
    connector = aiohttp.UnixConnector(str(daemon.socket))
    async with aiohttp.ClientSession(connector=connector) as session:
        for message in (SAID, json.dumps({"type": SAID}), json.dumps({"type": "start", "voice": SAID})):
            async with session.ws_connect("http://ttsd/v1/speak", protocols=["ttsd.speak.v1"]) as speaking:
                await speaking.send_str(message)
                await speaking.receive(timeout=20)


def everything_told(daemon) -> Iterator[tuple[str, str]]:
    """What anybody may read who looks after the daemon, by its place."""
    for path in sorted((daemon.root / "logs").iterdir()):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield path.name, content.decode()
    yield "stderr", daemon.stderr
    yield "/v1/logs", daemon.get("/v1/logs", params={"limit": 1000}).text
    for page in ("/v1/status", "/metrics", "/readyz", "/v1/health/history"):
        yield page, daemon.get(page).text


def done(daemon) -> bool:
    counts = daemon.status()["queue"]
    waiting = [path for path in (daemon.spool / "inbox").iterdir() if not path.name.startswith(".")]
    return not counts["queued"] and not counts["running"] and not waiting


def at_the_end(daemon, wait_for) -> None:
    wait_for(lambda: done(daemon), 60, "an end of all jobs")
    daemon.process.send_signal(signal.SIGUSR1)
    wait_for(lambda: list((daemon.root / "logs").glob("*.gz")))


def told(daemon) -> Iterator[dict[str, Any]]:
    """The lines of the log files."""
    for place, content in everything_told(daemon):
        if ".log" in place:
            yield from map(json.loads, content.splitlines())


def found(daemon, secrets: tuple[str, ...]) -> list[str]:
    """Lines that have one of these in them, as they are or as programs write them that trust no letter."""
    forms = [form for secret in secrets for form in {secret, ascii(secret)[1:-1]}]
    return [
        f"{place}: {line[:400]}"
        for place, content in everything_told(daemon)
        for line in content.splitlines()
        if any(form in line for form in forms)
    ]


def test_no_log_has_what_was_spoken_or_what_opens_a_door(rules, wait_for):
    daemon = rules.start()
    through_http(daemon)
    with_tokens(daemon)
    through_jobs(daemon)
    through_the_folder(daemon)
    asyncio.run(through_live(daemon))
    at_the_end(daemon, wait_for)
    lines = list(told(daemon))
    events = {line["event"] for line in lines}
    assert events >= {"job.failed", "job.finished", "speech.answered", "printed", "engine_failed", "request.failed"}
    assert all("job" in line or "request_id" in line for line in lines if line["event"] == "engine_failed")
    assert "\n".join(found(daemon, SECRETS)) == ""


def test_with_full_texts_they_are_there_and_secrets_are_not(rules, wait_for):
    rules.settings["log"] = {"level": "debug", "log_text": "full"}
    daemon = rules.start()
    through_http(daemon)
    with_tokens(daemon)
    through_the_folder(daemon)
    at_the_end(daemon, wait_for)
    lines = "\n".join(found(daemon, LATIN))
    for event in ("job.failed", "speech.answered", "printed", "engine_failed"):
        assert event in lines
    assert "\n".join(found(daemon, (TOKEN,))) == ""
