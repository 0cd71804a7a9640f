"""What kind of file system a folder lies on: of what others change on a network's, the kernel tells nothing."""

import os
from pathlib import Path
from typing import Final

NETWORK: Final = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "afs", "lustre", "beegfs", "gpfs",
        "orangefs", "gfs2", "ocfs2", "vboxsf", "vmhgfs", "prl_fs", "fuse",
    }
)  # fmt: skip
"""Names as in `/proc/self/mountinfo`; `fuse` stands for every `fuse.NAME` too."""
_LOCAL: Final = frozenset({"fuse.fuse-overlayfs"})
_MOUNTS: Final = Path("/proc/self/mountinfo")


def network_kind(folder: Path) -> str | None:
    """The kind of the network file system that `folder` lies on; `None` on a local one. Raises OSError."""
    return kind_of(folder.stat().st_dev, _MOUNTS.read_text(errors="replace"))


def kind_of(device: int, mounts: str) -> str | None:
    """The kind of network file system that `device` is among `mounts`; `None` when it is a local one, or unknown."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        fields = line.split(" ")
        if fields[2] == wanted:
            kind = fields[fields.index("-") + 1]
            return kind if kind not in _LOCAL and kind.partition(".")[0] in NETWORK else None
    return None
