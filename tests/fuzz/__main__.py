"""`python -m tests.fuzz NAME [SECONDS]`: led by coverage where atheris is installed, else by chance.

A finding is printed with the input that makes it, and the exit status is not 0.
"""

import argparse
import contextlib
import importlib
import random
import sys
import time
from collections.abc import Callable, Sequence

try:
    import atheris  # pyright: ignore[reportMissingImports, reportMissingModuleSource]
except ImportError:  # there are no wheels for some Pythons
    atheris = None

TARGETS = {
    "clips": "ttsd.audio",
    "config": "ttsd.config",
    "ipc": "ttsd.ipc",
    "live": "ttsd.jobs",
    "markup": "ttsd.text",
    "text": "ttsd.text",
}
"""Each is a module here with `check(data)` and `SEEDS`; the package whose ways through the code count."""


def by_chance(check: Callable[[bytes], None], seeds: Sequence[bytes], seconds: float) -> int:
    """Flip, cut, double and insert bytes of good inputs for so long; how many were looked at."""
    rng = random.Random(0)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = spoilt(rng.choice(seeds), rng)
        try:
            check(data)
        except BaseException:
            print(f"by this input: {data!r}", file=sys.stderr)
            raise
        count += 1
    return count


def spoilt(seed: bytes, rng: random.Random) -> bytes:
    """`seed` with a few changes, more of them near its beginning, where headers are."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(min(len(data), rng.choice((64, len(data)))) or 1)
        match rng.randrange(4):
            case 0:
                data[at : at + 1] = rng.randbytes(1)
            case 1:
                del data[at : at + rng.randint(1, 64)]
            case 2:
                data[at:at] = data[at : at + rng.randint(1, 64)]
            case _:
                data[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff"))
    return bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("name", choices=TARGETS)
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    given = parser.parse_args()
    with atheris.instrument_imports(include=[TARGETS[given.name]]) if atheris else contextlib.nullcontext():
        target = importlib.import_module(f"tests.fuzz.{given.name}")
    if atheris:
        atheris.Setup([sys.argv[0], f"-max_total_time={given.seconds:.0f}"], target.check)
        atheris.Fuzz()
    else:
        print(f"{by_chance(target.check, target.SEEDS, given.seconds)} inputs, by chance (atheris is not installed)")


if __name__ == "__main__":
    main()
