"""A checkpoint gets into its folder as a whole or not at all, whatever the hub and the disk do."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub import blob_id, sha256
from ttsd.models import REVISION_FILE, pull, pulling
from ttsd.models.hub import Commit, Hub, HubFile, Sink
from ttsd.models.pulling import Pull
from ttsd.protocol.errors import BadRequest, Conflict, Forbidden, StorageFull, Unavailable

BIG, SMALL = b"weights " * 1000, b"{}"
FILES = {"model.safetensors": BIG, "config.json": SMALL, "speech_tokenizer/config.json": SMALL}


class Memory:
    """A hub whose files are in memory; `send` is what happens to one of them on its way."""

    def __init__(self, files: dict[str, bytes], name: str = "c0ffee") -> None:
        self.files = files
        self.asked: list[tuple[str, int]] = []
        self.cache: dict[str, Path] = {}
        kept_by_git = {name: blob_id(data) for name, data in files.items() if name.endswith(".json")}
        self.pinned = Commit(
            name,
            tuple(HubFile(name, len(data), kept_by_git.get(name) or sha256(data)) for name, data in files.items()),
        )

    def send(self, name: str, into: Sink, have: int) -> None:
        into.write(self.files[name][have:])

    def commit(self, revision: str | None) -> Commit:
        return self.pinned

    def fetch(self, commit: Commit, file: HubFile, into: Sink, have: int) -> None:
        self.asked.append((file.name, have))
        self.send(file.name, into, have)

    def cached(self, commit: Commit, file: HubFile) -> Path | None:
        return self.cache.get(file.name)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def fetch(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Memory], Path]:
    """`fetch(hub)` is `pull` from that hub."""

    def run(hub: Memory) -> Path:
        monkeypatch.setattr(pulling, "Hub", lambda _: hub)
        return pull("Qwen/Tiny", None, lambda *_: None)

    return run


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != REVISION_FILE
    }


def test_what_is_there_and_whole_is_not_fetched_again(fetch: Any) -> None:
    hub = Memory(FILES)
    folder = fetch(hub)
    assert content(folder) == FILES
    assert (folder / REVISION_FILE).read_text() == "c0ffee\n"
    (folder / "config.json").write_bytes(b"[]")
    hub.asked.clear()
    fetch(hub)
    assert hub.asked == [("config.json", 0)]
    assert content(folder) == FILES


def test_what_was_broken_off_goes_on(fetch: Any) -> None:
    hub = Memory(FILES)

    def half(name: str, into: Sink, have: int) -> None:
        into.write(FILES[name][have : have + 4000])
        if name == "model.safetensors":
            raise Unavailable("broke off")

    hub.send = half
    with pytest.raises(Unavailable, match="broke off"):
        fetch(hub)
    hub.send = lambda name, into, have: into.write(FILES[name][have:])
    folder = fetch(hub)
    assert hub.asked[:2] == [("model.safetensors", 0), ("model.safetensors", 4000)]
    assert content(folder) == FILES


def test_a_hub_that_begins_anew_is_followed(fetch: Any) -> None:
    """As the hub's client does when a server sends all instead of the range."""
    hub = Memory(FILES)

    def anew(name: str, into: Sink, have: int) -> None:
        into.write(b"wrong")
        into.seek(max(into.tell() - 5, 0))
        into.truncate()
        into.write(FILES[name])

    hub.send = anew
    assert content(fetch(hub)) == FILES


def test_damage_is_noticed_and_not_built_upon(fetch: Any, cache: Path) -> None:
    hub = Memory(FILES)
    hub.send = lambda name, into, have: into.write(FILES[name].replace(b"w", b"x"))
    with pytest.raises(Unavailable, match=r"model\.safetensors came damaged: .* was deleted; try again"):
        fetch(hub)
    assert BIG not in content(cache).values()
    hub.send = lambda name, into, have: into.write(FILES[name][have:])
    assert content(fetch(hub)) == FILES
    assert ("model.safetensors", 0) in hub.asked[1:]


def test_a_part_that_is_too_long_is_thrown_away(fetch: Any, cache: Path) -> None:
    hub = Memory(FILES)
    part = cache / "models" / "Qwen--Tiny" / pulling.PARTS / f"{sha256(BIG)}.model.safetensors"
    part.parent.mkdir(parents=True)
    part.write_bytes(BIG + b"more")
    assert content(fetch(hub)) == FILES


def test_the_old_stays_whole_until_the_new_is_there(fetch: Any) -> None:
    folder = fetch(Memory({**FILES, "model.safetensors.index.json": SMALL}))
    before = content(folder)
    new = Memory({**FILES, "config.json": b'{"new": 1}', "model.safetensors": BIG[::-1]}, "decade")

    def refuse(name: str, into: Sink, have: int) -> None:
        if name == "config.json":
            raise Unavailable("broke off")
        into.write(new.files[name][have:])

    plain, new.send = new.send, refuse
    with pytest.raises(Unavailable):
        fetch(new)
    assert {name: data for name, data in content(folder).items() if pulling.PARTS not in name} == before
    assert (folder / REVISION_FILE).read_text() == "c0ffee\n"
    new.send = plain
    fetch(new)
    assert content(folder) == new.files, "with nothing of the old"
    assert (folder / REVISION_FILE).read_text() == "decade\n"


def test_what_another_program_has_fetched_is_taken(fetch: Any, tmp_path: Path) -> None:
    hub = Memory(FILES)
    (tmp_path / "elsewhere").write_bytes(BIG)
    hub.cache["model.safetensors"] = tmp_path / "elsewhere"
    hub.send = lambda name, into, have: into.write(FILES[name][have:])
    assert content(fetch(hub)) == FILES
    assert ("model.safetensors", len(BIG)) in hub.asked


def test_progress_is_told_in_bytes(cache: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    hub: Any = Memory(FILES)
    tmp_path.joinpath("there").mkdir()
    Pull(hub, hub.pinned, tmp_path / "there", lambda *report: told.append(report)).run()
    assert ("fetching model.safetensors", len(BIG), len(BIG)) in told
    assert ("checking model.safetensors", len(BIG), len(BIG)) in told


# --- the disk ---------------------------------------------------------------------------------------


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(
    fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Memory(FILES)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(StorageFull, match=r"0\.0 GB are to be fetched, .* has room for 0\.0 GB: make room"):
        fetch(hub)
    assert hub.asked == []


def test_a_disk_that_fills_up_is_told(fetch: Any, cache: Path) -> None:
    """The kernel says so of /dev/full."""
    parts = cache / "models" / "Qwen--Tiny" / pulling.PARTS
    parts.mkdir(parents=True)
    (parts / f"{sha256(BIG)}.model.safetensors").symlink_to("/dev/full")
    with pytest.raises(StorageFull, match=r"no room is left for .*: make room and run it again"):
        fetch(Memory(FILES))


def test_a_place_that_cannot_be_written_is_named(fetch: Any, cache: Path) -> None:
    cache.write_text("a file in the way")
    with pytest.raises(Forbidden, match=rf"{cache}.* cannot be written"):
        fetch(Memory(FILES))


def test_two_at_once_do_not_mix(fetch: Any) -> None:
    hub = Memory(FILES)

    def again(name: str, into: Sink, have: int) -> None:
        hub.send = lambda name, into, have: into.write(FILES[name][have:])
        with pytest.raises(Conflict, match="another ttsd model pull is fetching into"):
            fetch(hub)
        hub.send(name, into, have)

    hub.send = again
    assert content(fetch(hub)) == FILES


# --- what a hub may say -----------------------------------------------------------------------------


class Sibling:
    def __init__(self, name: str, size: int | None = 2, blob: str | None = blob_id(SMALL)) -> None:
        self.rfilename, self.size, self.blob_id, self.lfs = name, size, blob, None


@pytest.mark.parametrize(
    ("siblings", "error", "words"),
    [
        ([Sibling("config.json")], BadRequest, "no checkpoint of Qwen3-TTS-12Hz: it has no speech_tokenizer/config"),
        ([Sibling("README.md")], BadRequest, "it has no config.json"),
        ([Sibling("config.json", size=None)], Unavailable, "tells no size and hash of config.json"),
        ([Sibling("config.json", blob=None)], Unavailable, "set HF_ENDPOINT to one that does"),
        ([Sibling("../x.json")], Unavailable, "outside the model's folder"),
        ([Sibling("/etc/x.json")], Unavailable, "outside the model's folder"),
        (None, BadRequest, "no checkpoint"),
    ],
)
def test_a_repository_that_is_no_checkpoint_is_refused(
    siblings: Any, error: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    class Api:
        def model_info(self, *_: Any, **__: Any) -> Any:
            return type("Info", (), {"siblings": siblings, "sha": "c0ffee"})

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    with pytest.raises(error, match=words):
        Hub("Qwen/Tiny").commit(None)


@pytest.mark.parametrize("name", ["nothing", "a/b/c", "../b", "a/..", "/b", "a--b/c"])
def test_what_is_no_id_is_not_asked_for(name: str) -> None:
    with pytest.raises(BadRequest, match="no hub id: write OWNER/NAME"):
        pull(name, None, lambda *_: None)


def test_without_the_hubs_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(Unavailable, match=r'pip install "ttsd\[qwen\]"'):
        Hub("Qwen/Tiny")
