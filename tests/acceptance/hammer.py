"""Runs on the machine: connects to the daemon's socket again and again until a file appears; prints what came of it.

Each client asks for one thing and hangs up. A client whose daemon was killed under it may get no answer; a refused
connection is what must never be.
"""

import json
import socket
import sys
import time
from collections import Counter
from pathlib import Path

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def ask(path: str) -> str:
    """`answered`, `cut off`, or the name of the error of connecting."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        try:
            client.connect(path)
        except OSError as error:
            return type(error).__name__
        try:
            client.sendall(REQUEST)
            return "answered" if client.recv(4096).startswith(b"HTTP/1.1 200 ") else "cut off"
        except OSError:
            return "cut off"


def main(path: str, until: Path) -> None:
    """Count until `until` exists."""
    seen: Counter[str] = Counter()
    longest_s = 0.0
    while not until.exists():
        began = time.monotonic()
        seen[ask(path)] += 1
        longest_s = max(longest_s, time.monotonic() - began)
    print(json.dumps({**seen, "longest_s": round(longest_s, 3)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
