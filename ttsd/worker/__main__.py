"""`python -m ttsd.worker`: the process that owns the model. Started by the daemon."""

import os
import signal
import sys
import threading

from ttsd.ipc import Channel
from ttsd.protocol.engine import ENGINE_VARIABLE, ToWorker
from ttsd.worker.loop import Worker
from ttsd.worker.tuning import tune


def main() -> None:
    channel = Channel.inherited(ToWorker)
    # Ctrl-C in a terminal reaches the whole group: the daemon decides what comes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A handler would wait for the main thread, which may be about to block on the channel: a thread waits instead.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=_end_on_sigterm, args=(channel,), name="sigterm", daemon=True).start()
    tune()
    worker = Worker(channel, os.environ.get(ENGINE_VARIABLE, ""))
    code = worker.run()
    if not worker.idle:  # a thread hangs in the engine: the interpreter's end might wait for it
        os._exit(code)
    sys.exit(code)


def _end_on_sigterm(channel: Channel) -> None:
    signal.sigwait({signal.SIGTERM})
    channel.hang_up()


if __name__ == "__main__":
    main()
