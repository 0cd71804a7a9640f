"""The queue over HTTP, with the real queue behind it."""

import asyncio
import os

import pytest

from ttsd.jobs.turns import Seats


async def submit(http, **body):
    async with http.post("/v1/jobs", json={"text": "Hello.", **body}) as answer:
        return answer.status, await answer.json(), answer.headers


async def finish(house, job_id, output):
    """As the dispatcher would: claim it and write its audio."""
    (claimed,) = await house.queue.claim(lambda: Seats(1, 0, {}))
    assert claimed.job.id == job_id
    await house.queue.succeed(job_id, str(output), 24_000)


async def test_a_job_is_accepted_and_can_be_looked_at(http):
    status, job, headers = await submit(http, title="A title", voice="bob", speed=1.5)
    assert status == 201
    assert job["state"] == "queued"
    async with http.get(headers["Location"]) as answer:
        assert await answer.json() == job
    assert (job["title"], job["settings"]["voice"], job["settings"]["speed"]) == ("A title", "bob", 1.5)


async def test_a_language_may_be_written_out(http):
    _, job, _ = await submit(http, language="English")
    assert job["settings"]["language"] == "en"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"text": ""}, 400, "text"),
        ({"text": 5}, 400, "text"),
        ({"text": "a", "volume": 3}, 400, "volume"),
        ({"text": "a", "format": "mp4"}, 400, "format"),
        ({"text": "a", "language": "klingon"}, 400, "language"),
        ({"text": "a" * 1001}, 413, "text"),
    ],
)
async def test_a_bad_job_is_refused(open_house, body, status, param):
    house = await open_house(max_document_chars=1000)
    async with house.client() as http, http.post("/v1/jobs", json=body) as answer:
        assert answer.status == status
        assert (await answer.json())["error"]["param"] == param


async def test_a_full_queue_says_when_to_come_back(open_house):
    house = await open_house(max_queue=1)
    async with house.client() as http:
        assert (await submit(http))[0] == 201
        status, body, headers = await submit(http)
    assert status == 429
    assert body["error"]["code"] == "busy"
    assert headers["Retry-After"] == "1"


async def test_jobs_are_listed_newest_first_in_pages(http):
    ids = [(await submit(http))[1]["id"] for _ in range(3)]
    async with http.get("/v1/jobs", params={"limit": 2}) as answer:
        page = await answer.json()
    assert [job["id"] for job in page["jobs"]] == ids[:0:-1]
    assert page["counts"]["queued"] == 3
    async with http.get("/v1/jobs", params={"limit": 2, "before": page["next"]}) as answer:
        assert [job["id"] for job in (await answer.json())["jobs"]] == ids[:1]


async def test_jobs_are_listed_by_state(http):
    _, job, _ = await submit(http)
    await submit(http)
    async with http.delete(f"/v1/jobs/{job['id']}") as answer:
        assert (await answer.json())["state"] == "cancelled"
    async with http.get("/v1/jobs?state=cancelled&state=failed") as answer:
        assert [one["id"] for one in (await answer.json())["jobs"]] == [job["id"]]


@pytest.mark.parametrize(
    ("query", "param"), [("state=lost", "state"), ("limit=0", "limit"), ("limit=x", "limit"), ("limit=1001", "limit")]
)
async def test_a_bad_query_is_refused(http, query, param):
    async with http.get(f"/v1/jobs?{query}") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["param"] == param


@pytest.mark.parametrize("path", ["nosuchjob", "..%2Fetc", "a%00b", "x" * 200])
async def test_an_unknown_job_is_not_found(http, path):
    from yarl import URL

    async with http.get(URL(f"/v1/jobs/{path}", encoded=True)) as answer:
        assert answer.status == 404


async def test_cancel_and_retry_obey_the_state_machine(http):
    _, job, _ = await submit(http)
    path = f"/v1/jobs/{job['id']}"
    async with http.post(f"{path}/retry") as answer:
        assert answer.status == 409
    async with http.delete(path) as answer:
        assert answer.status == 200
    async with http.delete(path) as answer:
        assert answer.status == 409
        assert (await answer.json())["error"]["code"] == "conflict"
    async with http.post(f"{path}/retry") as answer:
        assert (await answer.json())["state"] == "queued"


async def test_audio_comes_when_the_job_has_succeeded(house, http, tmp_path):
    _, job, _ = await submit(http)
    path = f"/v1/jobs/{job['id']}/audio"
    async with http.get(path) as answer:
        assert answer.status == 409
    output = tmp_path / "out.wav"
    output.write_bytes(b"RIFFdata")
    await finish(house, job["id"], output)
    async with http.get(path) as answer:
        assert answer.content_type == "audio/wav"
        assert await answer.read() == b"RIFFdata"
        assert job["id"] in answer.headers["Content-Disposition"]
    async with http.head(path) as answer:
        assert answer.headers["Content-Length"] == "8"
    output.unlink()
    async with http.get(path) as answer:
        assert answer.status == 404
        assert "moved or deleted" in (await answer.json())["error"]["message"]


@pytest.mark.parametrize(
    ("wanted", "status", "body"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=8-100", 206, b"89"),
        ("bytes=10-", 200, b"0123456789"),
        ("bytes=-0", 200, b"0123456789"),
        ("bytes=5-3", 200, b"0123456789"),
        ("bytes=1-2,4-5", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
async def test_a_part_of_the_audio(house, http, tmp_path, wanted, status, body):
    _, job, _ = await submit(http)
    output = tmp_path / "out.pcm"
    output.write_bytes(b"0123456789")
    await finish(house, job["id"], output)
    async with http.get(f"/v1/jobs/{job['id']}/audio", headers={"Range": wanted}) as answer:
        assert answer.status == status
        assert await answer.read() == body


async def test_a_stopping_daemon_takes_no_new_job(house, http):
    house.condition.stopping = True
    status, body, headers = await submit(http)
    assert status == 503
    assert body["error"]["code"] == "stopping"
    assert headers["Retry-After"]


async def test_many_jobs_at_once_are_all_accepted(house, http):
    answers = await asyncio.gather(*(submit(http, title=str(number)) for number in range(100)))
    assert {status for status, _, _ in answers} == {201}
    assert (await house.queue.counts()).queued == 100


# --- redo, pause ---


async def test_a_sentence_can_be_redone(house, http, tmp_path):
    _, job, _ = await submit(http)
    path = f"/v1/jobs/{job['id']}/redo"
    async with http.post(path, json={"segment": 0}) as answer:
        assert answer.status == 409
    (claimed,) = await house.queue.claim(lambda: Seats(1, 0, {}))
    await house.queue.plan(job["id"], ["k0", "k1"], claimed.job.settings)
    await house.queue.succeed(job["id"], str(tmp_path / "out.wav"), 24_000)
    for body, status in (({"segment": 2}, 400), ({"segment": -1}, 400), ({}, 400), ({"segment": 0, "sed": 1}, 400)):
        async with http.post(path, json=body) as answer:
            assert answer.status == status, body
    async with http.post(path, json={"segment": 1, "seed": 7}) as answer:
        redone = await answer.json()
    assert (redone["state"], redone["settings"]["takes"]) == ("queued", {"1": 7})


async def test_background_work_is_paused_and_goes_on(http):
    async with http.post("/v1/queue/pause") as answer:
        assert (await answer.json())["paused"] is True
    await submit(http)
    async with http.post("/v1/queue/resume") as answer:
        queue = await answer.json()
    assert (queue["paused"], queue["queued"]) == (False, 1)


async def test_who_submits_is_known(http):
    _, job, _ = await submit(http, door="batch", format="mp3")
    assert (job["user"], job["door"], job["settings"]["format"]) == (f"uid {os.getuid()}", "batch", "mp3")


async def test_a_table_has_no_single_audio(house, http, tmp_path):
    _, job, _ = await submit(http)
    await finish(house, job["id"], tmp_path)
    async with http.get(f"/v1/jobs/{job['id']}/audio") as answer:
        assert answer.status == 409
        assert "a file for each row" in (await answer.json())["error"]["message"]
