"""Several people at one daemon: each a process of a user of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DaemonProcess
from tests.needs import needs_root
from tests.people import ANNA, BERT, CARL, CHIEFS, HOUSE, Person

pytestmark = needs_root

ROOT = Path(__file__).parents[2]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One whose way others may walk, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="ttsd-people-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def house(open_folder: Path, make_daemon: Callable[..., DaemonProcess]) -> DaemonProcess:
    """A daemon whose socket lets the group HOUSE in, as the one of systemd lets `ttsd` in."""
    daemon = make_daemon(open_folder, access={"admin_group": str(CHIEFS)}).start()
    os.chown(daemon.socket, -1, HOUSE)
    return daemon


@pytest.fixture
def anna(house: DaemonProcess) -> Person:
    return Person(house.socket, ANNA)


@pytest.fixture
def bert(house: DaemonProcess) -> Person:
    return Person(house.socket, BERT)


@pytest.fixture
def chief(house: DaemonProcess) -> Person:
    """One of the group of admins."""
    return Person(house.socket, CARL, (HOUSE, CHIEFS))


def lines(daemon: DaemonProcess) -> list[dict[str, Any]]:
    """What the log file has."""
    return [json.loads(line) for line in (daemon.root / "logs" / "ttsd.log").read_text().splitlines()]


def test_who_asked_is_in_the_log_and_in_the_job(house: DaemonProcess, anna: Person, wait_for: Callable[..., Any]):
    made = anna.post("/v1/jobs", {"text": "Hello there."})
    assert made.status == 201
    assert (made.json["user"], made.json["who"]) == (anna.user, anna.user)
    assert house.post("/v1/jobs", json={"text": "Hello."}).json()["who"] == "root"

    def told() -> list[str]:
        return [line["user"] for line in lines(house) if line["event"] == "request.done" and line["method"] == "POST"]

    wait_for(lambda: told() == [anna.user, "root"])


def test_a_file_belongs_to_its_owner(house: DaemonProcess, wait_for: Callable[..., Any]):
    hidden = house.spool / "inbox" / ".note.part"
    hidden.write_text("A note of Anna's.")
    os.chown(hidden, ANNA, HOUSE)
    hidden.rename(house.spool / "inbox" / "note.txt")
    house.wait_path("outbox/note.json")
    (job,) = house.get("/v1/jobs").json()["jobs"]
    assert (job["user"], job["title"]) == (f"uid {ANNA}", "note.txt")


def ended(person: Person, job: str, wait_for: Callable[..., Any]) -> None:
    wait_for(lambda: person.get(f"/v1/jobs/{job}").json["state"] == "succeeded")


SECRET = "The zebra's password is xylophone."


@pytest.fixture
def annas(anna: Person, wait_for: Callable[..., Any]) -> str:
    """A finished job of Anna's."""
    job = anna.post("/v1/jobs", {"text": SECRET, "voice": "tone", "title": "zebra"}).json["id"]
    ended(anna, job, wait_for)
    return job


ASKED: list[tuple[str, str, object]] = [
    ("GET", "", None),
    ("GET", "/audio", None),
    ("GET", "/receipt", None),
    ("DELETE", "", None),
    ("POST", "/retry", None),
    ("POST", "/redo", {"segment": 0}),
    ("POST", "/move", {"to": "up"}),
]


def test_others_jobs_are_as_if_they_were_not_there(annas: str, anna: Person, bert: Person):
    for method, path, body in ASKED:
        theirs = bert.ask(method, f"/v1/jobs/{annas}{path}", body)
        unknown = bert.ask(method, f"/v1/jobs/{annas[:-1]}u{path}", body)
        assert theirs.status == unknown.status == 404, (method, path)
        assert theirs.message.replace(annas, "ID") == unknown.message.replace(f"{annas[:-1]}u", "ID")
        assert b"zebra" not in theirs.body
        assert anna.ask(method, f"/v1/jobs/{annas}{path}", body).status != 404 or path == "/receipt"
    assert anna.get(f"/v1/jobs/{annas}/audio").body[:4] == b"RIFF"


def test_the_list_has_a_row_without_name_for_others_jobs(annas: str, anna: Person, bert: Person):
    mine = bert.post("/v1/jobs", {"text": "Mine."}).json["id"]
    page = bert.get("/v1/jobs?order=oldest").json
    theirs, own = page["jobs"]
    assert (own["id"], own["veiled"], own["title"]) == (mine, False, "Mine.")
    assert (theirs["title"], theirs["veiled"], theirs["state"]) == ("another user's job", True, "succeeded")
    assert not any((theirs["user"], theirs["who"], theirs["output"], theirs["error"], theirs["settings"]))
    assert page["total"] == 2
    assert [job["veiled"] for job in anna.get("/v1/jobs").json["jobs"]] == [True, False]


@pytest.mark.parametrize("words", ["zebra", "tone"])
def test_a_search_does_not_tell_what_is_in_others_jobs(annas: str, anna: Person, bert: Person, words: str):
    assert [job["id"] for job in anna.get(f"/v1/jobs?q={words}").json["jobs"]] == [annas]
    page = bert.get(f"/v1/jobs?q={words}").json
    assert (page["jobs"], page["next"]) == ([], None)


def test_root_and_admins_see_and_change_everything(house: DaemonProcess, annas: str, chief: Person):
    assert chief.get("/v1/jobs").json["jobs"][0]["title"] == "zebra"
    assert chief.post(f"/v1/jobs/{annas}/redo", {"segment": 0}).status == 200
    assert house.get(f"/v1/jobs/{annas}").json()["title"] == "zebra"


def test_the_admin_group_is_read_again(house: DaemonProcess, annas: str, chief: Person, wait_for: Callable[..., Any]):
    assert house.process is not None
    house.settings["access"]["admin_group"] = ""
    house.write_config()
    house.process.send_signal(signal.SIGHUP)
    wait_for(lambda: chief.get(f"/v1/jobs/{annas}").status == 404)


def test_a_folder_is_shared_with_its_group_and_its_jobs_stay_their_owners(
    house: DaemonProcess, anna: Person, bert: Person, wait_for: Callable[..., Any]
):
    for folder, group in (("inbox", HOUSE), ("outbox", HOUSE)):
        os.chown(house.spool / folder, -1, group)
        (house.spool / folder).chmod(0o2770)
    done = anna.run(["sh", "-c", f"echo A note. >{house.spool}/inbox/note.txt"])
    assert done.returncode == 0, done.stderr
    house.wait_path("outbox/note.json")
    (job,) = wait_for(lambda: bert.get("/v1/jobs?state=succeeded").json["jobs"])
    assert (job["user"], job["title"], job["veiled"]) == (anna.user, "note.txt", False)
    assert bert.get(f"/v1/jobs/{job['id']}/receipt").json["segments"][0]["text"] == "A note."
    refused = bert.post(f"/v1/jobs/{job['id']}/redo", {"segment": 0})
    assert (refused.status, refused.json["error"]["code"]) == (403, "forbidden")
    assert refused.message.startswith(f"job {job['id']} is of {anna.user}; ")
    outsider = Person(house.socket, BERT, ())
    os.chown(house.socket, -1, BERT)
    assert outsider.get("/v1/jobs").json["jobs"][0]["veiled"]
    assert anna.groups == (HOUSE,)


def hears(person: Person, until: str) -> bytes:
    """What somebody hears of the events up to the words `until`."""
    program = f"""
import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect({str(person.socket)!r})
s.sendall(b"GET /v1/events HTTP/1.1\\r\\nhost: localhost\\r\\nconnection: upgrade\\r\\nupgrade: websocket\\r\\n"
          b"sec-websocket-version: 13\\r\\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n")
data = b""
while {until.encode()!r} not in data:
    data += s.recv(65536) or sys.exit(1)
sys.stdout.buffer.write(data)
"""
    done = person.run(["/usr/bin/python3", "-c", program])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_events_and_the_log_tell_of_ones_own_work(
    house: DaemonProcess, annas: str, anna: Person, bert: Person, wait_for: Callable[..., Any]
):
    mine = bert.post("/v1/jobs", {"text": "Mine."}).json["id"]
    ended(bert, mine, wait_for)
    assert b"zebra" in hears(anna, "zebra")
    heard = hears(bert, mine)
    assert b"zebra" not in heard
    assert anna.user.encode() not in heard
    assert annas.encode() in heard
    page = bert.get("/v1/logs?limit=1000").json
    assert {line["fields"]["user"] for line in page["lines"]} == {bert.user}
    assert any(line["fields"].get("job") == mine for line in page["lines"])
    assert "[access] admin_group" in page["notes"][-1]
    assert bert.get(f"/v1/logs?user=uid%20{ANNA}").json["lines"][0]["fields"]["user"] == bert.user
    assert {line["fields"].get("user") for line in house.get(f"/v1/logs?user=uid%20{ANNA}").json()["lines"]} == {
        anna.user
    }


def test_what_the_daemon_keeps_is_closed_to_the_group(house: DaemonProcess, annas: str, wait_for: Callable[..., Any]):
    state = house.root / "state"
    assert list((state / "results").glob(f"{annas}.*"))
    wait_for((state / "health").is_dir)
    folders = [state / name for name in ("results", "voices", "lexicons", "health")]
    private = [*folders, house.root / "cache" / "clips", *state.glob("ttsd.db*"), state / "ttsd.lock"]
    assert [path.name for path in private if path.stat().st_mode & 0o077] == []


MANAGED: list[tuple[str, str, object]] = [
    ("POST", "/v1/queue/pause", None),
    ("POST", "/v1/queue/resume", None),
    ("POST", "/v1/worker/recycle", None),
    ("POST", "/v1/lexicon", {"scope": "all", "entries": [{"written": "SQL", "spoken": "sequel"}]}),
]


def test_members_manage_unless_that_is_for_admins(
    house: DaemonProcess, bert: Person, chief: Person, wait_for: Callable[..., Any]
):
    assert [bert.ask(*one).status for one in MANAGED] == [200] * len(MANAGED)
    assert house.process is not None
    house.settings["access"]["manage"] = "admins"
    house.write_config()
    house.process.send_signal(signal.SIGHUP)
    wait_for(lambda: bert.post("/v1/queue/resume").status == 403)
    refused = [bert.ask(*one) for one in MANAGED]
    assert [one.status for one in refused] == [403] * len(MANAGED)
    assert refused[0].message == (
        "to pause the queue is for admins here ([access] manage); root, the daemon's user and members of the group "
        f"{CHIEFS} may do that"
    )
    own = {"scope": "user", "entries": [{"written": "SQL", "spoken": "sequel"}]}
    assert bert.post("/v1/lexicon", own).status == 200
    assert [chief.ask(*one).status for one in MANAGED] == [200] * len(MANAGED)


DROPPED = """
import importlib, os, pkgutil, sys
import ttsd.cli, ttsd.client, ttsd.protocol
from ttsd import places
for package in (ttsd.cli, ttsd.client, ttsd.protocol):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
folder, uid, group, *words = sys.argv[1:]
places.SYSTEM_SOCKET = places.Path(folder) / "ttsd.sock"
os.chdir("/")
os.setgroups([int(group)])
os.setgid(int(uid))
os.setuid(int(uid))
sys.exit(ttsd.cli.run(words))
"""
"""Our own program as another user, who need not be able to read it: it is loaded before."""


@pytest.mark.parametrize("mode", [0o755, 0o750])
def test_who_is_not_in_the_group_is_told_how_to_join(house: DaemonProcess, mode: int):
    """Also where they may not even look into the folder, as with the service's."""
    os.chown(house.root, -1, HOUSE)
    house.root.chmod(mode)
    env = {"HOME": "/", "XDG_RUNTIME_DIR": "/nowhere", "PATH": os.environ["PATH"]}

    def ttsd(uid: int, group: int) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", DROPPED, str(house.root), str(uid), str(group), "jobs", "list"]
        return subprocess.run(words, env=env, capture_output=True, text=True, check=False, cwd=ROOT)

    outside = ttsd(ANNA, ANNA)
    assert (outside.returncode, outside.stdout) == (4, "")
    assert outside.stderr == (
        f"ttsd: {house.socket}: permission denied, for you are not in its group: `sudo usermod -aG ttsd $USER`, "
        "then log in again\n"
    )
    inside = ttsd(ANNA, HOUSE)
    assert (inside.returncode, inside.stderr) == (0, "no jobs; drop a text file into the inbox\n")
