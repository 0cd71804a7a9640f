"""The hot folder under load: how soon a file is taken and done, beside a plain loop; floods, folders, and a book."""

import itertools
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.daemon import TMPFS, Daemon, daemon
from benchmarks.options import Options
from benchmarks.programs import usage, wait_for
from benchmarks.report import Table, Target, single, spread
from benchmarks.texts import sentences
from benchmarks.wire import get
from tests.books import Item, write_epub

SETTLE_S: Final = 0.05
CLAIMED: Final = Target(SETTLE_S * 1000 + 50)
EDITED: Final = Target(2.0)
TIMEOUT_S: Final = 900.0
SENTENCES_IN_PARAGRAPH: Final = 8
BOOK_BYTES: Final = 20 * 2**20
"""Of the EPUB; all but its text is a picture, as in books with pictures."""

LOOP: Final = """
for file in "$1"/*.txt; do
  text=$(cat "$file")
  curl -s --unix-socket "$2" http://localhost/api/tts -H "Content-Type: application/json" \\
    -d "{\\"text\\": \\"$text\\"}" -o "${file%.txt}.wav" || exit 1
done
"""
"""What people have without a hot folder: one file after another, with the same engine."""


def run(options: Options) -> Iterator[Table]:
    yield _one_by_one(options.count(300))
    yield _beside_a_loop(options.count(300))
    yield _flood(options.count(10_000), "files at once", "{:05}.txt")
    yield _flood(options.count(1_000), "folders with a file each", "{:04}/text.txt")
    yield _book("builtin", options.count(1_000))
    yield _big_book(options.count(17_000))


def _daemon(**settings: Any) -> Any:
    wanted = {
        "engine.name": "fake",
        "spool.settle_s": SETTLE_S,
        **{key.replace("__", "."): settings[key] for key in settings},
    }
    return daemon(wanted, where=TMPFS)


def _one_by_one(count: int) -> Table:
    """A file is written and closed when the one before it is done: nobody waits but for the daemon."""
    claimed_ms: list[float] = []
    written_ms: list[float] = []
    with _daemon() as ttsd:
        for number, text in enumerate(itertools.islice(sentences(11), count)):
            path = ttsd.spool / "inbox" / f"{number}.txt"
            path.write_text(text)
            closed_s = time.time()
            receipt = _receipt(ttsd, f"{number}.json")
            job = json.loads(get(ttsd.socket, f"/v1/jobs/{receipt['job']}")[1])
            spoken_s = receipt["created_s"] + (receipt["queued_ms"] + receipt["ttfa_ms"]) / 1000
            claimed_ms.append((receipt["created_s"] - closed_s) * 1000)
            written_ms.append((receipt["finished_s"] - spoken_s) * 1000)
            assert job["title"] == path.name
        commits, rows = _counts(ttsd)
    return Table(
        f"{count} files one after another, engine fake, on tmpfs",
        (
            spread("file closed to claimed", claimed_ms, target=CLAIMED),
            spread("last audio to final file", written_ms),
            single("SQLite commits a job", commits / count, ""),
            single("SQLite rows changed a job", rows / count, ""),
        ),
        (f"settle_s = {SETTLE_S:g}: a file that still changes is not taken; it is part of the first figure",),
    )


def _beside_a_loop(count: int) -> Table:
    """The same texts through the folder and through a shell loop, at the same daemon."""
    texts = list(itertools.islice(sentences(12), 2 * count))
    with _daemon() as ttsd:
        folder = ttsd.base / "loop"
        folder.mkdir()
        for number, text in enumerate(texts[:count]):
            (folder / f"{number:05}.txt").write_text(text)
        began = time.perf_counter()
        subprocess.run(["sh", "-c", LOOP, "loop", str(folder), str(ttsd.socket)], check=True)
        loop_s = time.perf_counter() - began
        began = time.perf_counter()
        for number, text in enumerate(texts[count:]):
            _drop(ttsd, f"{number:05}.txt", text)
        wait_for("all receipts", lambda: _done(ttsd) >= count, timeout_s=TIMEOUT_S)
        folder_s = time.perf_counter() - began
    loop = single("shell loop with curl", count / loop_s, "1/s")
    return Table(
        f"{count} files, files a second, engine fake, on tmpfs",
        (loop, single("hot folder", count / folder_s, "1/s", against=loop)),
        ("the folder writes receipts, keeps clips and syncs each output; the loop does nothing of that",),
    )


def _flood(count: int, what: str, name: str) -> Table:
    texts = list(itertools.islice(sentences(13), count))
    with _daemon() as ttsd:
        before = usage(ttsd.pid)
        began = time.perf_counter()
        for number, text in enumerate(texts):
            _drop(ttsd, name.format(number), text)
        dropped_s = time.perf_counter() - began
        wait_for("all sources done", lambda: _files(ttsd.spool / "done") >= count, timeout_s=TIMEOUT_S)
        took_s = time.perf_counter() - began
        after = usage(ttsd.pid)
        lost = count - sum(path.suffix == ".wav" for path in (ttsd.spool / "outbox").rglob("*"))
        commits, rows = _counts(ttsd)
    return Table(
        f"{count} {what}, engine fake, on tmpfs",
        (
            single("files a second, first drop to last one done", count / took_s, "1/s"),
            single("of this, until all are in the inbox", dropped_s, "s"),
            single("lost", lost, "", target=Target(0)),
            single("peak memory of the daemon", after.peak_mb, "MB"),
            single("before", before.peak_mb, "MB"),
            single("SQLite commits a job", commits / count, ""),
            single("SQLite rows changed a job", rows / count, ""),
        ),
    )


def _book(engine: str, count: int) -> Table:
    """One sentence of a text is edited: what that takes, beside the text's first time."""
    said = list(itertools.islice(sentences(14), count))
    with _daemon(engine__name=engine, clips__max_gb=20) as ttsd:
        first_s, receipt = _spoken(ttsd, "book", lambda: _drop(ttsd, "book.txt", _paragraphs(said)))
        alone_s, _ = _spoken(ttsd, "one", lambda: _drop(ttsd, "one.txt", "A sentence of this length was made alone."))
        said[count // 2] = "A sentence of that length was written anew."
        edited_s, again = _spoken(
            ttsd, "book", lambda: _drop(ttsd, "book.txt", _paragraphs(said)), after=receipt["job"]
        )
        made = sum(not segment["reused"] for segment in again["segments"])
    share = 100 * (edited_s - alone_s) / first_s
    return Table(
        f"A text of {count} sentences, one of them edited, engine {engine}, on tmpfs",
        (
            single("first time", first_s, "s"),
            single("one sentence as a file of its own", alone_s, "s"),
            single("the text again, one sentence edited", edited_s, "s"),
            single("without that sentence, share of the first time", share, "%", target=EDITED),
            single("sentences made the second time", made, ""),
            single("speech", receipt["duration_s"] / 60, "min"),
        ),
        ("the slower the engine, the smaller the share: this one needs 0.012 s for a second of speech",),
    )


def _big_book(count: int) -> Table:
    """An EPUB of 20 MB: its text, and a picture that nobody reads."""
    said = list(itertools.islice(sentences(15), count))
    chapters = [said[start : start + 500] for start in range(0, count, 500)]
    items = [
        Item(f"c{number}.xhtml", f"<h1>Chapter {number}</h1>" + "".join(f"<p>{p}</p>" for p in _joined(chapter)))
        for number, chapter in enumerate(chapters, 1)
    ]
    with _daemon(clips__max_gb=20, limits__max_document_chars=10_000_000) as ttsd:
        book = ttsd.base / "book.epub"
        picture = os.urandom(BOOK_BYTES - sum(len(item.body) for item in items) // 4)
        write_epub(book, items, files={"OPS/cover.jpg": picture})
        size_mb = book.stat().st_size / 2**20
        before = usage(ttsd.pid)
        took_s, receipt = _spoken(ttsd, "book", lambda: book.rename(ttsd.spool / "inbox/book.epub"))
        after = usage(ttsd.pid)
    return Table(
        f"An EPUB of {size_mb:.0f} MB, {count} sentences, engine fake, on tmpfs",
        (
            single("inbox to receipt", took_s, "s"),
            single("segments a second", len(receipt["segments"]) / took_s, "1/s"),
            single("speech", receipt["duration_s"] / 3600, "h"),
            single("chapters", len(receipt["chapters"]), ""),
            single("peak memory of the daemon", after.peak_mb, "MB"),
            single("before", before.peak_mb, "MB"),
        ),
    )


# --- parts -----------------------------------------------------------------------------------------


def _joined(said: list[str]) -> list[str]:
    step = SENTENCES_IN_PARAGRAPH
    return [" ".join(said[start : start + step]) for start in range(0, len(said), step)]


def _paragraphs(said: list[str]) -> str:
    return "\n\n".join(_joined(said))


def _drop(ttsd: Daemon, name: str, text: str) -> None:
    """Complete, by a rename."""
    hidden = ttsd.spool / "inbox" / ".next.part"
    hidden.write_text(text)
    target = ttsd.spool / "inbox" / name
    target.parent.mkdir(exist_ok=True)
    hidden.rename(target)


def _spoken(ttsd: Daemon, name: str, drop: Callable[[], object], after: str = "") -> tuple[float, dict[str, Any]]:
    """Seconds from the drop to the receipt, and the receipt."""
    began = time.perf_counter()
    drop()
    receipt = _receipt(ttsd, f"{name}.json", after)
    return time.perf_counter() - began, receipt


def _receipt(ttsd: Daemon, name: str, after: str = "") -> dict[str, Any]:
    path = ttsd.spool / "outbox" / name
    seen = path.stat().st_ino if after else 0

    def look() -> dict[str, Any] | None:
        if not path.exists() or path.stat().st_ino == seen:
            return None
        return json.loads(path.read_bytes())

    found = wait_for(name, look, timeout_s=TIMEOUT_S, every_s=0.005)
    assert found is not None
    return found


def _done(ttsd: Daemon) -> int:
    return sum(name.endswith(".json") for name in os.listdir(ttsd.spool / "outbox"))  # noqa: PTH208 — names only


def _files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def _counts(ttsd: Daemon) -> tuple[float, float]:
    """Commits and changed rows of the database so far."""
    families = text_string_to_metric_families(get(ttsd.socket, "/metrics")[1].decode())
    values = {sample.name: sample.value for family in families for sample in family.samples}
    return values["ttsd_database_commits_total"], values["ttsd_database_rows_changed_total"]
