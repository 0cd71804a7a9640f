"""What must be true of a spool when all is over, whatever has befallen it: looked at in its files and its database."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import soundfile

from tests.conftest import DaemonProcess

RATE_HZ: Final = 24_000
EXACT: Final = frozenset({".wav", ".pcm", ".flac", ".srt", ".vtt", ".csv", ".json"})
"""Files of these types are the same, byte by byte; others sound the same, sample by sample."""

LAST_FRAME: Final = {".m4a": 1023, ".m4b": 1023}
"""Samples by which a file may be too long: FFmpeg's decoder leaves the last frame of AAC whole."""


def check_database(daemon: DaemonProcess) -> None:
    """The file is sound, its tally right, and no job is under way."""
    with sqlite3.connect(daemon.root / "state" / "ttsd.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        counted = dict(db.execute("SELECT state, count(*) FROM job GROUP BY state"))
        assert {state: jobs for state, jobs in db.execute("SELECT state, jobs FROM tally") if jobs} == counted
        assert counted.keys() <= {"succeeded", "failed", "cancelled"}
        pending = (
            "SELECT job FROM segment JOIN job ON job.id = job WHERE job.state = 'succeeded' AND segment.state <> 'done'"
        )
        assert db.execute(pending).fetchall() == []
    db.close()


def check_spool(daemon: DaemonProcess, accepted: Mapping[str, list[bytes]], jobs: Iterable[dict[str, Any]]) -> None:
    """Each accepted file has one job, its place in `done/` or `failed/`, and, if spoken, one right output."""
    files = [job for job in jobs if job["door"] == "spool"]
    assert Counter(job["title"] for job in files) == Counter(
        {name: len(each) for name, each in accepted.items() if each}
    )
    assert list(files_in(daemon.path("inbox"))) == []
    assert list(daemon.path(".work").iterdir()) == []
    hidden = [path for path in daemon.spool.rglob("*") if path.name.startswith(".") and path.name != ".work"]
    assert hidden == []
    _check_sources(daemon, accepted, files)
    _check_outputs(daemon, accepted, files)


def _check_sources(daemon: DaemonProcess, accepted: Mapping[str, list[bytes]], jobs: list[dict[str, Any]]) -> None:
    kept = Counter(data for versions in accepted.values() for data in versions)
    done = Counter(path.read_bytes() for path in files_in(daemon.path("done")))
    failed = [path for path in files_in(daemon.path("failed")) if not path.name.endswith(".error.txt")]
    assert done + Counter(path.read_bytes() for path in failed) == kept
    finished = {job["id"] for job in jobs if job["state"] == "succeeded"}
    late = {job["id"] for job in outcomes(daemon, jobs).values()} - finished
    assert len(finished) <= done.total() <= len(finished | late)
    for path in failed:
        assert path.with_name(path.name + ".error.txt").read_text()


def outcomes(daemon: DaemonProcess, jobs: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The job whose output each source must have; `jobs` are newest first.

    That is the last one that succeeded, or that was cancelled when its output was complete.
    """
    told = {receipt["job"] for _, receipt in receipts(daemon).values()}
    files = [job for job in jobs if job["door"] == "spool"]
    there = [job for job in files if job["state"] == "succeeded" or job["id"] in told]
    return {job["title"]: job for job in there[::-1]}


def _check_outputs(daemon: DaemonProcess, accepted: Mapping[str, list[bytes]], jobs: list[dict[str, Any]]) -> None:
    """Receipts and files of the outbox agree with each other, and with the last version of each source."""
    outbox = daemon.path("outbox")
    last = outcomes(daemon, jobs)
    expected: list[str] = []
    said = versions(accepted, jobs)
    found = receipts(daemon)
    assert found.keys() == last.keys()
    for source, (path, receipt) in found.items():
        assert receipt["job"] == last[source]["id"]
        assert receipt["source_sha256"] == hashlib.sha256(said[receipt["job"]]).hexdigest()
        takes = {int(index): seed for index, seed in last[source]["settings"].get("takes", {}).items()}
        made = {segment["index"]: segment["seed"] for segment in receipt["segments"]}
        assert {index: made[index] for index in takes} == takes
        expected += [str(path.relative_to(outbox)), *receipt["files"]]
        sounds = [outbox / name for name in receipt["files"] if Path(name).suffix not in (".srt", ".vtt", ".csv")]
        excess = sum(map(frames, sounds)) - round(receipt["duration_s"] * RATE_HZ)
        assert 0 <= excess <= sum(LAST_FRAME.get(path.suffix, 0) for path in sounds), (receipt["files"], excess)
    assert sorted(expected) == daemon.outbox()


def versions(accepted: Mapping[str, list[bytes]], jobs: Iterable[dict[str, Any]]) -> dict[str, bytes]:
    """What each job's file said: the versions of a name were taken in their order; `jobs` are newest first."""
    oldest_first = list(jobs)[::-1]
    found: dict[str, bytes] = {}
    for name, datas in accepted.items():
        ids = [job["id"] for job in oldest_first if job["title"] == name]
        found |= dict(zip(ids, datas, strict=True))
    return found


def check_stores(daemon: DaemonProcess, jobs: Iterable[dict[str, Any]]) -> None:
    """Clips are whole; each text that came over HTTP has its result; there is nothing else."""
    for clip in files_in(daemon.root / "cache/clips"):
        assert len(clip.name) == 64 + len(".flac"), clip
        assert clip.name.startswith(clip.parent.name)
        assert frames(clip)
    texts = {f"{job['id']}.wav" for job in jobs if job["door"] == "http" and job["state"] == "succeeded"}
    assert {path.name for path in (daemon.root / "state/results").iterdir()} == texts


def check_same(one: DaemonProcess, other: DaemonProcess) -> None:
    """Both have the same sounds, captions and summaries, and their receipts tell the same of them."""
    told = [{source: _told(receipt) for source, (_, receipt) in receipts(daemon).items()} for daemon in (one, other)]
    assert told[0] == told[1]
    assert one.outbox() == other.outbox()
    own = {path.relative_to(daemon.path("outbox")) for daemon in (one, other) for path, _ in receipts(daemon).values()}
    for name in {Path(name) for name in one.outbox()} - own:
        paths = [daemon.path("outbox") / name for daemon in (one, other)]
        if name.suffix in EXACT:
            assert paths[0].read_bytes() == paths[1].read_bytes(), name
        else:
            assert (samples(paths[0]) == samples(paths[1])).all(), name


def _told(receipt: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on when it was made, and by which job."""
    varies = {"job", "created_s", "finished_s", "queued_ms", "ttfa_ms", "work_s", "rtf"}
    kept = {name: value for name, value in receipt.items() if name not in varies}
    return {**kept, "segments": [{**each, "reused": None} for each in receipt["segments"]]}


def receipts(daemon: DaemonProcess) -> dict[str, tuple[Path, dict[str, Any]]]:
    """By source."""
    found = [
        (path, json.loads(path.read_bytes())) for path in files_in(daemon.path("outbox")) if path.suffix == ".json"
    ]
    by_source = {receipt["source"]: (path, receipt) for path, receipt in found}
    assert len(by_source) == len(found), "a source with two receipts"
    return by_source


def results(daemon: DaemonProcess, jobs: Iterable[dict[str, Any]]) -> dict[str, bytes]:
    """Sounds of texts that came over HTTP, by title; each came once."""
    texts = [job for job in jobs if job["door"] == "http" and job["state"] == "succeeded"]
    found = {job["title"]: (daemon.root / f"state/results/{job['id']}.wav").read_bytes() for job in texts}
    assert len(found) == len(texts)
    return found


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def frames(path: Path) -> int:
    """Samples at the inner rate that the file plays."""
    return len(samples(path))


def samples(path: Path) -> Any:
    """What the file plays, at the inner rate."""
    if path.suffix not in (".m4a", ".m4b", ".opus", ".mp3"):
        return soundfile.read(path, dtype="int16")[0]
    return _decoded(path)


def _decoded(path: Path) -> Any:
    import av
    import numpy as np

    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        pieces = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
        pieces += resampler.resample(None)
    return np.concatenate([piece.to_ndarray().ravel() for piece in pieces])
