"""The store of voice profiles: names, hand edits, changes, and what a crash leaves."""

import contextlib
import errno
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.audio import flac
from ttsd.config import Limits
from ttsd.protocol.errors import BadRequest, Conflict, NotFound, StorageFull, TooLarge, UnknownVoice
from ttsd.protocol.voices import Provenance
from ttsd.storage.voice_file import FILE
from ttsd.storage.voices import NewClip, Voices, original_suffix

SOUND = flac.encode(bytes(range(200)) * 240, "0" * 64)


@pytest.fixture
def voices(tmp_path: Path) -> Voices:
    store = Voices(tmp_path / "voices", Limits(max_voices=5, max_clip_bytes=100_000))
    store.prepare()
    return store


def new(voices: Voices, variant: str = "neutral", *, transcript: str = "Hello.", sound: bytes = SOUND, language="en"):
    clip, original = voices.hidden("clip.flac"), voices.hidden("original.m4a")
    clip.write_bytes(sound)
    original.write_bytes(b"as it came")
    made = Provenance("2026-11-30T05:31:44Z", "uid 1000", "me.m4a", "ab" * 32, ("the silence was cut",))
    return NewClip(clip, original, variant, transcript, language, made)


def add(voices: Voices, name: str = "anna", variant: str = "neutral", **about):
    return voices.add(name, new(voices, variant, **about), {})


def toml(voices: Voices, name: str = "anna") -> Path:
    return voices.folder / name / "voice.toml"


def listing(voices: Voices, name: str = "anna") -> list[str]:
    return sorted(path.name for path in (voices.folder / name).iterdir())


def test_a_voice_is_a_readable_folder(voices: Voices):
    voice = voices.add("anna", new(voices), {"description": "reads the news", "consent": "Anna, 2026"}).voice
    assert listing(voices) == ["neutral.flac", "neutral.original.m4a", "voice.toml"]
    assert (voices.folder / "anna" / "neutral.original.m4a").read_bytes() == b"as it came"
    text = toml(voices).read_text()
    assert 'description = "reads the news"' in text
    assert '[variants.neutral]\nclip = "neutral.flac"\ntranscript = "Hello."' in text
    assert (voice.languages, voice.problem, voice.consent) == (("en",), "", "Anna, 2026")
    assert voice.variants[0].provenance.repairs == ("the silence was cut",)
    assert voice.variants[0].duration_s == pytest.approx(1.0)
    assert not [path for path in voices.folder.iterdir() if path.name.startswith(".")]


def test_a_reference_is_what_a_worker_needs(voices: Voices):
    variant, clip = add(voices).reference("neutral")
    assert (variant.name, clip.transcript) == ("neutral", "Hello.")
    assert Path(clip.path).read_bytes() == SOUND
    with pytest.raises(UnknownVoice, match="no variant 'angry'; there are anna"):
        voices.get("anna").reference("angry")


def test_everything_that_decides_sound_is_in_the_revision(voices: Voices):
    revisions = [add(voices).voice.revision]

    def changed(old: str, by: str) -> str:
        toml(voices).write_text(toml(voices).read_text().replace(old, by))
        return voices.get("anna").voice.revision

    revisions.append(changed("Hello.", "Hallo."))
    revisions.append(voices.change("anna", {"settings": {"seed": 7}}).voice.revision)
    revisions.append(voices.change("anna", {"settings": {"speed": 1.1}}).voice.revision)
    clip = voices.folder / "anna" / "neutral.flac"
    clip.write_bytes(flac.encode(bytes(4800), "0" * 64))
    revisions.append(voices.get("anna").voice.revision)
    assert len(set(revisions)) == len(revisions)
    assert voices.change("anna", {"description": "new", "consent": "given"}).voice.revision == revisions[-1]


def test_a_variant_has_a_revision_of_its_own(voices: Voices):
    before = add(voices).voice
    after = add(voices, variant="happy", transcript="Hurrah!").voice
    assert [variant.name for variant in after.variants] == ["neutral", "happy"]
    assert after.variants[0].revision == before.variants[0].revision
    assert after.revision != before.revision


def test_what_is_unchanged_is_not_read_again(voices: Voices):
    read = add(voices)
    assert voices.at_hand("anna") is read
    os.utime(voices.folder / "anna" / "neutral.flac", ns=(0, 0))
    assert voices.at_hand("anna") is None
    assert voices.get("anna").voice.revision == read.voice.revision


def test_comments_and_order_survive_a_change(voices: Voices):
    add(voices)
    toml(voices).write_text("# by hand\n" + toml(voices).read_text().replace('name = "anna"', 'name = "anna" # her'))
    voices.change("anna", {"description": "d"})
    add(voices, variant="happy")
    assert toml(voices).read_text().startswith("# by hand\n")
    assert 'name = "anna" # her' in toml(voices).read_text()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("variants = 3", "variants"),
        ("no toml", "not valid TOML"),
        ('[variants.neutral]\nclip = "../../secret.flac"', "clip"),
        ('[variants.neutral]\nclip = "gone.flac"', "gone.flac is missing"),
        ('[variants.neutral]\nclip = "link.flac"', "link.flac cannot be read"),
        ('[variants.neutral]\nclip = "folder"', "folder"),
        ('[variants.neutral]\nclip = "large.flac"', "over 100000 bytes"),
        ('[variants.neutral]\nclip = "neutral.flac"\ncolour = "red"', "colour"),
        ('[variants.neutral]\nclip = "neutral.flac"\n[settings]\nspeed = 9', "speed"),
        ('description = "' + "x" * 70_000 + '"', "over 65536 bytes"),
        ("x = " + "[" * 50_000, "voice.toml"),
        (f'[variants.neutral]\nclip = "neutral.flac"\nprovenance.repairs = {["r"] * 33}', "repairs"),
    ],
)
def test_a_broken_voice_says_why_and_others_go_on(voices: Voices, broken: str, reason: str):
    add(voices)
    add(voices, "bob")
    folder = voices.folder / "anna"
    (folder / "link.flac").symlink_to("/etc/hostname")
    (folder / "folder").mkdir()
    (folder / "large.flac").write_bytes(bytes(100_001))
    toml(voices).write_text(broken)
    anna, bob = voices.all()
    assert reason in anna.voice.problem
    assert not bob.voice.problem
    with pytest.raises(BadRequest, match="voice 'anna' cannot be used"):
        anna.reference("neutral")


def test_a_mended_voice_is_found_again(voices: Voices):
    good = add(voices)
    text = toml(voices).read_text()
    toml(voices).unlink()
    assert voices.get("anna").voice.problem == "voice.toml is missing"
    toml(voices).write_text(text)
    assert voices.get("anna").voice == good.voice


def test_a_broken_voice_is_not_written_to(voices: Voices):
    add(voices)
    toml(voices).write_text("broken")
    with pytest.raises(BadRequest, match="mend it in"):
        voices.change("anna", {"description": "d"})
    assert toml(voices).read_text() == "broken"
    assert voices.change("anna", {}, new="annie").voice.problem
    voices.remove("annie")
    assert voices.all() == []


def test_names_that_differ_in_case_alone_clash(voices: Voices):
    add(voices, "Anna")
    for name in ("Anna", "anna", "ANNA"):
        with pytest.raises(Conflict, match="'Anna'"):
            add(voices, name)
    assert voices.change("Anna", {}, new="anna").voice.name == "anna"
    add(voices, "bob")
    with pytest.raises(Conflict, match="'bob'"):
        voices.change("anna", {"description": "d"}, new="Bob")
    assert voices.get("anna").voice.description == "", "all of it, or nothing"
    with pytest.raises(NotFound, match="no variant 'sad'"):
        voices.change("anna", {"variants": {"sad": {"transcript": "Oh."}}}, new="berta")
    assert voices.get("anna")


def test_there_is_a_bound_to_the_number_of_voices(voices: Voices):
    for number in range(5):
        add(voices, f"v{number}")
    with pytest.raises(TooLarge, match="max_voices"):
        add(voices, "one-more")
    add(voices, "v0", "happy")


def test_a_variant_is_replaced_when_that_is_asked_for(voices: Voices):
    add(voices)
    with pytest.raises(Conflict, match="--replace"):
        add(voices, transcript="Other.")
    voices.add("anna", new(voices, transcript="Other.", sound=SOUND + b"\0"), {}, replace=True)
    _, clip = voices.get("anna").reference("neutral")
    assert clip.transcript == "Other."
    assert len(listing(voices)) == 3, "the old files are gone"


def test_a_variant_is_removed_but_not_the_last_one(voices: Voices):
    add(voices)
    add(voices, variant="happy")
    assert len(voices.remove_variant("anna", "happy").voice.variants) == 1
    assert listing(voices) == ["neutral.flac", "neutral.original.m4a", "voice.toml"]
    with pytest.raises(Conflict, match="last"):
        voices.remove_variant("anna", "neutral")
    with pytest.raises(NotFound, match="happy"):
        voices.remove_variant("anna", "happy")


def test_rename_and_remove(voices: Voices):
    add(voices)
    assert voices.change("anna", {}, new="berta").voice.name == "berta"
    assert 'name = "berta"' in toml(voices, "berta").read_text()
    voices.remove("berta")
    with pytest.raises(NotFound, match="berta"):
        voices.get("berta")


def test_a_folder_renamed_by_hand_is_another_voice(voices: Voices):
    add(voices)
    (voices.folder / "anna").rename(voices.folder / "carla")
    assert [profile.voice.name for profile in voices.all()] == ["carla"]


class Died(BaseException):
    """The process ended here."""


CALLS = ((Path, ("rename", "replace", "unlink", "mkdir", "rmdir")), (os, ("unlink", "fsync")))
"""All that changes a name, or makes it last."""


def _at_each_step(monkeypatch: pytest.MonkeyPatch, step: Callable[[], None]) -> None:
    def guard(call):
        def guarded(*args, **kwargs):
            step()
            return call(*args, **kwargs)

        return guarded

    for owner, calls in CALLS:
        for call in calls:
            monkeypatch.setattr(owner, call, guard(getattr(owner, call)))


def _dying(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The process dies at its `after`th step."""
    steps = itertools.count()

    def step() -> None:
        if next(steps) >= after:
            raise Died

    _at_each_step(monkeypatch, step)


def _failing(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], bool]:
    """The `at`th step alone fails; whether it came to that."""
    steps = itertools.count()
    failed: list[int] = []

    def step() -> None:
        if next(steps) == at:
            failed.append(at)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    _at_each_step(monkeypatch, step)
    return lambda: bool(failed)


def _imported(voices: Voices) -> None:
    building = voices.building()
    for path in (voices.folder / "anna").iterdir():
        (building / path.name).write_bytes(path.read_bytes().replace(b"Hello.", b"Other."))
    clip = building / ".0.flac"
    clip.write_bytes((building / "neutral.flac").read_bytes())
    voices.adopt(building, "anna", "uid 1000", {"neutral.flac": clip}, replace=True)


CHANGES = {
    "add": lambda voices: add(voices, "new"),
    "variant": lambda voices: add(voices, variant="happy"),
    "replace": lambda voices: voices.add("anna", new(voices, transcript="Other.", sound=SOUND), {}, replace=True),
    "patch": lambda voices: voices.change("anna", {"description": "d"}),
    "rename": lambda voices: voices.change("anna", {}, new="berta"),
    "both": lambda voices: voices.change("anna", {"description": "d"}, new="berta"),
    "remove": lambda voices: voices.remove("anna"),
    "import": _imported,
}


def _state(voices: Voices):
    return [(p.voice.name, p.voice.description, p.voice.revision, p.voice.problem) for p in voices.all()]


def _strays(voices: Voices) -> list[Path]:
    """What lies there, and no voice says that it is its."""
    ours = {voices.folder / p.voice.name / name for p in voices.all() if p.file for name in (*p.file.files, FILE)}
    return [path for path in voices.folder.rglob("*") if path.is_file() and path not in ours]


def _with_anna(folder: Path) -> Voices:
    voices = Voices(folder, Limits())
    voices.prepare()
    add(voices)
    return voices


@pytest.fixture
def both(tmp_path: Path, change: str):
    """The states before and after the change."""
    voices = _with_anna(tmp_path / "whole")
    before = _state(voices)
    CHANGES[change](voices)
    after = _state(voices)
    assert before != after
    return before, after


@pytest.mark.parametrize("change", sorted(CHANGES.keys() - {"both"}))
def test_at_whatever_moment_it_dies_a_voice_is_the_old_one_or_the_new_one(tmp_path: Path, both, change: str):
    for after in range(40):
        voices = _with_anna(tmp_path / str(after))
        with pytest.MonkeyPatch.context() as patch:
            _dying(patch, after)
            try:
                CHANGES[change](voices)
                died = False
            except Died:
                died = True
        again = Voices(voices.folder, Limits())
        again.prepare()
        assert not list(again.folder.rglob(".*")), "nothing hidden is left"
        assert _strays(again) == []
        assert _state(again) in both
        if not died:
            return
    pytest.fail("the change has no end")


@pytest.mark.parametrize("change", CHANGES)
def test_whichever_step_fails_a_voice_is_the_old_one_or_the_new_one_at_once(tmp_path: Path, both, change: str):
    for at in range(40):
        voices = _with_anna(tmp_path / str(at))
        with pytest.MonkeyPatch.context() as patch:
            failed = _failing(patch, at)
            with contextlib.suppress(StorageFull):
                CHANGES[change](voices)
            if not failed():
                return
        assert _state(voices) in both
        again = Voices(voices.folder, Limits())
        again.prepare()
        assert not list(again.folder.rglob(".*")), "nothing hidden is left"
        assert _strays(again) == []
        assert _state(again) == _state(voices)
    pytest.fail("the change has no end")


def test_files_of_other_variants_and_of_people_are_not_overwritten(voices: Voices):
    add(voices)
    folder = voices.folder / "anna"
    (folder / "happy.original.m4a").write_bytes(b"of another variant")
    (folder / "notes.txt").write_text("mine")
    toml(voices).write_text(toml(voices).read_text().replace("neutral.original.m4a", "happy.original.m4a"))
    entry = add(voices, variant="happy").file.variants["happy"]
    assert (folder / "happy.original.m4a").read_bytes() == b"of another variant"
    assert (folder / entry.original).read_bytes() == b"as it came"
    voices.remove_variant("anna", "happy")
    assert listing(voices) == ["happy.original.m4a", "neutral.flac", "neutral.original.m4a", "notes.txt", "voice.toml"]


@pytest.mark.parametrize("name", [".upload-ab-clip.flac", "..upload-ab-clip.flac.part", ".new-ab", ".removed-ab"])
def test_what_was_under_way_is_gone_after_a_start(voices: Voices, name: str):
    (voices.folder / name).write_bytes(b"half")
    voices.prepare()
    assert list(voices.folder.iterdir()) == []


@given(st.text(max_size=80))
def test_only_plain_names_reach_the_disk(tmp_path_factory: pytest.TempPathFactory, name: str):
    voices = Voices(tmp_path_factory.getbasetemp() / "names", Limits())
    voices.prepare()
    (voices.folder.parent / "outside").mkdir(exist_ok=True)
    assert not voices.exists(name)
    assert voices.find(name) is None
    for sly in (f"../{name}", f"{name}/../outside", f".{name}", f"{name}\0", "..", "."):
        assert not voices.exists(sly)


@pytest.mark.parametrize(
    ("filename", "suffix"),
    [("me.M4A", ".m4a"), ("../../x.wav", ".wav"), ("C:\\sound\\me.mp3", ".mp3"), ("none", ".audio"), ("", ".audio"),
     ("x.tar/../y", ".audio"), ("x.ä", ".audio"), ("a." + "x" * 50, ".audio"), ("a.b\0c", ".audio")],
)  # fmt: skip
def test_the_ending_of_an_upload_is_plain(filename: str, suffix: str):
    assert original_suffix(filename) == suffix
