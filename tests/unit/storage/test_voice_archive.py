"""`.ttsvoice`: what was packed comes out again; what others made up is refused, within bounds."""

import contextlib
import io
import os
import struct
import subprocess
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttsd.protocol.errors import BadRequest, TooLarge, TtsdError
from ttsd.storage.voice_archive import CHECKSUMS, pack, unpack
from ttsd.storage.voice_file import parse

TOML = b'name = "anna"\n[variants.neutral]\nclip = "neutral.flac"\noriginal = "neutral.original.m4a"\n'
MOST = 100_000


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    folder = tmp_path / "anna"
    folder.mkdir()
    (folder / "voice.toml").write_bytes(TOML)
    (folder / "neutral.flac").write_bytes(b"fLaC" * 1000)
    (folder / "neutral.original.m4a").write_bytes(b"m4a" * 1000)
    (folder / "notes.txt").write_text("mine")
    return folder


@pytest.fixture
def packed(voice: Path, tmp_path: Path) -> Path:
    target = tmp_path / "anna.ttsvoice"
    pack(voice, target, MOST)
    return target


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "building"
    folder.mkdir()
    return folder


def test_what_was_packed_comes_out_again(voice: Path, packed: Path, into: Path):
    assert unpack(packed, into, MOST) == parse(TOML)
    names = sorted(path.name for path in into.iterdir())
    assert names == ["neutral.flac", "neutral.original.m4a", "voice.toml"], "what the voice does not name stays at home"
    assert all((into / name).read_bytes() == (voice / name).read_bytes() for name in names)


def _spoilt(file: Path, how: str) -> None:
    file.unlink()
    match how:
        case "link":
            file.symlink_to("/etc/hostname")
        case "pipe":
            os.mkfifo(file)
        case "large":
            file.write_bytes(bytes(MOST + 1))


@pytest.mark.parametrize(
    ("how", "why"),
    [("gone", "is missing"), ("link", "cannot be read"), ("pipe", "no regular file"), ("large", f"over {MOST} bytes")],
)
@pytest.mark.parametrize("name", ["neutral.flac", "neutral.original.m4a"])
def test_a_file_that_cannot_be_packed_is_named(voice: Path, tmp_path: Path, name: str, how: str, why: str):
    _spoilt(voice / name, how)
    with pytest.raises(BadRequest, match=f"{name} .*{why}"):
        pack(voice, tmp_path / "target", MOST)


def test_what_could_not_be_unpacked_is_not_packed(voice: Path, tmp_path: Path):
    (voice / "neutral.original.m4a").write_bytes(bytes(MOST - 2000))
    with pytest.raises(TooLarge, match="max_clip_bytes"):
        pack(voice, tmp_path / "target", MOST)


def test_little_of_it_is_in_memory_at_once(voice: Path, tmp_path: Path, into: Path):
    most = 64 * 2**20
    with (voice / "neutral.original.m4a").open("wb") as file:
        file.truncate(most // 2)
    tracemalloc.start()
    try:
        pack(voice, tmp_path / "target", most)
        unpack(tmp_path / "target", into, most)
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_any_unzip_reads_it_and_sha256sum_checks_it(packed: Path, tmp_path: Path):
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "by-hand")
    subprocess.run(["sha256sum", "--check", "--strict", CHECKSUMS], cwd=tmp_path / "by-hand", check=True)


def remade(packed: Path, change) -> Path:
    """The same archive with other members: `change` gets name → content and returns pairs."""
    with zipfile.ZipFile(packed) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in change(content):
            archive.writestr(name, data)
    return packed


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda c: [*c.items(), ("../../evil", b"x")], "'../../evil' is in it"),
        (lambda c: [*c.items(), ("/etc/passwd", b"x")], "'/etc/passwd' is in it"),
        (lambda c: [*c.items(), ("sub/", b"")], "'sub/' is in it"),
        (lambda c: [*c.items(), ("more.txt", b"x")], "'more.txt' is in it"),
        (lambda c: [*c.items(), ("neutral.flac", b"x")], "two files in it have one name"),
        (lambda c: [(n, d) for n, d in c.items() if n != "neutral.flac"], "'neutral.flac' is missing"),
        (lambda c: [(n, d) for n, d in c.items() if n != "voice.toml"], "'voice.toml' is missing"),
        (lambda c: [(n, d) for n, d in c.items() if n != CHECKSUMS], "'checksums.sha256' is missing"),
        (lambda c: {**c, "neutral.flac": b"other"}.items(), "neutral.flac is not what checksums.sha256 says"),
        (lambda c: {**c, CHECKSUMS: b"\xff\xfe"}.items(), "voice.toml is not what"),
        (lambda c: {**c, "voice.toml": TOML.replace(b"neutral.flac", b"../x.flac")}.items(), "clip"),
        (lambda c: {**c, "voice.toml": TOML.replace(b'"neutral.flac"', b'"voice.toml"')}.items(), "no clip can be"),
        (lambda c: {**c, "voice.toml": b"x = "}.items(), "not valid TOML"),
        (lambda c: [(f"{n}", b"") for n in range(20_000)], "its directory is too long"),
    ],
)
def test_what_is_no_voice_is_refused(packed: Path, into: Path, change, why: str):
    with pytest.raises(BadRequest, match=why.replace(".", r"\.")):
        unpack(remade(packed, change), into, MOST)
    assert not (into.parent.parent / "evil").exists()


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_is(packed: Path, into: Path):
    bomb = bytes(50 * 2**20)
    remade(packed, lambda c: {**c, "neutral.flac": bomb}.items())
    assert packed.stat().st_size < MOST
    with pytest.raises(TooLarge, match="unpacks to over"):
        unpack(packed, into, MOST)
    data = packed.read_bytes()
    assert data.count(struct.pack("<I", len(bomb))) == 2
    packed.write_bytes(data.replace(struct.pack("<I", len(bomb)), struct.pack("<I", 1000)))
    with pytest.raises(BadRequest):
        unpack(packed, into, MOST)
    assert sum(path.stat().st_size for path in into.iterdir()) < MOST


def test_a_bomb_in_the_description_is_refused(packed: Path, into: Path):
    remade(packed, lambda c: {**c, "voice.toml": b"#" * 20_000_000}.items())
    with pytest.raises(TooLarge, match=r"voice\.toml has over"):
        unpack(packed, into, MOST)


def test_encrypted_and_exotic_archives_are_refused(packed: Path, into: Path):
    whole = packed.read_bytes()
    entry = whole.index(b"PK\x01\x02")
    packed.write_bytes(whole[: entry + 8] + b"\x01\x00" + whole[entry + 10 :])
    with pytest.raises(BadRequest, match="encrypted"):
        unpack(packed, into, MOST)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("voice.toml", TOML)
    with pytest.raises(BadRequest, match="deflate"):
        unpack(packed, into, MOST)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_anywhere_is_an_error_of_ours_or_nothing(packed: Path, into: Path, data: st.DataObject):
    whole = bytearray(packed.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    del whole[data.draw(st.integers(1, len(whole))) :]
    damaged = into.parent / "damaged"
    damaged.write_bytes(whole)
    with contextlib.suppress(TtsdError):
        unpack(damaged, into, MOST)


def test_no_zip_at_all(tmp_path: Path, into: Path):
    for number, data in enumerate((b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), bytes(300_000), io.BytesIO().read())):
        file = tmp_path / str(number)
        file.write_bytes(data)
        with pytest.raises(BadRequest, match="no voice archive"):
            unpack(file, into, MOST)
