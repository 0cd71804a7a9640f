"""Finished audio of jobs that came over HTTP: one file a job, by its id."""

from pathlib import Path

from ttsd.durable import private_folder, sync_directory
from ttsd.storage.placing import storage_errors


class Results:
    """Owns the folder of results, which others reach by asking the daemon. Blocking: call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Make the folder and remove what a crash left half-written. Raises StorageFull."""
        with storage_errors(str(self._folder)):
            private_folder(self._folder)
            for leftover in self._folder.glob(".*.part"):
                leftover.unlink()

    def scratch(self, job: str, suffix: str = "") -> Path:
        """A path for a file under way; `suffix` tells several of one job from each other."""
        return self._folder / f".{job}{suffix}.part"

    def publish(self, job: str, suffix: str, scratch: Path) -> Path:
        """Give a finished scratch file its final name; returns its path. Raises StorageFull."""
        target = self._folder / f"{job}{suffix}"
        with storage_errors(str(self._folder)):
            scratch.replace(target)
            sync_directory(self._folder)
        return target

    def remove(self, job: str) -> None:
        """The job is forgotten, and its file with it."""
        for found in self._folder.glob(f"{job}.*"):
            found.unlink(missing_ok=True)
