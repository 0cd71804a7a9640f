"""Events for journald with all their fields, so that `journalctl -t ttsd JOB=…` finds what belongs to a job.

The protocol is that of https://systemd.io/JOURNAL_NATIVE_PROTOCOL/: a datagram, or a sealed memfd for one too long.
"""

import array
import errno
import fcntl
import os
import re
import socket
import struct
from typing import Final

from ttsd.log.lines import PRIORITY, plain
from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import in_words

SOCKET: Final = "/run/systemd/journal/socket"
IDENTIFIER: Final = "ttsd"
MAX_NAME: Final = 64
_SEALS: Final = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_RESERVED: Final = re.compile(
    "MESSAGE|MESSAGE_ID|PRIORITY|CODE_.*|ERRNO|INVOCATION_ID|USER_INVOCATION_ID|SYSLOG_.*|DOCUMENTATION|TID|UNIT"
    "|USER_UNIT|EVENT|OBJECT_.*|COREDUMP.*"
)


def entry(event: LogEvent) -> bytes:
    """One entry: `MESSAGE` as on a line, `EVENT`, and every field of the event by its name in capitals."""
    head = {"MESSAGE": plain(event), "PRIORITY": str(PRIORITY.get(event.level, 6)), "SYSLOG_IDENTIFIER": IDENTIFIER}
    fields = {field_name(name): in_words(value) for name, value in event.fields.items()}
    return b"".join(_field(name, value) for name, value in {**fields, **head, "EVENT": event.event}.items())


def field_name(name: str) -> str:
    """How journald takes `name`: capitals, figures and `_`; what has a meaning there gets a `_` at its end."""
    plain_name = re.sub("[^A-Z0-9_]", "_", name.upper()).lstrip("_0123456789")[: MAX_NAME - 1] or "FIELD"
    return f"{plain_name}_" if _RESERVED.fullmatch(plain_name) else plain_name


def _field(name: str, value: str) -> bytes:
    data = value.encode()
    if b"\n" not in data:
        return b"%b=%b\n" % (name.encode(), data)
    return b"%b\n%b%b\n" % (name.encode(), struct.pack("<Q", len(data)), data)


class Journal:
    """Owns a socket that knows the way to journald."""

    def __init__(self, path: str = SOCKET) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def take(self, event: LogEvent) -> bool:
        """Hand `event` over; `False` when there is no journald, or none that takes it."""
        data = entry(event)
        try:
            self._socket.sendto(data, self._path)
        except OSError as error:
            return error.errno in (errno.EMSGSIZE, errno.ENOBUFS) and self._take_large(data)
        return True

    def close(self) -> None:
        """Nothing more is handed over."""
        self._socket.close()

    def _take_large(self, data: bytes) -> bool:
        try:
            descriptor = os.memfd_create("ttsd-log", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        except OSError:
            return False
        with os.fdopen(descriptor, "wb", buffering=0) as memory:
            try:
                memory.write(data)
                fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
                handed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
                self._socket.sendmsg([], handed, 0, self._path)
            except OSError:
                return False
        return True
