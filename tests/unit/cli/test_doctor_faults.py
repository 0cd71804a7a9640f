"""Every fault that `ttsd doctor` knows, brought about for real: it is found, explained, and a remedy is named."""

import ast
import asyncio
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from tests.mounts import mounted, nobody, open_to_all
from tests.needs import needs_root, require
from ttsd.cli import checks
from ttsd.cli.checks import Finding, Verdict, daemon, limits, machine, model, network, service, storage
from ttsd.client import TtsdClient
from ttsd.config import Config, Engine, Http, Output, Qwen3, Spool
from ttsd.ingest import mounts
from ttsd.protocol.health import DiskSample

ROOT: Final = Path(__file__).parents[3]
DOCS: Final = ROOT / "docs" / "doctor.md"
FINDINGS: Final = msgspec.json.Decoder(list[Finding])

Look = Callable[..., list[Finding]]


def told(findings: Sequence[Finding], *faults: str) -> None:
    """Each of `faults` was found, and each says in a line what is wrong and how to mend it."""
    found = {finding.fault: finding for finding in findings if finding.fault}
    assert set(faults) <= found.keys(), findings
    for fault in faults:
        finding = found[fault]
        assert finding.verdict is not Verdict.OK
        for line in (finding.found, finding.mend):
            assert len(line) > 10, finding
            assert "\n" not in line
            assert not line.endswith("."), finding


# --- what a user runs -------------------------------------------------------------------------------


@pytest.fixture
def look(env: dict[str, str], tmp_path: Path) -> Look:
    """`look(expression)`: the findings of an expression over the checks, in a process of its own."""

    def run(expression: str, **more: str) -> list[Finding]:
        program = (
            "import msgspec, sys\nfrom pathlib import Path\n"
            "from ttsd.cli.checks import daemon, gpu, limits, machine, model, network, service, storage\n"
            "from ttsd.config import Config, Engine, Fake, Qwen3\n"
            f"print(msgspec.json.encode(list({expression})).decode())"
        )
        ran = subprocess.run(
            [sys.executable, "-c", program], env=env | more, cwd=tmp_path, capture_output=True, check=False
        )
        assert ran.returncode == 0, ran.stderr.decode()
        return FINDINGS.decode(ran.stdout)

    return run


async def doctor(ttsd: Any, *arguments: str, **env: str) -> list[Finding]:
    """What the command tells, whose status says whether something has failed."""
    ran = await ttsd("doctor", "--json", *arguments, **env)
    findings = FINDINGS.decode(ran.out)
    assert ran.status == int(any(finding.verdict is Verdict.FAIL for finding in findings)), ran.err
    return findings


async def test_without_a_daemon_and_with_a_bad_value(ttsd: Any, tmp_path: Path) -> None:
    (tmp_path / "inbox.toml").write_text("[spool]\nsetle_s = 1\n")
    told(await doctor(ttsd, "--config", "inbox.toml"), "daemon-down", "config-unknown")
    findings = await doctor(ttsd, TTSD__ENGINE__NAME="nope")
    told(findings, "config-bad")


async def test_a_daemon_of_make_run_is_proposed(ttsd: Any, tmp_path: Path) -> None:
    (tmp_path / daemon.TRIED_OUT).parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / daemon.TRIED_OUT))
        listener.listen()
        [down] = [finding for finding in await doctor(ttsd) if finding.fault == "daemon-down"]
    assert down.mend == f"the daemon of `make run` is up: export TTSD_SOCKET={tmp_path}/var/run/ttsd/ttsd.sock"


async def test_what_a_daemon_could_not_start_with(ttsd: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "token").write_text("s3cret")
    (tmp_path / "token").chmod(0o644)
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('libcudart.so.12: not found')")
    findings = await doctor(
        ttsd,
        TTSD__SPOOL__ROOT=f"{tmp_path}/file",
        TTSD__HTTP__TOKEN_FILE=f"{tmp_path}/token",
        TTSD__ENGINE__NAME="qwen3",
        PYTHONPATH=f"{tmp_path}:{ROOT}",
    )
    told(findings, "not-a-folder", "token-open", "engine-package", "model-missing")


# --- the socket -------------------------------------------------------------------------------------


async def answer(path: Path) -> list[Finding]:
    return (await daemon.answer(TtsdClient(path)))[1]


async def test_a_socket_that_is_left_over_or_impossible(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(tmp_path / "stale.sock"))
    told(await answer(tmp_path / "stale.sock"), "socket-stale")
    told(await answer(tmp_path / ("long" * 40)), "socket-wrong")


@needs_root
def test_a_socket_of_somebody_else(tmp_path: Path) -> None:
    open_to_all(tmp_path)
    path = tmp_path / "theirs.sock"
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(str(path))
        theirs.listen()
        for mode, mend in ((0o660, "usermod -aG root"), (0o600, "ask its owner")):
            path.chmod(mode)
            with nobody():
                finding = daemon.socket_trouble(path)
            assert finding is not None
            told([finding], "socket-denied")
            assert "is root's" in finding.found
            assert mend in finding.mend


@contextlib.asynccontextmanager
async def serving(path: Path, body: bytes | None) -> AsyncIterator[None]:
    """Somebody who answers every request with `body`, or never."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if body is not None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        else:
            await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(serve, path):
        yield


async def test_a_daemon_that_does_not_answer_or_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "PATIENCE_S", 0.3)
    async with serving(tmp_path / "silent.sock", None):
        told(await answer(tmp_path / "silent.sock"), "daemon-silent")
    async with serving(tmp_path / "old.sock", b'{"version":"0.0.1"}'):
        told(await answer(tmp_path / "old.sock"), "daemon-version")


# --- a daemon that answers --------------------------------------------------------------------------


def examined(ttsd_daemon: Any) -> list[Finding]:
    ran = subprocess.run(
        [sys.executable, "-m", "ttsd.cli", "doctor", "--json", "--socket", str(ttsd_daemon.socket)],
        env=ttsd_daemon.environment(), capture_output=True, check=False,
    )  # fmt: skip
    return FINDINGS.decode(ran.stdout)


def test_what_a_daemon_tells(make_daemon: Any, wait_for: Any) -> None:
    ours = make_daemon(engine={"name": "fake", "start_timeout_s": 60})
    ours.script.write_text('[[rule]]\nmatch = "boom"\ncrash = true\ntimes = 3\n')
    ours.start()
    ours.root.chmod(0o755)
    ours.socket.chmod(0o666)
    shutil.rmtree(ours.spool / "inbox")
    told(examined(ours), "config-differs", "inbox-missing", "socket-open")
    (ours.spool / "inbox").mkdir()
    ours.post("/api/tts", json={"text": "boom", "language": "en"})
    wait_for(lambda: len(ours.status()["worker"]["exits"]) == 3, 20, "the crashes")
    told(examined(ours), "worker-restarts")


@pytest.mark.parametrize(
    ("settings", "rule", "fault"),
    [
        ({"fake": {"load_s": 300}}, "", "engine-not-ready"),
        ({}, '[[rule]]\non = "load"\nfail = "the weights are broken"\n', "engine-failed"),
        ({"limits": {"min_free_mb": 1e9}, "gpu": {"sample_s": 0.1}}, "", "not-ready"),
    ],
)
def test_why_a_daemon_is_not_ready(make_daemon: Any, wait_for: Any, settings: Any, rule: str, fault: str) -> None:
    ours = make_daemon(**settings)
    ours.script.write_text(rule)
    ours.start(ready=False)
    wait_for(ours.listens, 20, "the daemon")
    wait_for(lambda: any(finding.fault == fault for finding in examined(ours)), 30, fault)


@needs_root
def test_an_inbox_of_others(tmp_path: Path) -> None:
    open_to_all(tmp_path)
    (tmp_path / "inbox").mkdir(mode=0o750)
    with nobody():
        told([daemon.inbox("inbox", tmp_path / "inbox")], "inbox-denied")


# --- folders, disks, files --------------------------------------------------------------------------


@needs_root
def test_folders_and_groups_of_others(tmp_path: Path) -> None:
    open_to_all(tmp_path)
    with nobody():
        told([storage.directory("logs", tmp_path / "logs")], "folder-denied")
        told(list(storage.group("group", Spool(root="/srv/books", group="root"))), "group-denied")


@needs_root
@pytest.mark.parametrize(("size", "fault"), [("50m", "disk-full"), ("300m", "disk-low")])
def test_little_room(tmp_path: Path, size: str, fault: str) -> None:
    with mounted(tmp_path / "disk", size) as disk:
        told([storage.directory("state", disk / "state")], fault)


async def test_a_mount_that_hangs() -> None:
    class Told:
        class health:  # noqa: N801 — as in a status
            disks = (DiskSample("/mnt/spool", "spool", 2**40, 2**40, answers=False),)

    told(list(storage.disks(Told)), "disk-hangs")  # pyright: ignore[reportArgumentType]


def test_a_spool_on_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = tmp_path.stat().st_dev
    (tmp_path / "mountinfo").write_text(f"1 2 {os.major(device)}:{os.minor(device)} / / rw - nfs4 server:/x rw\n")
    monkeypatch.setattr(mounts, "_MOUNTS", tmp_path / "mountinfo")
    told(list(limits.mounts(Config(spool=Spool(root=str(tmp_path))))), "spool-network")
    assert list(limits.mounts(Config(spool=Spool(root=str(tmp_path), polling=True)))) == []


def test_few_open_files(look: Look) -> None:
    few = "__import__('resource').setrlimit(7, (300, 300))"
    told(look(f"[[{few}], [limits.open_files()]][1]"), "files-few")


@needs_root
def test_all_watches_are_taken(tmp_path: Path) -> None:
    program = """
import ctypes, os, resource
import msgspec
from ttsd.cli.checks import limits
os.setgroups([]); os.setgid(61234); os.setuid(61234)
libc = ctypes.CDLL(None)
while libc.inotify_init1(0) >= 0:
    pass
print(msgspec.json.encode([limits.watching()]).decode())
"""
    most = int(Path("/proc/sys/fs/inotify/max_user_instances").read_text())
    require(most <= 2000, "a test may not take so many: sysctl fs.inotify.max_user_instances=128")
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    told(FINDINGS.decode(ran.stdout), "inotify-exhausted")


# --- network ----------------------------------------------------------------------------------------


def test_the_tcp_door(tmp_path: Path) -> None:
    told(list(network.network(Config(http=Http(listen="0.0.0.0:8080")))), "listen-no-token")
    wide = Http(listen="127.0.0.1:8080", trusted_networks=("10.0.0.0/8",))
    told(list(network.network(Config(http=wide))), "listen-open")
    assert [each.verdict for each in network.network(Config(http=Http(listen="[::1]:8080")))] == [Verdict.OK]


def test_the_tokens_of_the_tcp_door(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    told([network.token_file(file)], "token-unreadable")
    for data in (b"\n", b"\xff\xfe", b"laptop:sha256:12\nhunter2\n"):
        file.write_bytes(data)
        file.chmod(0o600)
        told([finding := network.token_file(file)], "token-unreadable")
        assert "ttsd token add" in finding.mend
    file.write_bytes(b"s3cret\n")
    for mode in (0o644, 0o660, 0o620, 0o602):
        file.chmod(mode)
        told([finding := network.token_file(file)], "token-open")
        assert finding.mend.startswith(f"chmod 0640 {file}")
    for mode in (0o600, 0o640):
        file.chmod(mode)
        assert network.token_file(file).verdict is Verdict.OK


# --- the engine's parts -----------------------------------------------------------------------------


def test_a_torch_without_cuda(look: Look, tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("__version__ = '2.13.0+cpu'\nclass version: cuda = None\n")
    path = f"{tmp_path}:{ROOT}"
    told(look("[model.parts(Config(engine=Engine(name='qwen3')))]", PYTHONPATH=path), "torch-cpu")
    [well] = look("[model.parts(Config(engine=Engine(name='qwen3', allow_cpu=True)))]", PYTHONPATH=path)
    assert well.verdict is Verdict.OK


def test_a_checkpoint_that_is_not_whole(tmp_path: Path) -> None:
    qwen3 = Engine(name="qwen3")
    told(list(model.checkpoint(Config(engine=qwen3))), "model-missing")
    told(list(model.checkpoint(Config(engine=qwen3, qwen3=Qwen3(model=str(tmp_path / "none"))))), "model-missing")
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    told(list(model.checkpoint(Config(engine=qwen3, qwen3=Qwen3(model=str(tmp_path))))), "model-broken")


def test_parts_for_formats_and_sound(look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    told(look("[machine.sound()]", PYTHONPATH=f"{tmp_path}:{ROOT}"), "sound-library")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    told([machine.formats(Config(output=Output(format="mp3")))], "format-package")


def test_no_sound_device(silent: dict[str, str], look: Look) -> None:
    told(look("[machine.sound()]", **silent), "sound-device")


# --- the cards --------------------------------------------------------------------------------------

QWEN: Final = "Config(engine=Engine(name='qwen3'))"
CARD: Final = ("count=1", "name=H100", "total=1000000")


def nodes(folder: Path, *lacking: str) -> Path:
    folder.mkdir()
    for name in {"nvidiactl", "nvidia-uvm", "nvidia0"} - set(lacking):
        (folder / name).write_text("")
    return folder


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        ((*CARD, "rc.nvmlDeviceGetMemoryInfo=15"), ["card-lost"]),
        ((*CARD, "xid=1:0:79", "throttle=0x40"), ["card-xid", "card-hot"]),
        ((*CARD, "ecc=2", "remapped=0:2:1:0", "throttle=0x80"), ["card-memory", "card-reset", "card-power"]),
        ((*CARD, "remapped=0:2:1:1", "proc=1:900000"), ["card-worn-out", "card-shared"]),
        ((*CARD, "persistence=0", "cuda=11040", "driver=470.82"), ["persistence-off", "driver-old"]),
        (("rc.nvmlInit_v2=18",), ["driver-mismatch"]),
        (("rc.nvmlInit_v2=999",), ["driver-silent"]),
        (("count=0",), ["no-card"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_cards(look: Look, tmp_path: Path, driver: Path, lines: Sequence[str], faults: list[str]) -> None:
    (tmp_path / "values").write_text("\n".join(lines) + "\n")
    dev = nodes(tmp_path / "dev")
    over = {"LD_LIBRARY_PATH": str(driver), "FAKE_NVML": str(tmp_path / "values")}
    told(look(f"gpu.cards({QWEN}, None, Path({str(dev)!r}))", **over), *faults)


def test_a_card_that_is_well_is_no_fault(look: Look, tmp_path: Path, driver: Path) -> None:
    (tmp_path / "values").write_text("\n".join(CARD) + "\n")
    over = {"LD_LIBRARY_PATH": str(driver), "FAKE_NVML": str(tmp_path / "values")}
    findings = look(f"gpu.cards({QWEN}, None)", **over)
    assert [finding.verdict for finding in findings] == [Verdict.OK, Verdict.OK]
    assert findings[0].found.endswith("; the worker's own")


def test_no_driver_and_no_nodes(look: Look, tmp_path: Path, driver: Path) -> None:
    told(look(f"gpu.cards({QWEN}, None)"), "driver-missing")
    (tmp_path / "values").write_text("rc.nvmlInit_v2=9\n")
    over = {"LD_LIBRARY_PATH": str(driver), "FAKE_NVML": str(tmp_path / "values")}
    lacking = nodes(tmp_path / "dev", "nvidia-uvm")
    told(look(f"gpu.cards({QWEN}, None, Path({str(lacking)!r}))", **over), "nodes-missing")


@needs_root
def test_nodes_of_others(tmp_path: Path) -> None:
    from ttsd.cli.checks import gpu

    open_to_all(tmp_path)
    dev = nodes(tmp_path / "dev")
    (dev / "nvidia0").chmod(0o600)
    with nobody():
        finding = gpu._nodes(dev)
    assert finding is not None
    told([finding], "nodes-denied")


def test_an_xid_of_before_the_daemon_started(look: Look, tmp_path: Path) -> None:
    line = "NVRM: Xid (PCI:0000:65:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus."
    path = programs(tmp_path, journalctl=line)
    findings = look("gpu.cards(Config(), None)", PATH=path)
    told(findings, "card-xid")
    assert "PCI 0000:65:00) reported XID 79: the card fell off the bus" in findings[-1].found


# --- the service ------------------------------------------------------------------------------------


def programs(tmp_path: Path, **printing: str) -> str:
    """A `PATH` with programs that print what is told, for `--user` only what follows a `---`."""
    folder = tmp_path / "programs"
    folder.mkdir(exist_ok=True)
    for name, text in printing.items():
        system, _, user = text.partition("---\n")
        script = f"#!/bin/sh\ncase \"$1\" in\n--user) cat <<'E'\n{user}\nE\n;;\n*) cat <<'E'\n{system}\nE\n;;\nesac\n"
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


ACTIVE: Final = "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\nNRestarts=0\n"


@pytest.mark.parametrize(
    ("printed", "faults"),
    [
        (ACTIVE, []),
        ("LoadState=not-found\nActiveState=inactive\n", ["unit-missing"]),
        (ACTIVE.replace("=active", "=failed") + "Result=start-limit-hit\n", ["unit-failed"]),
        (
            ACTIVE.replace("Reload=no", "Reload=yes").replace("NRestarts=0", "NRestarts=4"),
            ["unit-stale", "unit-restarts"],
        ),
        (ACTIVE.replace("enabled", "disabled"), ["unit-disabled"]),
        (f"LoadState=not-found\n---\n{ACTIVE}", ["linger-off"]),
    ],
)
def test_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, faults: list[str]) -> None:
    monkeypatch.setenv("PATH", programs(tmp_path, systemctl=printed, loginctl="Linger=no"))
    findings = list(service.systemd(tmp_path))
    told(findings, *faults)
    assert [finding.fault for finding in findings if finding.fault] == faults


def test_the_services_of_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for_cards = ACTIVE.replace("=active", "=inactive").replace("enabled", "disabled")
    failed = ACTIVE.replace("=active", "=failed")
    printed = f"Id=ttsd.service\n{for_cards}\nId=ttsd@0.service\n{ACTIVE}\nId=ttsd@1.service\n{failed}"
    monkeypatch.setenv("PATH", programs(tmp_path, systemctl=printed))
    well, broken = service.systemd(tmp_path)
    assert well.found == "ttsd@0.service (system) is active"
    assert "ttsd@1.service (system) has failed" in broken.found
    assert (
        broken.mend
        == "journalctl -u ttsd@1 -e says more; then systemctl reset-failed ttsd@1 and systemctl start ttsd@1"
    )


def test_a_clock_that_nobody_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", programs(tmp_path, timedatectl="NTP=no\nNTPSynchronized=no"))
    told(list(service.clock()), "clock-free")
    monkeypatch.setenv("PATH", programs(tmp_path, timedatectl="NTP=yes\nNTPSynchronized=yes"))
    assert list(service.clock()) == []


# --- the table --------------------------------------------------------------------------------------


def known() -> set[str]:
    """The faults that the checks can find: what `warn` and `fail` are given, directly or as `fault`."""
    found: set[str] = set()
    for source in Path(checks.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            match node:
                case ast.Call(func=ast.Name("warn" | "fail"), args=[_, ast.Constant(str() as fault), *_]):
                    found.add(fault)
                case ast.Assign(targets=[ast.Name("fault")], value=ast.IfExp(body=one, orelse=other)):
                    found |= {each.value for each in (one, other) if isinstance(each, ast.Constant)}
                case _:
                    pass
    return found


def test_every_fault_is_seeded_here_and_stands_in_the_table() -> None:
    said = ast.walk(ast.parse(Path(__file__).read_text()))
    seeded = {node.value for node in said if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    table = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \|$", DOCS.read_text(), re.MULTILINE)
    assert known() - seeded == set()
    assert sorted(table) == sorted(known())
    assert len(table) >= 50
