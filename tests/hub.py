"""A hub on this machine, as huggingface_hub speaks to one: repositories, commits, large files, and faults to order."""

import contextlib
import hashlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

SMALL = 100_000
"""Larger files are kept as the hub keeps weights: by SHA-256, behind a redirection."""


class Request(msgspec.Struct, frozen=True):
    """A request as it came: its path without the query, and the headers that decide what is sent."""

    method: str
    path: str
    range: str
    status: int


class Hub:
    """Owns a server on a free port. Repositories and faults may be changed at any time."""

    def __init__(self) -> None:
        self.commits: dict[str, dict[str, bytes]] = {}
        self.branches: dict[tuple[str, str], str] = {}
        self.requests: list[Request] = []
        self.gated: dict[str, int] = {}
        """By id: the status with which files are refused."""
        self.resets: dict[str, int] = {}
        """By file: after so many bytes the connection is reset, once."""
        self.closes: dict[str, int] = {}
        """By file: after so many bytes the connection is closed, once; the hub's client then tries again by itself."""
        self.damaged: set[str] = set()
        self.claimed_size: dict[str, int] = {}
        self.on_file: Callable[[str], object] = lambda _: None
        """Called before a file is sent."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.cdn = f"http://localhost:{self._server.server_port}"
        """Another host, as far as a client can tell: what it knows of the first is not for it."""

    @contextlib.contextmanager
    def serving(self) -> Iterator["Hub"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def commit(self, model_id: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Put a state of a repository there, and have a branch point at it; its hash."""
        told = hashlib.sha1(model_id.encode())
        for name, data in sorted(files.items()):
            told.update(f"{name} {len(data)} ".encode() + data)
        self.commits[told.hexdigest()] = files
        self.branches[model_id, branch] = told.hexdigest()
        return told.hexdigest()

    def fetched(self, method: str = "GET") -> list[Request]:
        """Requests for bytes of files, where they were answered with bytes."""
        return [r for r in self.requests if r.method == method and r.status in (200, 206) and "/api/" not in r.path]

    def resolved(self, model_id: str, revision: str) -> str | None:
        """The commit that a revision means; `None` when there is none."""
        known = {commit for (name, _), commit in self.branches.items() if name == model_id}
        return revision if revision in self.commits and known else self.branches.get((model_id, revision))


def read_folder(folder: Path) -> dict[str, bytes]:
    """A folder as the files of a commit."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"hub": hub})


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — its name in the base class
        """The log is `Hub.requests`."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?", path):
            self._describe(match[1], match[2] or "revision", match[3] or "main")
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._resolve(match[1], match[2], match[3])
        elif match := re.fullmatch(r"/cdn/([0-9a-f]{40})/(.+)", path):
            self._send_file(match[2], self.hub.commits[match[1]][match[2]], {})
        else:
            self._send(404)

    # --- what there is ------------------------------------------------------------------------------

    def _describe(self, model_id: str, what: str, revision: str) -> None:
        commit = self._commit(model_id, revision)
        if commit is None:
            return
        files = self.hub.commits[commit]
        body: Any
        if what == "tree":
            body = [self._entry(name, data) for name, data in files.items()]
        else:
            siblings = [{"rfilename": name, **self._entry(name, data)} for name, data in files.items()]
            for sibling in siblings:
                sibling["blobId"] = sibling.pop("oid")
            body = {"id": model_id, "modelId": model_id, "sha": commit, "private": False, "siblings": siblings}
        self._send(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _commit(self, model_id: str, revision: str) -> str | None:
        """The commit, or `None` once the refusal is sent. To strangers a hub does not say whether there is a model."""
        if not any(name == model_id for name, _ in self.hub.branches):
            self._send(
                401, b'{"error":"Invalid username or password."}', {"X-Error-Message": "Invalid username or password."}
            )
            return None
        commit = self.hub.resolved(model_id, revision)
        if commit is None:
            self._send(404, b'{"error":"Invalid rev id"}', {"X-Error-Code": "RevisionNotFound"})
        return commit

    def _entry(self, name: str, data: bytes) -> dict[str, Any]:
        size = self.hub.claimed_size.get(name, len(data))
        entry: dict[str, Any] = {"type": "file", "path": name, "size": size, "oid": blob_id(data)}
        if len(data) > SMALL:
            entry["lfs"] = {"oid": sha256(data), "sha256": sha256(data), "size": size, "pointerSize": 134}
        return entry

    # --- bytes --------------------------------------------------------------------------------------

    def _resolve(self, model_id: str, revision: str, name: str) -> None:
        commit = self._commit(model_id, revision)
        if commit is None:
            return
        if status := self.hub.gated.get(model_id):
            self._send(status, b"", {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted"})
            return
        if name not in self.hub.commits[commit]:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        data = self.hub.commits[commit][name]
        known = {"X-Repo-Commit": commit}
        if len(data) > SMALL:
            linked = {"X-Linked-Etag": f'"{sha256(data)}"', "X-Linked-Size": str(len(data))}
            self._send(302, b"", {**known, **linked, "Location": f"{self.hub.cdn}/cdn/{commit}/{name}"})
        else:
            self._send_file(name, data, {**known, "ETag": f'"{blob_id(data)}"'})

    def _send_file(self, name: str, data: bytes, headers: dict[str, str]) -> None:
        self.hub.on_file(name)
        if name in self.hub.damaged:
            data = bytes([data[0] ^ 1]) + data[1:]
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        if asked:
            headers = {**headers, "Content-Range": f"bytes {first}-{len(data) - 1}/{len(data)}"}
        self._begin(206 if asked else 200, len(data) - first, headers)
        if self.command == "HEAD":
            return
        reset, close = self.hub.resets.pop(name, None), self.hub.closes.pop(name, None)
        stop = close if reset is None else reset
        with contextlib.suppress(ConnectionError):  # a client may go away
            self.wfile.write(data[first:] if stop is None else data[first : first + stop])
        self.close_connection = stop is not None
        if reset is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _send(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self._begin(status, len(body), headers or {})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _begin(self, status: int, size: int, headers: dict[str, str]) -> None:
        self.hub.requests.append(
            Request(self.command, unquote(urlsplit(self.path).path), self.headers.get("Range", ""), status)
        )
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(size)}.items():
            self.send_header(name, value)
        self.end_headers()


def blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
