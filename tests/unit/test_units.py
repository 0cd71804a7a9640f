"""The unit files agree with each other and with the configuration."""

from pathlib import Path

import pytest

from ttsd.config import Config

UNITS = Path(__file__).parents[2] / "systemd"
OF_THE_INSTANCE = {
    "CacheDirectory": ["ttsd-%i"],
    "ReadWritePaths": ["-%C/ttsd/models"],
    "LogsDirectory": ["ttsd-%i"],
    "RuntimeDirectory": ["ttsd-%i"],
    "StateDirectory": ["ttsd-%i"],
    "EnvironmentFile": ["-/etc/ttsd/%i.env"],
    "Environment": [
        "XDG_CACHE_HOME=%C/ttsd-%i CUDA_CACHE_PATH=%C/ttsd-%i/cuda",
        "CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=%i",
    ],
}


def section(unit: str, name: str) -> dict[str, list[str]]:
    """Settings of a section; each may stand there several times."""
    lines = (UNITS / unit).read_text().split(f"[{name}]\n")[1].split("\n[")[0].splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_the_template_is_the_service_but_for_its_folders_and_its_card():
    assert section("ttsd@.service", "Service") == {**section("ttsd.service", "Service"), **OF_THE_INSTANCE}


def test_the_template_of_the_socket_is_the_socket_but_for_its_path():
    path = {"ListenStream": ["/run/ttsd-%i/ttsd.sock"]}
    assert section("ttsd@.socket", "Socket") == {**section("ttsd.socket", "Socket"), **path}


def test_the_folders_of_an_instance_are_those_of_the_service():
    made = section("ttsd-folders@.service", "Service")["StandardInputText"]
    for line in (UNITS / "tmpfiles.d/ttsd.conf").read_text().splitlines():
        words = line.replace("/ttsd", "/ttsd-%i").split()
        assert line.startswith("#") or " ".join(words) in made


@pytest.mark.parametrize("unit", ["ttsd.service", "ttsd@.service", "user/ttsd.service"])
def test_running_speech_may_end_before_systemd_loses_patience(unit):
    service = section(unit, "Service")
    assert float(service["TimeoutStopSec"][0]) > Config().daemon.drain_s + 10


@pytest.mark.parametrize("unit", ["ttsd.service", "ttsd@.service", "user/ttsd.service"])
def test_a_crash_loop_ends_and_twenty_kills_are_none(unit):
    limits = section(unit, "Unit")
    assert 20 < int(limits["StartLimitBurst"][0]) < int(limits["StartLimitIntervalSec"][0]) / 10


def test_every_unit_is_installed():
    listed = (UNITS / "install.mk").read_text()
    for path in (*UNITS.glob("*.service"), *UNITS.glob("*.socket"), *UNITS.glob("*.path")):
        assert path.name in listed
