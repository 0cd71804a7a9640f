"""Content from outside that would steer a terminal: it is shown on every page, and nothing of it acts.

Looked at are the bytes that go to the terminal for a whole screen.
"""

import re

import pytest
from msgspec.structs import replace

from tests.tui.house import variant, voice
from ttsd.protocol.engine import EngineVoice
from ttsd.protocol.errors import ErrorBody, TtsdError
from ttsd.protocol.events import JobChanged, LogEvent
from ttsd.protocol.health import Phase
from ttsd.protocol.jobs import JobState
from tui.widgets.composer import Composer
from tui.words import plain

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1bc\x9b31m\x90q\x9c\x08\x7f\r\n\t"
BIDI = "\u202egnp.exe\u202c\u2066\u2069\u200f\u200e\u061c"
HIDDEN = "\u200b\u2060\ufeff\u00ad\u2028\u2029\u180e\U000e0041"
MARKUP = "[bold red]red[/] [@click=app.quit]leave[/] [link=file:///etc]here[/link] [/nothing]"
HOSTILE = f"{MARKUP}{ESCAPES}{BIDI}{HIDDEN}"
ONE_LINE = HOSTILE.translate(dict.fromkeys(map(ord, "\r\n\u2028\u2029")))
LONG = "很长的名字" * 2_000

STYLES = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\d+;\d+H|\r?\n")
"""What a screen's bytes consist of, besides what is shown: colours and places."""
ACTING = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def bytes_of(app) -> str:
    """What the terminal would be sent to draw the screen anew."""
    return app.screen._compositor.render_update(full=True).render_segments(app.console)


def shown(app) -> str:
    """The text on the screen; fails when anything in what was sent is more than text."""
    text = STYLES.sub("", bytes_of(app))
    assert not ACTING.search(text), ascii(text[max(0, ACTING.search(text).start() - 60) :][:120])
    return text


@pytest.fixture
def hostile(replay, make_job, make_status):
    """A daemon whose every word was chosen by somebody who means ill."""
    error = ErrorBody("internal", f"error {HOSTILE}")
    worker = replace(
        make_status().worker,
        error=error,
        last_exit=f"exit {HOSTILE}",
        engine=replace(
            make_status().worker.engine,
            name=f"engine {HOSTILE}",
            voices=(EngineVoice(f"voice {HOSTILE}", ("en",)),),
            default_voice=f"voice {HOSTILE}",
        ),
    )
    replay.now = make_status(worker=worker, spool=f"/spool {HOSTILE}", socket=f"/socket {HOSTILE}", version="0.1.0")
    replay.first = [
        make_job("a", JobState.FAILED, ago_s=10, title=f"job {HOSTILE}", error=error),
        make_job("b", JobState.SUCCEEDED, ago_s=20, title=f"job {HOSTILE}", output=f"/out/{HOSTILE}.wav"),
        make_job("c", JobState.RUNNING, ago_s=30, title=LONG, segments_total=3),
    ]
    replay.log = [
        LogEvent(n, 1_770_000_000.0 + n, "info", f"event {HOSTILE}", {f"k{HOSTILE}": f"field {HOSTILE}{LONG}"})
        for n in range(3)
    ]
    clip = variant(name="neutral", says=f"says {HOSTILE}", clip=f"clip {HOSTILE}", original=f"o{HOSTILE}")
    replay.house.here = [voice(f"person {HOSTILE}", clip), voice(LONG)]
    return replay


@pytest.fixture(params=[(80, 24), (160, 48)], ids=["80x24", "160x48"])
def size(request) -> tuple[int, int]:
    return request.param


async def begin(app, until) -> None:
    await until(lambda: app.state.status and app.state.voices)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("f1", "engine [bold"),
        ("f2", "person [bold"),
        ("f3", "job [bold red]"),
        ("f4", "error [bold red]red[/]"),
        ("f5", "event [bold red]red[/] [@click=app.quit]leave[/]"),
    ],
)
async def test_pages_show_it(hostile, running, until, size, key, words):
    async with running(hostile, size=size) as (app, pilot, _):
        await begin(app, until)
        await pilot.press(key)
        await until(lambda: words in shown(app))
        for _ in range(4):
            await pilot.press("down")
            await pilot.pause()
            shown(app)


async def test_what_is_written_spoken_and_refused_shows_it(hostile, running, until, size):
    async with running(hostile, size=size) as (app, pilot, _):
        await begin(app, until)
        composer = app.screen.query_one(Composer)
        composer.insert(f"text {ONE_LINE}. And more. ")
        await until(lambda: app.narrator.take.samples)
        await until(lambda: shown(app).count("text [bold red]") == 2)

        hostile.refuses = TtsdError(f"refused {HOSTILE}")
        await pilot.press("f7")
        await until(lambda: "refused [bold red]" in shown(app))
        await pilot.press("ctrl+t")
        await until(lambda: len(app.screen_stack) == 2 and "[bold red]" in shown(app))


async def test_notices_show_it(hostile, running, until, make_job):
    async with running(hostile, size=(100, 30)) as (app, _, _):
        await begin(app, until)
        failed = make_job("d", JobState.FAILED, title=f"late {HOSTILE}", error=ErrorBody("internal", f"why {HOSTILE}"))
        hostile.feed(JobChanged(500, failed))
        await until(lambda: "late [bold red]red[/]" in shown(app) and "why [bold red]" in shown(app))


async def test_what_answers_strangely_shows_it(hostile, running, until):
    async with running(hostile, size=(100, 30)) as (app, _, _):
        await begin(app, until)
        hostile.break_off(TtsdError(f"strange {HOSTILE}"))
        await until(lambda: app.current_mode == "away" and "strange [bold" in shown(app))


async def test_an_engine_that_failed_shows_it(hostile, running, until):
    hostile.now = replace(hostile.now, worker=replace(hostile.now.worker, phase=Phase.FAILED))
    async with running(hostile, size=(160, 48)) as (app, pilot, _):
        await begin(app, until)
        await pilot.press("f4")
        await until(lambda: app.current_mode == "health" and "error [bold red]" in shown(app))


def test_signs_that_act_are_replaced_each_by_one_that_is_seen():
    assert plain("a\x1b[2Jb\x9bc\u202ed\u200be\ud800f") == "a␛[2Jb�c�d�e�f"


def test_joiners_stay_where_scripts_need_them():
    assert plain("می\u200cخواهم 👩\u200d🚀") == "می\u200cخواهم 👩\u200d🚀"
    assert plain("ad\u200dmin\u200c") == "ad�min�"
