"""The lexicons: files that people edit, and beside them, in the cache, what prep processes read of them."""

import asyncio
import contextlib
import re
import threading
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ttsd.durable import private_folder, replace_synced
from ttsd.log import get_logger
from ttsd.protocol.errors import BadRequest, Conflict, NotFound, TooLarge
from ttsd.protocol.lexicon import MAX_ENTRIES, Entry, LexiconUse
from ttsd.storage.lexicon_file import IsReading, check, parse, written
from ttsd.storage.placing import storage_errors

LOOK_S: Final = 1.0
"""How soon a file that somebody edits is read again."""
EVERYBODYS: Final = "all"
SNAPSHOT: Final = ".msgpack"

_NAME: Final = re.compile(r"all|users/\d{1,10}|voices/[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")

log = get_logger(__name__)


class _Seen(NamedTuple):
    """A file as it was when it was read."""

    signature: tuple[int, int, int]
    error: str = ""


class Lexicons:
    """Owns `folder` (`all.toml`, `users/UID.toml`, `voices/NAME.toml`) and the snapshots of it in `cache`.

    A file that cannot be read is told of once, and what it said before goes on. Blocking, but for `use`, `get`, `run`.
    """

    def __init__(self, folder: Path, cache: Path, is_reading: IsReading) -> None:
        self._folder = folder
        self._cache = cache
        self._is_reading = is_reading
        self._seen: dict[str, _Seen] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        """Of each lexicon that has any, by its path without suffix."""
        self._lock = threading.Lock()

    async def run(self) -> None:
        """Look for files that were edited, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await asyncio.to_thread(self.refresh)

    @property
    def empty(self) -> bool:
        """Whether there is no entry for anybody."""
        return not self._entries

    def use(self, user: str, voice: str | None) -> LexiconUse | None:
        """What a text of `user` (as the queue knows users) in `voice` is read with; `None`: there are no lexicons."""
        if not self._entries:
            return None
        return LexiconUse(str(self._cache), user_number(user), (voice or "").partition("@")[0])

    def get(self, name: str) -> tuple[Entry, ...]:
        """The entries of one lexicon: `all`, `users/1000`, `voices/heart`."""
        return self._entries.get(name, ())

    def refresh(self) -> None:
        """Read what has changed."""
        with self._lock:
            found = dict(self._files())
            for name, path in found.items():
                self._look_at(name, path)
            for name in self._seen.keys() - found.keys():
                self._forget(name)

    def _files(self) -> Iterator[tuple[str, Path]]:
        for pattern in ("all.toml", "users/*.toml", "voices/*.toml"):
            for path in self._folder.glob(pattern):
                name = path.relative_to(self._folder).with_suffix("").as_posix()
                if path.name[0] != "." and _NAME.fullmatch(name):
                    yield name, path

    def _look_at(self, name: str, path: Path) -> None:
        try:
            status = path.stat()
            signature = (status.st_mtime_ns, status.st_size, status.st_ino)
            seen = self._seen.get(name)
            if seen is not None and seen.signature == signature:
                return
            data = path.read_bytes()
        except OSError as error:
            self._refuse(name, path, _Seen((0, 0, 0), f"it cannot be read: {error.strerror}"))
            return
        try:
            entries = parse(data, self._is_reading)
        except BadRequest as error:
            self._refuse(name, path, _Seen(signature, error.message))
            return
        self._seen[name] = _Seen(signature)
        self._keep(name, entries)

    def _refuse(self, name: str, path: Path, seen: _Seen) -> None:
        """Tell once, and go on with what it said before, be it before the daemon was started."""
        if self._seen.get(name) != seen:
            log.warning("lexicon.refused", file=str(path), reason=seen.error)
        self._seen[name] = seen
        if name not in self._entries:
            with contextlib.suppress(OSError, msgspec.DecodeError):
                data = self._snapshot(name).read_bytes()
                self._entries[name] = msgspec.msgpack.decode(data, type=tuple[Entry, ...])

    def _keep(self, name: str, entries: tuple[Entry, ...]) -> None:
        self._entries.pop(name, None)
        if entries:
            self._entries[name] = entries
            snapshot = self._snapshot(name)
            try:
                snapshot.parent.mkdir(parents=True, exist_ok=True)
                replace_synced(snapshot, msgspec.msgpack.encode(entries))
            except OSError as error:
                log.warning("lexicon.not_taken_over", file=str(snapshot), reason=str(error.strerror))
        else:
            self._snapshot(name).unlink(missing_ok=True)

    def _forget(self, name: str) -> None:
        del self._seen[name]
        self._keep(name, ())

    def _snapshot(self, name: str) -> Path:
        return self._cache / f"{name}{SNAPSHOT}"

    def open(self) -> None:
        """Have the folder, and read all of them; snapshots of lexicons that are gone are removed."""
        with contextlib.suppress(OSError):  # the first change says what is wrong
            private_folder(self._folder)
        self.refresh()
        for snapshot in self._cache.glob(f"**/*{SNAPSHOT}"):
            if snapshot.relative_to(self._cache).as_posix().removesuffix(SNAPSHOT) not in self._entries:
                with contextlib.suppress(OSError):
                    snapshot.unlink()

    # --- changes ---

    def add(self, name: str, entries: Iterable[Entry], *, replace: bool = False) -> tuple[Entry, ...]:
        """These instead of those for the same words in the same language, or instead of all.

        Raises BadRequest for what is no word or says nothing, TooLarge, StorageFull, Conflict when the file is broken.
        """
        entries = tuple(entries)
        for entry in entries:
            check(entry, self._is_reading)
        with self._changing(name) as path:
            before = {} if replace else {_key(entry): entry for entry in self.get(name)}
            after = {**before, **{_key(entry): entry for entry in entries}}
            if len(after) > MAX_ENTRIES:
                raise TooLarge(f"{len(after)} entries are too many for a lexicon; at most {MAX_ENTRIES} are allowed")
            self._write(name, path, tuple(after.values()))
        return entries

    def remove(self, name: str, word: str, language: str | None = None) -> tuple[Entry, ...]:
        """The entries for `word` (in `language`) that are gone now. Raises NotFound, and as `add` does."""
        with self._changing(name) as path:
            gone = [
                entry
                for entry in self.get(name)
                if entry.written == word and (language is None or entry.language == language)
            ]
            if not gone:
                raise NotFound(f"there is no entry {word[:80]!r} in this lexicon", param="written")
            self._write(name, path, tuple(entry for entry in self.get(name) if entry not in gone))
        return tuple(gone)

    def move(self, name: str, new: str) -> None:
        """What stands in lexicon `name` stands in `new` from now on, in place of what that says of the same words.

        Raises TooLarge, StorageFull, Conflict when both are there and one is broken.
        """
        old, target = self._path(name), self._path(new)
        if old.exists() and target.exists():
            with self._changing(name):
                entries = self.get(name)
            self.add(new, entries)
            self.drop(name)
            return
        with self._lock, storage_errors(str(target)):
            if old.exists():
                old.rename(target)
        self.refresh()

    def drop(self, name: str) -> None:
        """The whole of one, if it is there. Raises StorageFull."""
        with self._lock, storage_errors(str(self._path(name))):
            self._path(name).unlink(missing_ok=True)
        self.refresh()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.toml"

    @contextlib.contextmanager
    def _changing(self, name: str) -> Generator[Path]:
        if not _NAME.fullmatch(name):
            raise BadRequest(f"no lexicon can be called {name[:80]!r}", param="voice")
        path = self._path(name)
        self.refresh()
        with self._lock:
            seen = self._seen.get(name)
            if seen is not None and seen.error:
                raise Conflict(f"{path} has a mistake, which is to be mended first: {seen.error}")
            yield path

    def _write(self, name: str, path: Path, entries: tuple[Entry, ...]) -> None:
        with storage_errors(str(path)):
            private_folder(self._folder)
            path.parent.mkdir(exist_ok=True)
            before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
            replace_synced(path, written(entries, before).encode())
        self._seen.pop(name, None)
        self._look_at(name, path)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.written, entry.language


def user_number(user: str) -> str:
    """Of a user as the queue knows users (`uid 1000`); empty for an address, which is nobody's own."""
    number = user.removeprefix("uid ")
    return number if number != user and number.isdecimal() else ""


def of_voice(voice: str) -> str:
    """The name of the lexicon of a voice and all its variants."""
    return f"voices/{voice.partition('@')[0]}"


def lexicon_name(scope: str, user: str, voice: str | None) -> str:
    """Which one is meant. Raises BadRequest when it is nobody's."""
    match scope:
        case "all":
            return EVERYBODYS
        case "voice":
            if not voice:
                raise BadRequest("whose lexicon? name the voice", param="voice")
            return of_voice(voice)
        case _:
            if not user_number(user):
                raise BadRequest(
                    "only users of the Unix socket have a lexicon of their own; "
                    'take the one for everybody ("scope": "all") or for a voice',
                    param="scope",
                )
            return f"users/{user_number(user)}"
