"""`ttsd model use`: the right file, nothing else in it, and no word that is not true."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sketches import sketch
from ttsd import places
from ttsd.cli import choosing
from ttsd.client import running
from ttsd.models import REVISION_FILE
from ttsd.protocol.errors import NotFound

ID = "Qwen/Qwen3-TTS-12Hz-0.6B-Base"
CARDLESS = "no NVIDIA driver answers"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sketch(tmp_path / "tiny")


def pulled(cache: Path) -> Path:
    """What `ttsd model pull` leaves below a cache directory."""
    there = sketch(cache / "models" / ID.replace("/", "--"))
    (there / REVISION_FILE).write_text("c0ffee\n")
    return there


@pytest.mark.parametrize("command", ["use", "pull"])
async def test_help_has_examples(ttsd: Any, command: str) -> None:
    for arguments in ([], [command]):
        ran = await ttsd("model", *arguments, "--help")
        assert ran.status == 0
        assert f"ttsd model {command} Qwen/".encode() in ran.out.partition(b"Examples:")[2]


async def test_voices_have_no_revision_to_choose(ttsd: Any) -> None:
    ran = await ttsd("model", "pull", "voices", "--revision", "main")
    assert ran.status == 2
    assert "voices are those of kokoro==" in ran.err


async def test_a_new_file_is_made_where_the_daemon_looks(ttsd: Any, tmp_path: Path) -> None:
    pulled(tmp_path / ".cache" / "ttsd")
    ran = await ttsd("model", "use", ID)
    file = tmp_path / ".config" / "ttsd" / "config.toml"
    assert ran.status == 0, ran.err
    assert file.read_text() == f'[engine]\nname = "qwen3"\n\n[qwen3]\nmodel = "{ID}"\n'
    assert ran.out.decode().splitlines()[:3] == [
        f"{file} now has", '  [engine] name = "qwen3"', f'  [qwen3] model = "{ID}"',
    ]  # fmt: skip
    assert b"no daemon answers on" in ran.out
    values = (await ttsd("check-config")).out.decode().splitlines()[1:]
    assert [value.split()[:3] for value in values] == [["engine.name", "=", '"qwen3"'], ["qwen3.model", "=", f'"{ID}"']]


async def test_a_folder_is_named_so_that_the_daemon_finds_it_too(ttsd: Any, tmp_path: Path, folder: Path) -> None:
    mine = tmp_path / "my.toml"
    mine.write_text("# mine\n[qwen3]\nmodel = ''  # which\n")
    ran = await ttsd("model", "use", "./tiny", "--json", TTSD_CONFIG="my.toml")
    assert ran.status == 0, ran.err
    assert mine.read_text() == f'# mine\n[qwen3]\nmodel = "{folder}"  # which\n\n[engine]\nname = "qwen3"\n'
    told = json.loads(ran.out)
    assert told | {"warnings": [], "effect": ""} == {
        "file": str(mine),
        "settings": {"engine": {"name": "qwen3"}, "qwen3": {"model": str(folder)}},
        "written": True,
        "warnings": [],
        "effect": "",
        "command": "",
    }


async def test_the_built_in_engine_comes_back_and_the_model_stays_named(ttsd: Any, tmp_path: Path) -> None:
    mine = tmp_path / "my.toml"
    mine.write_text('[engine]\nname = "qwen3"\n[qwen3]\nmodel = "a/b"\n')
    for word in ("now has", "had already"):
        ran = await ttsd("model", "use", "builtin", "--config", "my.toml")
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.decode().startswith(f'{mine} {word}\n  [engine] name = "builtin"\n')
        assert mine.read_text() == '[engine]\nname = "builtin"\n[qwen3]\nmodel = "a/b"\n'


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("Qwen/None", "model Qwen/None is not on this machine"),
        ("Qwen/Half", "model Qwen/Half is here in part only"),
        ("./none", "there is no folder"),
        ("cut", "model.safetensors: it has "),
        ("nothing", "'nothing' is no hub id: write OWNER/NAME"),
    ],
)
async def test_what_could_not_speak_is_not_written(ttsd: Any, tmp_path: Path, model: str, words: str) -> None:
    (tmp_path / ".cache" / "ttsd" / "models" / "Qwen--Half").mkdir(parents=True)
    weights = sketch(tmp_path / "cut") / "model.safetensors"
    with weights.open("r+b") as file:
        file.truncate(weights.stat().st_size - 1)
    ran = await ttsd("model", "use", model)
    assert (ran.status, ran.out) == (1, b"")
    assert words in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / ".config").exists()


async def test_a_bad_file_is_not_touched(ttsd: Any, tmp_path: Path, folder: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[engine]\nnam = 'x'\n")
    ran = await ttsd("model", "use", str(folder), "--config", "bad.toml")
    assert (ran.status, ran.out) == (3, b"")
    assert "bad.toml: [engine] nam: unknown key; did you mean name?" in ran.err
    assert bad.read_text() == "[engine]\nnam = 'x'\n"
    assert (await ttsd("model", "use", "builtin", "--config", "none.toml")).status == 3


async def test_a_file_of_others_is_left_to_them(env: dict[str, str], tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "etc" / "config.toml"
    file.parent.mkdir()
    file.write_text("# theirs\n")
    file.parent.chmod(0o555)
    mortal = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    line = [*mortal, sys.executable, "-m", "ttsd.cli", "model", "use", str(folder), "--config", str(file)]
    ran = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"ttsd: {file} cannot be written by this user (Permission denied); these lines belong there:\n\n"
        f'[engine]\nname = "qwen3"\n\n[qwen3]\nmodel = "{folder}"\n\nor say:\n\n'
        f"sudo env CACHE_DIRECTORY={tmp_path}/.cache/ttsd {sys.executable} -m ttsd.cli model use {folder} "
        f"--config {file}\n"
    )
    assert file.read_text() == "# theirs\n"


# --- warnings ---------------------------------------------------------------------------------------


def warned(folder: Path, text: str) -> list[str]:
    file = folder.parent / "my.toml"
    file.write_text(text)
    return list(choosing.warnings(choosing.choose(str(folder), str(file))))


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("", "set [engine] allow_cpu = true"),
        ("[engine]\nallow_cpu = true\n", ""),
        ("[qwen3]\ndevice = 'cpu'\n", ""),
        ("[engine]\nallow_cpu = true\n[qwen3]\ndevice = 'cuda'\n", 'set [qwen3] device = "cpu"'),
    ],
)
def test_without_a_card_it_says_what_to_set(
    folder: Path, text: str, way_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_no_card", lambda: CARDLESS)
    told = warned(folder, text)
    assert len(told) == bool(way_out)
    assert all(way_out in line and line.startswith(CARDLESS) for line in told)


def test_a_card_is_looked_for_by_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    import pynvml

    def fails() -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_DRIVER_NOT_LOADED)

    monkeypatch.setattr(pynvml, "nvmlInit", fails)
    assert str(choosing._no_card()).startswith(CARDLESS)
    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    for count, told in ((0, "the NVIDIA driver knows no card"), (1, None)):
        monkeypatch.setattr(pynvml, "nvmlDeviceGetCount", lambda count=count: count)
        assert choosing._no_card() == told


def test_what_is_not_installed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "_no_card", lambda: None)
    assert warned(folder, "") == []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else object())
    (told,) = warned(folder, "")
    assert told.startswith("this Python has no torch, ")
    assert "pip install 'ttsd[qwen]'" in told


def test_what_goes_before_the_file_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "_no_card", lambda: None)
    monkeypatch.setenv("TTSD__ENGINE__NAME", "builtin")
    (told,) = warned(folder, "")
    assert told == "TTSD__ENGINE__NAME is set here, and goes before the file"


async def test_torch_is_not_imported_to_say_all_this(env: dict[str, str], folder: Path) -> None:
    from tests.unit.cli.test_commands import modules_after

    modules = await modules_after("model", "use", str(folder), env=env)
    assert "ttsd.cli.choosing" in modules
    assert modules & {"torch", "transformers", "numpy", "huggingface_hub"} == set()


# --- the service of the whole machine ---------------------------------------------------------------


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its configuration file, and no other."""
    for name in ("TTSD_CONFIG", "CACHE_DIRECTORY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / "etc" / "config.toml"
    file.parent.mkdir()
    file.write_text("#\n")
    monkeypatch.setattr(places, "SYSTEM_CONFIG", file)
    monkeypatch.setattr(choosing, "SYSTEM_MODELS", tmp_path / "var" / "models")
    monkeypatch.setattr(choosing, "_no_card", lambda: None)
    return file


def test_it_has_checkpoints_of_its_own(service: Path, tmp_path: Path) -> None:
    pulled(tmp_path / ".cache" / "ttsd")
    with pytest.raises(NotFound) as caught:
        choosing.choose(ID, None)
    assert f"sudo env CACHE_DIRECTORY={tmp_path}/var " in caught.value.message
    assert caught.value.message.endswith(f"model pull {ID}")
    pulled(tmp_path / "var")
    choice = choosing.choose(ID, None)
    assert choice.file == service
    assert list(choosing.warnings(choice)) == []


def test_it_is_told_that_homes_are_hidden_from_it(service: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "HIDDEN", (folder.parent,))
    (told,) = choosing.warnings(choosing.choose(str(folder), None))
    assert told.startswith(f"the service sees nothing below {folder.parent}")


# --- the order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "uid", "reload", "restart"),
    [
        ("0::/system.slice/ttsd.service\n", 990, "sudo systemctl reload ttsd", "sudo systemctl restart ttsd"),
        (
            "0::/system.slice/system-ttsd.slice/ttsd@1.service\n",
            990,
            "sudo systemctl reload ttsd@1",
            "sudo systemctl restart ttsd@1",
        ),
        (
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/ttsd.service\n",
            1000,
            "systemctl --user reload ttsd",
            "systemctl --user restart ttsd",
        ),
        ("0::/user.slice/user-1000.slice/session-1.scope\n", 1000, "kill -HUP 7", "kill -TERM 7 && ttsd serve"),
        ("0::/\n", 0, "sudo kill -HUP 7", "sudo kill -TERM 7 && ttsd serve"),
    ],
)
def test_the_order_suits_what_runs_the_daemon(
    group: str, uid: int, reload: str, restart: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert running.order(7, group, uid, "reload") == reload
    assert running.order(7, group, uid, "restart") == restart
