"""A prep process for tests of `Prep`: the texts, or the names of the files, say what to act."""

import os
import signal
import sys
import time
from pathlib import Path

from ttsd.ipc import Channel
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.prep import Prepared, PrepareDocument, PrepareText, PrepFailed, PrepPing, PrepPong, ToPrep
from ttsd.protocol.speech import Segment, Span


def act(channel: Channel, number: int, order: str) -> None:  # noqa: C901 — a list of acts
    match order.split():
        case ["crash"]:
            os.kill(os.getpid(), signal.SIGSEGV)
        case ["crash", "once", flag]:
            if not Path(flag).exists():
                Path(flag).touch()
                sys.exit(1)
        case ["slow"]:
            time.sleep(600)
        case ["wait", seconds]:
            time.sleep(float(seconds))
        case ["refuse"]:
            channel.send(PrepFailed(number, ErrorBody("nothing_to_say", "there is nothing to say")))
            return
        case ["out", "of", "turn"]:
            channel.send(PrepPong(number + 1))
        case ["pid"]:
            order = str(os.getpid())
    channel.send(Prepared(number, (Segment((Span("en", order),)),)))


if os.environ.get("ACT") == "no start":
    sys.exit(1)
channel = Channel.inherited(ToPrep)
while (message := channel.receive()) is not None:
    match message:
        case PrepPing():
            channel.send(PrepPong(message.id))
        case PrepareText():
            act(channel, message.id, message.text)
        case PrepareDocument():
            act(channel, message.id, Path(message.path).read_text())
