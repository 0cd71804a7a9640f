"""The sockets that a daemon listens on: its own file or systemd's, and TCP where that is asked for.

Little is imported for it, so that who connects while a daemon starts waits instead of being refused.
"""

import contextlib
import fcntl
import os
import resource
import socket
import stat
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any, Final

from ttsd import places, systemd
from ttsd.config import Config
from ttsd.protocol.errors import ConfigError, Conflict

SOCKET_MODE: Final = 0o660
MAX_PATH_BYTES: Final = 107
"""What the kernel takes as the address of a Unix socket."""
WAITING: Final = 2048
"""Connections that the kernel keeps for us until they are accepted."""


@contextlib.contextmanager
def opened(config: Config) -> Generator[list[socket.socket]]:
    """This machine's state is ours, and its clients can connect; what they say waits until somebody serves them.

    Raises Conflict when another daemon is there, ConfigError when a socket cannot be had.
    """
    with single_instance(places.state_dir()):
        sockets = listening_sockets(config)
        try:
            for each in sockets:
                each.listen(WAITING)
            yield sockets
        finally:
            for each in sockets:
                each.close()


def open_many_files() -> None:
    """As many as we may: the usual 1,024 are meant for programs that call select(2)."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def single_instance(folder: Path) -> Generator[None]:
    """Hold the lock of a state directory. Raises Conflict when another daemon has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "ttsd.lock", "a+", opener=partial(os.open, mode=0o600)) as lock:
        os.fchmod(lock.fileno(), 0o600)  # who may read it can lock it, and keep the daemon from starting
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Conflict(
                f"another ttsd (pid {lock.read().strip() or 'unknown'}) owns {folder}; stop it first"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def listening_sockets(config: Config) -> list[socket.socket]:
    """The sockets systemd passed, or the Unix socket that config names; and the TCP one, if any. Raises ConfigError.

    When it does, systemd's are not taken yet: who waits in them is still to be told.
    """
    tcp = bind_tcp(config.http.listen)
    return [*(systemd.inherited_sockets() or [bind_unix(config.socket_path)]), *tcp]


class UnixListener(socket.socket):
    """A bound Unix socket that removes its file when it is closed, unless another has taken the place."""

    path: Path | None = None
    inode: int = 0

    def close(self) -> None:
        super().close()
        path, self.path = self.path, None
        if path is not None:
            with contextlib.suppress(OSError):
                if path.stat().st_ino == self.inode:
                    path.unlink()


def bind_unix(path: Path) -> socket.socket:
    """A socket at `path`, 0660 from its first moment. Raises Conflict if it is taken, ConfigError if it cannot be."""
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise _unusable(path, f"the path is over {MAX_PATH_BYTES} bytes long")
    try:
        _make_folder(path.parent)
        _check_free(path)
        return _bind_hidden(path)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _unusable(path: Path, reason: str) -> ConfigError:
    return ConfigError(f"socket {path}: {reason}; [daemon] socket names another", param="daemon.socket")


def _make_folder(folder: Path) -> None:
    """The folder, private when we make it. One that somebody else could have put into /tmp first is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    anybody_can_make = folder.parent.stat().st_mode & stat.S_ISVTX
    if anybody_can_make and folder.stat().st_uid != os.geteuid():
        raise PermissionError(1, f"{folder} belongs to another user")


def _check_free(path: Path) -> None:
    """A file left by a dead daemon is no obstacle; a living one, or a file that is no socket, is."""
    if not path.exists() and not path.is_symlink():
        return
    if not path.is_socket():
        raise _unusable(path, "there is a file in its place that is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            pass  # its backlog is full: somebody listens
        except OSError:
            return
    raise Conflict(f"socket {path}: another daemon answers there; stop it first, or name another in [daemon] socket")


def _bind_hidden(path: Path) -> UnixListener:
    """Bind under a hidden name, set the mode, and only then give it its name: it is never open to all."""
    hidden = path.with_name(f".{os.getpid():x}")  # short, for the kernel counts its bytes too
    listener = UnixListener(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        hidden.unlink(missing_ok=True)
        listener.bind(str(hidden))
        hidden.chmod(SOCKET_MODE)
        listener.inode = hidden.stat().st_ino
        hidden.rename(path)
    except BaseException:
        listener.close()
        hidden.unlink(missing_ok=True)
        raise
    listener.path = path
    return listener


def bind_tcp(listen: str) -> list[socket.socket]:
    """Sockets on `host:port`, one for each address of the host; none when `listen` is empty. Raises ConfigError."""
    if not listen:
        return []
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f'[http] listen = "{listen}": write host:port, as 127.0.0.1:7860', param="http.listen")
    bound: list[socket.socket] = []
    try:
        for family, _, _, _, address in socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM):
            bound.append(_bind_one(family, address))
    except OSError as error:
        for listener in bound:
            listener.close()
        reason = error.strerror or str(error)
        raise ConfigError(f'[http] listen = "{listen}": {reason}', param="http.listen") from error
    return bound


def _bind_one(family: int, address: Any) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
    except BaseException:
        listener.close()
        raise
    return listener
