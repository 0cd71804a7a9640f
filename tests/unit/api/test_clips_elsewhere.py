"""Clips that requests name: only files below `[http] ref_dirs`, however they are named."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ttsd.api.cloning import allowed_clip, open_reference
from ttsd.config import Config, Http
from ttsd.protocol.errors import BadRequest, Forbidden


@pytest.fixture
def clips(folder: Path) -> Path:
    """With a secret beside it."""
    (folder / "secret.wav").write_bytes(b"RIFFsecret")
    (folder / "clips-of-others").mkdir()
    (folder / "clips-of-others" / "x.wav").write_bytes(b"RIFF")
    inside = folder / "clips"
    inside.mkdir()
    (inside / "me.wav").write_bytes(b"RIFFme")
    (inside / "folder").mkdir()
    (inside / "me-too.wav").symlink_to(inside / "me.wav")
    (inside / "link.wav").symlink_to(folder / "secret.wav")
    (inside / "out").symlink_to(folder)
    (inside / "proc").symlink_to("/proc/self")
    (inside / "loop").symlink_to(inside / "loop")
    os.link(folder / "secret.wav", inside / "hard.wav")
    os.mkfifo(inside / "pipe.wav")
    return inside


TRICKS = [
    ("{clips}/link.wav", 403),
    ("{clips}/out/secret.wav", 403),
    ("{clips}/../secret.wav", 403),
    ("{clips}/folder/../../secret.wav", 403),
    ("{clips}-of-others/x.wav", 403),
    ("{clips}/proc/environ", 403),
    ("{clips}/proc/fd/0", 403),
    ("/proc/self/root{clips}/../secret.wav", 403),
    ("/proc/self/cwd/../etc/passwd", 403),
    ("{clips}/hard.wav", 403),
    ("{clips}/loop", 403),
    ("me.wav", 403),
    ("file://{clips}/me.wav", 403),
    ("{clips}/me.wav\0.txt", 403),
    ("{clips}/pipe.wav", 400),
    ("{clips}/folder", 400),
    ("{clips}", 400),
    ("{clips}/nobody.wav", 400),
    ("{clips}/me.wav/x", 400),
]


@pytest.mark.parametrize(("name", "status"), TRICKS)
async def test_no_trick_leads_out(open_house: Callable[..., Any], folder: Path, clips: Path, name: str, status: int):
    house = await open_house(config=Config(http=Http(ref_dirs=(str(clips),))))
    house.speaker.info = msgspec.structs.replace(house.speaker.info, can_clone=True)
    wanted = {"text": "a", "language": "en", "ref_audio": name.replace("{clips}", str(clips))}
    async with house.client() as http, http.post("/api/tts", json=wanted) as answer:
        assert answer.status == status, await answer.text()
        assert b"secret" not in (await answer.read()).replace(wanted["ref_audio"].encode(), b"")


@pytest.mark.parametrize("name", ["me.wav", "me-too.wav", "./folder/../me.wav"])
async def test_what_lies_inside_may_be_named(open_house: Callable[..., Any], clips: Path, name: str):
    house = await open_house(config=Config(http=Http(ref_dirs=(str(clips),))))
    house.speaker.info = msgspec.structs.replace(house.speaker.info, can_clone=True)
    wanted = {"text": "a", "language": "en", "ref_audio": f"{clips}/{name}"}
    async with house.client() as http, http.post("/api/tts", json=wanted) as answer:
        assert answer.status == 200, await answer.text()


def test_a_file_that_becomes_a_link_after_it_was_looked_at_is_not_followed(folder: Path, clips: Path):
    clip = allowed_clip(str(clips / "me.wav"), [str(clips)])
    clip.unlink()
    clip.symlink_to(folder / "secret.wav")
    with pytest.raises(Forbidden):
        open_reference(clip, 1000)


def test_neither_is_a_folder(folder: Path, clips: Path):
    (clips / "folder" / "secret.wav").write_bytes(b"RIFF")
    clip = allowed_clip(str(clips / "folder" / "secret.wav"), [str(clips)])
    (clips / "folder").rename(clips / "moved")
    (clips / "folder").symlink_to(folder)
    with pytest.raises(Forbidden):
        open_reference(clip, 1000)


def test_a_clip_that_this_user_may_not_read_is_told_as_that(clips: Path):
    clip = allowed_clip(str(clips / "me.wav"), [str(clips)])
    clip.rename(clips / "gone.wav")
    with pytest.raises(BadRequest, match="there is no file"):
        open_reference(clip, 1000)
