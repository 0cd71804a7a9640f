"""Who may speak to the daemon."""

import pytest

from ttsd.api.access import (
    UNKNOWN,
    Caller,
    behind_proxy,
    host_name,
    is_known,
    load_rules,
    refusal,
    token_refusal,
)
from ttsd.config import Http
from ttsd.protocol.errors import ConfigError, Forbidden, Unauthorized

OPEN = load_rules(Http())
PROXIED = load_rules(Http(trusted_proxies=("192.0.2.0/28", "www-data")))


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        pytest.param(Caller(None), None, id="unix socket"),
        pytest.param(Caller(None, "anything"), None, id="unix socket: any host"),
        pytest.param(Caller(None, origin="http://localhost:3000"), None, id="own origin"),
        pytest.param(Caller(None, origin="https://evil.example"), Forbidden, id="unix socket: foreign page"),
        pytest.param(Caller(None, origin="null"), Forbidden, id="page without origin"),
        pytest.param(Caller(None, origin="http://[oops"), Forbidden, id="origin that is none"),
        pytest.param(Caller("127.0.0.1", "localhost:7860"), None, id="loopback"),
        pytest.param(Caller("127.0.0.1", "evil.example"), Forbidden, id="rebound name"),
        pytest.param(Caller("127.0.0.1", "localhost.evil.example"), Forbidden, id="name that begins like ours"),
        pytest.param(Caller("127.0.0.1", ""), Forbidden, id="no host"),
        pytest.param(Caller("192.0.2.1", "localhost"), None, id="from outside: the token decides"),
    ],
)
def test_which_requests_nobody_may_send(caller: Caller, expected: type[Exception] | None):
    refused = refusal(caller, OPEN)
    assert (type(refused) if refused else None) is expected


@pytest.mark.parametrize(
    ("address", "known"),
    [
        (None, True),
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("nonsense", False),
        (UNKNOWN, False),
    ],
)
def test_who_needs_no_token(address: str | None, known: bool):
    assert is_known(Caller(address), OPEN) is known


@pytest.mark.parametrize("address", [None, "127.0.0.1"])
def test_a_proxy_that_nobody_named_makes_nobody_local(address: str | None):
    with pytest.raises(Forbidden, match="trusted_proxies"):
        is_known(Caller(address, by_proxy=True), OPEN)


@pytest.mark.parametrize(
    ("address", "account", "forwarded", "expected"),
    [
        pytest.param(None, "www-data", ("203.0.113.7",), "203.0.113.7", id="proxy on the socket"),
        pytest.param(None, "anna", ("203.0.113.7",), None, id="no proxy on the socket"),
        pytest.param("192.0.2.1", "", ("203.0.113.7",), "203.0.113.7", id="proxy"),
        pytest.param("192.0.2.1", "", ("127.0.0.1", "203.0.113.7"), "203.0.113.7", id="what a client claims"),
        pytest.param("192.0.2.1", "", ("203.0.113.7", "192.0.2.2"), "203.0.113.7", id="two proxies"),
        pytest.param("192.0.2.1", "", (), UNKNOWN, id="proxy that does not tell"),
        pytest.param("192.0.2.1", "", ("127.0.0.1:80",), UNKNOWN, id="address that is none"),
        pytest.param("203.0.113.7", "", ("127.0.0.1",), "203.0.113.7", id="no proxy"),
    ],
)
def test_whose_word_counts_for_an_address(address: str | None, account: str, forwarded: tuple[str, ...], expected: str):
    caller = behind_proxy(Caller(address, forwarded=forwarded, by_proxy=True), account, PROXIED)
    assert caller.address == expected


def test_what_somebody_without_a_good_token_is_told():
    assert type(token_refusal(Caller("192.0.2.1"), there_are_tokens=False)) is Forbidden
    unknown = token_refusal(Caller("192.0.2.1", authorization="bearer x"), there_are_tokens=True)
    assert isinstance(unknown, Unauthorized)
    assert "revoked" in unknown.message
    for nothing in ("", "Basic x", "Bearer "):
        missing = token_refusal(Caller("192.0.2.1", authorization=nothing), there_are_tokens=True)
        assert "Bearer TOKEN" in missing.message


def test_a_refusal_names_the_key_that_would_allow_it():
    refused = refusal(Caller("127.0.0.1", "evil.example"), OPEN)
    assert refused is not None
    assert "[http] allowed_hosts" in refused.message


def test_host_names_lose_their_port_and_keep_their_brackets():
    assert host_name("LocalHost:80") == "localhost"
    assert host_name("[::1]:80") == "[::1]"
    assert host_name(" box ") == "box"


@pytest.mark.parametrize("key", ["trusted_networks", "trusted_proxies"])
def test_a_bad_network_is_a_config_error(key: str):
    with pytest.raises(ConfigError, match=key):
        load_rules(Http(**{key: ("300.0.0.0/8",)}))
