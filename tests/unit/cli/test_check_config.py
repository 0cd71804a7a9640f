"""`ttsd check-config` on files as people write them."""

import json
from pathlib import Path
from typing import Any

import pytest


async def test_no_file_means_defaults(ttsd: Any) -> None:
    ran = await ttsd("check-config")
    assert ran.status == 0
    assert ran.out.decode() == "no config file: good\n  every key is at its default\n"


async def test_what_differs_is_shown_from_wherever_it_comes(ttsd: Any, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('[spool]\nsettle_s = 2\nignore = ["*.bak"]\n[engine]\nname = "builtin"\n')
    ran = await ttsd("check-config", "--config", "my.toml", "--socket", "s.sock", TTSD__LIMITS__MAX_QUEUE="7")
    assert ran.out.decode().splitlines() == [
        "my.toml: good",
        f'  daemon.socket = "{tmp_path}/s.sock"',
        "  spool.settle_s = 2.0",
        '  spool.ignore = ["*.bak"]',
        "  limits.max_queue = 7",
    ]


async def test_further_spools_are_shown_by_what_they_set(ttsd: Any, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('[spools.books]\nroot = "/srv/books"\nformat = "m4b"\n')
    ran = await ttsd("check-config", "--config", "my.toml", TTSD__SPOOLS__BOOKS__FILE_MODE="0640")
    assert ran.out.decode().splitlines() == [
        "my.toml: good",
        '  spools.books.root = "/srv/books"',
        '  spools.books.format = "m4b"',
        '  spools.books.file_mode = "0640"',
    ]
    report = json.loads((await ttsd("check-config", "--config", "my.toml", "--json")).out)
    assert report["changed"]["spools.books.format"] == "m4b"
    assert report["config"]["spools"]["books"]["settle_s"] == 1.0


async def test_json_has_file_changes_and_everything(ttsd: Any, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('[engine]\nname = "fake"\n')
    report = json.loads((await ttsd("check-config", "--json", TTSD_CONFIG="my.toml")).out)
    assert report["file"] == "my.toml"
    assert report["changed"] == {"engine.name": "fake"}
    assert report["config"]["spool"]["settle_s"] == 1.0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[engine\n", "bad.toml: not valid TOML"),
        ("[motor]\n", "bad.toml: unknown section [motor]; there are daemon, engine"),
        ("[spool]\nrot = 1\n", "bad.toml: [spool] rot: unknown key; did you mean root"),
        ("[spool]\nsettle_s = -1\n", "bad.toml: [spool] settle_s = -1"),
        (
            "[spools.a]\nroot = '/a'\n[spools.b]\nroot = '/a/b'\n",
            'bad.toml: [spools.b] root = "/a/b" lies in [spools.a]',
        ),
        ("[output]\nformat = 'midi'\n", 'bad.toml: [output] format = "midi" is not allowed'),
    ],
)
async def test_what_is_wrong_is_named_in_one_line(ttsd: Any, tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    ran = await ttsd("check-config", "--config", "bad.toml")
    assert (ran.status, ran.out) == (3, b"")
    assert ran.err.startswith(f"ttsd: {complaint}")
    assert ran.err.count("\n") == 1
