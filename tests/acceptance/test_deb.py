"""The Debian package on a machine of its own: made, judged, installed, upgraded under clients, removed, purged."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT, Machine
from tests.acceptance.service import CONFIG, SOCKET, SPOOL, get, listing, main_pid, ready
from tests.acceptance.test_restarts import hammering
from tests.needs import require
from ttsd import __version__

pytestmark = [pytest.mark.acceptance, pytest.mark.heavy, pytest.mark.timeout(600)]

NEXT = "9.9.9"
INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --allow-downgrades"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory, seed: Path) -> tuple[Path, Path, Path]:
    """The package, as `make deb` makes it but packed loosely; one of a later version; one without others' libraries."""
    require(bool(shutil.which("dh") and shutil.which("lintian")), "apt install dpkg-dev debhelper lintian")
    folder = tmp_path_factory.mktemp("deb")
    subprocess.run(
        ["make", "-s", "deb", f"DEB_OUT={folder}", f"DEB_SEED={seed}", "DEB_PACKER=none"], cwd=ROOT, check=True
    )
    (package,) = folder.glob(f"ttsd_{__version__}_*.deb")
    tree = folder / "next"
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    for path in (tree / "DEBIAN/control", *tree.glob("usr/lib/ttsd/lib/python3*/site-packages/ttsd/__init__.py")):
        path.write_text(path.read_text().replace(__version__, NEXT))
    later = folder / package.name.replace(__version__, NEXT)
    subprocess.run(["dpkg-deb", "-Znone", "-b", tree, later], check=True, stdout=subprocess.DEVNULL)
    for path in tree.glob("usr/lib/ttsd/lib/python3*/site-packages/*"):
        if path.is_dir() and path.name not in ("ttsd", "tui"):
            shutil.rmtree(path)
    light = folder / "light.deb"
    subprocess.run(["dpkg-deb", "-Zgzip", "-z1", "-b", tree, light], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return package, later, light


@pytest.fixture(scope="module")
def debian(machine: Machine, packages: tuple[Path, Path, Path]) -> Machine:
    """The machine with both packages at hand, none installed."""
    # Machines that run no services of their own, such as those of CI, forbid packages to start theirs.
    machine.run("useradd -m anna; mkdir /debs; rm -f /usr/sbin/policy-rc.d")
    for package in packages[:2]:
        machine.run(f"cp {package} /debs/")  # the host's /tmp is the machine's
    return machine


def installs(machine: Machine, version: str) -> None:
    machine.run(f"{INSTALL} /debs/ttsd_{version}_*.deb 2>&1", timeout_s=300)


def test_its_changelog_and_the_program_have_one_version():
    assert (ROOT / "debian/changelog").read_text().startswith(f"ttsd ({__version__}) ")


def test_lintian_finds_no_error(packages):
    """In what is ours; to look through the libraries takes a minute, and what it finds there is overridden."""
    ours = "--suppress-tags=md5sum-mismatch,md5sums-lists-nonexistent-file"
    command = ["lintian", "--fail-on", "error", "--allow-root", ours, packages[2]]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    print(judged.stdout)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_it_installs_and_speaks_at_once(debian):
    installs(debian, __version__)
    debian.run("usermod -aG ttsd anna")
    assert debian.show("ttsd.service", "ActiveState") == "active"
    assert debian.show("ttsd.service", "UnitFileState") == debian.show("ttsd.socket", "UnitFileState") == "enabled"
    ready(debian)
    debian.run("ttsd say 'Hello from a package.' -o /tmp/package.wav && rm /tmp/package.wav", user="anna")
    debian.run(f"echo 'A file of hers.' >{SPOOL}/inbox/hers.txt", user="anna")
    debian.wait_for(lambda: "hers.wav" in listing(debian, "outbox"))
    assert debian.run("systemd-analyze verify ttsd.service ttsd.socket ttsd@0.service 2>&1") == ""
    assert "/usr/share/doc/ttsd/systemd.md" in debian.run("dpkg -L ttsd")
    assert len(debian.run("find /usr/lib/ttsd -path '*/ttsd/__pycache__/daemon.*.pyc'").split()) == 1


def test_an_upgrade_refuses_nobody_and_keeps_what_was_configured(debian):
    debian.write(CONFIG, '[log]\nlevel = "debug"\n')
    pid, since = main_pid(debian), debian.show("ttsd.socket", "ActiveEnterTimestampMonotonic")
    with hammering(debian) as counts:
        installs(debian, NEXT)
    assert set(counts) <= {"answered", "cut off", "longest_s"}
    assert counts.get("cut off", 0) <= 1  # accepted in the very moment of stopping
    ready(debian)
    assert get(debian, "/v1/status")["version"] == NEXT
    assert main_pid(debian) != pid
    assert debian.show("ttsd.socket", "ActiveEnterTimestampMonotonic") == since
    assert debian.run(f"cat {CONFIG}") == '[log]\nlevel = "debug"\n'
    debian.run("systemctl reload ttsd.service")
    installs(debian, NEXT)  # again: nothing to do
    assert listing(debian, "outbox") == ["hers.json", "hers.wav"]


def test_removing_leaves_state_and_config_and_purging_nothing(debian):
    debian.run("systemctl start ttsd@1.socket")
    get(debian, "/healthz", user="root", socket="/run/ttsd-1/ttsd.sock")
    debian.run("apt-get remove -y -q ttsd 2>&1")
    assert debian.run("pgrep -u ttsd; systemctl list-units --all --no-legend --state=active,failed 'ttsd*'; true") == ""
    assert debian.run(f"cat {CONFIG} | head -1").strip() == "[log]"
    assert listing(debian, "outbox") == ["hers.json", "hers.wav"]
    assert debian.start(f"test -e {SOCKET}").returncode != 0
    installs(debian, __version__)
    ready(debian)
    debian.run("touch /etc/ttsd/tokens /etc/ttsd/1.env; usermod -aG ttsd-admin anna")
    debian.run("apt-get purge -y -q ttsd 2>&1 && dpkg --purge ttsd 2>&1")
    # /tmp is the host's.
    elsewhere = " ".join(f"-path {folder} -prune -o" for folder in ("/proc", "/tmp", "/debs", "/source"))
    left = f"find / -xdev {elsewhere} -name '*ttsd*' -print"
    found = [path for path in debian.run(f"{left} 2>/dev/null; true").splitlines() if not of_the_host(path)]
    assert found == []
    assert debian.run("getent passwd ttsd; getent group ttsd ttsd-admin; true") == ""
    assert debian.run("dpkg-query -l ttsd 2>/dev/null | grep -c ^ii; true").strip() == "0"


def of_the_host(path: str) -> bool:
    """Whether the machine had it before: its disk lies over the host's."""
    return Path(path).exists()
