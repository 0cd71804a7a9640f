"""A child for tests of `ChildProcess`: answers each ping, and acts out what the environment names."""

import os
import signal
import sys
import time

from ttsd.ipc import Channel
from ttsd.protocol.engine import Ping, Pong, ToWorker, WorkerStats

ACT = os.environ.get("ACT", "")


def act(channel: Channel) -> None:  # noqa: C901 — a list of acts
    match ACT:
        case "exit":
            sys.exit(7)
        case "print":
            print("on stdout")
            print("on stderr", file=sys.stderr)
            print("no newline at the end", file=sys.stderr, end="")
            sys.exit(0)
        case "long line":
            sys.stderr.write("x" * 1_000_000 + "\nshort\n")
            sys.exit(0)
        case "garbage":
            channel._sock.sendall(b"\xff" * 64)
        case "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            channel.send(Pong(0, WorkerStats(0, 0, 0, 0.0)))
            time.sleep(600)
        case "frozen":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "grandchild":
            if os.fork() == 0:
                time.sleep(600)
            os._exit(5)
        case "environment":
            print(" ".join(sorted(os.environ)))


channel = Channel.inherited(ToWorker)
act(channel)
while (message := channel.receive()) is not None:
    if isinstance(message, Ping):
        channel.send(Pong(message.token, WorkerStats(0, 0, 0, 0.0)))
