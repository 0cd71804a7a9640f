"""The service on a machine of its own: real systemd, real installation, real kills. The tests run in this order."""

import json
import re

import pytest

from tests.acceptance.service import CONFIG, SOCKET, SPOOL, get, jobs_of_receipts, listing, main_pid, ready, restarted

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

UNITS = "ttsd.service ttsd.socket ttsd@0.service ttsd@0.socket ttsd-gpu.service ttsd-late-gpu.path"
DEVICES = {"char-nvidia", "char-nvidia-frontend", "char-nvidiactl", "char-nvidia-uvm", "char-nvidia-caps"}
MAX_EXPOSURE = 2.0
MAX_RSS_MB = 80
FILES = 40
STATUS = "systemctl status --no-pager --full ttsd.service"
CONFIG_TOLD = "journalctl --no-pager -o cat -u ttsd.service | grep config."
INSPECT_WAV = "import sys, wave; w = wave.open(sys.argv[1]); print(w.getframerate(), w.getnchannels(), w.getnframes())"


# --- installation ----------------------------------------------------------------------------------


def test_make_install_prepares_users_folders_and_config(installed):
    assert "groups=" in installed.run("id ttsd")
    modes = installed.run(f"stat -c '%a %U %G %n' /run/ttsd {SPOOL} {SPOOL}/*").splitlines()
    assert modes == [
        "750 ttsd ttsd /run/ttsd",
        f"750 ttsd ttsd {SPOOL}",
        *(f"2770 ttsd ttsd {SPOOL}/{name}" for name in ("done", "failed", "inbox", "outbox")),
    ]
    assert "default:group:ttsd:rwx" in installed.run(f"getfacl -p {SPOOL}/inbox")
    assert installed.run(f"grep -cE '^[a-z_]+ =' {CONFIG}; true").strip() == "0"
    assert "every key is at its default" in installed.run("ttsd check-config", user="anna")


def test_the_units_are_clean_and_hardened(installed):
    assert installed.run(f"systemd-analyze verify {UNITS} 2>&1") == ""
    user_units = "/usr/local/lib/systemd/user/ttsd.service /usr/local/lib/systemd/user/ttsd.socket"
    assert installed.run(f"XDG_RUNTIME_DIR=/run systemd-analyze --user verify {user_units} 2>&1") == ""
    for unit in ("ttsd.service", "ttsd@0.service"):
        exposure = installed.run(f"systemd-analyze security --no-pager {unit}")
        (score,) = re.findall(rf"Overall exposure level for {unit}: ([\d.]+)", exposure)
        print(f"{unit}: {score}")
        assert float(score) <= MAX_EXPOSURE


def test_the_service_may_use_cards_and_no_other_device(installed):
    for unit in ("ttsd.service", "ttsd@0.service"):
        assert installed.show(unit, "DevicePolicy") == "closed"
        allowed = installed.run(f"systemctl cat {unit} | sed -n 's/^DeviceAllow=//p'").splitlines()
        assert {line.removesuffix(" rw") for line in allowed} == DEVICES
        # What CUDA cannot live with.
        assert installed.show(unit, "PrivateDevices") == "no"
        assert installed.show(unit, "MemoryDenyWriteExecute") == "no"
        assert installed.show(unit, "ProcSubset") == "all"


# --- life ------------------------------------------------------------------------------------------


def test_the_first_connection_starts_it(installed):
    installed.run("systemctl enable --now ttsd.socket")
    assert installed.run(f"stat -c '%a %U %G' {SOCKET}").strip() == "660 ttsd ttsd"
    assert installed.show("ttsd.service", "ActiveState") == "inactive"
    assert get(installed, "/healthz") == {"status": "ok"}
    assert installed.show("ttsd.service", "ActiveState") == "active"
    assert installed.show("ttsd.service", "Type") == "notify"
    ready(installed)
    installed.wait_for(lambda: "ready" in installed.show("ttsd.service", "StatusText"))


def test_the_daemon_knows_its_clients_by_their_own_uids(installed):
    mapped = installed.run(f"cat /proc/{main_pid(installed)}/uid_map").split()
    assert mapped == ["0", "0", str(2**32 - 1)]


def test_only_members_of_the_group_may_connect(installed):
    refused = installed.start(f"curl -sS --unix-socket {SOCKET} http://localhost/healthz", user="boris")
    assert refused.returncode == 7


def test_a_member_of_the_group_drops_a_file_and_gets_speech(installed):
    installed.run(
        f"echo 'Hello from a member of the group.' >/tmp/hello.txt; cp /tmp/hello.txt {SPOOL}/inbox/", user="anna"
    )
    installed.wait_for(lambda: listing(installed, "done") == ["hello.txt"])
    assert listing(installed, "outbox") == ["hello.json", "hello.wav"]
    rate, channels, frames = map(
        int, installed.run(f"python3 -c '{INSPECT_WAV}' {SPOOL}/outbox/hello*.wav", user="anna").split()
    )
    assert (rate, channels) == (24_000, 1)
    assert frames > 24_000
    receipt = json.loads(installed.run(f"cat {SPOOL}/outbox/hello*.json", user="anna"))
    assert receipt["source"].endswith("hello.txt")
    assert receipt["duration_s"] == pytest.approx(frames / rate, abs=0.01)
    assert installed.start(f"ls {SPOOL}/outbox", user="boris").returncode != 0
    assert installed.run(f"rm {SPOOL}/outbox/* && ls {SPOOL}/outbox", user="anna") == ""


def test_reload_takes_over_what_it_can_and_says_the_rest(installed):
    pid = main_pid(installed)
    installed.write(CONFIG, '[log]\nlevel = "debug"\n[spool]\npolling = true\n')
    installed.run("systemctl reload ttsd.service")
    installed.wait_for(lambda: "config.reloaded" in installed.run(f"{CONFIG_TOLD}; true"))
    assert "log.level" in installed.run(CONFIG_TOLD)
    assert re.search("needs_restart=.*spool.polling", installed.run(CONFIG_TOLD))
    assert main_pid(installed) == pid


def test_a_reload_of_a_bad_config_fails_with_the_reason_and_the_daemon_goes_on_as_it_was(installed):
    pid = main_pid(installed)
    installed.write(CONFIG, '[log]\nlevel = "loud"\n')
    assert installed.start("systemctl reload ttsd.service").returncode != 0
    reason = f'{CONFIG}: [log] level = "loud" is not allowed: it takes'
    assert f"ttsd: {reason}" in installed.journal()
    installed.wait_for(lambda: f"config refused: {reason}" in installed.run(STATUS))
    assert f"ttsd: {reason}" in installed.run(STATUS)
    assert installed.show("ttsd.service", "ActiveState") == "active"
    assert reason in installed.run("ttsd status", user="anna")
    assert main_pid(installed) == pid
    ready(installed)
    installed.run("ttsd say 'It goes on.' -o /tmp/goes-on.wav && rm /tmp/goes-on.wav", user="anna")
    installed.write(CONFIG, '[log]\nlevel = "debug"\n[spool]\npolling = true\n')
    installed.run("systemctl reload ttsd.service")
    installed.wait_for(lambda: "refused" not in installed.run("ttsd status", user="anna"))


def test_a_reload_with_a_token_file_that_is_broken_fails_with_its_line(installed):
    usual = '[log]\nlevel = "debug"\n[spool]\npolling = true\n'
    installed.write("/etc/ttsd/tokens", "laptop:sha256:half\n")
    installed.run("chown root:ttsd /etc/ttsd/tokens && chmod 0640 /etc/ttsd/tokens")
    installed.write(CONFIG, f'{usual}[http]\ntoken_file = "/etc/ttsd/tokens"\n')
    assert installed.start("systemctl reload ttsd.service").returncode != 0
    assert "its line 1 is no hashed token" in installed.run(STATUS)
    ready(installed)
    installed.run("rm /etc/ttsd/tokens")
    installed.write(CONFIG, usual)
    installed.run("systemctl reload ttsd.service")


def test_the_signal_alone_with_a_bad_config_is_told_too(installed):
    pid = main_pid(installed)
    installed.write(CONFIG, "[log")
    installed.run("systemctl kill --signal=HUP --kill-whom=main ttsd.service")
    installed.wait_for(lambda: f"config refused: {CONFIG}: not valid TOML" in installed.run(STATUS))
    assert main_pid(installed) == pid
    assert get(installed, "/healthz") == {"status": "ok"}


def test_logs_are_in_the_journal_with_priorities_and_in_a_file_that_rotates(installed):
    records = installed.run("journalctl --no-pager -o json -u ttsd.service").splitlines()
    started = next(json.loads(line) for line in records if "daemon.started" in line)
    assert started["PRIORITY"] == "6"
    assert started["MESSAGE"].startswith("daemon.started version=")
    assert started["EVENT"] == "daemon.started"
    refused = next(json.loads(line) for line in records if "config.refused" in line)
    assert refused["PRIORITY"] == "3"
    about_a_job = json.loads(installed.run("journalctl --no-pager -o json -t ttsd EVENT=job.finished -n 1"))
    assert about_a_job["_SYSTEMD_UNIT"] == "ttsd.service"
    told = installed.run(f"journalctl --no-pager -o cat -t ttsd JOB={about_a_job['JOB']}")
    assert re.search(f"job.finished job={about_a_job['JOB']} .*title=", told)
    installed.run("systemctl kill --signal=USR1 --kill-whom=main ttsd.service")
    installed.wait_for(lambda: installed.run("ls /var/log/ttsd/*.log.gz 2>/dev/null; true"))
    assert '"event":"daemon.started"' in installed.run("zcat /var/log/ttsd/*.log.gz")


def test_a_file_that_may_not_be_read_fails_clearly(installed):
    restarted(installed)
    for name, owner in (("secret.txt", "boris"), ("root.txt", "root")):
        installed.run(f"echo private >/tmp/{name}; chown {owner} /tmp/{name}; chmod 000 /tmp/{name}")
        installed.run(f"mv /tmp/{name} {SPOOL}/inbox/{name}")
    installed.wait_for(lambda: len(listing(installed, "failed")) == 4)
    reason = installed.run(f"cat {SPOOL}/failed/secret.txt.error.txt", user="anna")
    print(reason)
    assert "permission" in reason.lower()
    assert listing(installed, "inbox") == []
    ready(installed)


def test_the_queue_survives_kills_of_worker_and_daemon(installed):
    speech = "This is file number $n of a long queue. It has two sentences, so that it takes a while."
    drop = f'cd {SPOOL}/inbox && mkdir many && for n in $(seq {FILES}); do echo "{speech}" >many/q$n.txt; done'
    installed.run(drop, user="anna")
    results = f"find {SPOOL}/outbox -name '*.wav' | wc -l"
    installed.wait_for(lambda: int(installed.run(results)) >= 3)
    worker = get(installed, "/v1/status")["worker"]["pid"]
    installed.run(f"kill -9 {worker}")
    installed.wait_for(lambda: get(installed, "/v1/status")["worker"]["pid"] not in (worker, None))
    before = int(installed.run(results))
    assert before < FILES
    installed.wait_for(lambda: int(installed.run(results)) > before)
    daemon = main_pid(installed)
    installed.run(f"kill -9 {daemon}")
    assert int(installed.run(results)) < FILES
    installed.wait_for(lambda: main_pid(installed) not in (daemon, 0))
    assert installed.show("ttsd.service", "NRestarts") == "1"
    installed.wait_for(lambda: len(listing(installed, "done/many")) == FILES, 60)
    expected = sorted(f"q{n}" for n in range(1, FILES + 1))
    assert listing(installed, "done/many") == sorted(f"{name}.txt" for name in expected)
    assert (
        sorted(name.removesuffix(".wav") for name in listing(installed, "outbox/many") if name.endswith(".wav"))
        == expected
    )
    assert len(set(jobs_of_receipts(installed, "many"))) == FILES
    assert listing(installed, "inbox") == []
    assert installed.run(f"find {SPOOL} -path '*/.work/*' -type f") == ""
    queue = get(installed, "/v1/status")["queue"]
    assert (queue["queued"], queue["running"], queue["failed"]) == (0, 0, 2)
    assert queue["succeeded"] == 1 + FILES
    assert len(installed.run("pgrep -u ttsd -f ttsd.worker").split()) == 1


def test_the_daemon_is_small(installed):
    rss_kb = int(re.findall(r"VmRSS:\s+(\d+)", installed.run(f"cat /proc/{main_pid(installed)}/status"))[0])
    print(f"resident memory of the daemon: {rss_kb / 1024:.1f} MB")
    assert rss_kb / 1024 <= MAX_RSS_MB


def test_stopping_in_the_middle_of_a_job_is_quick_and_the_job_goes_on_later(installed):
    restarted(installed, '[daemon]\ndrain_s = 1\n[engine]\nname = "fake"\n[fake]\nrtf = 1.0\n')
    installed.run(f"yes 'And so on, and so on.' | head -20 >{SPOOL}/inbox/long.txt", user="anna")
    installed.wait_for(lambda: get(installed, "/v1/status")["queue"]["running"] == 1)
    installed.run("systemctl stop ttsd.service", timeout_s=10)
    assert installed.show("ttsd.service", "Result") == "success"
    assert "outbox/long" not in installed.run(f"find {SPOOL}/outbox")
    restarted(installed)
    installed.wait_for(lambda: "long.wav" in listing(installed, "outbox"))


def test_after_a_stop_nothing_is_left_and_connections_start_it_again(installed):
    installed.run("systemctl stop ttsd.service")
    assert installed.show("ttsd.service", "Result") == "success"
    assert installed.show("ttsd.service", "ExecMainStatus") == "0"
    assert "daemon.stopped" in installed.journal()
    assert installed.run("pgrep -u ttsd; true") == ""
    fetch = f"curl -sS -o /dev/null -w '%{{http_code}} ' --max-time 20 --unix-socket {SOCKET} http://localhost/healthz"
    assert installed.run(f"{fetch} & {fetch} & {fetch} & wait").split() == ["200"] * 3


def test_a_bad_config_is_said_once_and_not_tried_again(installed):
    installed.run("systemctl stop ttsd.service")
    installed.write(CONFIG, '[log]\nlevel = "loud"\n')
    assert installed.start("systemctl start ttsd.service").returncode != 0
    assert installed.show("ttsd.service", "ActiveState") == "failed"
    assert installed.show("ttsd.service", "ExecMainStatus") == "3"
    assert installed.show("ttsd.service", "NRestarts") == "0"
    reason = f'cannot start: {CONFIG}: [log] level = "loud" is not allowed: it takes "debug" or'
    assert reason in installed.start("systemctl status --no-pager --full ttsd.service").stdout
    assert reason.partition(": ")[2] in installed.journal()
    restarted(installed)


def test_clients_that_wait_for_a_bad_config_are_told_and_the_socket_stays(installed):
    installed.run("systemctl stop ttsd.service")
    installed.write(CONFIG, "[log")
    told = get(installed, "/v1/status")["error"]
    assert told["code"] == "bad_config"
    assert told["message"].startswith(f"the daemon cannot start: {CONFIG}: ")
    installed.wait_for(lambda: installed.show("ttsd.service", "ActiveState") == "failed")
    assert installed.show("ttsd.socket", "SubState") == "listening"
    installed.write(CONFIG, "")
    ready(installed)


def test_the_units_of_a_user(installed):
    manager = "user@$(id -u boris).service"
    installed.run(f"systemctl start {manager}", timeout_s=60)
    session = "export XDG_RUNTIME_DIR=/run/user/$(id -u) HOME=/home/boris;"
    config = "/home/boris/.config/ttsd/config.toml"
    installed.run(f"mkdir -p $(dirname {config}) && touch {config}", user="boris")
    installed.run(f"{session} systemctl --user enable --now ttsd.socket", user="boris")
    installed.run(
        f"{session} curl -sS --unix-socket $XDG_RUNTIME_DIR/ttsd/ttsd.sock http://localhost/healthz", user="boris"
    )
    state = f"{session} systemctl --user show -P ActiveState -P StatusText ttsd.service"
    assert "active" in installed.run(state, user="boris")
    installed.run(f"{session} ttsd say 'Hello from a user.' -o /home/boris/hello.wav", user="boris")
    installed.run(f"{session} echo 'A file of mine.' >~/.local/state/ttsd/spool/inbox/mine.txt", user="boris")
    installed.wait_for(
        lambda: installed.start("ls /home/boris/.local/state/ttsd/spool/outbox/mine.wav").returncode == 0
    )
    installed.run(f"{session} systemctl --user reload ttsd.service", user="boris")
    installed.run(f"echo '[log' >{config}", user="boris")
    assert installed.start(f"{session} systemctl --user reload ttsd.service", user="boris").returncode != 0
    installed.run(f"{session} systemctl --user stop ttsd.socket ttsd.service", user="boris")
    installed.run(f"systemctl stop {manager}")


def installed_files(machine) -> list[str]:
    """All that `make install` puts somewhere, with checksums; bytecode apart, which comes with use."""
    places = "/opt/ttsd /etc/ttsd /usr/local/bin /usr/local/lib/systemd /usr/local/lib/*.d /usr/local/share/doc/ttsd"
    ours = r"-type f ! -path '*/__pycache__/*' \( -path '*ttsd*' -o -path '*tui*' \)"
    return machine.run(f"find -L {places} {ours} -exec sha256sum {{}} + | sort -k2").splitlines()


def test_installing_over_an_older_version_leaves_what_a_first_installation_does_and_keeps_the_config(installed, make):
    installed.write(CONFIG, '[log]\nlevel = "debug"\n')
    before = installed_files(installed)
    assert len(before) > 500
    package = "cd /opt/ttsd/lib/python3*/site-packages"
    installed.run(f"{package} && echo >ttsd/forgotten.py && echo ttsd/forgotten.py,, | tee -a ttsd-*.dist-info/RECORD")
    installed.run("/opt/ttsd/bin/python3 -I -c 'import ttsd.forgotten'; rm /opt/ttsd/bin/ttsd-tui /usr/local/bin/ttsd")
    installed.run("sed -i 's/^RestartSec=.*/RestartSec=9/' /usr/local/lib/systemd/system/ttsd.service")
    installed.run("rm /usr/local/lib/systemd/user/ttsd.socket && systemctl daemon-reload")
    assert installed.show("ttsd.service", "RestartUSec") == "9s"
    pid = main_pid(installed)
    make("install")
    assert main_pid(installed) != pid
    assert installed_files(installed) == before
    assert installed.run("find /opt/ttsd -name 'forgotten*'") == ""
    assert installed.show("ttsd.service", "RestartUSec") == "250ms"
    assert installed.run(f"cat {CONFIG}").splitlines() == ["[log]", 'level = "debug"']
    ready(installed)


def test_uninstalling_keeps_the_state_unless_told_otherwise(installed, make):
    make("uninstall")
    assert installed.run("pgrep -u ttsd; systemctl list-units --all --no-legend 'ttsd*'; true") == ""
    assert installed.run("find /opt/ttsd /usr/local -name '*ttsd*' 2>/dev/null; true") == ""
    assert len(listing(installed, "done/many")) == FILES
    make("uninstall PURGE=1")
    make("uninstall PURGE=1")
    assert installed.run("ls -d /var/lib/ttsd /var/log/ttsd /var/cache/ttsd /etc/ttsd 2>/dev/null; true") == ""
    assert installed.run("getent passwd ttsd; getent group ttsd ttsd-admin; true") == ""
