"""What a web page elsewhere could have a browser do to a daemon on this machine: nothing."""

from collections.abc import Callable
from typing import Any

import aiohttp
import httpx2
import pytest

from ttsd.config import Http

EVIL = "http://evil.example"
JOB = '{"text": "Said by a page."}'
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
"""Kinds that a page may send anywhere without asking first."""


@pytest.fixture
async def tcp(open_house: Callable[..., Any]) -> Any:
    return await open_house(http=Http(listen="127.0.0.1:0"))


@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost.evil.example", "http://127.0.0.1.nip.example", ""])
@pytest.mark.parametrize("kind", SIMPLE)
async def test_a_form_or_script_of_a_page_changes_nothing(tcp: Any, origin: str, kind: str):
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{tcp.port}") as browser:
        for path in ("/v1/jobs", "/api/tts", "/v1/queue/pause", "/v1/worker/unload"):
            headers = {"Origin": origin, "Content-Type": kind}
            assert (await browser.post(path, content=JOB, headers=headers)).status_code == 403, path
    assert (await tcp.queue.counts()).queued == 0
    assert not (await tcp.queue.counts()).paused


async def test_a_page_may_not_ask_beforehand_either(tcp: Any):
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{tcp.port}") as browser:
        headers = {"Origin": EVIL, "Access-Control-Request-Method": "DELETE"}
        answer = await browser.options("/v1/jobs", headers=headers)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "[::1].evil.example", ""]
)
async def test_a_name_that_was_bound_to_this_machine_gets_no_answer(tcp: Any, host: str):
    """DNS rebinding: the page's own host leads here, so that it is its own origin."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{tcp.port}") as browser:
        for headers in ({"Host": host}, {"Host": host, "Origin": f"http://{host}"}):
            assert (await browser.get("/v1/status", headers=headers)).status_code in (400, 403)


@pytest.mark.parametrize("path", ["/v1/speak", "/v1/events"])
async def test_a_page_opens_no_websocket(tcp: Any, path: str):
    """Browsers open them to anywhere, and send the origin."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{tcp.port}") as browser:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await browser.ws_connect(path, headers={"Origin": EVIL})
        assert refused.value.status == 403
        async with browser.ws_connect(path, headers={"Origin": f"http://localhost:{tcp.port}"}) as own:
            assert not own.closed
