"""The daemon's condition over HTTP, and what every answer has in common."""

import asyncio
import json

import aiohttp
import pytest

from ttsd.config import Http
from ttsd.protocol.usage import Account, UsageDoor, Used


async def test_alive(http):
    async with http.get("/healthz") as answer:
        assert answer.status == 200
        assert await answer.json() == {"status": "ok"}


async def test_ready(http):
    async with http.get("/readyz") as answer:
        assert answer.status == 200
        assert (await answer.json())["ready"] is True


async def test_not_ready_says_why_and_when_to_come_back(house, http):
    house.condition.not_ready = "the engine is loading (40% weights)"
    async with http.get("/readyz") as answer:
        body = await answer.json()
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "7"
        assert body["reason"] == "the engine is loading (40% weights)"
        assert body["error"]["code"] == "engine_not_ready"
        assert body["error"]["retryable"] is True


async def test_metrics_are_in_the_text_format(http):
    async with http.get("/metrics") as answer:
        assert answer.content_type == "text/plain"
        text = await answer.text()
    assert 'ttsd_worker_phase{phase="ready"} 1.0' in text
    assert "# TYPE ttsd_http_requests_total counter" in text


async def test_status_is_everything(http):
    async with http.get("/v1/status") as answer:
        body = await answer.json()
    assert body["worker"]["engine"]["voices"][0]["name"] == "ann"
    assert body["queue"]["queued"] == 0


async def test_history_is_in_as_many_stretches_as_asked_for(http):
    async with http.get("/v1/health/history?since_s=300&points=10") as answer:
        body = await answer.json()
    assert (body["from_s"], body["step_s"], body["cards"]) == (720.0, 30.0, [])
    assert body["machine"]["cpu"] == {"low": [None] * 10, "mean": [None] * 10, "high": [None] * 10}


@pytest.mark.parametrize("query", ["since_s=0", "since_s=86401", "points=2001", "points=-1", "points=many", "since_s="])
async def test_history_has_bounds(http, query):
    async with http.get(f"/v1/health/history?{query}") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["param"] == query.split("=")[0]


async def test_head_is_answered_without_a_body(http):
    async with http.head("/healthz") as answer:
        assert answer.status == 200
        assert await answer.read() == b""


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/healthz/", 404, "not_found"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("GET", "/api/tts", 405, "method_not_allowed"),
        ("PUT", "/v1/jobs", 405, "method_not_allowed"),
    ],
)
async def test_unknown_routes_and_methods_are_errors_like_others(http, method, path, status, code):
    async with http.request(method, path) as answer:
        body = await answer.json()
        assert answer.status == status
        assert body["error"]["code"] == code
        assert set(body["error"]) == {"code", "message", "param", "retryable"}
        assert path in body["error"]["message"]


async def test_a_wrong_method_is_told_of_all_the_right_ones(http):
    async with http.put("/v1/jobs") as answer:
        assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "HEAD", "POST"}


async def test_every_answer_carries_a_request_id(http):
    for path in ("/healthz", "/nothing"):
        async with http.get(path) as answer:
            assert len(answer.headers["X-Request-Id"]) == 16


async def test_a_sane_request_id_is_echoed_and_another_is_replaced(http):
    async with http.get("/healthz", headers={"X-Request-Id": "req-42"}) as answer:
        assert answer.headers.getall("X-Request-Id") == ["req-42"]
    async with http.get("/healthz", headers={"X-Request-Id": "a b\tc" + "d" * 500}) as answer:
        assert len(answer.headers["X-Request-Id"]) == 16


async def test_a_web_page_elsewhere_is_refused(http):
    async with http.get("/v1/status", headers={"Origin": "https://evil.example"}) as answer:
        body = await answer.json()
        assert answer.status == 403
        assert body["error"]["code"] == "forbidden"
        assert answer.headers["X-Request-Id"]


async def test_what_is_not_http_gets_an_error_of_our_shape(house):
    reader, writer = await house.raw(b"hello there\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"x-request-id" in head
    assert json.loads(body)["error"]["code"] == "bad_request"
    writer.close()


async def test_endless_headers_are_cut_off(house):
    reader, writer = await house.raw(b"GET /healthz HTTP/1.1\r\n" + b"x-long: " + b"y" * 70_000 + b"\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400")
    writer.close()


async def test_an_unexpected_exception_is_a_500_without_a_traceback(house, http, monkeypatch):
    async def broken():
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(house.condition, "status", broken)
    async with http.get("/v1/status") as answer:
        text = await answer.text()
        assert answer.status == 500
        assert json.loads(text)["error"]["code"] == "internal"
        assert answer.headers["X-Request-Id"]
    assert "secret" not in text
    assert "Traceback" not in text


async def test_the_condition_is_told_at_once_while_streams_hang(house, http):
    async with house.client() as other:
        hanging = [await other.post("/api/tts_stream", json={"text": "a!"}) for _ in range(20)]
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(20):
            async with http.get("/healthz") as answer:
                assert answer.status == 200
        assert (loop.time() - began) / 20 < 0.05
        for answer in hanging:
            answer.close()


async def test_who_is_no_administrator_is_told_of_his_own_use(open_house):
    """Over TCP nobody is one; over the Unix socket the daemon's own user is."""
    house = await open_house(http=Http(listen="127.0.0.1:0"))
    for user in ("127.0.0.1", "uid 4711"):
        house.ledger.delivered(Account("ann", UsageDoor.STREAM, user), Used(clips=1, characters=30))
    elsewhere = aiohttp.ClientSession(f"http://127.0.0.1:{house.port}")
    async with elsewhere, elsewhere.get("/v1/usage?by=user") as answer:
        assert [row["name"] for row in (await answer.json())["rows"]] == ["127.0.0.1"]
    async with house.client() as local, local.get("/v1/usage?by=user") as answer:
        body = await answer.json()
    assert [row["name"] for row in body["rows"]] == ["127.0.0.1", "uid 4711"]
    assert body["total"]["used"]["clips"] == 2
