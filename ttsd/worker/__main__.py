"""`python -m ttsd.worker`: the process that owns the model. Started by the daemon."""

import os
import signal
import sys
from types import FrameType

from ttsd.ipc import Channel
from ttsd.protocol.engine import ENGINE_VARIABLE, ToWorker
from ttsd.worker.loop import Worker


def main() -> None:
    channel = Channel.inherited(ToWorker)
    # Ctrl-C in a terminal reaches the whole group: the daemon decides what comes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end(_number: int, _frame: FrameType | None) -> None:
        channel.hang_up()

    signal.signal(signal.SIGTERM, end)
    worker = Worker(channel, os.environ.get(ENGINE_VARIABLE, ""))
    code = worker.run()
    if not worker.idle:  # a thread hangs in the engine: the interpreter would wait for it
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
