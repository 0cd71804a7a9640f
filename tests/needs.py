"""What tests need of a machine that not every machine has.

People who run them elsewhere are told what to install. CI (`.ci/run`) installs all of it, is root, and sets
TTSD_REQUIRE_ALL: there each of these skips is a failure (`pytest_runtest_makereport` in tests/conftest.py).
"""

import os
import shutil
from typing import Final

import pytest

needs_root: Final = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root: to mount, to become another user, or to give a file away"
)
needs_pulse: Final = pytest.mark.skipif(
    not shutil.which("pulseaudio"), reason="needs pulseaudio: apt install pulseaudio"
)
needs_ssh: Final = pytest.mark.skipif(
    not shutil.which("ssh") or not shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin"),
    reason="needs ssh and sshd: apt install openssh-client openssh-server",
)
NGINX: Final = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
needs_nginx: Final = pytest.mark.skipif(
    not (NGINX and shutil.which("openssl")), reason="needs nginx: apt install nginx-light openssl"
)


def require(there: object, why: str) -> None:
    """For fixtures: without `there`, their tests cannot run here, and `why` says what would mend that."""
    if not there:
        pytest.skip(why)
