"""What the kernel grants: open files, watches on folders; and where spools lie."""

import ctypes
import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ttsd.cli.checks import Finding, ok, warn
from ttsd.config import Config
from ttsd.ingest.mounts import network_kind

FEW_FILES: Final = 1024
"""Each client takes one or two, and the daemon keeps 256 for itself."""
IN_CREATE: Final = 0x100


def open_files() -> Finding:
    """Of a daemon started from this shell: it raises its own limit up to the hard one."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FEW_FILES:
        found = f"a process of this user may open {hard} files: that is {max(0, hard - 256)} clients at most"
        return warn("files", "files-few", found, "raise it: LimitNOFILE= of the service, or nofile in limits.conf")
    return ok("files", "no limit on open files" if hard == resource.RLIM_INFINITY else f"{hard} may be open at once")


def watching() -> Finding:
    """Can an inbox be watched? Tried for real."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd: int = libc.inotify_init1(os.O_CLOEXEC)
    if fd < 0:
        return _exhausted("instances", ctypes.get_errno())
    try:
        if libc.inotify_add_watch(fd, b"/", IN_CREATE) < 0:
            return _exhausted("watches", ctypes.get_errno())
    finally:
        os.close(fd)
    return ok("watching", "folders can be watched")


def _exhausted(what: str, error: int) -> Finding:
    if error not in (errno.EMFILE, errno.ENOSPC):
        found = f"the kernel does not watch folders here ({os.strerror(error)}): inboxes are looked at every second"
        return warn("watching", "inotify-exhausted", found, "nothing is to be done; [spool] polling = true says so too")
    limit = Path(f"/proc/sys/fs/inotify/max_user_{what}")
    found = (
        f"all {limit.read_text().strip()} {what} of inotify of this user are taken: inboxes are looked at every second"
    )
    return warn("watching", "inotify-exhausted", found, f"sudo sysctl fs.inotify.max_user_{what}=8192")


def mounts(config: Config) -> Iterator[Finding]:
    """A spool on a network's file system is polled, whatever is configured; it is worth knowing."""
    for name, spool in config.all_spools.items():
        root = Path(spool.root)
        try:
            kind = network_kind(root) if root.exists() else None
        except OSError:
            continue
        if kind is not None and not spool.polling:
            section = f"spools.{name}" if name else "spool"
            found = f"{root} lies on {kind}, where changes by others are not told: it is looked at every second"
            yield warn("watching", "spool-network", found, f"[{section}] polling = true says that you know")
