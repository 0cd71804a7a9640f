"""Faults that the `fake` engine acts out, as a TOML script tells it.

The file is read again before every segment, so a test or a drill can change it while the worker runs; a file that
is missing means no faults. Each `[[rule]]` says what it applies to and what happens:

    [[rule]]
    match = "boom"       # applies to segments whose text contains this; "" (the default) to all
    on = "speak"         # or "load": acted out while the engine loads (match is not looked at)
    times = 1            # applies to so many segments at most (default: all), counted across restarts of the worker
    after_chunks = 2     # happens once so many chunks of 160 ms are delivered, or all; default 0: before the first
    crash = true         # the process kills itself with SIGKILL
    exit = 7             # the process exits with this status
    freeze = true        # the process stops itself with SIGSTOP: no sound, no pong
    hang = true          # the slot delivers nothing more and ignores a cancel; the process answers pings
    fail = "no luck"     # the segment fails with this message (loading: the worker cannot start)
    retryable = true     # with `fail`: as an error that passes by itself
    bug = "oops"         # an exception that nobody planned
    say = "by the way"   # a line on standard error, as libraries write them
    oom = true           # MemoryError: the worker exits with the status for it
    torn = true          # the daemon gets the beginning of a message (with `exit`: and never the rest)
    garbage = true       # the daemon gets what is no message
    grow_mb = 100        # this much more memory is taken and kept, of the pretended card too
    endless = true       # the segment does not end by itself: it is stopped, twice as long as it should be
    silent = true        # the segment is as long as it should be, and nothing is heard of it
    slow_ms = 50         # every chunk from then on comes so much later (loading: once)

All rules that apply are acted out, in their order. The counts stand in `SCRIPT.counts`, one line for each time;
a rule that is edited is counted anew.
"""

import hashlib
import os
import signal
import sys
import threading
import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from ttsd.ipc import FD_VARIABLE
from ttsd.protocol.errors import ConfigError, EngineFailed, Unavailable

_COUNTING: Final = threading.Lock()
_TORN: Final = b"\x00\x00\x10\x00\x83\xa4type"
"""The head of a message of 4096 bytes, and ten of them."""
_GARBAGE: Final = b"\x00\x00\x00\x04\xc1\xc1\xc1\xc1"
"""A byte that msgpack never uses, four times."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One `[[rule]]`; see the module."""

    match: str = ""
    on: Literal["speak", "load"] = "speak"
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    after_chunks: Annotated[int, msgspec.Meta(ge=0)] = 0
    crash: bool = False
    exit: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    freeze: bool = False
    hang: bool = False
    fail: str = ""
    retryable: bool = False
    bug: str = ""
    say: str = ""
    oom: bool = False
    torn: bool = False
    garbage: bool = False
    grow_mb: Annotated[int, msgspec.Meta(ge=0)] = 0
    endless: bool = False
    silent: bool = False
    slow_ms: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class _Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...] = ()


class Faults:
    """Owns the script and what its rules have taken (memory, counts). For any thread."""

    def __init__(self, script: str) -> None:
        self._path = Path(script) if script else None
        self._parsed: tuple[bytes, tuple[Rule, ...]] = (b"", ())
        self._kept: list[bytes] = []

    @property
    def kept_bytes(self) -> int:
        """What its rules have taken."""
        return sum(map(len, self._kept))

    def for_load(self) -> tuple[Rule, ...]:
        """Rules to act out now that the engine loads. Raises ConfigError for a bad script."""
        return tuple(rule for rule in self._rules() if rule.on == "load" and self._claim(rule))

    def for_text(self, text: str) -> tuple[Rule, ...]:
        """Rules that this segment runs into. Raises ConfigError for a bad script."""
        applying = (rule for rule in self._rules() if rule.on == "speak" and rule.match in text)
        return tuple(rule for rule in applying if self._claim(rule))

    def act(self, rule: Rule) -> None:
        """Let it happen, once. Raises what the rule says."""
        if rule.grow_mb:
            self._kept.append(b"\x01" * (rule.grow_mb * 2**20))
        if rule.torn:
            _say(_TORN)
        if rule.garbage:
            _say(_GARBAGE)
        if rule.say:
            sys.stderr.write(f"{rule.say}\n")
        _end_or_stop(rule)
        if rule.oom:
            raise MemoryError
        if rule.bug:
            raise RuntimeError(rule.bug)
        if rule.fail:
            raise Unavailable(rule.fail) if rule.retryable else EngineFailed(rule.fail)

    def _rules(self) -> tuple[Rule, ...]:
        if self._path is None:
            return ()
        try:
            source = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        known, rules = self._parsed
        if source != known:
            rules = _parse(self._path, source)
            self._parsed = (source, rules)
        return rules

    def _claim(self, rule: Rule) -> bool:
        """Whether the rule still has a go; if so, that one is written down first."""
        if rule.times is None:
            return True
        assert self._path is not None
        counts = self._path.with_name(self._path.name + ".counts")
        line = hashlib.sha256(msgspec.json.encode(rule)).hexdigest()
        with _COUNTING:
            used = counts.read_text().split().count(line) if counts.exists() else 0
            if used >= rule.times:
                return False
            with counts.open("a") as file:
                file.write(line + "\n")
        return True


def _say(data: bytes) -> None:
    """Send `data` to the daemon as it is. The variable that names the socket was taken out of the environment."""
    variables = dict(each.split(b"=", 1) for each in Path("/proc/self/environ").read_bytes().split(b"\0") if each)
    os.write(int(variables[FD_VARIABLE.encode()]), data)


def _end_or_stop(rule: Rule) -> None:
    """What happens to the process or to the thread."""
    if rule.crash:
        os.kill(os.getpid(), signal.SIGKILL)
    if rule.exit is not None:
        os._exit(rule.exit)
    if rule.freeze:
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)  # this thread too, at once
    if rule.hang:
        threading.Event().wait()


def _parse(path: Path, source: bytes) -> tuple[Rule, ...]:
    try:
        return msgspec.convert(tomllib.loads(source.decode()), _Script).rule
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{path}: the script of the fake engine is wrong: {error}", param="fake.script") from error
