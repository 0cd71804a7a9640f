"""The spool's folders: every step is one rename, so a crash at any instant leaves something to go on from.

inbox/<path>  ──claim──▶  .work/<job>/source/<path>  ──finish──▶  done/<path>
                          .work/<job>/<scratch>      ──publish─▶  outbox/<output>

`.work` lies on the inbox's file system, in the inbox itself where that is a mount of its own; other folders may
lie elsewhere: a copy under a hidden name takes the place of the rename's first half.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Collection
from pathlib import Path, PurePath
from typing import NamedTuple

from ttsd.durable import write_synced
from ttsd.protocol.errors import BadRequest, ConfigError, StorageFull
from ttsd.storage.namebook import NOTE
from ttsd.storage.naming import aside, error_path
from ttsd.storage.placing import (
    PROBE,
    Ownership,
    can_rename,
    files_below,
    make_folder,
    place,
    remove_folders,
    remove_tree,
    storage_errors,
)
from ttsd.storage.publishing import Publishing


class Claimed(NamedTuple):
    """A source in the work folder: its job and its path below the inbox."""

    job: str
    relative: PurePath


class Spool(Publishing):
    """Owns the folders below `root`. Blocking: call it from a thread. Safe from several threads.

    What it publishes, and the folders it makes for that, get `file_mode` and the group `gid`.
    """

    def __init__(self, root: Path, *, name: str = "", file_mode: int | None = None, gid: int | None = None) -> None:
        super().__init__(root / "outbox", root / ".work", Ownership(file_mode, gid))
        self.root = root
        self.name = name
        self.inbox, self.done, self.failed = (root / folder for folder in ("inbox", "done", "failed"))

    def prepare(self) -> None:
        """Make the folders, and take up what the last daemon left.

        Raises StorageFull, BadRequest where a file stands in a folder's place, and ConfigError for the group.
        """
        with storage_errors(str(self.root)):
            make_folder(self.inbox)
            make_folder(self.work)
            self._settle_work()
            self._check_group()
            for folder in (self.outbox, self.done, self.failed):
                make_folder(folder, self._ownership)
                if not can_rename(self.work, folder):
                    _remove_half_copied(folder)
        self._names.load(self.work)

    def is_open_to(self, groups: Collection[int]) -> bool:
        """Whether members of these groups can read what is published here."""
        try:
            status = self.outbox.stat()
        except OSError:
            return False
        return bool(status.st_mode & stat.S_IRGRP) and status.st_gid in groups

    def _settle_work(self) -> None:
        """Have the work folder where files of the inbox can be renamed into it."""
        if can_rename(self.inbox, self.work):
            return
        old, self.work = self.work, self.inbox / ".work"
        make_folder(self.work)
        for path in files_below(old):
            target = self.work / path.relative_to(old)
            make_folder(target.parent)
            place(path, target)

    def _check_group(self) -> None:
        if self._ownership.gid is None:
            return
        probe = self.work / PROBE
        probe.touch()
        try:
            os.chown(probe, -1, self._ownership.gid)
        except PermissionError as error:
            section = f"spools.{self.name}" if self.name else "spool"
            raise ConfigError(
                f"[{section}] group: this user may not give files to the group {self._ownership.gid};"
                " make the daemon's user a member of it, or leave the key empty",
                param=f"{section}.group",
            ) from error
        finally:
            probe.unlink()

    # --- from the inbox ---

    def claim(self, relative: PurePath, job: str) -> bool:
        """Take `inbox/<relative>` for `job`; false when it has gone. Raises StorageFull or BadRequest: it stays."""
        target = self.source(job, relative)
        try:
            with storage_errors(f"inbox/{relative}"):
                make_folder(target.parent)
                claimed = _take(self.inbox / relative, target)
        except BaseException:
            self._forget(job)
            raise
        if not claimed:
            self._forget(job)
        return claimed

    def release(self, job: str, relative: PurePath) -> bool:
        """Undo a claim that could not be recorded: the file goes back to the inbox; false when its name is taken.

        Raises StorageFull.
        """
        home = self.inbox / relative
        with storage_errors(str(home)):
            make_folder(home.parent)
            if os.path.lexists(home):
                return False
            self.source(job, relative).rename(home)
            self._forget(job)
            return True

    def source(self, job: str, relative: PurePath) -> Path:
        """Where the claimed file lies."""
        return self.work / job / "source" / relative

    def check_source(self, job: str, relative: PurePath) -> None:
        """Refuse what is no regular file. Raises BadRequest with the remedy."""
        try:
            mode = self.source(job, relative).lstat().st_mode
        except OSError as error:
            raise BadRequest(
                f"this file has vanished from the work folder ({error.strerror}); drop it into the inbox again"
            ) from error
        if stat.S_ISLNK(mode):
            raise BadRequest(
                "this is a symbolic link, which the spool does not follow; copy the file itself into the inbox"
            )
        if not stat.S_ISREG(mode):
            raise BadRequest("this is no regular file (a pipe, socket or device); drop a text file instead")

    def orphans(self) -> list[Claimed]:
        """Every claimed source, whether or not the database knows its job."""
        found: list[Claimed] = []
        for folder in sorted(self.work.iterdir()):
            source = folder / "source"
            found += [Claimed(folder.name, path.relative_to(source)) for path in sorted(files_below(source))]
        return found

    def sweep(self, keep: set[str]) -> None:
        """Remove work folders of jobs not in `keep`: what a crash left after the source had moved on."""
        for folder in self.work.iterdir():
            if folder.name not in keep and not any(files_below(folder / "source")):
                self._forget(folder.name)

    # --- the source's end ---

    def finish(self, job: str, relative: PurePath) -> None:
        """The source moves to `done/`; an older one of that name is kept as `a~<job>.txt`. Raises StorageFull."""
        self.remove_stale(self._stale(job), ())
        self._file_away(job, relative, self.done)

    def fail(self, job: str, relative: PurePath, explanation: str) -> None:
        """The source moves to `failed/`, with `<name>.error.txt` beside it; results without a receipt are removed.

        Raises StorageFull.
        """
        self.withdraw(job, relative)
        target = self.failed / relative
        with storage_errors(str(self.failed)):
            scratch = self.scratch(job, "error.txt")
            scratch.parent.mkdir(exist_ok=True)  # the work folder may have been tidied by hand
            write_synced(scratch, explanation.encode("utf-8", "replace"))
            with self._placing:
                self._make_way(target, job, self.failed)
                place(scratch, error_path(target), self._ownership)
        self._file_away(job, relative, self.failed)

    def find_failure(self, relative: PurePath) -> str | None:
        """What the explanation beside a failed source says; `None` when there is no such source."""
        failed = self.failed / relative
        if not os.path.lexists(failed):
            return None
        try:
            return error_path(failed).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def reclaim(self, job: str, relative: PurePath) -> bool:
        """Take a failed source back for another try; false when it is not in `failed/` any more. Raises StorageFull."""
        if not self._take_back(job, relative, self.failed):
            return False
        with storage_errors(str(self.failed)):
            error_path(self.failed / relative).unlink(missing_ok=True)
        return True

    def reclaim_done(self, job: str, relative: PurePath) -> bool:
        """Take a finished source back to be done again; false when it has left `done/`. Raises StorageFull."""
        return self._take_back(job, relative, self.done)

    def _take_back(self, job: str, relative: PurePath, folder: Path) -> bool:
        target = self.source(job, relative)
        if os.path.lexists(target):
            return True
        with storage_errors(str(self.work)):
            make_folder(target.parent)
            try:
                place(folder / relative, target)
            except (FileNotFoundError, NotADirectoryError):
                self._forget(job)
                return False
        return True

    def _file_away(self, job: str, relative: PurePath, folder: Path) -> None:
        target = folder / relative
        with storage_errors(str(folder)), self._placing:
            self._make_way(target, job, folder)
            with contextlib.suppress(FileNotFoundError):  # a crash came between this rename and the database
                place(self.source(job, relative), target)
        self._forget(job)

    def _make_way(self, target: Path, job: str, top: Path) -> None:
        """Have a folder for `target`; what lies where it or a folder on its way belongs is kept beside."""
        if not target.parent.is_dir():
            for folder in reversed(target.parents[: len(target.relative_to(top).parts) - 1]):
                if os.path.lexists(folder) and not folder.is_dir():
                    folder.rename(aside(folder, job))
            make_folder(target.parent, self._ownership)
        if os.path.lexists(target):
            target.rename(aside(target, job))

    def _forget(self, job: str) -> None:
        """Remove the job's work folder; a source is never removed."""
        self._names.forget(job)
        folder = self.work / job
        try:  # as a finished job leaves it: three calls instead of walks
            (folder / NOTE).unlink(missing_ok=True)
            (folder / "source").rmdir()
            folder.rmdir()
        except OSError:
            remove_folders(folder / "source")
            if not (folder / "source").exists():
                remove_tree(folder)


def _take(source: Path, target: Path) -> bool:
    """Rename a file of the inbox; false when it has gone, or a folder has taken its place."""
    try:
        source.rename(target)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        raise StorageFull(
            f"{source} is on another file system than the inbox was when the daemon started;"
            " start it again after mounting, or give this folder a spool of its own: [spools.NAME]"
        ) from error
    if target.is_dir() and not target.is_symlink():
        target.rename(source)
        return False
    return True


def _remove_half_copied(folder: Path) -> None:
    """What a crash left of copies from another file system."""
    for path in files_below(folder):
        if path.name.startswith(".") and path.name.endswith(".part"):
            path.unlink(missing_ok=True)
