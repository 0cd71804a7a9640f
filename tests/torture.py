"""Mishaps befall a daemon: one who lets them happen, and remembers what was taken; and what must have come of it.

What comes of a script is not the same each time: whether a file was claimed before it was taken away again, or a job
had ended before it was cancelled, is looked at when it happens.
"""

import contextlib
import itertools
import shutil
import signal
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx2
import psutil

from tests import verdict
from tests.conftest import DaemonProcess
from tests.mishaps import Cancel, Delete, Drop, Edit, Freeze, Kill, Mix, Move, Redo, Step, Submit, script
from tests.waiting import wait_ended, wait_for

HAZARD: Final = Path(__file__).with_name("hazard.c")
FINAL: Final = frozenset({"succeeded", "failed", "cancelled"})


def compiled(folder: Path) -> Path:
    """The library of hazards."""
    library = folder / "hazard.so"
    gcc = shutil.which("gcc")
    assert gcc is not None, "needs gcc: apt install gcc libc6-dev"
    subprocess.run([gcc, "-shared", "-fPIC", "-O1", "-Wall", "-o", library, HAZARD, "-ldl"], check=True)
    return library


class Storm:
    """Lets a script happen to a daemon; owns the memory of what the daemon has accepted."""

    def __init__(self, daemon: DaemonProcess, library: Path) -> None:
        self.daemon = daemon
        self.library = library
        daemon.env["LD_PRELOAD"] = str(library)
        self.accepted: defaultdict[str, list[bytes]] = defaultdict(list)
        """Versions that were in the inbox under a name and not taken away again, in order."""
        self.texts: dict[str, str] = {}
        """What was accepted over HTTP, by title."""
        self.doubtful: dict[str, str] = {}
        """What may have been: the answer never came."""
        self.done: Counter[str] = Counter()
        """What has happened, in words."""
        self.http = daemon.client(headers={"connection": "close"})
        """No connection outlives its request, nor its daemon."""
        self._fuse = 0
        self._hands = itertools.count()

    @property
    def kills(self) -> int:
        """How many there were with -9."""
        return sum(count for what, count in self.done.items() if what.startswith("killed"))

    # --- life and death ---

    def alive(self) -> None:
        """A daemon runs and has its folders; one that has burnt its fuse gets a successor."""
        while not self.lives() or not self.daemon.path("inbox").is_dir():
            if self.lives():
                wait_for(lambda: not self.lives() or self.daemon.path("inbox").is_dir(), 30, "an inbox")
            else:
                self.start(self._fuse)
                self._fuse = 0

    def start(self, fuse: int = 0) -> None:
        """A daemon that lives for so many operations on files, or for ever."""
        self.daemon.env["HAZARD_FUSE"] = str(fuse) if fuse else ""
        self.daemon.start(ready=False)

    def lives(self) -> bool:
        """Whether the daemon runs; it may have died by its fuse, and in no other way."""
        process = self.daemon.process
        if process is None:
            return False
        if process.poll() is None:
            return True
        assert process.returncode == -signal.SIGKILL, f"ended with {process.returncode}:\n{self.daemon.stderr[-3000:]}"
        self.daemon.process = None
        self.done["killed: fuse"] += 1
        return False

    def children(self, role: str = "") -> list[psutil.Process]:
        """Processes of the daemon; `role` as in `ttsd.worker`."""
        assert self.daemon.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):  # the daemon has burnt its fuse
            found = psutil.Process(self.daemon.process.pid).children(recursive=True)
            return [child for child in found if not role or role in _words(child)]
        return []

    def kill(self, step: Kill) -> None:
        """At a random instant of the daemon's life, unless its fuse was quicker."""
        self._live(step.after_s)
        if step.whom == "worker":
            for worker in self.children("ttsd.worker"):
                with contextlib.suppress(psutil.NoSuchProcess):  # the daemon replaced it meanwhile
                    worker.kill()
                    self.done["killed: worker"] += 1
            return
        if self.lives():
            family = self.children()
            self.daemon.kill()
            self.daemon.process = None
            if step.whom == "tree":
                for child in family:
                    with contextlib.suppress(psutil.NoSuchProcess):  # it noticed that its daemon has gone
                        child.kill()
            self.done[f"killed: {step.whom}"] += 1
            wait_ended(family, 30)
        self._fuse = step.fuse

    def _live(self, at_most_s: float) -> None:
        """Wait for the end of the daemon, which its fuse may bring, and no longer than that."""
        if self.daemon.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):  # it lives on
                self.daemon.process.wait(at_most_s)

    def freeze(self, step: Freeze) -> None:
        if self.lives() and self.daemon.process:
            found = [psutil.Process(self.daemon.process.pid)] if step.whom == "daemon" else self.children("ttsd.worker")
            for process in found:
                with contextlib.suppress(psutil.NoSuchProcess):  # its fuse, or its daemon, was quicker
                    process.suspend()
                    self._live(step.for_s)
                    process.resume()
                    self.done[f"frozen: {step.whom}"] += 1

    # --- the script ---

    def act(self, step: Step) -> None:
        """Let it happen."""
        self.alive()
        match step:
            case Kill():
                self.kill(step)
            case Freeze():
                self.freeze(step)
            case Submit(title, text):
                self.submit(title, text)
            case Redo():
                self._ask(lambda: self.redo(step))
            case Cancel(name):
                self._ask(lambda: self._cancel(name))
            case _:
                self._touch(step)

    def _touch(self, step: Drop | Edit | Move | Delete) -> None:
        """Something happens in the inbox."""
        match step:
            case Drop(name, data, how):
                self.drop(name, data, how)
            case Edit(name, data):
                waiting = self._withdraw(name) is not None
                self.done["edited in the inbox" if waiting else "edited when taken"] += 1
                self.drop(name, data)
            case Move(name, to):
                if (hidden := self._withdraw(name)) is not None:
                    self._put(hidden, to)
                    self.done["moved"] += 1
            case Delete(name):
                self.done["deleted"] += self._withdraw(name) is not None

    def drop(self, name: str, data: bytes, how: str = "moved") -> None:
        """A file comes in."""
        if how == "moved":
            hidden = self._hidden()
            hidden.write_bytes(data)
            self._put(hidden, name)
            return
        target = self.daemon.path(f"inbox/{name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        self.accepted[name].append(data)
        with target.open("xb", buffering=0) as file:
            for start in range(0, len(data), 16):
                file.write(data[start : start + 16])

    def _hidden(self) -> Path:
        """A place of our own on the inbox's disk."""
        away = self.daemon.path("away")
        away.mkdir(parents=True, exist_ok=True)
        return away / str(next(self._hands))

    def _put(self, hidden: Path, name: str) -> None:
        target = self.daemon.path(f"inbox/{name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        self.accepted[name].append(hidden.read_bytes())
        hidden.rename(target)

    def _withdraw(self, name: str) -> Path | None:
        """The file leaves the inbox; `None` when the daemon has it."""
        hidden = self._hidden()
        try:
            self.daemon.path(f"inbox/{name}").rename(hidden)
        except FileNotFoundError:
            return None
        self.accepted[name].pop()
        return hidden

    # --- over HTTP ---

    def _ask(self, question: Callable[[], None]) -> None:
        """Of a daemon that may die over it, or may not listen yet: then it is not asked."""
        with contextlib.suppress(httpx2.TransportError):
            wait_for(lambda: not self.lives() or self.daemon.listens(), 60, "a socket")
            question()

    def _cancel(self, name: str) -> None:
        wait_for(lambda: not self.lives() or self._job(name) is not None, 60, f"{name} is taken")
        job = self._job(name)
        if job is not None and self.http.delete(f"/v1/jobs/{job['id']}").status_code == 200:
            self.done["cancelled"] += 1

    def redo(self, step: Redo) -> None:
        wait_for(lambda: not self.lives() or self._is_over(step.name), 60, f"{step.name} is over")
        job = self._job(step.name)
        if job is not None and job["state"] == "succeeded" and job["segments_total"]:
            body = {"segment": step.segment, "seed": step.seed}
            answer = self.http.post(f"/v1/jobs/{job['id']}/redo", json=body)
            assert answer.status_code == 200, answer.text
            self.done["redone"] += 1

    def _is_over(self, name: str) -> bool:
        job = self._job(name)
        return job is not None and job["state"] in FINAL

    def submit(self, title: str, text: str) -> None:
        wait_for(lambda: not self.lives() or self.daemon.listens(), 60, "a socket")
        self.doubtful[title] = text
        with contextlib.suppress(httpx2.TransportError):
            answer = self.http.post("/v1/jobs", json={"text": text, "title": title})
            assert answer.status_code == 201, answer.text
            self.texts[title] = self.doubtful.pop(title)
            self.done["submitted"] += 1

    def _job(self, title: str) -> dict[str, Any] | None:
        """The newest one of that title."""
        return next((job for job in self.jobs() if job["title"] == title), None)

    def jobs(self) -> list[dict[str, Any]]:
        """All, newest first."""
        found: list[dict[str, Any]] = []
        query = "/v1/jobs?limit=1000"
        while query:
            page = self.http.get(query).json()
            found += page["jobs"]
            query = f"/v1/jobs?limit=1000&before={page['next']}" if page["next"] else ""
        return found

    # --- the calm after it ---

    def settle(self, timeout_s: float = 120.0) -> list[dict[str, Any]]:
        """Wait until all is over that was accepted. Workers' victims are tried again, and half of the cancelled."""
        self._fuse = 0
        self.alive()
        if self.daemon.env.pop("HAZARD_FUSE", ""):
            self.kill(Kill("daemon", 0, 0))
            self.alive()
        self.daemon.wait_ready(60)
        self._wait_until_over(timeout_s)
        newest = {job["title"]: job for job in reversed(self.jobs())}
        for job in newest.values():
            killed = job["state"] == "failed" and "workers died" in job["error"]["message"]
            if killed or (job["state"] == "cancelled" and ord(job["id"][-1]) % 2):
                assert self.http.post(f"/v1/jobs/{job['id']}/retry").status_code == 200
                self.done["retried"] += 1
        self._wait_until_over(timeout_s)
        return self.jobs()

    def _wait_until_over(self, timeout_s: float) -> None:
        files = sum(map(len, self.accepted.values()))

        def over() -> bool:
            counts = self.http.get("/v1/status").json()["queue"]
            under_way = counts["queued"] + counts["running"]
            return not under_way and sum(job["door"] == "spool" for job in self.jobs()) >= files

        wait_for(over, timeout_s, f"{files} files are over")


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def replay(calm: DaemonProcess, jobs: list[dict[str, Any]], storm: Storm) -> list[dict[str, Any]]:
    """What has come of a storm, made by a daemon that nothing befalls: last versions, their takes, and texts."""
    last = verdict.outcomes(storm.daemon, jobs)
    versions = verdict.versions(storm.accepted, jobs)
    quiet = Storm(calm, storm.library)
    calm.start()
    for title, job in last.items():
        quiet.drop(title, versions[job["id"]])
    for title in verdict.results(storm.daemon, jobs):
        quiet.submit(title, (storm.texts | storm.doubtful)[title])
    quiet.settle()
    for title, job in last.items():
        for segment, seed in job["settings"].get("takes", {}).items():
            quiet.redo(Redo(title, int(segment), seed))
    return quiet.settle()


MakeDaemon = Callable[..., DaemonProcess]
FEW: Final = (
    Drop("book.csv", b"text\nThe first row.\nThe second row.\n", "moved"),
    Drop("sub/note.txt", b'+++\nformat = "flac"\ncaptions = "both"\n+++\nA short note. It has two sentences.', "moved"),
)


def burnt(make: MakeDaemon, library: Path, root: Path, fuse: int) -> bool:
    """Whether a daemon died that was to do so at its `fuse`th operation on files; all is as it must be in any case.

    It finds its files when it starts, and has done nothing before.
    """
    storm = Storm(make(root, spool={"settle_s": 0.05}), library)
    storm.daemon.path("inbox").mkdir(parents=True)
    for drop in FEW:
        storm.drop(*drop)
    storm.start(fuse)
    wait_for(lambda: not storm.lives() or len(verdict.files_in(storm.daemon.path("done"))) == len(FEW), 60, "an end")
    jobs = storm.settle()
    assert storm.daemon.stop() == 0
    assert [job["state"] for job in jobs] == ["succeeded"] * len(FEW)
    verdict.check_database(storm.daemon)
    verdict.check_spool(storm.daemon, storm.accepted, jobs)
    verdict.check_stores(storm.daemon, jobs)
    return bool(storm.done["killed: fuse"])


def weathered(make: MakeDaemon, library: Path, root: Path, seed: int, mix: Mix, **settings: dict[str, Any]) -> Storm:
    """A storm that has passed over a daemon, has left all as it must be, and the same as a calm day does."""
    settings = {"spool": {"settle_s": 0.1}, **settings}
    (root / "storm").mkdir()
    storm = Storm(make(root / "storm", **settings), library)
    for step in script(seed, mix):
        storm.act(step)
    jobs = storm.settle()
    assert storm.daemon.stop() == 0
    wait_for(lambda: not processes(library), 30, "an end of all its processes")
    verdict.check_database(storm.daemon)
    verdict.check_spool(storm.daemon, storm.accepted, jobs)
    verdict.check_stores(storm.daemon, jobs)
    (root / "calm").mkdir()
    calm = make(root / "calm", **settings)
    replayed = replay(calm, jobs, storm)
    assert calm.stop() == 0
    verdict.check_same(storm.daemon, calm)
    texts = verdict.results(storm.daemon, jobs)
    assert texts.keys() >= storm.texts.keys()
    assert texts == verdict.results(calm, replayed)
    return storm


def processes(library: Path) -> list[int]:
    """Those that were started under these hazards, and whatever they started."""
    found: list[int] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("LD_PRELOAD") == str(library):
                found.append(process.pid)
    return found
