"""A speech-dispatcher module that is another one, and notes when sound goes by.

Speech-dispatcher's player gives no sign when it gets its first sound, so the time is taken where sound leaves
the module: between that and the sound device lies only the player. Program: `speechd_tap.py MODULE LOG [CONFIG]`.
"""

import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

SOUND: Final = b"705-AUDIO"


def main() -> None:
    module, log, *rest = sys.argv[1:]
    real = subprocess.Popen([module, *rest], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert real.stdin
    assert real.stdout
    onward = {0: real.stdin.fileno(), real.stdout.fileno(): 1}
    with Path(log).open("a", buffering=1) as times:
        while True:
            for source in select.select(list(onward), [], [])[0]:
                data = os.read(source, 65_536)
                if not data:
                    return
                if SOUND in data:
                    times.write(f"{time.perf_counter()}\n")
                os.write(onward[source], data)


if __name__ == "__main__":
    main()
