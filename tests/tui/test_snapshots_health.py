"""The health page with cards, as SVG, at two sizes."""

from msgspec.structs import replace

from tests.tui.test_health import card
from ttsd.protocol.health import Phase, WorkerExit, WorkSample


async def test_health_with_cards(replay, running, size, looks, until, make_status):
    now = make_status()
    worker = replace(
        now.worker,
        phase=Phase.BUSY,
        engine=replace(
            now.worker.engine, name="qwen3", revision="0.6B-Base", device="cuda", dtype="bfloat16", slots=16
        ),
        busy_slots=5,
        restarts=2,
        exits=(
            WorkerExit(now.health.at_s - 80_000, "the worker was killed by SIGKILL", planned=False),
            WorkerExit(now.health.at_s - 700, "the worker was replaced: uid 1000 asked for it", planned=True),
        ),
    )
    cards = (card(), card(1, memory_used_bytes=23 * 2**30, throttle=("sw_thermal",)))
    sample = replace(now.health, gpus=cards, work=WorkSample(16, 5, 41.5, 2**33, 2))
    replay.now = make_status(worker=worker, health=sample, vram_restart=0.9)
    async with running(replay, size=size) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f4")
        await until(lambda: app.current_mode == "health" and app.state.past)
        await looks(app, pilot)
