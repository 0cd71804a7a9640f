"""Markup and lexicons in the real daemon: what a file, a client and a live session hear of them."""

import json
import os
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import DaemonProcess

TEXT = """OpenAI is here. [pause 1234ms] 他要和(hè)诗。

{GPT|gee pee tee} reads *well*.
"""


def run(daemon: DaemonProcess, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ttsd.cli", "lexicon", *arguments, "--socket", str(daemon.socket)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def receipt(daemon: DaemonProcess, name: str) -> Any:
    return json.loads(daemon.wait_path(f"outbox/{name}.json").read_text())


def speak(daemon: DaemonProcess, name: str, text: str, wait_for: Callable[..., Any]) -> Any:
    daemon.drop(f"{name}.txt", text)
    wait_for((daemon.spool / f"done/{name}.txt").exists, 20, "the file is done")
    return receipt(daemon, name)


def test_a_file_with_markup_and_a_lexicon(daemon: DaemonProcess, wait_for: Callable[..., Any]) -> None:
    for arguments in (("OpenAI", "open A I"), ("诗", "shī", "--all"), ("reads", "reeds", "--voice", "nobody")):
        assert run(daemon, "add", *arguments).returncode == 0
    found = speak(daemon, "a", TEXT, wait_for)
    first, second, third = found["segments"]
    assert (first["text"], first["spoken"], first["lexicon"]) == (
        "OpenAI is here.", "open A I is here.", ["OpenAI=open A I"]
    )  # fmt: skip
    assert (second["text"], second["readings"], second["lexicon"]) == ("他要和诗。", ["和=hè", "诗=shī"], ["诗=shī"])
    assert (third["text"], third["spoken"], third["lexicon"]) == ("GPT reads well.", "gee pee tee reads well.", [])
    with wave.open(str(daemon.path("outbox/a.wav"))) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        rate = sound.getframerate()
    start, end = round(first["end_s"] * rate), round(second["start_s"] * rate)
    assert end - start == 1234 * rate // 1000
    assert not samples[start:end].any()
    assert samples[:start].any()
    assert samples[end : end + rate // 10].any()


def test_only_the_changed_sentence_is_made_anew(daemon: DaemonProcess, wait_for: Callable[..., Any]) -> None:
    text = "Kubectl runs. Nothing else does.\n"
    before = speak(daemon, "b", text, wait_for)
    assert [segment["reused"] for segment in before["segments"]] == [False, False]
    assert run(daemon, "add", "kubectl", "cube control").returncode == 0
    (daemon.spool / "done/b.txt").unlink()
    (daemon.spool / "outbox/b.json").unlink()
    after = speak(daemon, "b", text, wait_for)
    assert [(segment["reused"], segment["spoken"]) for segment in after["segments"]] == [
        (False, "cube control runs."),
        (True, ""),
    ]


def test_all_doors_hear_it(daemon: DaemonProcess, wait_for: Callable[..., Any]) -> None:
    def length(text: str) -> int:
        return len(daemon.post("/api/tts", json={"text": text}).content)

    long, short = length("A very long way of saying a word."), length("Word.")
    assert long > short
    entry = {"written": "Word", "spoken": "A very long way of saying a word"}
    assert daemon.post("/v1/lexicon", json={"entries": [entry]}).status_code == 200
    assert length("Word.") == long
    assert daemon.delete("/v1/lexicon?written=Word").status_code == 200
    assert length("Word.") == short
    whole = daemon.post("/api/tts", json={"text": "[pause 500ms] Word."}).content
    assert len(whole) == short + 24_000


def test_edited_by_hand(daemon: DaemonProcess, wait_for: Callable[..., Any]) -> None:
    def reading(text: str) -> str:
        segments = daemon.post("/v1/lexicon/test", json={"text": text}).json()["segments"]
        return "".join(span.get("say") or span["text"] for segment in segments for span in segment["spans"])

    file = daemon.root / "state/lexicons/all.toml"
    file.write_text('# mine\n[words]\nlinux = "linnux"\n')
    wait_for(lambda: reading("Linux!") == "linnux!", 10, "the file is read")
    file.write_text('# mine\n[words]\nlinux = "linnux"\nbsd = 3\n')
    wait_for(lambda: "lexicon.refused" in daemon.stderr, 10, "the mistake is told")
    assert reading("Linux and BSD!") == "linnux and BSD!"
    assert daemon.stderr.count("lexicon.refused") == 1
    assert "all.toml" in daemon.stderr
    assert "line 4" in daemon.stderr
    refused = run(daemon, "add", "a word", "b", "--all")
    assert refused.returncode == 1
    assert "line 4" in refused.stderr
    file.write_text('# mine\n[words]\nlinux = "lynnux"\n')
    wait_for(lambda: reading("Linux!") == "lynnux!", 10, "the mended file is read")
    assert run(daemon, "add", "bsd", "bee ess dee", "--all").returncode == 0
    assert file.read_text() == '# mine\n\n[words]\nbsd = "bee ess dee"\nlinux = "lynnux"\n'
    file.unlink()
    wait_for(lambda: reading("Linux!") == "Linux!", 10, "the file is gone")


def test_a_snapshot_outlives_a_restart(make_daemon: Callable[..., DaemonProcess]) -> None:
    daemon = make_daemon().start()
    assert run(daemon, "add", "Qwen", "chwen").returncode == 0
    daemon.stop()
    (daemon.root / f"state/lexicons/users/{os.getuid()}.toml").write_text("broken")
    daemon.start()
    assert "chwen" in run(daemon, "test", "Qwen").stdout


def test_the_command_line(daemon: DaemonProcess, tmp_path: Path) -> None:
    assert run(daemon, "list").stdout == ""
    assert run(daemon, "add", "US", "U S", "--case", "--language", "en").stdout == (
        "US → U S   (yours, in en, with these capitals)\n"
    )
    assert run(daemon, "add", "重庆", "chong2 qing4", "--all").returncode == 0
    listed = json.loads(run(daemon, "list", "--json").stdout)["entries"]
    assert [(each["entry"]["written"], each["scope"]) for each in listed] == [("US", "user"), ("重庆", "all")]
    table = run(daemon, "export").stdout
    assert table == "written,spoken,language,case,whole\nUS,U S,en,true,\n"
    shown = run(daemon, "test", "US, us, 重庆. [pause 1s] Go").stdout
    assert "重庆 → [chóng qìng]" in shown
    assert "US, us," in shown
    assert "lexicon  US=U S" in shown
    assert "(silence of 1000 ms)" in shown
    assert run(daemon, "remove", "US").stdout == "removed US=U S\n"
    assert run(daemon, "remove", "US").returncode == 1
    file = tmp_path / "t.csv"
    file.write_text(table + "ology,ollogy,,,false\n")
    assert run(daemon, "import", str(file)).stdout == "2 words taken over\n"
    assert run(daemon, "import", "-", "--replace", stdin=table).returncode == 0
    assert run(daemon, "export").stdout == table
    bad = run(daemon, "import", "-", stdin="written,spoken\nx,\n")
    assert (bad.returncode, "line 2" in bad.stderr) == (1, True)
    assert run(daemon, "add", "x", "a|b").returncode == 1
    assert run(daemon, "add", "x", "b", "--all", "--voice", "v").returncode == 2


REFUSED = [
    ({"entries": [{"written": "", "spoken": "x"}]}, "entries[0].written"),
    ({"entries": [{"written": "x", "spoken": "{"}]}, "spoken"),
    ({"entries": [{"written": " - ", "spoken": "x"}]}, "written"),
    ({"entries": [], "scope": "voice"}, "voice"),
    ({"entries": [], "scope": "voice", "voice": "../x"}, "voice"),
    ({"entries": [{"written": "x", "spoken": "y", "more": 1}]}, "entries[0].more"),
]


def test_what_is_refused(daemon: DaemonProcess) -> None:
    for body, param in REFUSED:
        answer = daemon.post("/v1/lexicon", json=body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert daemon.get("/v1/lexicon?scope=nobody").status_code == 400
    assert daemon.get("/v1/lexicon?voice=..%2Fx").status_code == 400
    assert not list((daemon.root / "state").glob("lexicons/**/*.toml"))


def test_the_voice_decides_which_lexicon(daemon: DaemonProcess, wait_for: Callable[..., Any]) -> None:
    for entry, scope in (("Word=for all", "--all"), ("Word=for tone", "--voice=tone"), ("Text=for other", "--voice=x")):
        assert run(daemon, "add", *entry.split("="), scope).returncode == 0
    table = "text,voice\nWord. Text.,\nWord. Text.,x\n"
    daemon.drop("t.csv", table)
    wait_for((daemon.spool / "outbox/t.json").exists, 20, "the receipt")
    found = receipt(daemon, "t")["segments"]
    assert [segment["lexicon"] for segment in found] == [["Word=for tone"], []]
    assert speak(daemon, "c", "+++\nvoice = 'tone'\n+++\nWord.", wait_for)["segments"][0]["lexicon"] == [
        "Word=for tone"
    ]
    assert run(daemon, "add", "Word", "mine").returncode == 0
    assert speak(daemon, "d", "Word.", wait_for)["segments"][0]["lexicon"] == ["Word=mine"]
