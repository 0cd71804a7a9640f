"""Restarts, kills, hangs and crash loops under a real systemd: whoever connects waits, and nothing accepted is lost."""

import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.acceptance.conftest import ROOT
from tests.acceptance.service import CONFIG, SOCKET, SPOOL, get, jobs_of_receipts, listing, main_pid, ready, restarted

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

FAKE = '[engine]\nname = "fake"\n'
DROP_INS = "/etc/systemd/system/ttsd.service.d"
STATUS = "systemctl status --no-pager --full ttsd.service"
KILLS = 20
FILES = 200


@pytest.fixture(scope="module", autouse=True)
def service(installed):
    """It listens, with the fake engine."""
    installed.write(CONFIG, FAKE)
    installed.run("systemctl enable --now ttsd.socket")
    ready(installed)
    return installed


@contextmanager
def hammering(machine) -> Generator[dict[str, float]]:
    """Somebody connects all the time; afterwards the counts say what came of it."""
    counts: dict[str, float] = {}
    machine.run("rm -f /tmp/enough")

    def hammer() -> None:
        command = f"/usr/bin/python3 /source/tests/acceptance/hammer.py {SOCKET} /tmp/enough"
        counts.update(json.loads(machine.start(command, user="anna", timeout_s=300).stdout))

    thread = threading.Thread(target=hammer)
    thread.start()
    try:
        yield counts
    finally:
        machine.run("touch /tmp/enough")
        thread.join(90)
    print(f"connections: {counts}")


@contextmanager
def drop_in(machine, text: str) -> Generator[None]:
    """The unit with `text` on top, the daemon restarted with it; without it afterwards."""
    machine.write(f"{DROP_INS}/test.conf", text)
    machine.run("systemctl daemon-reload && systemctl restart ttsd.service")
    try:
        yield
    finally:
        machine.run(f"rm -r {DROP_INS} && systemctl daemon-reload && systemctl reset-failed 'ttsd*'; true")


def test_restarts_refuse_nobody(service):
    with hammering(service) as counts:
        for _ in range(3):
            service.run("systemctl restart ttsd.service")
            ready(service)
    assert set(counts) <= {"answered", "cut off", "longest_s"}
    assert counts.get("cut off", 0) <= 3  # accepted in the very moment of stopping, one a restart at most


@pytest.mark.heavy
def test_twenty_kills_under_load_refuse_nobody_and_lose_nothing(service):
    service.run("systemctl reset-failed ttsd.service")
    restarted(service, FAKE + "[fake]\nrtf = 0.05\nslots = 2\n")
    socket_since = service.show("ttsd.socket", "ActiveEnterTimestampMonotonic")
    fill = f'mkdir many && for n in $(seq {FILES}); do echo "This is file number $n of many." >many/q$n.txt; done'
    service.run(f"cd {SPOOL}/inbox && {fill}", user="anna")
    done = f"find {SPOOL}/done/many -type f | wc -l"
    service.wait_for(lambda: int(service.run(f"{done} 2>/dev/null")) > 0)
    with hammering(service) as counts:
        for turn in range(KILLS):
            before = int(service.run(done))
            if turn % 2:  # in the middle of its work; the others hit it while it takes up what the one before left
                service.wait_for(lambda before=before: int(service.run(done)) > before)
            assert before < FILES
            killed = main_pid(service)
            service.run(f"kill -9 {killed}")
            service.wait_for(lambda killed=killed: main_pid(service) not in (0, killed))
        service.wait_for(lambda: len(listing(service, "done/many")) == FILES, 60)
    assert set(counts) <= {"answered", "cut off", "longest_s"}
    assert service.show("ttsd.service", "NRestarts") == str(KILLS)
    assert service.show("ttsd.socket", "ActiveEnterTimestampMonotonic") == socket_since
    jobs = jobs_of_receipts(service, "many")
    assert len(jobs) == len(set(jobs)) == FILES
    assert len([name for name in listing(service, "outbox/many") if name.endswith(".wav")]) == FILES
    assert listing(service, "inbox") == listing(service, "failed") == []
    queue = get(service, "/v1/status")["queue"]
    assert (queue["queued"], queue["running"], queue["failed"]) == (0, 0, 0)
    assert queue["succeeded"] == FILES


def test_a_daemon_that_hangs_is_replaced_and_then_serves_who_waited(service):
    assert service.show("ttsd.service", "WatchdogUSec") == "30s"
    with drop_in(service, "[Service]\nWatchdogSec=1\n"):
        pid = main_pid(service)
        service.run(f"kill -STOP {pid}")
        assert get(service, "/healthz") == {"status": "ok"}  # from the next one
        assert main_pid(service) not in (pid, 0)
        assert "Watchdog timeout" in service.journal()


def test_a_worker_that_loads_or_hangs_does_not_concern_the_watchdog(service):
    service.write(CONFIG, FAKE + "ping_timeout_s = 2.0\n[fake]\nload_s = 3.0\n")
    with drop_in(service, "[Service]\nWatchdogSec=1\n"):
        pid = main_pid(service)
        assert get(service, "/readyz")["ready"] is False
        ready(service)
        worker = get(service, "/v1/status")["worker"]["pid"]
        service.run(f"kill -STOP {worker}")
        service.wait_for(lambda: get(service, "/v1/status")["worker"]["pid"] not in (worker, None))
        assert main_pid(service) == pid


def test_a_restart_lets_the_running_stream_end_and_keeps_the_queue(service):
    restarted(service, FAKE + "[fake]\nrtf = 1.0\nslots = 2\n")
    service.run(f"yes 'And so on, and so on.' | head -200 >{SPOOL}/inbox/long.txt", user="anna")
    service.wait_for(lambda: get(service, "/v1/status")["queue"]["running"] == 1)
    body = json.dumps({"text": "A sentence that takes three seconds or so to say.", "language": "en"})
    stream = f"curl -sS --unix-socket {SOCKET} http://x/api/tts_stream -d '{body}' -H 'Content-Type: application/json'"
    size = f"{stream} -o /tmp/stream.pcm -w '%{{http_code}} %{{size_download}} %{{errormsg}}'"
    result: list[str] = []
    client = threading.Thread(target=lambda: result.append(service.run(size, user="anna")))
    client.start()
    service.wait_for(lambda: get(service, "/v1/status")["worker"]["busy_slots"] == 2)
    service.write(f"{DROP_INS}/test.conf", "[Service]\nEnvironment=TTSD__FAKE__RTF=0 TTSD__DAEMON__DRAIN_S=30\n")
    service.run("systemctl daemon-reload && systemctl restart ttsd.service", timeout_s=60)
    client.join(30)
    status, bytes_, *trouble = result[0].split()
    assert (status, trouble) == ("200", [])
    assert int(bytes_) > 24_000 * 2 * 2
    service.wait_for(lambda: "long.wav" in listing(service, "outbox"))
    assert service.show("ttsd.service", "NRestarts") == "0"
    service.run(f"rm -r {DROP_INS}; systemctl daemon-reload")


def test_a_crash_loop_ends_with_a_reason_and_a_way_out(service):
    restarted(service, FAKE)
    assert service.show("ttsd.service", "StartLimitBurst") == "25"
    assert service.show("ttsd.service", "StartLimitIntervalUSec") == "5min"
    database = "/var/lib/ttsd/ttsd.db"
    service.run(f"systemctl stop ttsd.service; mkdir /tmp/aside; mv {database}* /tmp/aside; mkdir {database}")
    service.write(f"{DROP_INS}/test.conf", "[Unit]\nStartLimitBurst=3\n")
    service.run("systemctl daemon-reload; systemctl reset-failed ttsd.service; true")
    waiting = service.start(f"curl -sS --max-time 30 --unix-socket {SOCKET} http://x/healthz", user="anna")
    assert waiting.returncode not in (0, 28)  # hung up on, not left to wait
    service.wait_for(lambda: service.show("ttsd.socket", "Result") == "service-start-limit-hit")
    shown = service.start(STATUS).stdout
    print(shown)
    assert "Active: failed" in shown
    assert re.search('Status: "ended by an error: .*ttsd.db', shown)
    assert "Start request repeated too quickly" in shown
    refused = service.start("ttsd status", user="anna")
    assert refused.returncode == 4
    assert "systemctl status ttsd" in refused.stderr
    service.run(f"rmdir {database}; mv /tmp/aside/* /var/lib/ttsd; rm -r {DROP_INS}; systemctl daemon-reload")
    service.run("systemctl reset-failed ttsd.service ttsd.socket && systemctl start ttsd.service")
    ready(service)


def test_a_daemon_that_is_killed_again_and_again_says_so_too(service):
    with drop_in(service, "[Unit]\nStartLimitBurst=2\n"):
        service.run("systemctl reset-failed ttsd.service; systemctl restart ttsd.service")
        pid = main_pid(service)
        service.run(f"kill -SEGV {pid}")
        service.wait_for(lambda: main_pid(service) not in (pid, 0))
        service.wait_for(lambda: service.show("ttsd.service", "ActiveState") == "active")
        service.run(f"kill -9 {main_pid(service)}")
        service.wait_for(lambda: service.show("ttsd.service", "ActiveState") == "failed")
        assert 'Status: "killed by SIGKILL; ' in service.start(STATUS).stdout
    service.run("systemctl start ttsd.service")


def test_a_driver_that_comes_up_late_is_waited_for(service):
    source = ROOT.joinpath("tests/integration/fake_nvml.c").relative_to(ROOT)
    library = "-shared -fPIC -Wl,-soname,libnvidia-ml.so.1 -o /opt/libnvidia-ml.so.1"
    service.run(f"gcc {library} /source/{source} && printf 'count=1\\ntotal=25769803776\\nused=0\\n' >/opt/card")
    environment = "Environment=LD_LIBRARY_PATH=/opt FAKE_NVML=/opt/card"
    service.run("mv /opt/libnvidia-ml.so.1 /opt/late")
    with drop_in(service, f"[Service]\n{environment}\n"):
        assert service.show("ttsd-late-gpu.path", "ActiveState") == "active"
        pid = main_pid(service)
        assert get(service, "/v1/status")["health"]["gpus"] == []
        maker = "#!/bin/sh\necho $0 $* >>/run/made\n"
        service.write("/usr/bin/nvidia-modprobe", maker)
        service.run("mv /opt/late /opt/libnvidia-ml.so.1; chmod 755 /usr/bin/nvidia-modprobe; touch /dev/nvidiactl")
        service.wait_for(lambda: main_pid(service) not in (pid, 0))
        service.wait_for(lambda: "VRAM 0.0 of 24.0 GB" in service.show("ttsd.service", "StatusText"))
        assert "nvidia-modprobe -u -c 0" in service.run("cat /run/made")
        assert service.show("ttsd-late-gpu.path", "ActiveState") == "inactive"
        assert service.show("ttsd-late-gpu.service", "ActiveState") == "inactive"
    service.run("rm /dev/nvidiactl /usr/bin/nvidia-modprobe; systemctl restart ttsd.service")


def test_one_daemon_for_each_card(service):
    uuid = "GPU-8f3a1c2e-1111-2222-3333-444455556666"
    service.write("/etc/ttsd/1.env", "TTSD__SPEECH__LANGUAGE=de\n")
    for card in ("1", uuid):
        service.run(f"systemctl enable --now ttsd@{card}.socket")
        socket = f"/run/ttsd-{card}/ttsd.sock"
        ready(service, socket=socket)
        service.run(f"ttsd say --socket {socket} -o /tmp/card.wav 'Hello.'", user="anna")
        service.run(f"echo 'For card {card}.' >/var/lib/ttsd-{card}/spool/inbox/card.txt", user="anna")
        service.wait_for(lambda card=card: service.run(f"ls /var/lib/ttsd-{card}/spool/outbox").split())
        environment = service.run(f"tr '\\0' '\\n' </proc/{main_pid(service, f'ttsd@{card}.service')}/environ")
        assert f"CUDA_VISIBLE_DEVICES={card}\n" in environment
        assert ("TTSD__SPEECH__LANGUAGE=de\n" in environment) is (card == "1")
        assert f"CACHE_DIRECTORY=/var/cache/ttsd-{card}\n" in environment
        assert service.run(f"ls -A /var/cache/ttsd-{card}/clips")
        pid = main_pid(service, f"ttsd@{card}.service")
        as_it_sees_it = f"nsenter -t {pid} -m setpriv --reuid=ttsd --regid=ttsd --clear-groups"
        service.run(f"{as_it_sees_it} mkdir /var/cache/ttsd-{card}/models/of-{card}")
        assert get(service, "/v1/status", socket=socket)["spool"] == f"/var/lib/ttsd-{card}/spool"
        assert service.run(f"stat -c '%a %U %G' {socket}").strip() == "660 ttsd ttsd"
    pids = {main_pid(service, unit) for unit in ("ttsd.service", "ttsd@1.service", f"ttsd@{uuid}.service")}
    assert len(pids - {0}) == 3
    told = service.start("ttsd doctor --socket /run/ttsd-1/ttsd.sock").stdout
    for unit in ("ttsd.service", "ttsd@1.service", f"ttsd@{uuid}.service"):
        assert f"{unit} (system) is active" in told
    assert set(service.run("ls /var/cache/ttsd/models").split()) == {"of-1", f"of-{uuid}"}
    service.run(f"systemctl stop ttsd@1.service ttsd@1.socket 'ttsd@{uuid}.service' 'ttsd@{uuid}.socket'")
    assert get(service, "/healthz") == {"status": "ok"}
