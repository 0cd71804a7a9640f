"""The store of voice profiles: a readable folder for each, changed by renames alone."""

import os
import re
import threading
from collections.abc import Container, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from ttsd.config import Limits
from ttsd.durable import private_folder, replace_synced, sync_directory, write_synced
from ttsd.log import get_logger
from ttsd.protocol.errors import BadRequest, Conflict, NotFound, TooLarge
from ttsd.protocol.voices import Provenance, joined_reference
from ttsd.storage.placing import remove_tree, storage_errors
from ttsd.storage.voice_file import FILE, MOST_VARIANTS, Edit, Entry, VoiceFile, edited, parse, written
from ttsd.storage.voice_folder import Profile
from ttsd.storage.voice_settling import settle, settling
from ttsd.storage.voice_shelf import VoiceShelf

_LEFTOVER: Final = re.compile(r"\.{1,2}(new|removed|upload)-.*")
"""Two dots: a file that was being written under such a name."""
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
        private_folder(self.folder)
        for path in self.folder.iterdir():
            replaced = _REPLACED.fullmatch(path.name)
            if replaced and not (self.folder / replaced[1]).exists():
                path.rename(self.folder / replaced[1])
            elif replaced or _LEFTOVER.fullmatch(path.name):
                clear_away(path)
            elif path.is_dir() and not path.is_symlink():
                settle(path)
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
            entry = msgspec.structs.replace(_entry(building, new), language="")
            _move_in(building, new, entry)
            top = {**about, "name": name, "language": new.language}
            file = msgspec.convert({**top, "variants": {new.variant: msgspec.to_builtins(entry)}}, VoiceFile)
            write_synced(building / FILE, written(file))
            sync_directory(building)
            building.rename(self.folder / name)
            sync_directory(self.folder)
        except BaseException:
            clear_away(building)
            raise

    def building(self) -> Path:
        """A new hidden folder, for a voice to be put together in. Raises StorageFull."""
        folder = self.folder / f".new-{os.urandom(8).hex()}"
        with storage_errors(str(self.folder)):
            folder.mkdir(parents=True)
        return folder

    def adopt(
        self, building: Path, name: str, user: str, clips: Mapping[str, Path], *, replace: bool = False
    ) -> Profile:
        """Make a hidden folder with a voice's files the voice `name` of `user`.

        `clips` are taken, one of ours for each clip by its name: the folder's own came from outside. Raises Conflict,
        TooLarge, StorageFull.
        """
        with self._changing, storage_errors(str(self.folder)):
            there = self.exists(name)
            if not (there and replace):
                self.check_free(name)
            data = (building / FILE).read_bytes()
            file = parse(data)
            originals = {entry.original for entry in file.variants.values()}
            for entry in file.variants.values():
                if entry.clip not in originals:
                    (building / entry.clip).unlink(missing_ok=True)
            taken: dict[str, str] = {}
            for variant, entry in file.variants.items():
                if entry.clip not in taken:
                    taken[entry.clip] = _take_in(building, variant, clips[entry.clip])
            ours = {
                variant: {"clip": taken[entry.clip], "provenance": {"added_by": user}}
                for variant, entry in file.variants.items()
            }
            write_synced(building / FILE, edited(data, Edit({"name": name, "variants": ours})))
            self._check_size(building)
            sync_directory(building)
            if there:
                self._swap(building, name)
            else:
                building.rename(self.folder / name)
                sync_directory(self.folder)
            log.info("voice.imported", voice=name)
            return self.get(name)

    def _check_size(self, folder: Path) -> None:
        """Raises TooLarge where the voice could not be exported again."""
        most = self._limits.max_clip_bytes
        if sum(path.stat().st_size for path in folder.iterdir()) > most:
            raise TooLarge(f"as FLAC the clips have over {most} bytes ([limits] max_clip_bytes)", param="archive")

    def _swap(self, building: Path, name: str) -> None:
        """A crash between the renames is mended at the start, a failure here."""
        voice, away = self.folder / name, self.folder / f".replaced-{name}"
        clear_away(away)
        voice.rename(away)
        try:
            building.rename(voice)
        except OSError:
            away.rename(voice)
            raise
        sync_directory(self.folder)  # before the old one goes
        clear_away(away)

    def _add_variant(self, name: str, new: NewClip, about: Mapping[str, str]) -> None:
        """Files first, then the file that names them, then away with those that no one names any more."""
        folder = self.folder / name
        file = _whole(self.get(name))
        entry = _entry(folder, new, file.files)
        if entry.language == file.language:
            entry = msgspec.structs.replace(entry, language="")
        replaced = file.variants.get(new.variant)
        with settling(folder, *entry.files, *(replaced.files if replaced else ())):
            _move_in(folder, new, entry)
            self._edit(name, Edit(about, {new.variant: entry}))

    def change(self, name: str, values: Mapping[str, Any], *, new: str | None = None) -> Profile:
        """Change values of `voice.toml`, where comments stay, and then the voice's name: all of it or nothing.

        Between the two a crash leaves the values alone changed: who asks again gets the rest.
        Raises NotFound, Conflict, BadRequest, StorageFull.
        """
        with self._changing, storage_errors(str(self.folder)):
            profile = self.get(name)
            if new is not None:
                self.check_free(new, besides=name)
                values = {**values, "name": new}
            if values.keys() - {"name"}:
                _check_variants(_whole(profile), name, values.get("variants", {}))
            if profile.file is None:  # a broken voice may have another name
                self._rename(name, new or name)
            elif values:
                with self._edited(name, Edit(values)):
                    self._rename(name, new or name)
            return self.get(new or name)

    @contextmanager
    def _edited(self, name: str, edit: Edit) -> Generator[None]:
        """The voice's file is changed, and if the block fails it is what it was."""
        path = self.folder / name / FILE
        before = path.read_bytes()
        try:
            self._edit(name, edit)
            yield
        except OSError:
            replace_synced(path, before)
            raise

    def _rename(self, name: str, new: str) -> None:
        if name != new:
            (self.folder / name).rename(self.folder / new)
            sync_directory(self.folder)
            log.info("voice.renamed", voice=name, to=new)

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
            _check_variants(file, name, (variant,))
            if len(file.variants) == 1:
                raise Conflict(f"{variant!r} is the last variant of voice {name!r}: remove the voice", param="variant")
            with settling(self.folder / name, *file.variants[variant].files):
                self._edit(name, Edit(without_variant=variant))
            return self.get(name)

    def _edit(self, name: str, edit: Edit) -> None:
        path = self.folder / name / FILE
        replace_synced(path, edited(path.read_bytes(), edit))


def _whole(profile: Profile) -> VoiceFile:
    """Raises BadRequest when the voice's file cannot be read: then nothing in it may be changed by us."""
    if profile.file is None:
        voice = profile.voice
        raise BadRequest(f"voice {voice.name!r} is broken: {voice.problem}; mend it in {voice.folder}", param="voice")
    return profile.file


def _check_variants(file: VoiceFile, name: str, wanted: Iterable[str]) -> None:
    """Raises NotFound for one that is not there."""
    for variant in wanted:
        if variant not in file.variants:
            raise NotFound(f"voice {name!r} has no variant {variant!r}", param="variant")


def _entry(folder: Path, new: NewClip, named: Container[str] = ()) -> Entry:
    """What will be said of the clip; both files under names that nothing in `folder` has, and that are not `named`."""
    endings = [".flac"] if new.original is None else [".flac", f".original{new.original.suffix}"]
    clip, *original = _free_names(folder, new.variant, endings, named)
    return Entry(clip, new.transcript, new.language, original[0] if original else None, new.provenance)  # pyright: ignore[reportArgumentType]


def _free_names(folder: Path, stem: str, endings: Iterable[str], named: Container[str] = ()) -> list[str]:
    """`stem` with each ending, or a stem made from it, so that nothing in `folder` is called so and none is `named`."""
    wanted = stem
    while True:
        names = [f"{stem}{ending}" for ending in endings]
        if not any(name in named or os.path.lexists(folder / name) for name in names):
            return names
        stem = f"{wanted}~{os.urandom(4).hex()}"


def _take_in(folder: Path, variant: str, clip: Path) -> str:
    """What the clip is called from now on."""
    (name,) = _free_names(folder, variant, (".flac",))
    clip.rename(folder / name)
    return name


def _move_in(folder: Path, new: NewClip, entry: Entry) -> None:
    new.clip.rename(folder / entry.clip)
    if new.original is not None and entry.original is not None:
        new.original.rename(folder / entry.original)


def original_suffix(filename: str) -> str:
    """The ending that an upload keeps: short, plain, in lower case; `.audio` for anything else."""
    suffix = Path(filename.replace("\\", "/")).suffix
    return suffix.lower() if _SUFFIX.fullmatch(suffix) else ".audio"


def clear_away(path: Path) -> None:
    """Away with what is ours, whatever it is; what cannot be removed now is tried at the next start."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            remove_tree(path)
        else:
            path.unlink()
