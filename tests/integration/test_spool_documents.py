"""Every type of document through the real daemon, and every format of file out of it."""

import csv
import io
import json
import wave
from pathlib import Path
from typing import Any

import av
import pytest
import webvtt

from tests.books import Item, write_epub
from tests.verdict import samples
from ttsd.protocol.speech import SAMPLE_RATE_HZ

SRT = "1\n00:00:01,000 --> 00:00:01,500\nThe first one.\n\n2\n00:00:01,600 --> 00:00:08,000\nThe second one.\n"
DOCUMENTS: dict[str, tuple[str, list[str]]] = {
    "a.txt": ("One. Two.", ["One.", "Two."]),
    "b.md": ("# Title\n\nSome *words*.\n\n- [A link](http://x.org)\n", ["Title", "Some words.", "A link"]),
    "c.html": ("<h1>Head</h1><script>x()</script><p>Body, and <b>more</b>.</p>", ["Head", "Body, and more."]),
    "d.srt": (SRT, ["The first one.", "The second one."]),
    "e.vtt": ("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Spoken.\n", ["Spoken."]),
    "f.csv": ("id;text\nx;Row one.\ny;Row two.\n", ["Row one.", "Row two."]),
    "g.json": ('[{"text": "From JSON.", "out": "deep/one.flac"}]', ["From JSON."]),
    "h.jsonl": ('{"text": "Line one."}\n{"text": "Line two."}\n', ["Line one.", "Line two."]),
}


def receipt(daemon: Any, name: str) -> dict[str, Any]:
    return json.loads(daemon.wait_path(f"outbox/{name}").read_bytes())


def pcm(path: Path) -> bytes:
    with wave.open(str(path)) as sound:
        return sound.readframes(sound.getnframes())


def test_every_type_is_spoken(daemon):
    for name, (content, _) in DOCUMENTS.items():
        daemon.drop(name, content)
    book = io.BytesIO()
    write_epub(book, [Item("1.xhtml", "<h1>Chapter one</h1><p>It began.</p>"), Item("2.xhtml", "<p>It ended.</p>")])
    daemon.drop("book.epub", book.getvalue())
    for name, (_, texts) in DOCUMENTS.items():
        daemon.wait_path(f"done/{name}")
        found = receipt(daemon, f"{Path(name).stem}.json")
        assert [segment["text"] for segment in found["segments"]] == texts, name
        assert all(daemon.path(f"outbox/{file}").stat().st_size for file in found["files"])
    daemon.wait_path("done/book.epub")
    told = receipt(daemon, "book.json")
    assert [segment["text"] for segment in told["segments"]] == ["Chapter one", "It began.", "It ended."]
    assert told["title"] == "A Book"
    rows = {name for name in daemon.outbox() if "/" in name}
    assert rows == {
        "f/x.wav", "f/y.wav", "f/summary.csv", "g/deep/one.flac", "g/summary.csv",
        "h/0001.wav", "h/0002.wav", "h/summary.csv",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["wav", "pcm", "flac", "mp3", "opus", "m4a", "m4b"])
def test_every_format_plays_what_the_receipt_tells(daemon, name: str):
    daemon.drop("a.md", f'+++\nformat = "{name}"\ntitle = "My title"\n+++\n# One\n\nThe first.\n\n# Two\n\nThe second.')
    daemon.wait_path("done/a.md")
    found = receipt(daemon, "a.json")
    output = daemon.path(f"outbox/a.{name}")
    assert found["files"] == [f"a.{name}"]
    assert [chapter["title"] for chapter in found["chapters"]] == ["One", "Two"]
    if name == "pcm":
        assert output.stat().st_size == round(found["duration_s"] * SAMPLE_RATE_HZ) * 2
        return
    assert len(samples(output)) / SAMPLE_RATE_HZ == pytest.approx(found["duration_s"], abs=0.05)
    with av.open(str(output)) as container:
        tags = {**container.metadata, **container.streams.audio[0].metadata}
        if name == "m4b":
            chapters: list[Any] = container.chapters()
            assert [chapter["metadata"]["title"] for chapter in chapters] == ["One", "Two"]
    assert {tag.lower(): value for tag, value in tags.items()}["title"] == "My title"


def test_captions_say_when_what_is_said(daemon):
    daemon.drop("a.txt", '+++\ncaptions = "both"\n+++\nThe first sentence. The second one.')
    daemon.wait_path("done/a.txt")
    found = receipt(daemon, "a.json")
    assert found["files"] == ["a.wav", "a.srt", "a.vtt"]
    for captions in (webvtt.from_srt(daemon.path("outbox/a.srt")), webvtt.read(daemon.path("outbox/a.vtt"))):
        assert [caption.text for caption in captions] == ["The first sentence.", "The second one."]
        starts = [caption.start_in_seconds for caption in captions]
        assert starts == [int(segment["start_s"]) for segment in found["segments"]]


def test_subtitles_are_spoken_in_their_slots_and_overruns_are_told(daemon):
    daemon.drop("a.srt", SRT)
    daemon.wait_path("done/a.srt")
    found = receipt(daemon, "a.json")
    first, second = found["segments"]
    assert first["start_s"] == 1.0
    assert found["slots"][0]["over_s"] == pytest.approx(first["end_s"] - 1.5, abs=0.001)
    assert found["slots"][1]["late_s"] == pytest.approx(second["start_s"] - 1.6, abs=0.001)
    assert second["start_s"] >= first["end_s"]
    heard = pcm(daemon.path("outbox/a.wav"))
    assert not any(heard[: SAMPLE_RATE_HZ * 2])
    assert any(heard[SAMPLE_RATE_HZ * 2 : SAMPLE_RATE_HZ * 2 + 4800])


def test_a_bad_row_fails_alone_and_the_table_is_whole_once_it_is_mended(daemon, wait_for):
    daemon.drop("table.csv", "id,text,voice\na,The first row.,\nb,The second row.,nobody\nc,The third row.,noise\n")
    assert "row 2" in daemon.wait_path("failed/table.csv.error.txt").read_text()
    daemon.wait_path("failed/table.csv")
    assert daemon.outbox() == ["table.json", "table/a.wav", "table/c.wav", "table/summary.csv"]
    first, second, third = csv.DictReader(daemon.path("outbox/table/summary.csv").read_text().splitlines())
    assert (first["file"], first["error"], second["file"], third["file"]) == ("table/a.wav", "", "", "table/c.wav")
    assert "nobody" in second["error"]
    rows = receipt(daemon, "table.json")["rows"]
    assert [bool(row.get("error")) for row in rows] == [False, True, False]

    before = daemon.path("outbox/table/a.wav").read_bytes()
    failed = daemon.path("failed/table.csv")
    failed.write_text(failed.read_text().replace("nobody", "tone"))
    (job,) = wait_for(lambda: daemon.get("/v1/jobs?state=failed").json()["jobs"])
    assert daemon.post(f"/v1/jobs/{job['id']}/retry").json()["state"] == "queued"
    daemon.wait_path("done/table.csv")
    assert daemon.outbox() == ["table.json", "table/a.wav", "table/b.wav", "table/c.wav", "table/summary.csv"]
    assert daemon.path("outbox/table/a.wav").read_bytes() == before
    assert [segment["reused"] for segment in receipt(daemon, "table.json")["segments"]] == [True, False, True]
    assert not daemon.path("failed/table.csv.error.txt").exists()
