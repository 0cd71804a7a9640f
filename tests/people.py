"""Other people at this machine: programs that run as another user, with groups of their choice."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ANNA, BERT, CARL = 31_001, 31_002, 31_003
"""Users without an account; each has a group of the same number."""
HOUSE = 31_100
"""A group that lets in."""
CHIEFS = 31_101
"""A group of admins."""


class Answer(NamedTuple):
    """What curl got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["error"]["message"])


class Person:
    """Asks a daemon by curl, as `uid`, over its Unix socket."""

    def __init__(self, socket: Path, uid: int, groups: Sequence[int] = (HOUSE,)) -> None:
        self.socket = socket
        self.uid = uid
        self.groups = groups

    @property
    def user(self) -> str:
        return f"uid {self.uid}"

    def ask(self, method: str, path: str, body: object = None, headers: Sequence[str] = ()) -> Answer:
        words = ["curl", "--silent", "--show-error", "--include", "--max-time", "20"]
        words += ["--unix-socket", str(self.socket), "--request", method, f"http://localhost{path}"]
        words += [word for header in headers for word in ("--header", header)]
        if body is not None:
            words += ["--data-binary", json.dumps(body), "--header", "content-type: application/json"]
        done = self.run(words)
        assert done.returncode == 0, done.stderr
        return parsed(done.stdout)

    def run(self, words: Sequence[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            words,
            user=self.uid,
            group=self.uid,
            extra_groups=list(self.groups),
            capture_output=True,
            timeout=60,
            check=False,
            cwd="/",
            **options,
        )

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: object = None) -> Answer:
        return self.ask("POST", path, body)


def parsed(data: bytes) -> Answer:
    """What `curl --include` prints."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)
