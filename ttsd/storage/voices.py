"""The store of voice profiles: a readable folder for each, changed by renames alone."""

import os
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from ttsd.config import Limits
from ttsd.durable import sync_directory, write_synced
from ttsd.log import get_logger
from ttsd.protocol.errors import BadRequest, Conflict, NotFound, TooLarge
from ttsd.protocol.voices import Provenance, joined_reference
from ttsd.storage.placing import storage_errors
from ttsd.storage.voice_file import FILE, MOST_VARIANTS, Entry, VoiceFile, edited, written
from ttsd.storage.voice_folder import Profile
from ttsd.storage.voice_shelf import VoiceShelf

_LEFTOVER: Final = re.compile(r"\.(new|removed|upload)-.*")
_REPLACED: Final = re.compile(r"\.replaced-(.+)")
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}")

log = get_logger(__name__)


class NewClip(msgspec.Struct, frozen=True):
    """A mended clip and the file it was made from, both in the store's folder under hidden names; they are taken."""

    clip: Path
    original: Path | None
    variant: str
    transcript: str
    language: str
    provenance: Provenance


class Voices(VoiceShelf):
    """Owns the folder. A voice appears whole or not at all; after a crash one that was changed is the old or the new.

    Hidden names are ours, and gone after a start.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        super().__init__(folder, limits)
        self._changing = threading.Lock()

    def prepare(self) -> None:
        """At start: have the folder, and remove what a crash left under way."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            replaced = _REPLACED.fullmatch(path.name)
            if replaced and not (self.folder / replaced[1]).exists():
                path.rename(self.folder / replaced[1])
            elif replaced or _LEFTOVER.fullmatch(path.name):
                clear_away(path)
            elif path.is_dir() and not path.is_symlink():
                for part in path.glob(".*.part"):
                    clear_away(part)

    def hidden(self, name: str) -> Path:
        """A new path for a file under way, on the store's file system."""
        return self.folder / f".upload-{os.urandom(8).hex()}-{name}"

    # --- changing -----------------------------------------------------------------------------------

    def check_free(self, name: str, *, besides: str = "") -> None:
        """Raises Conflict when another voice has this name, or one that differs in case alone; TooLarge when full."""
        names = [entry.name for entry in os.scandir(self.folder) if not entry.name.startswith(".")]
        for other in names:
            if other.casefold() == name.casefold() and other != besides:
                raise Conflict(f"there is a voice {other!r} already", param="name")
        if not besides and len(names) >= self._limits.max_voices:
            raise TooLarge(f"there are {len(names)} voices, and no more may be ([limits] max_voices)", param="name")

    def check_variant(self, name: str, variant: str, *, replace: bool) -> None:
        """Raises Conflict, TooLarge, BadRequest when this clip could not be added."""
        if not self.exists(name):
            self.check_free(name)
            return
        file = _whole(self.get(name))
        if variant in file.variants and not replace:
            taken = joined_reference(name, variant)
            raise Conflict(f"there is a voice {taken!r} already; `--replace` puts this one in its place", param="name")
        if variant not in file.variants and len(file.variants) >= MOST_VARIANTS:
            raise TooLarge(f"voice {name!r} has {len(file.variants)} variants, and no more may be", param="variant")

    def add(self, name: str, new: NewClip, about: Mapping[str, str], *, replace: bool = False) -> Profile:
        """A new voice, or another variant of one; `about`: what else is to stand at the top of its file.

        Raises Conflict, TooLarge, StorageFull.
        """
        with self._changing, storage_errors(str(self.folder)):
            self.check_variant(name, new.variant, replace=replace)
            if self.exists(name):
                self._add_variant(name, new, about)
            else:
                self._create(name, new, about)
            log.info("voice.added", voice=name, variant=new.variant)
            return self.get(name)

    def _create(self, name: str, new: NewClip, about: Mapping[str, str]) -> None:
        building = self.building()
        try:
            entry = msgspec.structs.replace(_moved_in(building, new), language="")
            top = {**about, "name": name, "language": new.language}
            file = msgspec.convert({**top, "variants": {new.variant: msgspec.to_builtins(entry)}}, VoiceFile)
            write_synced(building / FILE, written(file))
            self.install(building, name)
        except BaseException:
            clear_away(building)
            raise

    def install(self, building: Path, name: str) -> None:
        """A complete hidden folder becomes a voice."""
        sync_directory(building)
        building.rename(self.folder / name)
        sync_directory(self.folder)

    def building(self) -> Path:
        """A new hidden folder, for a voice to be put together in."""
        self.folder.mkdir(parents=True, exist_ok=True)
        folder = self.folder / f".new-{os.urandom(8).hex()}"
        folder.mkdir()
        return folder

    def adopt(self, building: Path, name: str, *, replace: bool = False) -> Profile:
        """Make a hidden folder with a voice's files the voice `name`. Raises Conflict, TooLarge, StorageFull."""
        with self._changing, storage_errors(str(self.folder)):
            there = self.exists(name)
            if not (there and replace):
                self.check_free(name)
            write_synced(building / FILE, edited((building / FILE).read_bytes(), {"name": name}))
            away = self.folder / f".replaced-{name}"
            if there:
                clear_away(away)
                (self.folder / name).rename(away)  # a crash before the next line is mended at the start
            self.install(building, name)
            clear_away(away)
            log.info("voice.imported", voice=name)
            return self.get(name)

    def _add_variant(self, name: str, new: NewClip, about: Mapping[str, str]) -> None:
        """Files first, then the file that names them, then away with those that no one names any more."""
        folder = self.folder / name
        file = _whole(self.get(name))
        entry = _moved_in(folder, new)
        if entry.language == file.language:
            entry = msgspec.structs.replace(entry, language="")
        self._edit(name, lambda data: edited(data, about, variants={new.variant: entry}))
        if new.variant in file.variants:
            self._discard(name, file.variants[new.variant])

    def patch(self, name: str, changes: Mapping[str, Any]) -> Profile:
        """Change values of `voice.toml`; comments stay. Raises NotFound, BadRequest, StorageFull."""
        with self._changing, storage_errors(str(self.folder)):
            _whole(self.get(name))
            self._edit(name, lambda data: edited(data, changes))
            return self.get(name)

    def rename(self, name: str, new: str) -> Profile:
        """Raises NotFound, Conflict, StorageFull."""
        with self._changing, storage_errors(str(self.folder)):
            profile = self.get(name)
            self.check_free(new, besides=name)
            (self.folder / name).rename(self.folder / new)
            sync_directory(self.folder)
            if profile.file is not None:  # a crash before this is harmless: the folder's name decides
                self._edit(new, lambda data: edited(data, {"name": new}))
            log.info("voice.renamed", voice=name, to=new)
            return self.get(new)

    def remove(self, name: str) -> None:
        """Raises NotFound, StorageFull."""
        with self._changing, storage_errors(str(self.folder)):
            self.get(name)
            away = self.folder / f".removed-{os.urandom(8).hex()}"
            (self.folder / name).rename(away)
            sync_directory(self.folder)
            self._read.pop(name, None)
            clear_away(away)
            log.info("voice.removed", voice=name)

    def remove_variant(self, name: str, variant: str) -> Profile:
        """Raises NotFound, Conflict for the last one, StorageFull."""
        with self._changing, storage_errors(str(self.folder)):
            file = _whole(self.get(name))
            if variant not in file.variants:
                raise NotFound(f"voice {name!r} has no variant {variant!r}", param="variant")
            if len(file.variants) == 1:
                raise Conflict(f"{variant!r} is the last variant of voice {name!r}: remove the voice", param="variant")
            self._edit(name, lambda data: edited(data, {}, without_variant=variant))
            self._discard(name, file.variants[variant])
            return self.get(name)

    def _edit(self, name: str, change: Callable[[bytes], bytes]) -> None:
        path = self.folder / name / FILE
        part = path.with_name(f".{FILE}.part")
        write_synced(part, change(path.read_bytes()))
        part.replace(path)
        sync_directory(path.parent)

    def _discard(self, name: str, entry: Entry) -> None:
        """Files of a variant that is gone, unless another one has them too."""
        file = self.get(name).file
        kept = {each for other in (file.variants.values() if file else ()) for each in (other.clip, other.original)}
        for gone in {entry.clip, entry.original} - kept - {None}:
            with suppress(OSError):
                (self.folder / name / str(gone)).unlink()


def _whole(profile: Profile) -> VoiceFile:
    """Raises BadRequest when the voice's file cannot be read: then nothing in it may be changed by us."""
    if profile.file is None:
        voice = profile.voice
        raise BadRequest(f"voice {voice.name!r} is broken: {voice.problem}; mend it in {voice.folder}", param="voice")
    return profile.file


def _moved_in(folder: Path, new: NewClip) -> Entry:
    """Both files under names that nothing has yet; nobody refers to them so far."""
    mark = ""
    if os.path.lexists(folder / f"{new.variant}.flac"):
        mark = f"~{os.urandom(4).hex()}"
    clip = f"{new.variant}{mark}.flac"
    new.clip.rename(folder / clip)
    original: str | None = None
    if new.original is not None:
        original = f"{new.variant}{mark}.original{new.original.suffix}"
        new.original.rename(folder / original)
    return Entry(clip, new.transcript, new.language, original, new.provenance)  # pyright: ignore[reportArgumentType]


def original_suffix(filename: str) -> str:
    """The ending that an upload keeps: short, plain, in lower case; `.audio` for anything else."""
    suffix = Path(filename.replace("\\", "/")).suffix
    return suffix.lower() if _SUFFIX.fullmatch(suffix) else ".audio"


def clear_away(path: Path) -> None:
    """Away with what is ours, whatever it is; what cannot be removed now is tried at the next start."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
