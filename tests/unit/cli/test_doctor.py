"""`ttsd doctor` on a machine where things are missing."""

import importlib.util
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs_root
from ttsd.cli.checks import Verdict, gpu, machine, model, service
from ttsd.cli.checks.daemon import inbox
from ttsd.cli.checks.storage import directory, group
from ttsd.config import Config, Engine, Output, Spool


async def test_without_a_daemon_it_fails_and_says_how_to_start_one(ttsd: Any, tmp_path: Path) -> None:
    ran = await ttsd("doctor", "--json")
    assert ran.status == 1
    findings = {finding["check"]: finding for finding in json.loads(ran.out)}
    assert findings["socket"]["verdict"] == "fail"
    assert "ttsd serve" in findings["socket"]["mend"]
    assert findings["engine"]["found"] == "builtin: hibari 0.2.1 can be imported"
    assert findings["spool"]["found"].startswith(f"{tmp_path}/.local/state/ttsd/spool will be made")
    assert {"python", "config", "state", "cache", "logs", "runtime", "sound", "systemd"} <= findings.keys()


async def test_people_get_lines_with_the_remedy_below(ttsd: Any) -> None:
    out = (await ttsd("doctor", TTSD__ENGINE__NAME="nope")).out.decode()
    assert 'fail  config   TTSD__ENGINE__NAME: [engine] name = "nope"' in out
    assert "→ correct it, then see `ttsd check-config`" in out
    assert "\n2 failures, " in out
    assert "\x1b" not in out


async def test_a_stale_socket_is_a_failure(ttsd: Any, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "stale.sock"))
    ran = await ttsd("doctor", "--json", "--socket", "stale.sock")
    assert "no daemon answers on stale.sock" in ran.out.decode()


def test_a_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")
    finding = directory("spool", tmp_path / "spool" / "inbox")
    assert finding.verdict is Verdict.FAIL
    assert finding.found == f"{tmp_path}/spool is not a directory"


@needs_root
def test_a_directory_of_somebody_else(tmp_path: Path) -> None:
    os.seteuid(65534)
    try:
        finding = directory("spool", tmp_path / "new")
    finally:
        os.seteuid(0)
    assert finding.verdict is Verdict.FAIL
    assert "cannot be written" in finding.found


async def test_every_spool_is_looked_at(ttsd: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = await ttsd(
        "doctor", "--json", TTSD__SPOOLS__BOOKS__ROOT=f"{tmp_path}/file", TTSD__SPOOLS__BOOKS__GROUP="root"
    )
    findings = {finding["check"]: finding for finding in json.loads(ran.out)}
    assert findings["spool"]["verdict"] == "ok"
    assert findings["spool books"]["found"] == f"{tmp_path}/file is not a directory"
    assert findings["group books"]["found"] == f"results in {tmp_path}/file go to the group root"


@needs_root
def test_a_group_that_this_user_is_no_member_of() -> None:
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        (finding,) = group("group", Spool(root="/srv/books", group="root"))
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
    assert finding.verdict is Verdict.FAIL
    assert "may not give files to the group root" in finding.found
    assert "usermod -aG root" in finding.mend
    assert list(group("group", Spool())) == []


def test_an_inbox_that_is_not_there(tmp_path: Path) -> None:
    assert inbox("inbox", tmp_path).verdict is Verdict.OK
    assert inbox("inbox", tmp_path / "inbox").found == f"{tmp_path}/inbox is not there"


def test_an_engine_without_its_package_says_how_to_get_it() -> None:
    finding = model.parts(Config(engine=Engine(name="qwen3")))
    if finding.verdict is Verdict.FAIL:
        assert finding.mend.startswith(("pip install 'ttsd[qwen]'", "install a build of torch for CUDA"))
    assert model.parts(Config(engine=Engine(name="fake"))).verdict is Verdict.OK


def test_a_machine_without_systemd_is_well(tmp_path: Path) -> None:
    (finding,) = service.systemd(tmp_path / "none")
    assert finding.verdict is Verdict.OK
    assert "ttsd serve" in finding.found


def test_a_card_is_only_missed_by_an_engine_that_needs_one() -> None:
    findings = list(gpu.cards(Config(), None))
    assert all(finding.verdict is Verdict.OK for finding in findings)
    if findings[0].check == "card":
        (missed,) = gpu.cards(Config(engine=Engine(name="qwen3")), None)
        assert missed.verdict is Verdict.FAIL


def test_a_format_without_its_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.formats(Config(output=Output(format="mp3"))).verdict is Verdict.OK
    found = importlib.util.find_spec

    def without_av(name: str) -> Any:
        return None if name == "av" else found(name)

    monkeypatch.setattr(importlib.util, "find_spec", without_av)
    assert machine.formats(Config()).verdict is Verdict.OK
    wanted = Config(output=Output(loudness_lufs=-16), spools={"night": Spool(root="/srv/night", format="m4b")})
    finding = machine.formats(wanted)
    assert finding.verdict is Verdict.FAIL
    assert finding.found == "m4b, loudness: av is not installed"
    assert "ttsd[formats]" in finding.mend
