"""Health: cards and their past, and what can be done about the worker and the queue."""

import pytest
from msgspec.structs import replace

from ttsd.protocol.errors import Conflict
from ttsd.protocol.events import HealthSampled, Snapshot
from ttsd.protocol.health import GpuProcess, GpuSample, Phase, QueueStatus, WorkerExit
from tui.vitals import engine_rows

GB = 2**30


def card(index: int = 0, **changes: object) -> GpuSample:
    whole = GpuSample(
        index=index,
        name="NVIDIA GeForce RTX 4090",
        memory_used_bytes=20 * GB,
        memory_total_bytes=24 * GB,
        utilisation=0.83,
        temperature_c=71.0,
        power_w=312.0,
        power_limit_w=450.0,
        sm_clock_mhz=2520.0,
        memory_clock_mhz=10501.0,
        throttle=(),
        processes=(GpuProcess(4242, 16 * GB, ours=True, name="python"), GpuProcess(99, 2 * GB, ours=False)),
        uuid=f"GPU-{index}",
    )
    return replace(whole, **changes)


@pytest.fixture
def health(running, until):
    """The app with the health page in front, and its past read."""
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def run(client, **options):
        async with running(client, **options) as (app, pilot, player):
            await until(lambda: app.state.status)
            await pilot.press("f4")
            await until(lambda: app.current_mode == "health" and app.state.past)
            await pilot.pause()
            yield app, pilot, player

    return run


def orders(replay) -> list[tuple[str, object]]:
    return [asked for asked in replay.asked if asked[0] != "history"]


# --- cards ---


async def test_a_card_shows_what_its_driver_tells(replay, health, screen_text, make_status):
    replay.now = make_status(vram_restart=0.9, health=replace(make_status().health, gpus=(card(),)))
    async with health(replay) as (app, _, _):
        text = screen_text(app)
        figures = ("GPU 0 · NVIDIA GeForce RTX 4090", "20.0 GB / 24.0 GB", "ours 16.0 GB", "┃", "83 %", "71 °C")
        for figure in (*figures, "312 / 450 W", "SM 2520 MHz", "memory 10501 MHz", "not slowed down"):
            assert figure in text


async def test_what_slows_a_card_down_is_told_and_what_is_not_told_is_no_figure(
    replay, health, until, screen_text, make_status
):
    silent = GpuSample(0, "GB10 [b]x[/b]\x1b[2J", None, None, throttle=("sw_thermal", "power_cap"))
    replay.now = make_status(health=replace(make_status().health, gpus=(silent,)))
    async with health(replay) as (app, _, _):
        text = screen_text(app)
        assert "slowed down: heat, power limit" in text
        assert "not told by the driver" in text
        assert "GB10 [b]x[/b]␛[2J" in text
        assert "°C" not in text
        assert "GPU memory" not in text


async def test_cards_are_paged_where_one_has_room(replay, health, until, screen_text, make_status):
    cards = (card(0), card(1, name="RTX 3090", memory_used_bytes=23 * GB))
    replay.now = make_status(health=replace(make_status().health, gpus=cards))
    async with health(replay) as (app, pilot, _):
        assert "1 / 2" in screen_text(app)
        assert "RTX 3090" not in screen_text(app)
        await pilot.press("g")
        await until(lambda: "GPU 1 · RTX 3090" in screen_text(app) and "23.0 GB" in screen_text(app))
        await pilot.press("g")
        await until(lambda: "GPU 0" in screen_text(app))
        replay.now = make_status()
        replay.feed(HealthSampled(11, replay.now.health))
        await until(lambda: "GPU 0" not in screen_text(app))

    replay.now = make_status(health=replace(make_status().health, gpus=cards))
    async with health(replay, size=(160, 48)) as (app, _, _):
        assert "GPU 1 · RTX 3090" in screen_text(app)


# --- history ---


async def test_the_charts_go_back_as_far_as_is_asked_for(replay, health, until, screen_text):
    async with health(replay) as (app, pilot, _):
        assert "−5 min" in screen_text(app)
        for since_s, name in ((3600, "−1 h"), (86_400, "−24 h"), (300, "−5 min")):
            await pilot.press("w")
            await until(lambda name=name: name in screen_text(app))
            await until(lambda since_s=since_s: since_s in app.state.past)
        assert [since for what, since in replay.asked if what == "history"] == [300, 3600, 86_400]
        line = next(line for line in screen_text(app).splitlines() if "24 h" in line)
        await pilot.click("#windows", offset=(line.index("24 h"), 0))
        await until(lambda: "−24 h" in screen_text(app))


async def test_a_daemon_without_a_past_leaves_the_charts_empty(replay, running, until, screen_text):
    replay.refuses = Conflict("no such thing")
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f4")
        await until(lambda: ("history", 300) in replay.asked and "CPU" in screen_text(app))
        assert "no such thing" not in screen_text(app)


# --- the worker ---


async def test_how_the_last_workers_ended_and_when(replay, health, screen_text, make_status):
    exits = (WorkerExit(1_770_000_000.0 - 7200, "killed", planned=False), WorkerExit(1_769_999_400.0, "replaced", True))
    replay.now = make_status(worker=replace(make_status().worker, restarts=7, exits=exits, replacing="uid 7 asked"))
    async with health(replay) as (app, _, _):
        text = screen_text(app)
        assert "7 · 10 min: replaced" in text
        assert "2 h: killed" in text
        assert "replacing uid 7 asked" in " ".join(text.split())


def test_an_unloaded_model_is_no_restart(make_status):
    unloaded = WorkerExit(1_769_999_400.0, "the worker was unloaded: uid 7 asked for it", True)
    rows = engine_rows(replace(make_status().worker, restarts=1, exits=(unloaded,)), 1_770_000_000.0)
    told = {name: text for name, text, _ in rows}
    assert (told["restarts"], told["ended"]) == ("1", "10 min: the worker was unloaded: uid 7 asked for it")


@pytest.mark.parametrize(("act", "question"), [("recycle", "Replace the"), ("unload", "Unload the")])
async def test_orders_are_asked_for_first(replay, health, until, screen_text, act, question):
    key = act[0]
    async with health(replay) as (app, pilot, _):
        await pilot.press(key)
        await until(lambda: question in screen_text(app))
        await pilot.press("escape")
        await until(lambda: question not in screen_text(app))
        assert orders(replay) == []
        await pilot.press(key)
        await until(lambda: question in screen_text(app))
        await pilot.press("y")
        await until(lambda: orders(replay) == [(act, False)])


async def test_a_refusal_says_why(replay, health, until, screen_text):
    async with health(replay) as (app, pilot, _):
        replay.refuses = Conflict("2 live sessions are being spoken to")
        await pilot.press("u", "y")
        await until(lambda: "2 live sessions are being" in screen_text(app))


async def test_what_makes_no_sense_is_dim_and_says_why(replay, health, until, screen_text, make_status):
    async with health(replay) as (app, pilot, _):
        await pilot.press("l")
        await until(lambda: "The model is loaded already." in screen_text(app))
        await pilot.press("g")
        await until(lambda: "There is no other card." in screen_text(app))
        gone = replace(make_status().worker, phase=Phase.STOPPED, engine=None, unloaded="uid 7 asked for it")
        replay.now = make_status(worker=gone)
        replay.feed(Snapshot(11, replay.now, ()))
        await until(lambda: "uid 7 asked for it" in screen_text(app))
        await pilot.press("u")
        await until(lambda: "The model is unloaded: L loads it." in screen_text(app))
        await pilot.press("l")
        await until(lambda: orders(replay) == [("load", False)])


async def test_background_work_is_paused_and_let_go_on(replay, health, until, screen_text, make_status):
    async with health(replay) as (app, pilot, _):
        await pilot.press("p", "y")
        await until(lambda: orders(replay) == [("pause", True)])
        replay.now = make_status(queue=QueueStatus(paused=True))
        replay.feed(Snapshot(11, replay.now, ()))
        await until(lambda: "background work is paused" in screen_text(app))
        await pilot.press("p")
        await until(lambda: orders(replay)[1:] == [("pause", False)])
