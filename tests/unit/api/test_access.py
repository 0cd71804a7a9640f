"""Who may speak to the daemon."""

from pathlib import Path

import pytest

from ttsd.api.access import Caller, Rules, host_name, load_rules, refusal
from ttsd.config import Http
from ttsd.protocol.errors import ConfigError, Forbidden, Unauthorized

OPEN = load_rules(Http())
LOCKED = Rules(trusted=OPEN.trusted, hosts=frozenset({"box"}), token="s3cret")


@pytest.mark.parametrize(
    ("caller", "rules", "expected"),
    [
        pytest.param(Caller(None), OPEN, None, id="unix socket"),
        pytest.param(Caller(None, "anything"), OPEN, None, id="unix socket: any host"),
        pytest.param(Caller(None, origin="http://localhost:3000"), OPEN, None, id="own origin"),
        pytest.param(Caller(None, origin="https://evil.example"), OPEN, Forbidden, id="unix socket: foreign page"),
        pytest.param(Caller(None, origin="null"), OPEN, Forbidden, id="page without origin"),
        pytest.param(Caller(None, origin="http://[oops"), OPEN, Forbidden, id="origin that is none"),
        pytest.param(Caller("127.0.0.1", "localhost:7860"), OPEN, None, id="loopback"),
        pytest.param(Caller("::1", "[::1]:7860"), OPEN, None, id="IPv6 loopback"),
        pytest.param(Caller("::ffff:127.0.0.1", "localhost"), OPEN, None, id="mapped loopback"),
        pytest.param(Caller("127.0.0.1", "evil.example"), OPEN, Forbidden, id="rebound name"),
        pytest.param(Caller("127.0.0.1", ""), OPEN, Forbidden, id="no host"),
        pytest.param(Caller("192.0.2.1", "localhost"), OPEN, Forbidden, id="from outside, no token configured"),
        pytest.param(Caller("192.0.2.1", "box"), LOCKED, Unauthorized, id="from outside, no token sent"),
        pytest.param(Caller("192.0.2.1", "box", authorization="Bearer wrong"), LOCKED, Unauthorized, id="wrong token"),
        pytest.param(Caller("192.0.2.1", "box", authorization="Basic s3cret"), LOCKED, Unauthorized, id="wrong scheme"),
        pytest.param(Caller("192.0.2.1", "box", authorization="bearer s3cret"), LOCKED, None, id="right token"),
        pytest.param(Caller("nonsense", "box"), LOCKED, Unauthorized, id="address that is none"),
    ],
)
def test_who_may_enter(caller: Caller, rules: Rules, expected: type[Exception] | None):
    refused = refusal(caller, rules)
    assert (type(refused) if refused else None) is expected


def test_a_refusal_names_the_key_that_would_allow_it():
    refused = refusal(Caller("127.0.0.1", "evil.example"), OPEN)
    assert refused is not None
    assert "[http] allowed_hosts" in refused.message


def test_host_names_lose_their_port_and_keep_their_brackets():
    assert host_name("LocalHost:80") == "localhost"
    assert host_name("[::1]:80") == "[::1]"
    assert host_name(" box ") == "box"


def test_the_token_comes_from_its_file(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    assert load_rules(Http(token_file=str(file))).token == "s3cret"


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_token_file_without_a_token_is_a_config_error(tmp_path: Path, content: str | None):
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match="token_file"):
        load_rules(Http(token_file=str(file)))


def test_a_bad_network_is_a_config_error():
    with pytest.raises(ConfigError, match="trusted_networks"):
        load_rules(Http(trusted_networks=("300.0.0.0/8",)))
