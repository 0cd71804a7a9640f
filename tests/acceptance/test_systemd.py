"""The service on a machine of its own: real systemd, real installation, real kills."""

import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400), pytest.mark.xdist_group("systemd")]


def test_install(installed):
    print(installed.run("systemctl status ttsd.service ttsd.socket; ls -la /opt/ttsd /var/lib/ttsd /var/lib/ttsd/spool; getfacl -p /var/lib/ttsd/spool/inbox; cat /etc/ttsd/config.toml | head -20; id ttsd; id anna", check=False))
    print(installed.run("systemd-analyze verify ttsd.service ttsd.socket; systemd-analyze security --no-pager ttsd.service | tail -1", check=False))
    print(installed.run("systemctl start ttsd.service; systemctl status ttsd; journalctl -u ttsd --no-pager | tail -30", check=False))
    assert 0
