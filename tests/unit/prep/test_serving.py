"""A prep program's life: it answers first, and works ahead when nobody asks."""

import socket
import subprocess
import sys

from ttsd.ipc import FD_VARIABLE, Channel
from ttsd.protocol.prep import FromPrep, PrepPing, PrepPong

PROGRAM = """
import sys
from ttsd.prep import serving
from ttsd.protocol.prep import PrepPong, ToPrep

serving.QUIET_S = 0.0
done = []

def ahead():
    for number in range(3):
        done.append(number)
        yield

sys.exit(serving.serve(ToPrep, lambda ping: PrepPong(ping.id + 100 * len(done)), when_quiet=ahead()))
"""


def test_it_answers_first_and_works_ahead_in_its_free_time(wait_for):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], env={FD_VARIABLE: str(theirs.fileno())}, pass_fds=[theirs.fileno()]
        )
        theirs.close()
        channel = Channel(ours, FromPrep)

        def asked() -> int:
            channel.send(PrepPing(1))
            answer = channel.receive()
            assert isinstance(answer, PrepPong)
            return answer.id

        assert asked() == 1
        wait_for(lambda: asked() == 301, what="all that can be done ahead")
        ours.shutdown(socket.SHUT_RDWR)
        assert child.wait(10) == 0
