"""Fetching the styles of the built-in voices, with a pip that really runs."""

import io
import tarfile
from pathlib import Path

import pytest

from ttsd.models import styles
from ttsd.protocol.errors import Forbidden, Unavailable


@pytest.fixture(autouse=True)
def _cache(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))


def release(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "release.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in styles.STYLES:
            member = tarfile.TarInfo(f"kokoro-0.9.4/kokoro.js/voices/{name}.bin")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_at_first_all_are_missing():
    assert styles.missing() == tuple(styles.STYLES)


def test_a_pip_that_finds_nothing_is_told_and_nothing_is_kept(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(Unavailable, match=r"kokoro==0\.9\.4"):
        styles.pull()
    assert list(styles.styles_dir().iterdir()) == []


def test_a_style_that_is_not_the_known_one_is_refused(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(styles, "_downloaded", lambda place: release(tmp_path, b"other"))
    with pytest.raises(Unavailable, match="is not the one that we know"):
        styles.pull()
    assert list(styles.styles_dir().iterdir()) == []


def test_what_is_there_is_not_fetched_again_and_what_is_damaged_is(monkeypatch, tmp_path: Path):
    known = styles.hashlib.sha256(b"style").hexdigest()
    monkeypatch.setattr(styles, "STYLES", dict.fromkeys(styles.STYLES, known))
    monkeypatch.setattr(styles, "_downloaded", lambda place: release(tmp_path, b"style"))
    folder = styles.pull()
    assert styles.missing() == ()
    monkeypatch.setattr(styles, "_downloaded", None)
    assert styles.pull() == folder
    (folder / "jm_kumo.bin").write_bytes(b"damaged")
    assert styles.missing() == ("jm_kumo",)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(Forbidden, match="XDG_CACHE_HOME"):
        styles.pull()
